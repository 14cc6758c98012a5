/*---
name: bill_plain_quantity
zh: 普通账单的电量
en: Quantity of a plain bill
note: >-
  Contract, section 3 for bills with one file, one edition and one reading per register: quantities by band beside what the bill and its
  file say; bands are 0 where there is no time of use. flat_kwh holds the adjusted kWh that are priced.
  reason: the quantity is not known.
stored: false
columns:
  bill_id: string
  customer_id: string
  point_id: string
  period: date
  days: int
  tariff_code: string
  adjusted_kwh: decimal(14,2)
  adjusted_yuan: decimal(18,2)
  other_yuan: decimal(18,2)
  billed_energy_yuan: decimal(18,2)
  billed_tier_yuan: decimal(18,2)
  billed_basic_yuan: decimal(18,2)
  billed_pf_yuan: decimal(18,2)
  billed_total_yuan: decimal(18,2)
  tier_used_before_kwh: decimal(14,2)
  tier_first_year: string
  household_size: int
  household_size_from: date
  household_size_until: date
  opened_on: date
  cycle_months: int
  is_time_of_use: bool
  price_no: int
  metered_kwh: decimal(14,2)
  billed_kwh: decimal(14,2)
  tip_kwh: decimal(14,2)
  peak_kwh: decimal(14,2)
  flat_kwh: decimal(14,2)
  valley_kwh: decimal(14,2)
  deep_valley_kwh: decimal(14,2)
  reactive_kvarh: decimal(14,2)
  reason: string
---*/
WITH measured AS (
    SELECT
        r.point_id,
        r.period,
        r.register,
        round_places(
            register_quantity(
                r.previous_index,
                r.current_index,
                r.quantity,
                r.method,
                COALESCE(p.multiplier, exact4(r.multiplier), 1),
                0
            ),
            s.kwh_places
        ) AS quantity
    FROM reading AS r
    INNER JOIN bill_point AS p ON r.point_id = p.point_id AND p.is_plain
    INNER JOIN bill_setting AS s
        ON
            p.org_id = s.org_id AND r.period = s.period AND p.cycle_months = s.cycle_months
            AND p.reading_day = s.reading_day
    WHERE
        r.register IN ('tip', 'peak', 'valley', 'deep_valley', 'reactive', 'reactive_lead')
        AND r.period <= $p0
        AND r.period >= months_later($p0, 1 - $recompute_months)
),

band AS (
    SELECT
        m.point_id,
        m.period,
        CAST(SUM(CASE WHEN m.register = 'tip' THEN m.quantity END) AS DECIMAL(14, 2)) AS tip,
        CAST(SUM(CASE WHEN m.register = 'peak' THEN m.quantity END) AS DECIMAL(14, 2)) AS peak,
        CAST(SUM(CASE WHEN m.register = 'valley' THEN m.quantity END) AS DECIMAL(14, 2)) AS valley,
        CAST(SUM(CASE WHEN m.register = 'deep_valley' THEN m.quantity END) AS DECIMAL(14, 2)) AS deep_valley,
        CAST(
            SUM(
                CASE m.register
                    WHEN 'reactive' THEN COALESCE(m.quantity, 0)
                    WHEN 'reactive_lead' THEN COALESCE(ABS(m.quantity), 0)
                END
            ) AS DECIMAL(14, 2)
        ) AS reactive
    FROM measured AS m
    GROUP BY m.point_id, m.period
),

