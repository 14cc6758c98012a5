/*---
name: pf_unassessed
zh: 未考核功率因数的客户
en: Customer without a standard of the power factor
note: >-
  Mature customers of the classes that the 1983 notice covers, not fully suspended, of whom no settlement point has a standard.
  tested_kva: contract, else operating capacity. is_reduced: a reduction of capacity is in force.
tables: [customer, metering_point]
columns:
  customer_id: string
  voltage_v: int
  tested_kva: decimal(18,4)
  operating_capacity_kva: decimal(18,4)
  is_temporary: bool
  is_reduced: bool
---*/
SELECT
    m.customer_id,
    CAST(m.voltage_v AS INTEGER) AS voltage_v,
    CAST(COALESCE(m.contract_capacity_kva, m.operating_capacity_kva) AS DECIMAL(18, 4)) AS tested_kva,
    CAST(m.operating_capacity_kva AS DECIMAL(18, 4)) AS operating_capacity_kva,
    CAST(COALESCE(c.is_temporary, FALSE) AS BOOLEAN) AS is_temporary,
    CAST(EXISTS (
        SELECT o.order_id
        FROM known_order AS o
        WHERE
            o.customer_id = m.customer_id
            AND o.kind = 'reduce_capacity'
            AND o.effective_from <= $as_of
            AND (o.effective_to IS NULL OR o.effective_to >= $as_of)
    ) AS BOOLEAN) AS is_reduced
FROM mature_customer AS m
INNER JOIN customer AS c ON m.customer_id = c.customer_id
WHERE
    m.usage_class IN (
        'large_industrial', 'general_industrial_commercial', 'non_residential_other', 'agricultural', 'resale'
    )
    AND NOT EXISTS (
        SELECT f.customer_id
        FROM fully_suspended AS f
        WHERE f.customer_id = m.customer_id
    )
    AND NOT EXISTS (
        SELECT p.point_id
        FROM settlement_point AS s
        INNER JOIN metering_point AS p ON s.point_id = p.point_id
        WHERE s.customer_id = m.customer_id AND ROUND(exact4(p.pf_standard), 4) IN (0.80, 0.85, 0.90)
    )
