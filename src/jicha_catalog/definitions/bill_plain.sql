/*---
name: bill_plain
zh: 普通账单的电量电费
en: Energy of a plain bill
note: >-
  Contract, sections 3 and 6 for bills with one file, one edition and one reading per register: quantities by band and the charge for
  them; tiers follow in bill_tier. A reason other than price_missing: the quantity is not known. Bands are 0 without time of use.
columns:
  bill_id: string
  point_id: string
  period: date
  tariff_code: string
  is_time_of_use: bool
  metered_kwh: decimal(14,2)
  billed_kwh: decimal(14,2)
  tip_kwh: decimal(14,2)
  peak_kwh: decimal(14,2)
  flat_kwh: decimal(14,2)
  valley_kwh: decimal(14,2)
  deep_valley_kwh: decimal(14,2)
  reactive_kvarh: decimal(14,2)
  energy_yuan: decimal(18,2)
  reason: string
  tier_used_before_kwh: decimal(14,2)
  tier_first_year: string
---*/
WITH measured AS (
    SELECT
        h.bill_id,
        r.register,
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
        ) AS quantity
    FROM bill_head AS h
    INNER JOIN reading AS r ON h.point_id = r.point_id AND h.period = r.period
    WHERE
        h.is_plain
        AND r.register IN ('tip', 'peak', 'valley', 'deep_valley', 'reactive', 'reactive_lead')
        AND r.period <= $p0
        AND r.period >= months_later($p0, 1 - $recompute_months)
),

band AS (
    SELECT
        m.bill_id,
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
    GROUP BY m.bill_id
),

-- bands and what the readings leave for flat
banded AS (
    SELECT
        h.bill_id,
        h.point_id,
        h.period,
        h.tariff_code,
        h.is_time_of_use,
        h.adjusted_kwh,
        h.tier_used_before_kwh,
        h.tier_first_year,
        h.tip_price,
        h.peak_price,
        h.valley_price,
        h.deep_valley_price,
        CASE WHEN h.is_time_of_use THEN h.flat_price ELSE h.energy_price END AS flat_price,
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
    LEFT JOIN band AS b ON h.bill_id = b.bill_id
    WHERE h.is_plain
),

rest AS (
    SELECT
        b.bill_id,
        CAST(b.total - b.tip - b.peak - b.valley - b.deep_valley AS DECIMAL(14, 2)) AS flat,
        b.point_id,
        b.period,
        b.tariff_code,
        b.is_time_of_use,
        b.adjusted_kwh,
        b.tier_used_before_kwh,
        b.tier_first_year,
        b.tip_price,
        b.peak_price,
        b.valley_price,
        b.deep_valley_price,
        b.flat_price,
        b.priced_adjustment,
        b.tolerated_kwh,
        b.total,
        b.tip,
        b.peak,
        b.valley,
        b.deep_valley,
        b.reactive
    FROM banded AS b
),

-- rounding of the registers may take flat a little below 0: the peak gives it back
settled AS (
    SELECT
        r.bill_id,
        r.point_id,
        r.period,
        r.tariff_code,
        r.is_time_of_use,
        r.adjusted_kwh,
        r.tier_used_before_kwh,
        r.tier_first_year,
        r.total,
        r.tip,
        r.valley,
        r.deep_valley,
        r.reactive,
        r.tip_price,
        r.peak_price,
        r.flat_price,
        r.valley_price,
        r.deep_valley_price,
        CAST(CASE WHEN r.is_time_of_use AND r.flat < 0 THEN r.peak + r.flat ELSE r.peak END AS DECIMAL(14, 2)) AS peak,
        CAST(
            CASE WHEN r.is_time_of_use AND r.flat < 0 THEN CAST(0 AS DECIMAL(14, 2)) ELSE r.flat END
            + r.priced_adjustment AS DECIMAL(14, 2)
        ) AS priced_flat,
        COALESCE(r.is_time_of_use AND r.flat < r.tolerated_kwh, FALSE) AS is_exceeded
    FROM rest AS r
)

SELECT
    s.bill_id,
    s.point_id,
    s.period,
    s.tariff_code,
    s.is_time_of_use,
    s.total AS metered_kwh,
    CAST(s.total + COALESCE(s.adjusted_kwh, 0) AS DECIMAL(14, 2)) AS billed_kwh,
    CAST(s.tip AS DECIMAL(14, 2)) AS tip_kwh,
    s.peak AS peak_kwh,
    s.priced_flat AS flat_kwh,
    CAST(s.valley AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(s.deep_valley AS DECIMAL(14, 2)) AS deep_valley_kwh,
    CAST(s.reactive AS DECIMAL(14, 2)) AS reactive_kvarh,
    CAST(
        line_yuan(s.priced_flat, COALESCE(s.flat_price, 0))
        + CASE
            WHEN s.is_time_of_use
                THEN
                    line_yuan(s.tip, COALESCE(s.tip_price, 0))
                    + line_yuan(s.peak, COALESCE(s.peak_price, 0))
                    + line_yuan(s.valley, COALESCE(s.valley_price, 0))
                    + line_yuan(s.deep_valley, COALESCE(s.deep_valley_price, 0))
            ELSE 0
        END AS DECIMAL(18, 2)
    ) AS energy_yuan,
    CAST(
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
        END AS VARCHAR
    ) AS reason,
    s.tier_used_before_kwh,
    s.tier_first_year
FROM settled AS s
