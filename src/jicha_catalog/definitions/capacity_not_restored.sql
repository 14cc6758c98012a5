/*---
name: capacity_not_restored
zh: 暂停或减容到期未恢复计费容量
en: Capacity not restored in billing
note: >-
  Customers charged by capacity whose latest finished suspension or reduction ended before P0, without one (or a closure) that
  follows on, and whose bills of P0 sum to less than the capacity before it, by more than max(1 kVA, 1 %). What BX023 reports.
tables: [service_order, customer, metering_point, bill]
columns:
  customer_id: string
  order_id: string
  ended_on: date
  before_kva: decimal(18,4)
  billed_kva: decimal(18,2)
---*/
WITH compared AS (
    SELECT
        r.customer_id,
        r.order_id,
        r.ended_on,
        r.before_kva,
        SUM(b.billed_capacity_kva) AS billed_kva
    FROM capacity_to_restore AS r
    INNER JOIN bill AS b ON r.customer_id = b.customer_id AND b.period = $p0
    GROUP BY r.customer_id, r.order_id, r.ended_on, r.before_kva
)

SELECT
    c.customer_id,
    c.order_id,
    c.ended_on,
    c.before_kva,
    CAST(c.billed_kva AS DECIMAL(18, 2)) AS billed_kva
FROM compared AS c
WHERE
    c.billed_kva < c.before_kva - greater_known(
        CAST(1 AS DECIMAL(24, 6)), greater_known(ABS(c.before_kva), ABS(c.billed_kva)) * CAST(0.01 AS DECIMAL(3, 2))
    )
