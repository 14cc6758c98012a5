/*---
name: suspension
zh: 暂停、减容期间
en: Suspension or reduction
note: >-
  Orders of kind suspend or reduce_capacity that begin on a known day. last_day: the end of the order or, if earlier, the day
  before the customer's first later order that resumes (of a reduction also resume_capacity); null while open.
tables: [service_order]
columns:
  order_id: string
  customer_id: string
  kind: string
  is_in_flight: bool
  is_finished: bool
  first_day: date
  last_day: date
---*/
SELECT
    o.order_id,
    o.customer_id,
    o.kind,
    o.is_in_flight,
    o.is_finished,
    o.effective_from AS first_day,
    CAST(lesser_known(o.effective_to, MIN(r.effective_from) - 1) AS DATE) AS last_day
FROM known_order AS o
LEFT JOIN known_order AS r
    ON
        o.customer_id = r.customer_id
        AND o.effective_from < r.effective_from
        AND (r.kind = 'resume' OR (o.kind = 'reduce_capacity' AND r.kind = 'resume_capacity'))
WHERE o.kind IN ('suspend', 'reduce_capacity') AND o.effective_from IS NOT NULL
GROUP BY
    o.order_id,
    o.customer_id,
    o.kind,
    o.is_in_flight,
    o.is_finished,
    o.effective_from,
    o.effective_to
