/*---
name: contract_capacity_changing
zh: 合同容量正在或刚刚变动的客户
en: Customer whose contract capacity is changing or has just changed
note: >-
  Customers with an order (cancelled ones aside) that connects them at high voltage, increases, reduces or restores capacity or changes the
  voltage and is in flight, or was archived on one of the last 35 days. What CF006 leaves out.
tables: [service_order]
columns:
  customer_id: string
---*/
SELECT k.customer_id
FROM known_order AS k
WHERE
    k.kind IN ('new_hv', 'increase_capacity', 'reduce_capacity', 'resume_capacity', 'change_voltage')
    AND (k.is_in_flight OR (k.is_finished AND k.archived_on >= $as_of - 35 AND k.archived_on <= $as_of))
GROUP BY k.customer_id
