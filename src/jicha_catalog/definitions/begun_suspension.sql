/*---
name: begun_suspension
zh: 近一年开始的暂停、减容
en: Suspension or reduction begun in the last year
note: >-
  Orders of kind suspend or reduce_capacity that took effect in D(365). last_day: the day before the customer's first finished
  resumption inside it, else its own end; days: both ends counted, null while open. What BX022 tests.
tables: [service_order]
columns:
  order_id: string
  customer_id: string
  kind: string
  applied_on: date
  effective_from: date
  last_day: date
  days: int
  is_backdated: bool
---*/
WITH begun AS (
    SELECT
        o.order_id,
        o.customer_id,
        o.kind,
        o.applied_on,
        o.effective_from,
        CAST(COALESCE(MIN(r.effective_from) - 1, o.effective_to) AS DATE) AS last_day
    FROM known_order AS o
    LEFT JOIN known_order AS r
        ON
            o.customer_id = r.customer_id
            AND r.kind = 'resume'
            AND r.is_finished
            AND o.effective_from < r.effective_from
            AND (o.effective_to IS NULL OR o.effective_to > r.effective_from)
    WHERE
        o.kind IN ('suspend', 'reduce_capacity')
        AND o.effective_from >= $as_of - 365
        AND o.effective_from < $as_of
    GROUP BY o.order_id, o.customer_id, o.kind, o.applied_on, o.effective_from, o.effective_to
)

SELECT
    b.order_id,
    b.customer_id,
    b.kind,
    b.applied_on,
    b.effective_from,
    b.last_day,
    CAST(DATE_DIFF('day', b.effective_from, b.last_day) + 1 AS INTEGER) AS days,
    CAST(b.effective_from < b.applied_on AS BOOLEAN) AS is_backdated
FROM begun AS b
