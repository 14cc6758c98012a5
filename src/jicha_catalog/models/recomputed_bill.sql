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
        c.case_no,
        SUM(c.basic_yuan) AS basic_yuan,
        MAX(c.billed_demand_kw) AS billed_demand_kw,
        MAX(c.billed_capacity_kva) AS billed_capacity_kva
    FROM bill_basic AS c
    GROUP BY c.case_no
),

last_file AS (
    SELECT
        f.case_no,
        f.pf_standard
    FROM bill_file_segment AS f
    WHERE f.file_no = f.segments
),

-- what the long way says of days and tariff stands also where the bill is not judged
filed AS (
    SELECT
        c.case_no,
        c.point_id,
        c.period,
        CASE WHEN f.case_no IS NOT NULL THEN c.days END AS days,
        f.tariff_code
    FROM bill_case AS c
    LEFT JOIN bill_file_segment AS f ON c.case_no = f.case_no AND f.file_no = 1
),

-- plain bills first: most of all, and through no join here
computed AS (
    SELECT
        p.bill_id,
        p.customer_id,
        p.point_id,
        p.period,
        p.days,
        p.tariff_code,
        p.adjusted_kwh,
        p.adjusted_yuan,
        p.other_yuan,
        p.billed_energy_yuan,
        p.billed_tier_yuan,
        p.billed_basic_yuan,
        p.billed_pf_yuan,
        p.billed_total_yuan,
        p.metered_kwh,
        CAST(0 AS DECIMAL(14, 2)) AS loss_kwh,
        p.billed_kwh,
        p.tip_kwh,
        p.peak_kwh,
        p.flat_kwh,
        p.valley_kwh,
        p.deep_valley_kwh,
        p.reactive_kvarh,
        CAST(NULL AS DECIMAL(14, 2)) AS billed_demand_kw,
        CAST(NULL AS DECIMAL(14, 2)) AS billed_capacity_kva,
        CAST(NULL AS DECIMAL(4, 2)) AS power_factor,
        CAST(NULL AS DECIMAL(18, 4)) AS pf_standard,
        p.energy_yuan,
        p.tier_yuan,
        CAST(NULL AS DECIMAL(18, 2)) AS basic_yuan,
        CAST(NULL AS DECIMAL(18, 2)) AS pf_yuan,
        p.reason,
        p.reason IS NULL AS is_judged
    FROM bill_plain AS p
    UNION ALL
    SELECT
        s.bill_id,
        s.customer_id,
        s.point_id,
        s.period,
        x.days,
        x.tariff_code,
        s.adjusted_kwh,
        s.adjusted_yuan,
        s.other_yuan,
        s.billed_energy_yuan,
        s.billed_tier_yuan,
        s.billed_basic_yuan,
        s.billed_pf_yuan,
        s.billed_total_yuan,
        e.own_kwh AS metered_kwh,
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
        CAST(a.basic_yuan AS DECIMAL(18, 2)) AS basic_yuan,
        p.pf_yuan,
        r.reason,
        e.case_no IS NOT NULL AND r.bill_id IS NULL AS is_judged
    FROM bill_status AS s
    LEFT JOIN filed AS x ON s.point_id = x.point_id AND s.period = x.period AND s.is_regular
    LEFT JOIN bill_reason AS r ON s.bill_id = r.bill_id
    LEFT JOIN bill_case_energy AS e ON x.case_no = e.case_no
    LEFT JOIN bill_tier AS t ON s.bill_id = t.bill_id
    LEFT JOIN basic AS a ON x.case_no = a.case_no
    LEFT JOIN bill_power_factor AS p ON x.case_no = p.case_no
    LEFT JOIN last_file AS l ON x.case_no = l.case_no
)

