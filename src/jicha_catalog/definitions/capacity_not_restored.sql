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
WITH ended AS (
    SELECT
        k.order_id,
        k.customer_id,
        k.effective_to
    FROM known_order AS k
    WHERE
        k.is_finished
        AND k.kind IN ('suspend', 'reduce_capacity')
        AND k.effective_to < $p0
        AND EXISTS (
            SELECT p.point_id
            FROM settlement_point AS p
            WHERE p.customer_id = k.customer_id AND p.basic_charge_mode = 'capacity'
        )
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY k.customer_id ORDER BY k.effective_from DESC NULLS LAST, k.order_id DESC
        ) = 1
),

compared AS (
    SELECT
        e.order_id,
        e.customer_id,
        e.effective_to,
        kva(o.capacity_before_kva) AS before_kva,
        SUM(b.billed_capacity_kva) AS billed_kva
    FROM ended AS e
    INNER JOIN service_order AS o ON e.order_id = o.order_id
    INNER JOIN bill AS b ON e.customer_id = b.customer_id AND b.period = $p0
    WHERE
        NOT EXISTS (
            SELECT n.order_id
            FROM known_order AS n
            WHERE
                n.customer_id = e.customer_id
                AND n.kind IN ('suspend', 'reduce_capacity', 'close_account')
                AND n.effective_from <= e.effective_to + 1
                AND (n.effective_to IS NULL OR n.effective_to >= $p0)
        )
    GROUP BY e.order_id, e.customer_id, e.effective_to, o.capacity_before_kva
)

SELECT
    c.customer_id,
    c.order_id,
    c.effective_to AS ended_on,
    CAST(c.before_kva AS DECIMAL(18, 4)) AS before_kva,
    CAST(c.billed_kva AS DECIMAL(18, 2)) AS billed_kva
FROM compared AS c
WHERE
    c.billed_kva < c.before_kva - greater_known(
        CAST(1 AS DECIMAL(24, 6)), greater_known(ABS(c.before_kva), ABS(c.billed_kva)) * CAST(0.01 AS DECIMAL(3, 2))
    )
