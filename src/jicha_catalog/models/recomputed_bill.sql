/*---
name: recomputed_bill
zh: 复算账单
en: Recomputed bill
note: >-
  One row per bill of the periods up to P0, as many as `recompute_months` of the run: what the contract
  (docs/explanation/how-a-bill-is-computed.md) makes of readings, files and prices. Differences are billed minus recomputed, negative
  is under-billed. A bill that cannot be judged has its reasons, joined by commas, and neither amounts nor differences.
tables: [bill, reading, metering_point, customer, tariff]
stored: false # what it is put together from is; sums and differences are made for who asks
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
-- energy_yuan is known of a bill that is judged, and of no other
WITH computed AS (
    SELECT
        h.bill_id,
        h.customer_id,
        h.point_id,
        h.period,
        e.days,
        e.tariff_code,
        h.adjusted_kwh,
        h.adjusted_yuan,
        h.other_yuan,
        h.billed_energy_yuan,
        h.billed_tier_yuan,
        h.billed_basic_yuan,
        h.billed_pf_yuan,
        h.billed_total_yuan,
        h.metered_kwh,
        CAST(0 AS DECIMAL(14, 2)) AS loss_kwh,
        CAST(NULL AS DECIMAL(14, 2)) AS tip_kwh,
        CAST(NULL AS DECIMAL(14, 2)) AS peak_kwh,
        CAST(NULL AS DECIMAL(14, 2)) AS flat_kwh,
        CAST(NULL AS DECIMAL(14, 2)) AS valley_kwh,
        CAST(NULL AS DECIMAL(14, 2)) AS deep_valley_kwh,
        CAST(NULL AS DECIMAL(14, 2)) AS reactive_kvarh,
        CAST(NULL AS DECIMAL(14, 2)) AS billed_demand_kw,
        CAST(NULL AS DECIMAL(14, 2)) AS billed_capacity_kva,
        CAST(NULL AS DECIMAL(4, 2)) AS power_factor,
        CAST(NULL AS DECIMAL(18, 4)) AS pf_standard,
        h.energy_yuan,
        h.tier_yuan,
        CAST(NULL AS DECIMAL(18, 2)) AS basic_yuan,
        CAST(NULL AS DECIMAL(18, 2)) AS pf_yuan,
        h.reason
    FROM bill_head AS h
    INNER JOIN bill_plain_price AS e ON h.price_no = e.price_no
    WHERE h.is_simple
    UNION ALL
    SELECT
        p.bill_id,
        p.customer_id,
        p.point_id,
        p.period,
        e.days,
        e.tariff_code,
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
        p.reason
    FROM bill_plain AS p
    INNER JOIN bill_plain_price AS e ON p.price_no = e.price_no
    UNION ALL
    SELECT
        l.bill_id,
        l.customer_id,
        l.point_id,
        l.period,
        l.days,
        l.tariff_code,
        l.adjusted_kwh,
        l.adjusted_yuan,
        l.other_yuan,
        l.billed_energy_yuan,
        l.billed_tier_yuan,
        l.billed_basic_yuan,
        l.billed_pf_yuan,
        l.billed_total_yuan,
        l.metered_kwh,
        l.loss_kwh,
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
        l.reason
    FROM bill_long AS l
)

SELECT
    c.bill_id,
    c.customer_id,
    c.point_id,
    c.period,
    CAST(c.days AS INTEGER) AS days,
    CAST(c.tariff_code AS VARCHAR) AS tariff_code,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.metered_kwh END AS DECIMAL(14, 2)) AS metered_kwh,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.loss_kwh END AS DECIMAL(14, 2)) AS loss_kwh,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.adjusted_kwh END AS DECIMAL(14, 2)) AS adjusted_kwh,
    CAST(
        CASE
            WHEN c.energy_yuan IS NOT NULL THEN c.metered_kwh + c.loss_kwh + COALESCE(c.adjusted_kwh, 0)
        END AS DECIMAL(14, 2)
    ) AS billed_kwh,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.tip_kwh END AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.peak_kwh END AS DECIMAL(14, 2)) AS peak_kwh,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.flat_kwh END AS DECIMAL(14, 2)) AS flat_kwh,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.valley_kwh END AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.deep_valley_kwh END AS DECIMAL(14, 2)) AS deep_valley_kwh,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.reactive_kvarh END AS DECIMAL(14, 2)) AS reactive_kvarh,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.billed_demand_kw END AS DECIMAL(14, 2)) AS billed_demand_kw,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.billed_capacity_kva END AS DECIMAL(14, 2)) AS billed_capacity_kva,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.power_factor END AS DOUBLE) AS power_factor,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.pf_standard END AS DOUBLE) AS pf_standard,
    c.energy_yuan,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.tier_yuan END AS DECIMAL(18, 2)) AS tier_yuan,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.basic_yuan END AS DECIMAL(18, 2)) AS basic_yuan,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.pf_yuan END AS DECIMAL(18, 2)) AS pf_yuan,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.adjusted_yuan END AS DECIMAL(18, 2)) AS adjusted_yuan,
    CAST(CASE WHEN c.energy_yuan IS NOT NULL THEN c.other_yuan END AS DECIMAL(18, 2)) AS other_yuan,
    CAST(
        total_charge(
            c.energy_yuan, c.tier_yuan, c.basic_yuan, c.pf_yuan, c.adjusted_yuan, c.other_yuan
        ) AS DECIMAL(18, 2)
    ) AS total_yuan,
    CAST(COALESCE(c.billed_energy_yuan, 0) - c.energy_yuan AS DECIMAL(18, 2)) AS energy_diff_yuan,
    CAST(
        CASE
            WHEN c.energy_yuan IS NOT NULL THEN COALESCE(c.billed_tier_yuan, 0) - COALESCE(c.tier_yuan, 0)
        END AS DECIMAL(18, 2)
    ) AS tier_diff_yuan,
    CAST(
        CASE
            WHEN c.energy_yuan IS NOT NULL THEN COALESCE(c.billed_basic_yuan, 0) - COALESCE(c.basic_yuan, 0)
        END AS DECIMAL(18, 2)
    ) AS basic_diff_yuan,
    CAST(
        CASE
            WHEN c.energy_yuan IS NOT NULL THEN COALESCE(c.billed_pf_yuan, 0) - COALESCE(c.pf_yuan, 0)
        END AS DECIMAL(18, 2)
    ) AS pf_diff_yuan,
    CAST(
        COALESCE(c.billed_total_yuan, 0)
        - total_charge(
            c.energy_yuan, c.tier_yuan, c.basic_yuan, c.pf_yuan, c.adjusted_yuan, c.other_yuan
        ) AS DECIMAL(18, 2)
    ) AS total_diff_yuan,
    c.reason
FROM computed AS c
