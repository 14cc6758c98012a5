/*---
name: small_customer
zh: 小用户
en: Small customer
note: >-
  Mature customers who are residents of any capacity or have a contract capacity below 50 kVA (unknown is not small), with the area of their
  settlement points. Whom RC008 counts.
tables: [customer, metering_point, bill]
columns:
  customer_id: string
  area_id: string
---*/
SELECT
    m.customer_id,
    a.area_id
FROM mature_customer AS m
INNER JOIN customer_area AS a ON m.customer_id = a.customer_id
WHERE m.usage_class = 'residential' OR m.contract_capacity_kva < 50
