/*---
name: bill_head
zh: 待复算账单
en: Bill to be recomputed
note: >-
  Contract, sections 1 to 3, 6 and 7: the bills of the periods to be recomputed, read once. is_plain: a bill without special features,
  recomputed here as far as one reading goes: its quantity, its tiers and, where it has one rate and one edition (is_simple), its
  energy charge; by time of use or with two editions bill_plain goes on, all others go through bill_status and bill_case. price_no: its
  row of bill_plain_price. reason: of a plain bill, why its quantity or its tiers are not known; then there are no amounts. is_odd:
  bill_odd names the point and period; no others have several bills. is_issued: of a regular kind.
tables: [bill]
columns:
  bill_id: string
  customer_id: string
  point_id: string
  period: date
  price_no: int
  adjusted_kwh: decimal(14,2)
  adjusted_yuan: decimal(18,2)
  other_yuan: decimal(18,2)
  tier_used_before_kwh: decimal(14,2)
  billed_energy_yuan: decimal(18,2)
  billed_tier_yuan: decimal(18,2)
  billed_basic_yuan: decimal(18,2)
  billed_pf_yuan: decimal(18,2)
  billed_total_yuan: decimal(18,2)
  is_issued: bool
  is_odd: bool
  is_plain: bool
  is_simple: bool
  multiplier: decimal(18,4)
  metered_kwh: decimal(14,2)
  energy_yuan: decimal(18,2)
  tier_yuan: decimal(18,2)
  reason: string
---*/
WITH placed AS (
    SELECT
        b.bill_id,
        b.customer_id,
        b.point_id,
        b.period,
        CAST(YEAR(b.period) AS INTEGER) AS use_year,
        b.adjusted_kwh,
        b.adjusted_yuan,
        b.other_yuan,
        b.tier_used_before_kwh,
        b.energy_yuan,
        b.tier_yuan,
        b.basic_yuan,
        b.pf_yuan,
        b.total_yuan,
        b.kind IS NULL OR b.kind IN ('normal', 'part') AS is_issued,
        o.point_id IS NOT NULL AS is_odd,
        p.multiplier,
        p.household_size,
        p.household_size_from,
        p.household_size_until,
        p.opened_on,
        b.period >= COALESCE(p.ordinary_from, DATE '0001-01-01') AS is_ordinary,
        e.price_no,
        e.cycle_months,
        e.kwh_places,
        e.tier_first_year,
        e.flat_price,
        e.tiers,
        e.is_use_asked,
        e.month_no,
        e.upper_1_kwh,
        e.extra_1_kwh,
        e.household_1,
        e.is_yearly_1,
        e.limit_1_kwh,
        e.price_1,
        e.upper_2_kwh,
        e.extra_2_kwh,
        e.household_2,
        e.is_yearly_2,
        e.limit_2_kwh,
        e.price_2,
        e.upper_3_kwh,
        e.extra_3_kwh,
        e.household_3,
        e.is_yearly_3,
        e.limit_3_kwh,
        e.price_3,
        COALESCE(
            e.is_held
            AND p.customer_id = b.customer_id -- of another customer: is it known?
            AND (b.kind IS NULL OR b.kind IN ('normal', 'part'))
            AND p.opened_on <= e.first_day
            AND p.until_on >= e.last_day
            AND (o.point_id IS NULL OR NOT o.is_long),
            FALSE
        ) AS is_plain,
        e.is_simple AND o.point_id IS NULL AS has_one_line
    FROM bill AS b
    LEFT JOIN bill_plain_point AS p ON b.point_id = p.point_id
    LEFT JOIN bill_odd AS o ON b.point_id = o.point_id AND b.period = o.period
    -- never without a row: by far the fastest join
    INNER JOIN bill_plain_price AS e
        ON COALESCE(dated_number(p.kind_no, b.period, $p0, $recompute_months), 0) = e.price_no
    WHERE b.period <= $p0 AND b.period >= months_later($p0, 1 - $recompute_months)
),

