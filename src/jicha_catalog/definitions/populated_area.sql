/*---
name: populated_area
zh: 小用户不少于30户的台区
en: Area with 30 small customers or more
note: Areas with at least 30 small customers, and how many. What RC008 tests.
tables: [customer, metering_point, bill]
columns:
  area_id: string
  small_customers: int
---*/
SELECT
    s.area_id,
    CAST(COUNT(*) AS INTEGER) AS small_customers
FROM small_customer AS s
GROUP BY s.area_id
HAVING COUNT(*) >= 30
