/*---
name: pf_not_assessed
zh: 应考核功率因数而未考核的客户
en: Customer whose power factor is due and not assessed
note: >-
  Mature customers of the classes that the 1983 notice covers, from 100 kVA (contract, else operating capacity), not fully
  suspended nor reduced below it, with energy in P0 and no settlement point with a standard. What TC016 reports by default.
tables: [customer, metering_point, bill]
columns:
  customer_id: string
---*/
SELECT m.customer_id
FROM mature_customer AS m
INNER JOIN bill AS b ON m.customer_id = b.customer_id AND b.period = $p0
WHERE
    m.usage_class IN (
        'large_industrial', 'general_industrial_commercial', 'non_residential_other', 'agricultural', 'resale'
    )
    AND COALESCE(m.contract_capacity_kva, m.operating_capacity_kva) >= 100
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
    AND NOT (
        COALESCE(m.operating_capacity_kva < 100, FALSE)
        AND EXISTS (
            SELECT o.order_id
            FROM known_order AS o
            WHERE
                o.customer_id = m.customer_id
                AND o.kind = 'reduce_capacity'
                AND o.effective_from <= $as_of
                AND (o.effective_to IS NULL OR o.effective_to >= $as_of)
        )
    )
GROUP BY m.customer_id
HAVING SUM(b.billed_kwh) > 0
