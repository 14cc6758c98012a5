/*---
name: contract_capacity_gap
zh: 合同容量与在册变压器容量之差
en: Contract capacity against the transformers on file
note: >-
  Mature high-voltage customers with transformers in place at the screening date, without an order that is changing or has
  just changed their capacity (in flight, or archived on one of the last 35 days). gap_kva = contract less transformers; null
  when the contract capacity is unknown.
tables: [customer, customer_transformer, service_order]
columns:
  customer_id: string
  contract_capacity_kva: decimal(18,4)
  transformers: int
  transformer_capacity_kva: decimal(18,4)
  gap_kva: decimal(18,4)
---*/
SELECT
    m.customer_id,
    m.contract_capacity_kva,
    i.transformers,
    i.capacity_kva AS transformer_capacity_kva,
    CAST(m.contract_capacity_kva - i.capacity_kva AS DECIMAL(18, 4)) AS gap_kva
FROM mature_customer AS m
INNER JOIN installed_capacity AS i ON m.customer_id = i.customer_id
WHERE
    is_high_voltage(m.voltage_v)
    AND NOT EXISTS (
        SELECT o.order_id
        FROM known_order AS o
        WHERE
            o.customer_id = m.customer_id
            AND o.kind IN ('new_hv', 'increase_capacity', 'reduce_capacity', 'resume_capacity', 'change_voltage')
            AND (
                o.is_in_flight
                OR (o.is_finished AND o.archived_on >= $as_of - 35 AND o.archived_on <= $as_of)
            )
    )
