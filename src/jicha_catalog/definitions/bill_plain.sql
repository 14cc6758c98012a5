/*---
name: bill_plain
zh: 普通账单的电量电费
en: Energy of a plain bill
note: >-
  Contract, sections 3 and 6 for bills with one file, one edition and one reading per register: quantities by band and the charge for
  them; tiers follow in bill_tier. A reason other than price_missing: the quantity is not known. Same columns as bill_energy.
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
  energy_yuan: decimal(18,2)
  reason: string
  adjusted_yuan: decimal(18,2)
  other_yuan: decimal(18,2)
  billed_energy_yuan: decimal(18,2)
  billed_tier_yuan: decimal(18,2)
  billed_basic_yuan: decimal(18,2)
  billed_pf_yuan: decimal(18,2)
  billed_total_yuan: decimal(18,2)
  tier_used_before_kwh: decimal(14,2)
  opened_on: date
  household_size: int
  household_size_from: date
  household_size_until: date
  cycle_months: int
  tier_first_year: string
---*/
WITH head AS (
    SELECT
        h.bill_id,
        h.customer_id,
        h.point_id,
        h.period,
        h.tariff_code,
        h.is_time_of_use,
        h.multiplier,
        h.adjusted_kwh,
        h.adjusted_yuan,
        h.other_yuan,
        h.billed_energy_yuan,
        h.billed_tier_yuan,
        h.billed_basic_yuan,
        h.billed_pf_yuan,
        h.billed_total_yuan,
        h.tier_used_before_kwh,
        h.opened_on,
        h.household_size,
        h.household_size_from,
        h.household_size_until,
        h.cycle_months,
        e.tier_first_year,
        e.first_day,
        e.last_day,
        e.kwh_places,
        e.energy_price,
        e.tip_price,
        e.peak_price,
        e.flat_price,
        e.valley_price,
        e.deep_valley_price
    FROM bill_head AS h
    INNER JOIN bill_plain_price AS e
        ON
            h.org_id = e.org_id AND h.tariff_code = e.tariff_code AND h.period = e.period
            AND h.cycle_months = e.cycle_months AND h.reading_day = e.reading_day
    WHERE h.is_plain
),

other_register AS (
    SELECT
        r.point_id,
        r.period,
        r.register,
        r.previous_index,
        r.current_index,
        r.quantity,
        r.multiplier,
        r.method
    FROM reading AS r
    WHERE
        r.register IN ('tip', 'peak', 'valley', 'deep_valley', 'reactive', 'reactive_lead')
        AND r.period <= $p0
        AND r.period >= months_later($p0, 1 - $recompute_months)
),

measured AS (
    SELECT
        h.bill_id,
        h.kwh_places,
        r.register,
        register_quantity(
            r.previous_index, r.current_index, r.quantity, r.method, COALESCE(h.multiplier, exact4(r.multiplier), 1), 0
        ) AS quantity
    FROM head AS h
    INNER JOIN other_register AS r ON h.point_id = r.point_id AND h.period = r.period
),

band AS (
    SELECT
        m.bill_id,
        CAST(SUM(CASE WHEN m.register = 'tip' THEN round_places(m.quantity, m.kwh_places) END) AS DECIMAL(14, 2))
            AS tip,
        CAST(SUM(CASE WHEN m.register = 'peak' THEN round_places(m.quantity, m.kwh_places) END) AS DECIMAL(14, 2))
            AS peak,
        CAST(
            SUM(CASE WHEN m.register = 'valley' THEN round_places(m.quantity, m.kwh_places) END) AS DECIMAL(14, 2)
        ) AS valley,
        CAST(
            SUM(CASE WHEN m.register = 'deep_valley' THEN round_places(m.quantity, m.kwh_places) END) AS DECIMAL(14, 2)
        ) AS deep_valley,
        CAST(
            SUM(
                CASE
                    WHEN m.register = 'reactive' THEN COALESCE(round_places(m.quantity, m.kwh_places), 0)
                    WHEN m.register = 'reactive_lead' THEN COALESCE(ABS(round_places(m.quantity, m.kwh_places)), 0)
                END
            ) AS DECIMAL(14, 2)
        ) AS reactive
    FROM measured AS m
    GROUP BY m.bill_id
),

