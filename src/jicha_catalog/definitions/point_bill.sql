/*---
name: point_bill
stored: false  # its readers want few periods or few points
zh: 计量点当期账单
en: Bill of a point and period
note: >-
  All bills of a point and period of W(12), of every kind, summed (all null stays null); tariff code, standard and actual power
  factor of the row with the greatest billed energy, then the smallest bill_id.
tables: [bill]
columns:
  point_id: string
  period: date
  bills: int
  tariff_code: string
  pf_standard: double
  power_factor: double
  billed_kwh: decimal(18,2)
  billed_demand_kw: decimal(18,2)
  billed_capacity_kva: decimal(18,2)
  basic_yuan: decimal(18,2)
  total_yuan: decimal(18,2)
---*/
WITH total AS (
    SELECT
        b.point_id,
        b.period,
        COUNT(*) AS bills,
        SUM(b.billed_kwh) AS billed_kwh,
        SUM(b.billed_demand_kw) AS billed_demand_kw,
        SUM(b.billed_capacity_kva) AS billed_capacity_kva,
        SUM(b.basic_yuan) AS basic_yuan,
        SUM(b.total_yuan) AS total_yuan,
        MIN(b.tariff_code) AS tariff_code,
        MIN(b.pf_standard) AS pf_standard,
        MIN(b.power_factor) AS power_factor
    FROM bill AS b
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11)
    GROUP BY b.point_id, b.period
),

-- the leading row is only looked for where there are several
top_row AS (
    SELECT
        b.point_id,
        b.period,
        b.tariff_code,
        b.pf_standard,
        b.power_factor
    FROM bill AS b
    INNER JOIN total AS t ON b.point_id = t.point_id AND b.period = t.period
    WHERE t.bills > 1 AND b.period <= $p0 AND b.period >= months_later($p0, -11)
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY b.point_id, b.period ORDER BY b.billed_kwh DESC NULLS LAST, b.bill_id ASC
        ) = 1
)

SELECT
    t.point_id,
    t.period,
    CAST(t.bills AS INTEGER) AS bills,
    CAST(CASE WHEN t.bills = 1 THEN t.tariff_code ELSE l.tariff_code END AS VARCHAR) AS tariff_code,
    CAST(CASE WHEN t.bills = 1 THEN t.pf_standard ELSE l.pf_standard END AS DOUBLE) AS pf_standard,
    CAST(CASE WHEN t.bills = 1 THEN t.power_factor ELSE l.power_factor END AS DOUBLE) AS power_factor,
    CAST(t.billed_kwh AS DECIMAL(18, 2)) AS billed_kwh,
    CAST(t.billed_demand_kw AS DECIMAL(18, 2)) AS billed_demand_kw,
    CAST(t.billed_capacity_kva AS DECIMAL(18, 2)) AS billed_capacity_kva,
    CAST(t.basic_yuan AS DECIMAL(18, 2)) AS basic_yuan,
    CAST(t.total_yuan AS DECIMAL(18, 2)) AS total_yuan
FROM total AS t
LEFT JOIN top_row AS l ON t.point_id = l.point_id AND t.period = l.period