-- bands and what the readings leave for flat
banded AS (
    SELECT
        h.bill_id,
        h.customer_id,
        h.point_id,
        h.period,
        h.days,
        h.tariff_code,
        h.adjusted_kwh,
        h.adjusted_yuan,
        h.other_yuan,
        h.billed_energy_yuan,
        h.billed_tier_yuan,
        h.billed_basic_yuan,
        h.billed_pf_yuan,
        h.billed_total_yuan,
        h.tier_used_before_kwh,
        h.tier_first_year,
        h.household_size,
        h.household_size_from,
        h.household_size_until,
        h.opened_on,
        h.cycle_months,
        h.is_time_of_use,
        h.price_no,
        CASE WHEN COALESCE(h.adjusted_yuan, 0) = 0 THEN COALESCE(h.adjusted_kwh, 0) ELSE 0 END AS priced_adjustment,
        CAST(-0.05 AS DECIMAL(3, 2)) * COALESCE(h.multiplier, exact4(r.multiplier), 1) AS tolerated_kwh,
        CAST(
            round_places(
                register_quantity(
                    r.previous_index,
                    r.current_index,
                    r.quantity,
                    r.method,
                    COALESCE(h.multiplier, exact4(r.multiplier), 1),
                    0
                ),
                h.kwh_places
            ) AS DECIMAL(14, 2)
        ) AS total,
        CASE WHEN h.is_time_of_use THEN COALESCE(b.tip, 0) ELSE 0 END AS tip,
        CASE WHEN h.is_time_of_use THEN COALESCE(b.peak, 0) ELSE 0 END AS peak,
        CASE WHEN h.is_time_of_use THEN COALESCE(b.valley, 0) ELSE 0 END AS valley,
        CASE WHEN h.is_time_of_use THEN COALESCE(b.deep_valley, 0) ELSE 0 END AS deep_valley,
        b.reactive
    FROM bill_head AS h
    LEFT JOIN reading AS r
        ON
            h.point_id = r.point_id AND h.period = r.period AND r.register = 'total' AND r.period <= $p0
            AND r.period >= months_later($p0, 1 - $recompute_months)
    LEFT JOIN band AS b ON h.point_id = b.point_id AND h.period = b.period
    WHERE h.is_plain
),

rest AS (
    SELECT
        b.bill_id,
        b.customer_id,
        b.point_id,
        b.period,
        b.days,
        b.tariff_code,
        b.adjusted_kwh,
        b.adjusted_yuan,
        b.other_yuan,
        b.billed_energy_yuan,
        b.billed_tier_yuan,
        b.billed_basic_yuan,
        b.billed_pf_yuan,
        b.billed_total_yuan,
        b.tier_used_before_kwh,
        b.tier_first_year,
        b.household_size,
        b.household_size_from,
        b.household_size_until,
        b.opened_on,
        b.cycle_months,
        b.is_time_of_use,
        b.price_no,
        b.priced_adjustment,
        b.tolerated_kwh,
        b.total,
        b.tip,
        b.peak,
        b.valley,
        b.deep_valley,
        b.reactive,
        CAST(b.total - b.tip - b.peak - b.valley - b.deep_valley AS DECIMAL(14, 2)) AS flat
    FROM banded AS b
)

-- rounding of the registers may take flat a little below 0: the peak gives it back
SELECT
    r.bill_id,
    r.customer_id,
    r.point_id,
    r.period,
    r.days,
    r.tariff_code,
    r.adjusted_kwh,
    r.adjusted_yuan,
    r.other_yuan,
    r.billed_energy_yuan,
    r.billed_tier_yuan,
    r.billed_basic_yuan,
    r.billed_pf_yuan,
    r.billed_total_yuan,
    r.tier_used_before_kwh,
    r.tier_first_year,
    r.household_size,
    r.household_size_from,
    r.household_size_until,
    r.opened_on,
    r.cycle_months,
    r.is_time_of_use,
    r.price_no,
    r.total AS metered_kwh,
    CAST(r.total + COALESCE(r.adjusted_kwh, 0) AS DECIMAL(14, 2)) AS billed_kwh,
    CAST(r.tip AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(CASE WHEN r.is_time_of_use AND r.flat < 0 THEN r.peak + r.flat ELSE r.peak END AS DECIMAL(14, 2)) AS peak_kwh,
    CAST(
        CASE WHEN r.is_time_of_use AND r.flat < 0 THEN CAST(0 AS DECIMAL(14, 2)) ELSE r.flat END
        + r.priced_adjustment AS DECIMAL(14, 2)
    ) AS flat_kwh,
    CAST(r.valley AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(r.deep_valley AS DECIMAL(14, 2)) AS deep_valley_kwh,
    CAST(r.reactive AS DECIMAL(14, 2)) AS reactive_kvarh,
    CAST(
        CASE
            WHEN r.total IS NULL THEN 'reading_missing'
            WHEN r.is_time_of_use AND r.flat < r.tolerated_kwh THEN 'bands_exceed_total'
        END AS VARCHAR
    ) AS reason
FROM rest AS r
