/*---
name: suspended_point
zh: 全部暂停客户的计量点
en: Point of a fully suspended customer
note: Metered settlement points in use of fully suspended customers that are active or suspended. What UI007 (a) tests.
tables: [metering_point, customer]
columns:
  point_id: string
  customer_id: string
---*/
SELECT
    p.point_id,
    p.customer_id
FROM metering_point AS p
INNER JOIN fully_suspended AS f ON p.customer_id = f.customer_id
INNER JOIN customer AS c ON p.customer_id = c.customer_id
WHERE
    c.status IN ('suspended', 'active')
    AND is_settling(p.purpose, p.status)
    AND is_metered_allocation(p.allocation)
