/*---
name: bill_plain
zh: 普通账单的分时电费
en: Plain bill of several bands or editions
note: >-
  Contract, sections 3 and 6 for the plain bills of bill_head that are by time of use, have two editions or a reactive register:
  quantities by band (0 without time of use, but not shown then) and what they cost. flat_kwh holds the adjusted kWh that are priced.
  A bill with a reason has no amounts.
columns:
  bill_id: string
  customer_id: string
  point_id: string
  period: date
  price_no: int
  adjusted_kwh: decimal(14,2)
  adjusted_yuan: decimal(18,2)
  other_yuan: decimal(18,2)
  billed_energy_yuan: decimal(18,2)
  billed_tier_yuan: decimal(18,2)
  billed_basic_yuan: decimal(18,2)
  billed_pf_yuan: decimal(18,2)
  billed_total_yuan: decimal(18,2)
  metered_kwh: decimal(14,2)
  tip_kwh: decimal(14,2)
  peak_kwh: decimal(14,2)
  flat_kwh: decimal(14,2)
  valley_kwh: decimal(14,2)
  deep_valley_kwh: decimal(14,2)
  reactive_kvarh: decimal(14,2)
  energy_yuan: decimal(18,2)
  tier_yuan: decimal(18,2)
  reason: string
---*/
WITH measured AS (
    SELECT
        r.point_id,
        r.period,
        r.register,
        CAST(
            round_places(
                register_quantity(
                    r.previous_index,
                    r.current_index,
                    r.quantity,
                    r.method,
                    COALESCE(p.multiplier, exact4(r.multiplier), 1),
                    0
                ),
                e.kwh_places
            ) AS DECIMAL(14, 2)
        ) AS quantity
    FROM reading AS r
    INNER JOIN bill_plain_point AS p ON r.point_id = p.point_id
    INNER JOIN bill_plain_price AS e
        ON dated_number(p.kind_no, r.period, $p0, $recompute_months) = e.price_no
    LEFT JOIN bill_beyond AS x ON p.customer_id = x.customer_id AND r.period = x.period
    WHERE
        x.customer_id IS NULL
        AND r.register IN ('tip', 'peak', 'valley', 'deep_valley', 'reactive', 'reactive_lead')
        AND (e.is_time_of_use OR r.register IN ('reactive', 'reactive_lead'))
        AND e.is_held
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

-- what the readings leave for flat
banded AS (
    SELECT
        h.bill_id,
        h.customer_id,
        h.point_id,
        h.period,
        h.price_no,
        h.adjusted_kwh,
        h.adjusted_yuan,
        h.other_yuan,
        h.billed_energy_yuan,
        h.billed_tier_yuan,
        h.billed_basic_yuan,
        h.billed_pf_yuan,
        h.billed_total_yuan,
        h.metered_kwh,
        h.tier_yuan,
        h.reason,
        h.multiplier,
        e.is_time_of_use,
        e.days,
        CASE WHEN e.is_time_of_use THEN COALESCE(b.tip, 0) ELSE 0 END AS tip,
        CASE WHEN e.is_time_of_use THEN COALESCE(b.peak, 0) ELSE 0 END AS peak,
        CASE WHEN e.is_time_of_use THEN COALESCE(b.valley, 0) ELSE 0 END AS valley,
        CASE WHEN e.is_time_of_use THEN COALESCE(b.deep_valley, 0) ELSE 0 END AS deep_valley,
        CAST(
            CASE
                WHEN e.is_time_of_use
                    THEN
                        h.metered_kwh - COALESCE(b.tip, 0) - COALESCE(b.peak, 0) - COALESCE(b.valley, 0)
                        - COALESCE(b.deep_valley, 0)
                ELSE h.metered_kwh
            END AS DECIMAL(14, 2)
        ) AS flat,
        b.reactive,
        e.is_priced,
        e.tip_price,
        e.peak_price,
        e.flat_price,
        e.valley_price,
        e.deep_valley_price
    FROM bill_head AS h
    INNER JOIN bill_plain_price AS e ON h.price_no = e.price_no
    LEFT JOIN band AS b ON h.point_id = b.point_id AND h.period = b.period
    WHERE h.is_plain AND NOT h.is_simple
),

-- rounding of the registers may take flat a little below 0: the peak gives it back
shown AS (
    SELECT
        b.bill_id,
        b.customer_id,
        b.point_id,
        b.period,
        b.price_no,
        b.adjusted_kwh,
        b.adjusted_yuan,
        b.other_yuan,
        b.billed_energy_yuan,
        b.billed_tier_yuan,
        b.billed_basic_yuan,
        b.billed_pf_yuan,
        b.billed_total_yuan,
        b.metered_kwh,
        b.tier_yuan,
        b.is_time_of_use,
        b.days,
        b.is_priced,
        b.tip_price,
        b.peak_price,
        b.flat_price,
        b.valley_price,
        b.deep_valley_price,
        CAST(b.tip AS DECIMAL(14, 2)) AS tip_kwh,
        CAST(
            CASE WHEN b.is_time_of_use AND b.flat < 0 THEN b.peak + b.flat ELSE b.peak END AS DECIMAL(14, 2)
        ) AS peak_kwh,
        CAST(
            priced_kwh(
                CASE WHEN b.is_time_of_use AND b.flat < 0 THEN CAST(0 AS DECIMAL(14, 2)) ELSE b.flat END,
                b.adjusted_kwh,
                b.adjusted_yuan
            ) AS DECIMAL(14, 2)
        ) AS flat_kwh,
        CAST(b.valley AS DECIMAL(14, 2)) AS valley_kwh,
        CAST(b.deep_valley AS DECIMAL(14, 2)) AS deep_valley_kwh,
        CAST(b.reactive AS DECIMAL(14, 2)) AS reactive_kvarh,
        CASE
            WHEN
                b.metered_kwh IS NOT NULL AND b.is_time_of_use
                AND b.flat < CAST(-0.05 AS DECIMAL(3, 2)) * b.multiplier
                THEN 'bands_exceed_total'
            ELSE b.reason
        END AS reason
    FROM banded AS b
),

-- of an interval with two editions what falls to the days of the first
divided AS (
    SELECT
        s.bill_id,
        s.customer_id,
        s.point_id,
        s.period,
        s.price_no,
        s.adjusted_kwh,
        s.adjusted_yuan,
        s.other_yuan,
        s.billed_energy_yuan,
        s.billed_tier_yuan,
        s.billed_basic_yuan,
        s.billed_pf_yuan,
        s.billed_total_yuan,
        s.metered_kwh,
        s.is_time_of_use,
        s.tip_kwh,
        s.peak_kwh,
        s.flat_kwh,
        s.valley_kwh,
        s.deep_valley_kwh,
        s.reactive_kvarh,
        s.tier_yuan,
        s.reason,
        s.is_priced AND COALESCE(f.is_priced, TRUE) AS is_priced,
        s.tip_price,
        s.peak_price,
        s.flat_price,
        s.valley_price,
        s.deep_valley_price,
        f.price_no IS NOT NULL AS is_split,
        f.tip_price AS first_tip_price,
        f.peak_price AS first_peak_price,
        f.flat_price AS first_flat_price,
        f.valley_price AS first_valley_price,
        f.deep_valley_price AS first_deep_valley_price,
        CASE
            WHEN f.price_no IS NOT NULL THEN CAST(share_of(s.metered_kwh, f.first_days, s.days) AS DECIMAL(14, 2))
        END AS first_metered_kwh,
        CASE
            WHEN f.price_no IS NOT NULL THEN CAST(share_of(s.tip_kwh, f.first_days, s.days) AS DECIMAL(14, 2))
        END AS first_tip_kwh,
        CASE
            WHEN f.price_no IS NOT NULL THEN CAST(share_of(s.peak_kwh, f.first_days, s.days) AS DECIMAL(14, 2))
        END AS first_peak_kwh,
        CASE
            WHEN f.price_no IS NOT NULL THEN CAST(share_of(s.valley_kwh, f.first_days, s.days) AS DECIMAL(14, 2))
        END AS first_valley_kwh,
        CASE
            WHEN f.price_no IS NOT NULL THEN CAST(share_of(s.deep_valley_kwh, f.first_days, s.days) AS DECIMAL(14, 2))
        END AS first_deep_valley_kwh
    FROM shown AS s
    LEFT JOIN bill_plain_first_price AS f ON s.price_no = f.price_no
),

charged AS (
    SELECT
        d.bill_id,
        d.customer_id,
        d.point_id,
        d.period,
        d.price_no,
        d.adjusted_kwh,
        d.adjusted_yuan,
        d.other_yuan,
        d.billed_energy_yuan,
        d.billed_tier_yuan,
        d.billed_basic_yuan,
        d.billed_pf_yuan,
        d.billed_total_yuan,
        d.metered_kwh,
        d.is_time_of_use,
        d.tip_kwh,
        d.peak_kwh,
        d.flat_kwh,
        d.valley_kwh,
        d.deep_valley_kwh,
        d.reactive_kvarh,
        d.tier_yuan,
        CASE
            WHEN d.is_split
                THEN
                    split_yuan(
                        d.tip_kwh, d.peak_kwh, d.flat_kwh, d.valley_kwh, d.deep_valley_kwh,
                        d.first_metered_kwh, d.first_tip_kwh, d.first_peak_kwh, d.first_valley_kwh,
                        d.first_deep_valley_kwh,
                        d.first_tip_price, d.first_peak_price, d.first_flat_price, d.first_valley_price,
                        d.first_deep_valley_price,
                        d.tip_price, d.peak_price, d.flat_price, d.valley_price, d.deep_valley_price
                    )
            WHEN d.is_time_of_use
                THEN
                    bands_yuan(
                        d.tip_kwh, d.peak_kwh, d.flat_kwh, d.valley_kwh, d.deep_valley_kwh,
                        d.tip_price, d.peak_price, d.flat_price, d.valley_price, d.deep_valley_price
                    )
            ELSE line_yuan(d.flat_kwh, known_price(d.flat_price))
        END AS energy_yuan,
        CASE
            WHEN d.reason IN ('reading_missing', 'bands_exceed_total') OR d.is_priced THEN d.reason
            WHEN
                CASE
                    WHEN d.is_split
                        THEN
                            is_split_unpriced(
                                d.tip_kwh, d.peak_kwh, d.flat_kwh, d.valley_kwh, d.deep_valley_kwh,
                                d.first_metered_kwh, d.first_tip_kwh, d.first_peak_kwh, d.first_valley_kwh,
                                d.first_deep_valley_kwh,
                                d.first_tip_price, d.first_peak_price, d.first_flat_price, d.first_valley_price,
                                d.first_deep_valley_price,
                                d.tip_price, d.peak_price, d.flat_price, d.valley_price, d.deep_valley_price
                            )
                    ELSE
                        is_unpriced(
                            d.tip_kwh, d.peak_kwh, d.flat_kwh, d.valley_kwh, d.deep_valley_kwh,
                            d.tip_price, d.peak_price, d.flat_price, d.valley_price, d.deep_valley_price
                        )
                END
                THEN CONCAT_WS(',', 'price_missing', d.reason)
            ELSE d.reason
        END AS reason
    FROM divided AS d
)

SELECT
    c.bill_id,
    c.customer_id,
    c.point_id,
    c.period,
    c.price_no,
    c.adjusted_kwh,
    c.adjusted_yuan,
    c.other_yuan,
    c.billed_energy_yuan,
    c.billed_tier_yuan,
    c.billed_basic_yuan,
    c.billed_pf_yuan,
    c.billed_total_yuan,
    c.metered_kwh,
    CAST(CASE WHEN c.is_time_of_use THEN c.tip_kwh END AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(CASE WHEN c.is_time_of_use THEN c.peak_kwh END AS DECIMAL(14, 2)) AS peak_kwh,
    CAST(CASE WHEN c.is_time_of_use THEN c.flat_kwh END AS DECIMAL(14, 2)) AS flat_kwh,
    CAST(CASE WHEN c.is_time_of_use THEN c.valley_kwh END AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(CASE WHEN c.is_time_of_use THEN c.deep_valley_kwh END AS DECIMAL(14, 2)) AS deep_valley_kwh,
    c.reactive_kvarh,
    CAST(CASE WHEN c.reason IS NULL THEN c.energy_yuan END AS DECIMAL(18, 2)) AS energy_yuan,
    c.tier_yuan,
    CAST(c.reason AS VARCHAR) AS reason
FROM charged AS c