SELECT
    c.bill_id,
    c.customer_id,
    c.point_id,
    c.period,
    CAST(c.days AS INTEGER) AS days,
    CAST(c.tariff_code AS VARCHAR) AS tariff_code,
    CAST(CASE WHEN c.is_judged THEN c.metered_kwh END AS DECIMAL(14, 2)) AS metered_kwh,
    CAST(CASE WHEN c.is_judged THEN c.loss_kwh END AS DECIMAL(14, 2)) AS loss_kwh,
    CAST(CASE WHEN c.is_judged THEN c.adjusted_kwh END AS DECIMAL(14, 2)) AS adjusted_kwh,
    CAST(CASE WHEN c.is_judged THEN c.billed_kwh END AS DECIMAL(14, 2)) AS billed_kwh,
    CAST(CASE WHEN c.is_judged THEN c.tip_kwh END AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(CASE WHEN c.is_judged THEN c.peak_kwh END AS DECIMAL(14, 2)) AS peak_kwh,
    CAST(CASE WHEN c.is_judged THEN c.flat_kwh END AS DECIMAL(14, 2)) AS flat_kwh,
    CAST(CASE WHEN c.is_judged THEN c.valley_kwh END AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(CASE WHEN c.is_judged THEN c.deep_valley_kwh END AS DECIMAL(14, 2)) AS deep_valley_kwh,
    CAST(CASE WHEN c.is_judged THEN c.reactive_kvarh END AS DECIMAL(14, 2)) AS reactive_kvarh,
    CAST(CASE WHEN c.is_judged THEN c.billed_demand_kw END AS DECIMAL(14, 2)) AS billed_demand_kw,
    CAST(CASE WHEN c.is_judged THEN c.billed_capacity_kva END AS DECIMAL(14, 2)) AS billed_capacity_kva,
    CAST(CASE WHEN c.is_judged THEN c.power_factor END AS DOUBLE) AS power_factor,
    CAST(CASE WHEN c.is_judged THEN c.pf_standard END AS DOUBLE) AS pf_standard,
    CAST(CASE WHEN c.is_judged THEN c.energy_yuan END AS DECIMAL(18, 2)) AS energy_yuan,
    CAST(CASE WHEN c.is_judged THEN c.tier_yuan END AS DECIMAL(18, 2)) AS tier_yuan,
    CAST(CASE WHEN c.is_judged THEN c.basic_yuan END AS DECIMAL(18, 2)) AS basic_yuan,
    CAST(CASE WHEN c.is_judged THEN c.pf_yuan END AS DECIMAL(18, 2)) AS pf_yuan,
    CAST(CASE WHEN c.is_judged THEN c.adjusted_yuan END AS DECIMAL(18, 2)) AS adjusted_yuan,
    CAST(CASE WHEN c.is_judged THEN c.other_yuan END AS DECIMAL(18, 2)) AS other_yuan,
    CAST(
        CASE
            WHEN c.is_judged
                THEN
                    c.energy_yuan + COALESCE(c.tier_yuan, 0) + COALESCE(c.basic_yuan, 0) + COALESCE(c.pf_yuan, 0)
                    + COALESCE(c.adjusted_yuan, 0) + COALESCE(c.other_yuan, 0)
        END AS DECIMAL(18, 2)
    ) AS total_yuan,
    CAST(
        CASE WHEN c.is_judged THEN COALESCE(c.billed_energy_yuan, 0) - COALESCE(c.energy_yuan, 0) END AS DECIMAL(18, 2)
    ) AS energy_diff_yuan,
    CAST(
        CASE WHEN c.is_judged THEN COALESCE(c.billed_tier_yuan, 0) - COALESCE(c.tier_yuan, 0) END AS DECIMAL(18, 2)
    ) AS tier_diff_yuan,
    CAST(
        CASE WHEN c.is_judged THEN COALESCE(c.billed_basic_yuan, 0) - COALESCE(c.basic_yuan, 0) END AS DECIMAL(18, 2)
    ) AS basic_diff_yuan,
    CAST(
        CASE WHEN c.is_judged THEN COALESCE(c.billed_pf_yuan, 0) - COALESCE(c.pf_yuan, 0) END AS DECIMAL(18, 2)
    ) AS pf_diff_yuan,
    CAST(
        CASE
            WHEN c.is_judged
                THEN
                    COALESCE(c.billed_total_yuan, 0)
                    - (
                        c.energy_yuan + COALESCE(c.tier_yuan, 0) + COALESCE(c.basic_yuan, 0) + COALESCE(c.pf_yuan, 0)
                        + COALESCE(c.adjusted_yuan, 0) + COALESCE(c.other_yuan, 0)
                    )
        END AS DECIMAL(18, 2)
    ) AS total_diff_yuan,
    c.reason
FROM computed AS c