total AS (
    SELECT
        h.bill_id,
        h.customer_id,
        h.point_id,
        h.period,
        h.tariff_code,
        h.is_time_of_use,
        h.adjusted_yuan,
        h.other_yuan,
        h.billed_energy_yuan,
        h.billed_tier_yuan,
        h.billed_basic_yuan,
        h.billed_pf_yuan,
        h.billed_total_yuan,
        h.tier_used_before_kwh,
        h.opened_on,
        h.household_size,
        h.household_size_from,
        h.household_size_until,
        h.cycle_months,
        h.tier_first_year,
        h.first_day,
        h.last_day,
        h.energy_price,
        h.tip_price,
        h.peak_price,
        h.flat_price,
        h.valley_price,
        h.deep_valley_price,
        COALESCE(h.multiplier, exact4(r.multiplier), 1) AS multiplier,
        h.adjusted_kwh AS adjusted,
        CASE WHEN COALESCE(h.adjusted_yuan, 0) = 0 THEN COALESCE(h.adjusted_kwh, 0) ELSE 0 END AS priced_adjustment,
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
        ) AS total
    FROM head AS h
    LEFT JOIN reading AS r
        ON
            h.point_id = r.point_id AND h.period = r.period AND r.register = 'total' AND r.period <= $p0
            AND r.period >= months_later($p0, 1 - $recompute_months)
),

read_band AS (
    SELECT
        t.bill_id,
        t.customer_id,
        t.point_id,
        t.period,
        t.tariff_code,
        t.is_time_of_use,
        t.adjusted_yuan,
        t.other_yuan,
        t.billed_energy_yuan,
        t.billed_tier_yuan,
        t.billed_basic_yuan,
        t.billed_pf_yuan,
        t.billed_total_yuan,
        t.tier_used_before_kwh,
        t.opened_on,
        t.household_size,
        t.household_size_from,
        t.household_size_until,
        t.cycle_months,
        t.tier_first_year,
        t.first_day,
        t.last_day,
        t.energy_price,
        t.tip_price,
        t.peak_price,
        t.flat_price,
        t.valley_price,
        t.deep_valley_price,
        t.adjusted,
        t.priced_adjustment,
        t.total,
        CAST(-0.05 AS DECIMAL(3, 2)) * t.multiplier AS tolerated_kwh,
        CASE WHEN t.is_time_of_use THEN COALESCE(b.tip, 0) ELSE 0 END AS tip,
        CASE WHEN t.is_time_of_use THEN COALESCE(b.peak, 0) ELSE 0 END AS peak,
        CASE WHEN t.is_time_of_use THEN COALESCE(b.valley, 0) ELSE 0 END AS valley,
        CASE WHEN t.is_time_of_use THEN COALESCE(b.deep_valley, 0) ELSE 0 END AS deep_valley,
        b.reactive,
        CAST(
            t.total
            - CASE
                WHEN t.is_time_of_use
                    THEN COALESCE(b.tip, 0) + COALESCE(b.peak, 0) + COALESCE(b.valley, 0) + COALESCE(b.deep_valley, 0)
                ELSE 0
            END AS DECIMAL(14, 2)
        ) AS flat
    FROM total AS t
    LEFT JOIN band AS b ON t.bill_id = b.bill_id
),

-- rounding of the registers may take flat a little below 0: the peak gives it back
settled AS (
    SELECT
        r.bill_id,
        r.customer_id,
        r.point_id,
        r.period,
        r.tariff_code,
        r.is_time_of_use,
        r.adjusted_yuan,
        r.other_yuan,
        r.billed_energy_yuan,
        r.billed_tier_yuan,
        r.billed_basic_yuan,
        r.billed_pf_yuan,
        r.billed_total_yuan,
        r.tier_used_before_kwh,
        r.opened_on,
        r.household_size,
        r.household_size_from,
        r.household_size_until,
        r.cycle_months,
        r.tier_first_year,
        r.first_day,
        r.last_day,
        r.adjusted,
        r.total,
        r.tip,
        r.valley,
        r.deep_valley,
        r.reactive,
        r.energy_price,
        r.tip_price,
        r.peak_price,
        r.valley_price,
        r.deep_valley_price,
        CASE WHEN r.is_time_of_use THEN r.flat_price ELSE r.energy_price END AS flat_price,
        CAST(r.peak + CASE WHEN r.is_time_of_use AND r.flat < 0 THEN r.flat ELSE 0 END AS DECIMAL(14, 2)) AS peak,
        CASE WHEN r.is_time_of_use AND r.flat < 0 THEN CAST(0 AS DECIMAL(14, 2)) ELSE r.flat END AS flat,
        CAST(
            CASE WHEN r.is_time_of_use AND r.flat < 0 THEN CAST(0 AS DECIMAL(14, 2)) ELSE r.flat END
            + r.priced_adjustment AS DECIMAL(14, 2)
        ) AS priced_flat,
        COALESCE(r.is_time_of_use AND r.flat < r.tolerated_kwh, FALSE) AS is_exceeded
    FROM read_band AS r
),

