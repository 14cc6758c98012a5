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
WITH plain AS (
    SELECT
        e.bill_id,
        e.customer_id,
        e.point_id,
        e.period,
        e.days,
        e.tariff_code,
        e.metered_kwh,
        e.loss_kwh,
        e.adjusted_kwh,
        e.billed_kwh,
        e.tip_kwh,
        e.peak_kwh,
        e.flat_kwh,
        e.valley_kwh,
        e.deep_valley_kwh,
        e.reactive_kvarh,
        CAST(NULL AS DECIMAL(14, 2)) AS billed_demand_kw,
        CAST(NULL AS DECIMAL(14, 2)) AS billed_capacity_kva,
        CAST(NULL AS DOUBLE) AS power_factor,
        CAST(NULL AS DOUBLE) AS pf_standard,
        e.energy_yuan,
        t.tier_yuan,
        CAST(NULL AS DECIMAL(18, 2)) AS basic_yuan,
        CAST(NULL AS DECIMAL(18, 2)) AS pf_yuan,
        e.adjusted_yuan,
        e.other_yuan,
        e.billed_energy_yuan,
        e.billed_tier_yuan,
        e.billed_basic_yuan,
        e.billed_pf_yuan,
        e.billed_total_yuan,
        NULLIF(CONCAT_WS(',', e.reason, CASE WHEN e.reason = t.missing THEN NULL ELSE t.missing END), '') AS reason
    FROM bill_energy AS e
    LEFT JOIN bill_tier AS t ON e.bill_id = t.bill_id
    WHERE e.is_plain
),

