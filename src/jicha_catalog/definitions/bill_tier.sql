/*---
name: bill_tier
zh: 阶梯电费
en: Charge of the tiers
note: >-
  Contract, section 7: per bill of a tiered tariff on the long way what the tiers add; missing: tier_history, or price_missing of a tier
  with kWh. A bill that stays in the first tier is charged at once, the others tier by tier.
columns:
  bill_id: string
  tier_yuan: decimal(18,2)
  missing: string
---*/
WITH first_tier AS (
    SELECT
        t.tariff_code,
        t.period,
        MIN(t.tier) AS tier
    FROM bill_tier_limit AS t
    GROUP BY t.tariff_code, t.period
),

tiered AS (
    SELECT
        s.bill_id,
        i.period,
        e.tariff_code,
        e.billed_kwh,
        p.household_size,
        p.household_size_from,
        p.household_size_until,
        p.opened_on,
        p.cycle_months,
        e.tier_first_year,
        t.price_add,
        tier_limit(
            t.upper_kwh, t.extra_person_kwh, t.base_household, t.is_yearly, p.household_size, p.household_size_from,
            p.household_size_until, p.opened_on, i.period, p.cycle_months, e.tier_first_year
        ) AS first_limit_kwh,
        CASE
            WHEN NOT t.is_cycle_yearly THEN CAST(0 AS DECIMAL(17, 2))
            WHEN MONTH(i.period) = 1 THEN CAST(0 AS DECIMAL(17, 2))
            WHEN c.is_whole OR (c.point_id IS NULL AND MONTH(i.period) <= u.whole_until)
                THEN
                    COALESCE(
                        c.used_kwh,
                        used_before(
                            MONTH(i.period), u.before_2, u.before_3, u.before_4, u.before_5, u.before_6, u.before_7,
                            u.before_8, u.before_9, u.before_10, u.before_11, u.before_12
                        )
                    )
            ELSE CAST(s.tier_used_before_kwh AS DECIMAL(17, 2))
        END AS used_kwh
    FROM bill_case_energy AS e
    INNER JOIN bill_case AS i ON e.case_no = i.case_no
    INNER JOIN first_tier AS f ON e.tariff_code = f.tariff_code AND i.period = f.period
    INNER JOIN bill_tier_limit AS t ON f.tariff_code = t.tariff_code AND f.period = t.period AND f.tier = t.tier
    INNER JOIN bill_status AS s ON i.point_id = s.point_id AND i.period = s.period AND s.is_regular
    INNER JOIN bill_point AS p ON i.point_id = p.point_id
    LEFT JOIN bill_year_use AS u ON i.point_id = u.point_id AND YEAR(i.period) = u.use_year
    LEFT JOIN bill_cycle_use AS c ON i.point_id = c.point_id AND i.period = c.period
    WHERE e.billed_kwh IS NOT NULL
),

told AS (
    SELECT
        t.bill_id,
        t.period,
        t.tariff_code,
        t.billed_kwh,
        t.household_size,
        t.household_size_from,
        t.household_size_until,
        t.opened_on,
        t.cycle_months,
        t.tier_first_year,
        t.price_add,
        t.used_kwh,
        t.billed_kwh < 0 OR t.first_limit_kwh IS NULL OR t.used_kwh + t.billed_kwh <= t.first_limit_kwh AS is_first
    FROM tiered AS t
),

share AS (
    SELECT
        t.bill_id,
        l.price_add,
        tier_kwh(
            t.used_kwh,
            t.used_kwh + t.billed_kwh,
            tier_limit(
                l.below_kwh, l.below_extra_kwh, l.below_base_household, l.below_is_yearly, t.household_size,
                t.household_size_from, t.household_size_until, t.opened_on, t.period, t.cycle_months, t.tier_first_year
            ),
            tier_limit(
                l.upper_kwh, l.extra_person_kwh, l.base_household, l.is_yearly, t.household_size,
                t.household_size_from, t.household_size_until, t.opened_on, t.period, t.cycle_months, t.tier_first_year
            )
        ) AS kwh
    FROM told AS t
    INNER JOIN bill_tier_limit AS l ON t.tariff_code = l.tariff_code AND t.period = l.period
    WHERE NOT t.is_first
),

summed AS (
    SELECT
        s.bill_id,
        SUM(line_yuan(s.kwh, COALESCE(s.price_add, 0))) AS yuan,
        MAX(CASE WHEN s.price_add IS NULL AND s.kwh <> 0 THEN 1 ELSE 0 END) AS unpriced
    FROM share AS s
    GROUP BY s.bill_id
)

SELECT
    t.bill_id,
    CAST(line_yuan(t.billed_kwh, COALESCE(t.price_add, 0)) AS DECIMAL(18, 2)) AS tier_yuan,
    CAST(
        CASE
            WHEN t.used_kwh IS NULL THEN 'tier_history'
            WHEN t.price_add IS NULL AND t.billed_kwh <> 0 THEN 'price_missing'
        END AS VARCHAR
    ) AS missing
FROM told AS t
WHERE t.is_first IS NULL OR t.is_first
UNION ALL
SELECT
    s.bill_id,
    CAST(s.yuan AS DECIMAL(18, 2)) AS tier_yuan,
    CAST(CASE WHEN s.unpriced = 1 THEN 'price_missing' END AS VARCHAR) AS missing
FROM summed AS s