counted AS (
    SELECT
        r.point_id,
        r.period,
        r.quantity,
        r.multiplier,
        index_step(r.previous_index, r.current_index, r.method, 0) AS step
    FROM reading AS r
    WHERE r.register = 'total' AND r.period <= $p0 AND r.period >= months_later($p0, 1 - $recompute_months)
),

measured AS (
    SELECT
        a.bill_id,
        a.customer_id,
        a.point_id,
        a.period,
        a.adjusted_kwh,
        a.adjusted_yuan,
        a.other_yuan,
        a.tier_used_before_kwh,
        a.energy_yuan,
        a.tier_yuan,
        a.basic_yuan,
        a.pf_yuan,
        a.total_yuan,
        a.is_issued,
        a.is_odd,
        a.household_size,
        a.household_size_from,
        a.household_size_until,
        a.opened_on,
        a.is_ordinary,
        a.price_no,
        a.cycle_months,
        a.tier_first_year,
        a.flat_price,
        a.tiers,
        a.upper_1_kwh,
        a.extra_1_kwh,
        a.household_1,
        a.is_yearly_1,
        a.limit_1_kwh,
        a.price_1,
        a.upper_2_kwh,
        a.extra_2_kwh,
        a.household_2,
        a.is_yearly_2,
        a.limit_2_kwh,
        a.price_2,
        a.upper_3_kwh,
        a.extra_3_kwh,
        a.household_3,
        a.is_yearly_3,
        a.limit_3_kwh,
        a.price_3,
        a.is_plain,
        a.is_plain AND a.has_one_line AS is_simple,
        COALESCE(a.multiplier, exact4(r.multiplier), 1) AS multiplier,
        CASE
            WHEN a.is_plain
                THEN
                    CAST(
                        round_places(
                            step_quantity(r.step, r.quantity, COALESCE(a.multiplier, exact4(r.multiplier), 1)),
                            a.kwh_places
                        ) AS DECIMAL(14, 2)
                    )
        END AS metered_kwh,
        CASE
            WHEN NOT a.is_use_asked THEN CAST(0 AS DECIMAL(17, 2))
            WHEN c.is_whole OR (c.point_id IS NULL AND a.month_no <= u.whole_until)
                THEN
                    COALESCE(
                        c.used_kwh,
                        used_before(
                            a.month_no, u.before_2, u.before_3, u.before_4, u.before_5, u.before_6, u.before_7,
                            u.before_8, u.before_9, u.before_10, u.before_11, u.before_12
                        )
                    )
            ELSE CAST(a.tier_used_before_kwh AS DECIMAL(17, 2))
        END AS used_kwh
    FROM placed AS a
    LEFT JOIN counted AS r ON a.point_id = r.point_id AND a.period = r.period
    LEFT JOIN bill_year_use AS u
        ON
            a.point_id = u.point_id AND a.use_year = u.use_year
            -- the same: what other passes ask is not put beside
            AND u.use_year >= YEAR(months_later($p0, 1 - $recompute_months)) AND u.use_year <= YEAR($p0)
    LEFT JOIN bill_cycle_use AS c ON a.point_id = c.point_id AND a.period = c.period
),

