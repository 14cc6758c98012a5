/*---
name: running_capacity_changed
zh: P0在运容量有变动的客户
en: Customer whose running capacity changed in P0
note: >-
  Customers with a row of a transformer's history that begins or ends in P0, and those with an order (cancelled ones aside) about capacity or
  suspension that takes effect or ends in it: their basic charge goes by days. What TC007 leaves out.
tables: [customer_transformer, service_order]
columns:
  customer_id: string
---*/
SELECT t.customer_id
FROM transformer_in_p0 AS t
WHERE t.is_changed
UNION
SELECT o.customer_id
FROM known_order AS o
WHERE
    o.kind IN ('suspend', 'resume', 'reduce_capacity', 'resume_capacity', 'increase_capacity', 'new_hv')
    AND (
        (o.effective_from >= $p0 AND o.effective_from < months_later($p0, 1))
        OR (o.effective_to >= $p0 AND o.effective_to < months_later($p0, 1))
    )
