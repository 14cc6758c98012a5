/*---
name: recomputed_bill
zh: 复算账单
en: Recomputed bill
note: >-
  One row per bill of the periods up to P0, as many as `recompute_months` of the run: what the contract
  (docs/explanation/how-a-bill-is-computed.md) makes of readings, files and prices. Differences are billed minus recomputed, negative
  is under-billed. A bill that cannot be judged has its reasons, joined by commas, and neither amounts nor differences.
tables: [bill, reading, metering_point, customer, tariff]
columns:
  bill_id: string
  customer_id: string
  point_id: string
  period: date
  days: int
  tariff_code: string
  metered_kwh: decimal(14,2)
  loss_kwh: decimal(14,2)
  adjusted_kwh: decimal(14,2)
  billed_kwh: decimal(14,2)
  tip_kwh: decimal(14,2)
  peak_kwh: decimal(14,2)
  flat_kwh: decimal(14,2)
  valley_kwh: decimal(14,2)
  deep_valley_kwh: decimal(14,2)
  reactive_kvarh: decimal(14,2)
  billed_demand_kw: decimal(14,2)
  billed_capacity_kva: decimal(14,2)
  power_factor: double
  pf_standard: double
  energy_yuan: decimal(18,2)
  tier_yuan: decimal(18,2)
  basic_yuan: decimal(18,2)
  pf_yuan: decimal(18,2)
  adjusted_yuan: decimal(18,2)
  other_yuan: decimal(18,2)
  total_yuan: decimal(18,2)
  energy_diff_yuan: decimal(18,2)
  tier_diff_yuan: decimal(18,2)
  basic_diff_yuan: decimal(18,2)
  pf_diff_yuan: decimal(18,2)
  total_diff_yuan: decimal(18,2)
  reason: string
---*/
WITH basic AS (
    SELECT
        c.point_id,
        c.period,
        SUM(c.basic_yuan) AS basic_yuan,
        MAX(c.billed_demand_kw) AS billed_demand_kw,
        MAX(c.billed_capacity_kva) AS billed_capacity_kva
    FROM bill_basic AS c
    GROUP BY c.point_id, c.period
),

last_file AS (
    SELECT
        f.point_id,
        f.period,
        f.pf_standard
    FROM bill_file_segment AS f
    QUALIFY ROW_NUMBER() OVER (PARTITION BY f.point_id, f.period ORDER BY f.file_no DESC) = 1
),

-- what the long way says of days and tariff stands also where the bill is not judged
long_way AS (
    SELECT
        s.bill_id,
        c.days,
        f.tariff_code
    FROM bill_status AS s
    INNER JOIN bill_case AS c ON s.point_id = c.point_id AND s.period = c.period
    INNER JOIN bill_file_segment AS f ON s.point_id = f.point_id AND s.period = f.period AND f.file_no = 1
    WHERE s.is_regular
),

-- few bills: joined before the many, whose columns are then moved once
apart AS (
    SELECT
        COALESCE(w.bill_id, r.bill_id) AS bill_id,
        w.days,
        w.tariff_code,
        r.reason
    FROM long_way AS w
    FULL OUTER JOIN bill_reason AS r ON w.bill_id = r.bill_id
),

judged AS (
    SELECT
        e.bill_id,
        e.metered_kwh,
        e.loss_kwh,
        e.billed_kwh,
        e.tip_kwh,
        e.peak_kwh,
        e.flat_kwh,
        e.valley_kwh,
        e.deep_valley_kwh,
        e.reactive_kvarh,
        a.billed_demand_kw,
        a.billed_capacity_kva,
        p.power_factor,
        l.pf_standard,
        e.energy_yuan,
        t.tier_yuan,
        a.basic_yuan,
        p.pf_yuan,
        e.energy_yuan + COALESCE(t.tier_yuan, 0) + COALESCE(a.basic_yuan, 0) + COALESCE(p.pf_yuan, 0) AS computed_yuan
    FROM bill_energy AS e
    LEFT JOIN bill_reason AS r ON e.bill_id = r.bill_id
    LEFT JOIN bill_tier AS t ON e.bill_id = t.bill_id
    LEFT JOIN basic AS a ON e.point_id = a.point_id AND e.period = a.period
    LEFT JOIN bill_power_factor AS p ON e.point_id = p.point_id AND e.period = p.period
    LEFT JOIN last_file AS l ON e.point_id = l.point_id AND e.period = l.period
    WHERE r.bill_id IS NULL
)

SELECT
    h.bill_id,
    h.customer_id,
    h.point_id,
    h.period,
    CAST(CASE WHEN h.is_plain THEN h.days ELSE x.days END AS INTEGER) AS days,
    CAST(CASE WHEN h.is_plain THEN h.tariff_code ELSE x.tariff_code END AS VARCHAR) AS tariff_code,
    j.metered_kwh,
    j.loss_kwh,
    CAST(CASE WHEN j.bill_id IS NOT NULL THEN h.adjusted_kwh END AS DECIMAL(14, 2)) AS adjusted_kwh,
    j.billed_kwh,
    j.tip_kwh,
    j.peak_kwh,
    j.flat_kwh,
    j.valley_kwh,
    j.deep_valley_kwh,
    j.reactive_kvarh,
    j.billed_demand_kw,
    j.billed_capacity_kva,
    CAST(j.power_factor AS DOUBLE) AS power_factor,
    CAST(j.pf_standard AS DOUBLE) AS pf_standard,
    j.energy_yuan,
    j.tier_yuan,
    CAST(j.basic_yuan AS DECIMAL(18, 2)) AS basic_yuan,
    j.pf_yuan,
    CAST(CASE WHEN j.bill_id IS NOT NULL THEN h.adjusted_yuan END AS DECIMAL(18, 2)) AS adjusted_yuan,
    CAST(CASE WHEN j.bill_id IS NOT NULL THEN h.other_yuan END AS DECIMAL(18, 2)) AS other_yuan,
    CAST(j.computed_yuan + COALESCE(h.adjusted_yuan, 0) + COALESCE(h.other_yuan, 0) AS DECIMAL(18, 2)) AS total_yuan,
    CAST(COALESCE(h.billed_energy_yuan, 0) - j.energy_yuan AS DECIMAL(18, 2)) AS energy_diff_yuan,
    CAST(
        CASE WHEN j.bill_id IS NOT NULL THEN COALESCE(h.billed_tier_yuan, 0) - COALESCE(j.tier_yuan, 0) END
        AS DECIMAL(18, 2)
    ) AS tier_diff_yuan,
    CAST(
        CASE WHEN j.bill_id IS NOT NULL THEN COALESCE(h.billed_basic_yuan, 0) - COALESCE(j.basic_yuan, 0) END
        AS DECIMAL(18, 2)
    ) AS basic_diff_yuan,
    CAST(
        CASE WHEN j.bill_id IS NOT NULL THEN COALESCE(h.billed_pf_yuan, 0) - COALESCE(j.pf_yuan, 0) END
        AS DECIMAL(18, 2)
    ) AS pf_diff_yuan,
    CAST(
        COALESCE(h.billed_total_yuan, 0)
        - (j.computed_yuan + COALESCE(h.adjusted_yuan, 0) + COALESCE(h.other_yuan, 0)) AS DECIMAL(18, 2)
    ) AS total_diff_yuan,
    x.reason
FROM bill_head AS h
LEFT JOIN apart AS x ON h.bill_id = x.bill_id
LEFT JOIN judged AS j ON h.bill_id = j.bill_id