judged AS (
    SELECT
        m.bill_id,
        m.customer_id,
        m.point_id,
        m.period,
        m.adjusted_kwh,
        m.adjusted_yuan,
        m.other_yuan,
        m.tier_used_before_kwh,
        m.energy_yuan,
        m.tier_yuan,
        m.basic_yuan,
        m.pf_yuan,
        m.total_yuan,
        m.is_issued,
        m.is_odd,
        m.price_no,
        m.flat_price,
        m.tiers,
        m.price_1,
        m.price_2,
        m.price_3,
        m.is_plain,
        m.is_simple,
        m.multiplier,
        m.metered_kwh,
        m.used_kwh,
        -- known quantity and use: what follows from them is null by itself, without asking again
        CASE
            WHEN m.used_kwh IS NOT NULL OR m.tiers IS NULL
                THEN CAST(m.metered_kwh + COALESCE(m.adjusted_kwh, 0) AS DECIMAL(14, 2))
        END AS billed_kwh,
        CASE
            WHEN m.is_simple AND (m.used_kwh IS NOT NULL OR m.tiers IS NULL)
                THEN priced_kwh(m.metered_kwh, m.adjusted_kwh, m.adjusted_yuan)
        END AS simple_kwh,
        -- worked out here: in the sums below each would be worked out anew wherever it stands
        CAST(
            CASE
                WHEN m.is_ordinary THEN m.limit_1_kwh
                ELSE
                    tier_limit(
                        m.upper_1_kwh, m.extra_1_kwh, m.household_1, m.is_yearly_1, m.household_size,
                        m.household_size_from, m.household_size_until, m.opened_on, m.period, m.cycle_months,
                        m.tier_first_year
                    )
            END AS DECIMAL(14, 2)
        ) AS limit_1_kwh,
        CAST(
            CASE
                WHEN m.is_ordinary THEN m.limit_2_kwh
                ELSE
                    tier_limit(
                        m.upper_2_kwh, m.extra_2_kwh, m.household_2, m.is_yearly_2, m.household_size,
                        m.household_size_from, m.household_size_until, m.opened_on, m.period, m.cycle_months,
                        m.tier_first_year
                    )
            END AS DECIMAL(14, 2)
        ) AS limit_2_kwh,
        CAST(
            CASE
                WHEN m.is_ordinary THEN m.limit_3_kwh
                ELSE
                    tier_limit(
                        m.upper_3_kwh, m.extra_3_kwh, m.household_3, m.is_yearly_3, m.household_size,
                        m.household_size_from, m.household_size_until, m.opened_on, m.period, m.cycle_months,
                        m.tier_first_year
                    )
            END AS DECIMAL(14, 2)
        ) AS limit_3_kwh,
        CASE
            WHEN NOT m.is_plain THEN NULL
            WHEN m.metered_kwh IS NULL THEN 'reading_missing'
            WHEN m.used_kwh IS NULL AND m.tiers IS NOT NULL THEN 'tier_history'
        END AS reason
    FROM measured AS m
)

SELECT
    j.bill_id,
    j.customer_id,
    j.point_id,
    j.period,
    j.price_no,
    j.adjusted_kwh,
    j.adjusted_yuan,
    j.other_yuan,
    j.tier_used_before_kwh,
    j.energy_yuan AS billed_energy_yuan,
    j.tier_yuan AS billed_tier_yuan,
    j.basic_yuan AS billed_basic_yuan,
    j.pf_yuan AS billed_pf_yuan,
    j.total_yuan AS billed_total_yuan,
    CAST(j.is_issued AS BOOLEAN) AS is_issued,
    CAST(j.is_odd AS BOOLEAN) AS is_odd,
    CAST(j.is_plain AS BOOLEAN) AS is_plain,
    CAST(j.is_simple AS BOOLEAN) AS is_simple,
    CAST(j.multiplier AS DECIMAL(18, 4)) AS multiplier,
    j.metered_kwh,
    CAST(line_yuan(j.simple_kwh, j.flat_price) AS DECIMAL(18, 2)) AS energy_yuan,
    CAST(
        ladder_yuan(
            j.used_kwh,
            j.billed_kwh,
            j.limit_1_kwh,
            j.limit_2_kwh,
            j.limit_3_kwh,
            j.tiers,
            j.price_1,
            j.price_2,
            j.price_3
        ) AS DECIMAL(18, 2)
    ) AS tier_yuan,
    CAST(j.reason AS VARCHAR) AS reason
FROM judged AS j
