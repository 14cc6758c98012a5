/*---
name: bill_plain
zh: 普通账单的电费
en: Charges of a plain bill
note: >-
  Contract, sections 6 and 7 for the bills of bill_plain_quantity: what their energy and up to three tiers cost. A bill with a reason is
  not judged.
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
  metered_kwh: decimal(14,2)
  billed_kwh: decimal(14,2)
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
WITH tiered AS (
    SELECT
        q.bill_id,
        q.customer_id,
        q.point_id,
        q.period,
        q.days,
        q.tariff_code,
        q.adjusted_kwh,
        q.adjusted_yuan,
        q.other_yuan,
        q.billed_energy_yuan,
        q.billed_tier_yuan,
        q.billed_basic_yuan,
        q.billed_pf_yuan,
        q.billed_total_yuan,
        q.is_time_of_use,
        q.metered_kwh,
        q.billed_kwh,
        q.tip_kwh,
        q.peak_kwh,
        q.flat_kwh,
        q.valley_kwh,
        q.deep_valley_kwh,
        q.reactive_kvarh,
        q.reason,
        q.price_no,
        q.household_size,
        q.household_size_from,
        q.household_size_until,
        q.opened_on,
        q.cycle_months,
        q.tier_first_year,
        l.tiers,
        l.price_1,
        l.price_2,
        l.price_3,
        l.upper_2_kwh,
        l.extra_2_kwh,
        l.household_2,
        l.is_yearly_2,
        l.upper_3_kwh,
        l.extra_3_kwh,
        l.household_3,
        l.is_yearly_3,
        CASE
            WHEN NOT l.is_cycle_yearly OR l.month_no = 1 THEN CAST(0 AS DECIMAL(17, 2))
            WHEN c.is_whole OR (c.point_id IS NULL AND l.month_no <= u.whole_until)
                THEN
                    COALESCE(
                        c.used_kwh,
                        used_before(
                            l.month_no, u.before_2, u.before_3, u.before_4, u.before_5, u.before_6, u.before_7,
                            u.before_8, u.before_9, u.before_10, u.before_11, u.before_12
                        )
                    )
            ELSE CAST(q.tier_used_before_kwh AS DECIMAL(17, 2))
        END AS used_kwh,
        tier_limit(
            l.upper_1_kwh, l.extra_1_kwh, l.household_1, l.is_yearly_1, q.household_size,
            q.household_size_from, q.household_size_until, q.opened_on, q.period, q.cycle_months,
            q.tier_first_year
        ) AS limit_1_kwh
    FROM bill_plain_quantity AS q
    LEFT JOIN bill_tier_ladder AS l ON q.tariff_code = l.tariff_code AND q.period = l.period
    LEFT JOIN bill_year_use AS u ON q.point_id = u.point_id AND l.use_year = u.use_year
    LEFT JOIN bill_cycle_use AS c ON q.point_id = c.point_id AND q.period = c.period
),

-- a bill that stays in the first tier, or takes kWh back, is all of it there: further limits are worked out for few
shared AS (
    SELECT
        t.bill_id,
        t.customer_id,
        t.point_id,
        t.period,
        t.days,
        t.tariff_code,
        t.adjusted_kwh,
        t.adjusted_yuan,
        t.other_yuan,
        t.billed_energy_yuan,
        t.billed_tier_yuan,
        t.billed_basic_yuan,
        t.billed_pf_yuan,
        t.billed_total_yuan,
        t.is_time_of_use,
        t.metered_kwh,
        t.billed_kwh,
        t.tip_kwh,
        t.peak_kwh,
        t.flat_kwh,
        t.valley_kwh,
        t.deep_valley_kwh,
        t.reactive_kvarh,
        t.reason,
        t.price_no,
        t.tiers,
        t.used_kwh,
        t.price_1,
        t.price_2,
        t.price_3,
        CASE
            WHEN is_beyond_tier(t.used_kwh, t.billed_kwh, t.limit_1_kwh)
                THEN CAST(tier_kwh(t.used_kwh, t.used_kwh + t.billed_kwh, 0, t.limit_1_kwh) AS DECIMAL(14, 2))
            ELSE t.billed_kwh
        END AS kwh_1,
        CASE
            WHEN t.tiers >= 2 AND is_beyond_tier(t.used_kwh, t.billed_kwh, t.limit_1_kwh)
                THEN
                    tier_kwh(
                        t.used_kwh,
                        t.used_kwh + t.billed_kwh,
                        t.limit_1_kwh,
                        tier_limit(
                            t.upper_2_kwh, t.extra_2_kwh, t.household_2, t.is_yearly_2, t.household_size,
                            t.household_size_from, t.household_size_until, t.opened_on, t.period, t.cycle_months,
                            t.tier_first_year
                        )
                    )
        END AS kwh_2,
        CASE
            WHEN t.tiers >= 3 AND is_beyond_tier(t.used_kwh, t.billed_kwh, t.limit_1_kwh)
                THEN
                    tier_kwh(
                        t.used_kwh,
                        t.used_kwh + t.billed_kwh,
                        COALESCE(
                            tier_limit(
                                t.upper_2_kwh, t.extra_2_kwh, t.household_2, t.is_yearly_2, t.household_size,
                                t.household_size_from, t.household_size_until, t.opened_on, t.period, t.cycle_months,
                                t.tier_first_year
                            ),
                            t.limit_1_kwh
                        ),
                        tier_limit(
                            t.upper_3_kwh, t.extra_3_kwh, t.household_3, t.is_yearly_3, t.household_size,
                            t.household_size_from, t.household_size_until, t.opened_on, t.period, t.cycle_months,
                            t.tier_first_year
                        )
                    )
        END AS kwh_3
    FROM tiered AS t
)

SELECT
    s.bill_id,
    s.customer_id,
    s.point_id,
    s.period,
    s.days,
    s.tariff_code,
    s.adjusted_kwh,
    s.adjusted_yuan,
    s.other_yuan,
    s.billed_energy_yuan,
    s.billed_tier_yuan,
    s.billed_basic_yuan,
    s.billed_pf_yuan,
    s.billed_total_yuan,
    s.metered_kwh,
    s.billed_kwh,
    CAST(CASE WHEN s.is_time_of_use THEN s.tip_kwh END AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(CASE WHEN s.is_time_of_use THEN s.peak_kwh END AS DECIMAL(14, 2)) AS peak_kwh,
    CAST(CASE WHEN s.is_time_of_use THEN s.flat_kwh END AS DECIMAL(14, 2)) AS flat_kwh,
    CAST(CASE WHEN s.is_time_of_use THEN s.valley_kwh END AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(CASE WHEN s.is_time_of_use THEN s.deep_valley_kwh END AS DECIMAL(14, 2)) AS deep_valley_kwh,
    s.reactive_kvarh,
    CAST(
        CASE
            WHEN f.price_no IS NULL
                THEN
                    line_yuan(s.flat_kwh, known_price(p.flat_price))
                    + CASE
                        WHEN s.is_time_of_use
                            THEN
                                line_yuan(s.tip_kwh, known_price(p.tip_price))
                                + line_yuan(s.peak_kwh, known_price(p.peak_price))
                                + line_yuan(s.valley_kwh, known_price(p.valley_price))
                                + line_yuan(s.deep_valley_kwh, known_price(p.deep_valley_price))
                        ELSE CAST(0 AS DECIMAL(18, 2))
                    END
            ELSE
                split_yuan(
                    s.metered_kwh, s.tip_kwh, s.peak_kwh, s.flat_kwh, s.valley_kwh, s.deep_valley_kwh,
                    f.first_days, s.days,
                    f.tip_price, f.peak_price, f.flat_price, f.valley_price, f.deep_valley_price,
                    p.tip_price, p.peak_price, p.flat_price, p.valley_price, p.deep_valley_price
                )
        END AS DECIMAL(18, 2)
    ) AS energy_yuan,
    CAST(
        CASE
            WHEN s.tiers IS NOT NULL
                THEN
                    line_yuan(s.kwh_1, known_price(s.price_1))
                    + CASE
                        WHEN s.kwh_2 IS NOT NULL
                            THEN
                                line_yuan(s.kwh_2, known_price(s.price_2))
                                + COALESCE(line_yuan(s.kwh_3, known_price(s.price_3)), CAST(0 AS DECIMAL(18, 2)))
                        ELSE CAST(0 AS DECIMAL(18, 2))
                    END
        END AS DECIMAL(18, 2)
    ) AS tier_yuan,
    CAST(
        COALESCE(
            s.reason,
            CASE
                WHEN
                    (
                        s.used_kwh IS NOT NULL
                        AND (
                            (s.price_1 IS NULL AND s.tiers >= 1 AND s.kwh_1 <> 0)
                            OR (s.price_2 IS NULL AND s.kwh_2 <> 0)
                            OR (s.price_3 IS NULL AND s.kwh_3 <> 0)
                        )
                    )
                    OR (
                        NOT (p.is_priced AND COALESCE(f.is_priced, TRUE))
                        AND CASE
                            WHEN f.price_no IS NULL
                                THEN
                                    is_unpriced(
                                        s.tip_kwh, s.peak_kwh, s.flat_kwh, s.valley_kwh, s.deep_valley_kwh,
                                        p.tip_price, p.peak_price, p.flat_price, p.valley_price, p.deep_valley_price
                                    )
                            ELSE
                                is_split_unpriced(
                                    s.metered_kwh, s.tip_kwh, s.peak_kwh, s.flat_kwh, s.valley_kwh, s.deep_valley_kwh,
                                    f.first_days, s.days,
                                    f.tip_price, f.peak_price, f.flat_price, f.valley_price, f.deep_valley_price,
                                    p.tip_price, p.peak_price, p.flat_price, p.valley_price, p.deep_valley_price
                                )
                        END
                    )
                    THEN
                        CASE
                            WHEN s.used_kwh IS NULL AND s.tiers IS NOT NULL THEN 'price_missing,tier_history'
                            ELSE 'price_missing'
                        END
                WHEN s.used_kwh IS NULL AND s.tiers IS NOT NULL THEN 'tier_history'
            END
        ) AS VARCHAR
    ) AS reason
FROM shared AS s
INNER JOIN bill_plain_price AS p ON s.price_no = p.price_no
LEFT JOIN bill_plain_first_price AS f ON s.price_no = f.price_no
