/*---
name: customer_area
zh: 客户所属台区
en: Area of a customer
note: >-
  The area of the customer's settlement points; with several the one with the greatest billed energy of the twelve periods up
  to the latest complete one (points of one area summed, areas never billed last), then the smallest area_id.
tables: [metering_point, customer, bill]
columns:
  customer_id: string
  area_id: string
---*/
WITH area_of_customer AS (
    SELECT
        s.customer_id,
        s.area_id
    FROM settlement_point AS s
    WHERE s.area_id IS NOT NULL
    GROUP BY s.customer_id, s.area_id
),

-- only the few customers with several areas need their bills
several AS (
    SELECT a.customer_id
    FROM area_of_customer AS a
    GROUP BY a.customer_id
    HAVING COUNT(*) > 1
),

billed AS (
    SELECT
        s.customer_id,
        s.area_id,
        SUM(b.billed_kwh) AS billed_kwh
    FROM settlement_point AS s
    INNER JOIN several AS n ON s.customer_id = n.customer_id
    INNER JOIN bill AS b ON s.point_id = b.point_id
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11)
    GROUP BY s.customer_id, s.area_id
)

SELECT
    a.customer_id,
    a.area_id
FROM area_of_customer AS a
LEFT JOIN billed AS b ON a.customer_id = b.customer_id AND a.area_id = b.area_id
QUALIFY ROW_NUMBER() OVER (PARTITION BY a.customer_id ORDER BY b.billed_kwh DESC NULLS LAST, a.area_id ASC) = 1
