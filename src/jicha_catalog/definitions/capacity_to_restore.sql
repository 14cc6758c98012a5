/*---
name: capacity_to_restore
zh: 暂停或减容已到期应恢复容量的客户
en: Customer whose suspension or reduction has ended
note: >-
  Customers charged by capacity whose latest finished suspension or reduction ended before P0, without one (or a closure) that
  follows on. before_kva: the capacity before it, null when the order does not say.
tables: [service_order, customer, metering_point]
columns:
  customer_id: string
  order_id: string
  ended_on: date
  before_kva: decimal(18,4)
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
)

SELECT
    e.customer_id,
    e.order_id,
    e.effective_to AS ended_on,
    CAST(kva(o.capacity_before_kva) AS DECIMAL(18, 4)) AS before_kva
FROM ended AS e
INNER JOIN service_order AS o ON e.order_id = o.order_id
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