judged AS (
    SELECT
        s.bill_id,
        s.customer_id,
        s.point_id,
        s.period,
        s.tariff_code,
        s.is_time_of_use,
        s.adjusted_yuan,
        s.other_yuan,
        s.billed_energy_yuan,
        s.billed_tier_yuan,
        s.billed_basic_yuan,
        s.billed_pf_yuan,
        s.billed_total_yuan,
        s.tier_used_before_kwh,
        s.opened_on,
        s.household_size,
        s.household_size_from,
        s.household_size_until,
        s.cycle_months,
        s.tier_first_year,
        s.first_day,
        s.last_day,
        s.adjusted,
        s.total,
        s.tip,
        s.peak,
        s.valley,
        s.deep_valley,
        s.reactive,
        s.tip_price,
        s.peak_price,
        s.flat_price,
        s.valley_price,
        s.deep_valley_price,
        s.priced_flat,
        CASE
            WHEN s.total IS NULL THEN 'reading_missing'
            WHEN s.is_exceeded THEN 'bands_exceed_total'
            WHEN
                (s.priced_flat <> 0 AND s.flat_price IS NULL)
                OR (s.tip <> 0 AND s.tip_price IS NULL)
                OR (s.peak <> 0 AND s.peak_price IS NULL)
                OR (s.valley <> 0 AND s.valley_price IS NULL)
                OR (s.deep_valley <> 0 AND s.deep_valley_price IS NULL)
                THEN 'price_missing'
        END AS reason
    FROM settled AS s
)

SELECT
    j.bill_id,
    j.customer_id,
    j.point_id,
    j.period,
    CAST(DATE_DIFF('day', j.first_day, j.last_day) + 1 AS INTEGER) AS days,
    j.tariff_code,
    j.total AS metered_kwh,
    CAST(0 AS DECIMAL(14, 2)) AS loss_kwh,
    j.adjusted AS adjusted_kwh,
    CAST(j.total + COALESCE(j.adjusted, 0) AS DECIMAL(14, 2)) AS billed_kwh,
    CAST(CASE WHEN j.is_time_of_use THEN j.tip END AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(CASE WHEN j.is_time_of_use THEN j.peak END AS DECIMAL(14, 2)) AS peak_kwh,
    CAST(CASE WHEN j.is_time_of_use THEN j.priced_flat END AS DECIMAL(14, 2)) AS flat_kwh,
    CAST(CASE WHEN j.is_time_of_use THEN j.valley END AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(CASE WHEN j.is_time_of_use THEN j.deep_valley END AS DECIMAL(14, 2)) AS deep_valley_kwh,
    CAST(j.reactive AS DECIMAL(14, 2)) AS reactive_kvarh,
    CAST(
        line_yuan(j.priced_flat, COALESCE(j.flat_price, 0))
        + CASE
            WHEN j.is_time_of_use
                THEN
                    line_yuan(j.tip, COALESCE(j.tip_price, 0))
                    + line_yuan(j.peak, COALESCE(j.peak_price, 0))
                    + line_yuan(j.valley, COALESCE(j.valley_price, 0))
                    + line_yuan(j.deep_valley, COALESCE(j.deep_valley_price, 0))
            ELSE 0
        END AS DECIMAL(18, 2)
    ) AS energy_yuan,
    j.reason,
    j.adjusted_yuan,
    j.other_yuan,
    j.billed_energy_yuan,
    j.billed_tier_yuan,
    j.billed_basic_yuan,
    j.billed_pf_yuan,
    j.billed_total_yuan,
    j.tier_used_before_kwh,
    j.opened_on,
    j.household_size,
    j.household_size_from,
    j.household_size_until,
    j.cycle_months,
    j.tier_first_year
FROM judged AS j
