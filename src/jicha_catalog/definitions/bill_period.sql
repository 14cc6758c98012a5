/*---
name: bill_period
zh: 复算账期
en: Period whose bills are recomputed
note: The periods up to P0, as many as `recompute_months` of the run, for which bills were delivered.
tables: [bill]
columns:
  period: date
---*/
SELECT b.period
FROM bill AS b
WHERE b.period <= $p0 AND b.period >= months_later($p0, 1 - $recompute_months)
GROUP BY b.period
