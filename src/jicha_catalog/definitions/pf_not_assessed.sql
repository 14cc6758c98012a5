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
SELECT u.customer_id
FROM pf_unassessed AS u
INNER JOIN bill AS b ON u.customer_id = b.customer_id AND b.period = $p0
WHERE
    u.tested_kva >= 100
    AND NOT (u.is_reduced AND COALESCE(u.operating_capacity_kva < 100, FALSE))
GROUP BY u.customer_id
HAVING SUM(b.billed_kwh) > 0