basic AS (
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

long_way AS (
    SELECT
        s.bill_id,
        s.customer_id,
        s.point_id,
        s.period,
        CASE WHEN s.is_regular AND f.point_id IS NOT NULL THEN c.days END AS days,
        CASE WHEN s.is_regular THEN f.tariff_code END AS tariff_code,
        e.metered_kwh,
        e.loss_kwh,
        e.adjusted_kwh,
        e.billed_kwh,
        e.tip_kwh,
        e.peak_kwh,
        e.flat_kwh,
        e.valley_kwh,
        e.deep_valley_kwh,
        e.reactive_kvarh,
        a.billed_demand_kw,
        a.billed_capacity_kva,
        CAST(p.power_factor AS DOUBLE) AS power_factor,
        CAST(l.pf_standard AS DOUBLE) AS pf_standard,
        e.energy_yuan,
        t.tier_yuan,
        a.basic_yuan,
        p.pf_yuan,
        b.adjusted_yuan,
        b.other_yuan,
        b.billed_energy_yuan,
        b.billed_tier_yuan,
        b.billed_basic_yuan,
        b.billed_pf_yuan,
        b.billed_total_yuan,
        r.reason
    FROM bill_status AS s
    INNER JOIN bill_head AS b ON s.bill_id = b.bill_id
    LEFT JOIN bill_case AS c ON s.point_id = c.point_id AND s.period = c.period
    LEFT JOIN bill_file_segment AS f ON s.point_id = f.point_id AND s.period = f.period AND f.file_no = 1
    LEFT JOIN last_file AS l ON s.point_id = l.point_id AND s.period = l.period
    LEFT JOIN bill_energy AS e ON s.bill_id = e.bill_id
    LEFT JOIN bill_tier AS t ON s.bill_id = t.bill_id
    LEFT JOIN basic AS a ON s.point_id = a.point_id AND s.period = a.period
    LEFT JOIN bill_power_factor AS p ON s.point_id = p.point_id AND s.period = p.period
    LEFT JOIN bill_reason AS r ON s.bill_id = r.bill_id
),

joined AS (
    SELECT
        p.bill_id,
        p.customer_id,
        p.point_id,
        p.period,
        p.days,
        p.tariff_code,
        p.metered_kwh,
        p.loss_kwh,
        p.adjusted_kwh,
        p.billed_kwh,
        p.tip_kwh,
        p.peak_kwh,
        p.flat_kwh,
        p.valley_kwh,
        p.deep_valley_kwh,
        p.reactive_kvarh,
        p.billed_demand_kw,
        p.billed_capacity_kva,
        p.power_factor,
        p.pf_standard,
        p.energy_yuan,
        p.tier_yuan,
        p.basic_yuan,
        p.pf_yuan,
        p.adjusted_yuan,
        p.other_yuan,
        p.billed_energy_yuan,
        p.billed_tier_yuan,
        p.billed_basic_yuan,
        p.billed_pf_yuan,
        p.billed_total_yuan,
        p.reason
    FROM plain AS p
    UNION ALL
    SELECT
        l.bill_id,
        l.customer_id,
        l.point_id,
        l.period,
        l.days,
        l.tariff_code,
        l.metered_kwh,
        l.loss_kwh,
        l.adjusted_kwh,
        l.billed_kwh,
        l.tip_kwh,
        l.peak_kwh,
        l.flat_kwh,
        l.valley_kwh,
        l.deep_valley_kwh,
        l.reactive_kvarh,
        l.billed_demand_kw,
        l.billed_capacity_kva,
        l.power_factor,
        l.pf_standard,
        l.energy_yuan,
        l.tier_yuan,
        l.basic_yuan,
        l.pf_yuan,
        l.adjusted_yuan,
        l.other_yuan,
        l.billed_energy_yuan,
        l.billed_tier_yuan,
        l.billed_basic_yuan,
        l.billed_pf_yuan,
        l.billed_total_yuan,
        l.reason
    FROM long_way AS l
)

SELECT
    j.bill_id,
    j.customer_id,
    j.point_id,
    j.period,
    j.days,
    j.tariff_code,
    CAST(CASE WHEN j.reason IS NULL THEN j.metered_kwh END AS DECIMAL(14, 2)) AS metered_kwh,
    CAST(CASE WHEN j.reason IS NULL THEN j.loss_kwh END AS DECIMAL(14, 2)) AS loss_kwh,
    CAST(CASE WHEN j.reason IS NULL THEN j.adjusted_kwh END AS DECIMAL(14, 2)) AS adjusted_kwh,
    CAST(CASE WHEN j.reason IS NULL THEN j.billed_kwh END AS DECIMAL(14, 2)) AS billed_kwh,
    CAST(CASE WHEN j.reason IS NULL THEN j.tip_kwh END AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(CASE WHEN j.reason IS NULL THEN j.peak_kwh END AS DECIMAL(14, 2)) AS peak_kwh,
    CAST(CASE WHEN j.reason IS NULL THEN j.flat_kwh END AS DECIMAL(14, 2)) AS flat_kwh,
    CAST(CASE WHEN j.reason IS NULL THEN j.valley_kwh END AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(CASE WHEN j.reason IS NULL THEN j.deep_valley_kwh END AS DECIMAL(14, 2)) AS deep_valley_kwh,
    CAST(CASE WHEN j.reason IS NULL THEN j.reactive_kvarh END AS DECIMAL(14, 2)) AS reactive_kvarh,
    CAST(CASE WHEN j.reason IS NULL THEN j.billed_demand_kw END AS DECIMAL(14, 2)) AS billed_demand_kw,
    CAST(CASE WHEN j.reason IS NULL THEN j.billed_capacity_kva END AS DECIMAL(14, 2)) AS billed_capacity_kva,
    CAST(CASE WHEN j.reason IS NULL THEN j.power_factor END AS DOUBLE) AS power_factor,
    CAST(CASE WHEN j.reason IS NULL THEN j.pf_standard END AS DOUBLE) AS pf_standard,
    CAST(CASE WHEN j.reason IS NULL THEN j.energy_yuan END AS DECIMAL(18, 2)) AS energy_yuan,
    CAST(CASE WHEN j.reason IS NULL THEN j.tier_yuan END AS DECIMAL(18, 2)) AS tier_yuan,
    CAST(CASE WHEN j.reason IS NULL THEN j.basic_yuan END AS DECIMAL(18, 2)) AS basic_yuan,
    CAST(CASE WHEN j.reason IS NULL THEN j.pf_yuan END AS DECIMAL(18, 2)) AS pf_yuan,
    CAST(CASE WHEN j.reason IS NULL THEN j.adjusted_yuan END AS DECIMAL(18, 2)) AS adjusted_yuan,
    CAST(CASE WHEN j.reason IS NULL THEN j.other_yuan END AS DECIMAL(18, 2)) AS other_yuan,
    CAST(
        CASE
            WHEN j.reason IS NULL
                THEN
                    j.energy_yuan + COALESCE(j.tier_yuan, 0) + COALESCE(j.basic_yuan, 0) + COALESCE(j.pf_yuan, 0)
                    + COALESCE(j.adjusted_yuan, 0) + COALESCE(j.other_yuan, 0)
        END AS DECIMAL(18, 2)
    ) AS total_yuan,
    CAST(
        CASE WHEN j.reason IS NULL THEN COALESCE(j.billed_energy_yuan, 0) - COALESCE(j.energy_yuan, 0) END AS DECIMAL(
            18, 2
        )
    ) AS energy_diff_yuan,
    CAST(
        CASE WHEN j.reason IS NULL THEN COALESCE(j.billed_tier_yuan, 0) - COALESCE(j.tier_yuan, 0) END AS DECIMAL(18, 2)
    ) AS tier_diff_yuan,
    CAST(
        CASE WHEN j.reason IS NULL THEN COALESCE(j.billed_basic_yuan, 0) - COALESCE(j.basic_yuan, 0) END AS DECIMAL(
            18, 2
        )
    ) AS basic_diff_yuan,
    CAST(
        CASE WHEN j.reason IS NULL THEN COALESCE(j.billed_pf_yuan, 0) - COALESCE(j.pf_yuan, 0) END AS DECIMAL(18, 2)
    ) AS pf_diff_yuan,
    CAST(
        CASE
            WHEN j.reason IS NULL
                THEN
                    COALESCE(j.billed_total_yuan, 0) - (
                        j.energy_yuan + COALESCE(j.tier_yuan, 0) + COALESCE(j.basic_yuan, 0) + COALESCE(j.pf_yuan, 0)
                        + COALESCE(j.adjusted_yuan, 0) + COALESCE(j.other_yuan, 0)
                    )
        END AS DECIMAL(18, 2)
    ) AS total_diff_yuan,
    j.reason
FROM joined AS j
