/*---
name: capacity_reduced_today
zh: 暂停或减容中的客户
en: Customer with capacity suspended or reduced today
note: >-
  Customers with an order (cancelled ones aside) of kind suspend or reduce_capacity that is in effect on the screening date; one without
  an end is. What TC004 leaves out where the operating capacity is below its threshold.
tables: [service_order]
columns:
  customer_id: string
---*/
SELECT k.customer_id
FROM known_order AS k
WHERE
    k.kind IN ('suspend', 'reduce_capacity')
    AND k.effective_from <= $as_of
    AND (k.effective_to IS NULL OR k.effective_to >= $as_of)
GROUP BY k.customer_id
