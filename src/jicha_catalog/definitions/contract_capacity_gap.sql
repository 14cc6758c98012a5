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
LEFT JOIN contract_capacity_changing AS o ON m.customer_id = o.customer_id
WHERE is_high_voltage(m.voltage_v) AND o.customer_id IS NULL
