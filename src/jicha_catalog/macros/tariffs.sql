-- Tariffs: which voltages a tariff is for, what a measured demand calls for, tiers of the year.

-- Whether a tariff with these bounds (null is open) is for other voltages than v; null when v is not known. 220 and 380 V
-- are one level.
CREATE MACRO is_outside_level(v, voltage_min_v, voltage_max_v) AS
CASE
    WHEN v < 1000 THEN COALESCE(voltage_min_v > 380, FALSE) OR COALESCE(voltage_max_v < 220, FALSE)
    WHEN v >= 1000 THEN COALESCE(v < voltage_min_v, FALSE) OR COALESCE(v > voltage_max_v, FALSE)
END;

-- Billed demand that a contract demand c and a measured demand m call for: c up to over_ratio × c, beyond it the excess
-- twice on top. [kW]
CREATE MACRO required_demand(m, c, over_ratio) AS
CAST(
    CASE
        WHEN m <= CAST(over_ratio * CAST(c AS DECIMAL(20, 4)) AS DECIMAL(24, 8)) THEN c
        ELSE c + 2 * (m - CAST(over_ratio * CAST(c AS DECIMAL(20, 4)) AS DECIMAL(24, 8)))
    END AS DECIMAL(18, 4)
);

-- Whether a billed amount is off the recomputed one by more than min_yuan or so much of it, whichever is more.
CREATE MACRO is_off_recomputed(diff_yuan, recomputed_yuan, min_yuan, rel) AS
ABS(diff_yuan)
> greater_known(
    CAST(min_yuan AS DECIMAL(30, 8)),
    CAST(
        CAST(rel AS DECIMAL(8, 6)) * ABS(COALESCE(CAST(recomputed_yuan AS DECIMAL(20, 2)), 0)) AS DECIMAL(30, 8)
    )
);

-- Whether the price that a bill was made with is a published one: within 1 % of it.
CREATE MACRO is_near_price(unit_yuan, price) AS
ABS(unit_yuan - price) <= CAST(price AS DECIMAL(18, 6)) * CAST(0.01 AS DECIMAL(3, 2));

-- Usage class for comparing tariffs: where they are merged, the two industrial and commercial classes are one.
CREATE MACRO class_group(usage_class, is_merged) AS
CASE WHEN is_merged AND usage_class = 'large_industrial' THEN 'general_industrial_commercial' ELSE usage_class END;

-- What a billed demand may fall short of the required one: 1 kW or 1 % of it, whichever is more.
CREATE MACRO demand_floor(required_kw) AS
required_kw - greater_known(
    CAST(1 AS DECIMAL(24, 6)), CAST(CAST(0.01 AS DECIMAL(3, 2)) * CAST(required_kw AS DECIMAL(20, 4)) AS DECIMAL(24, 6))
);

-- Demand charge that a demand calls for at a price and discount factor.
CREATE MACRO demand_due_yuan(required_kw, demand_price, factor) AS
CAST(
    CAST(required_kw AS DECIMAL(20, 4)) * CAST(demand_price AS DECIMAL(10, 4)) * CAST(factor AS DECIMAL(8, 6))
    AS DECIMAL(30, 8)
);

-- Demand that a charge mode calls for; null where contract mode lacks a contract demand. [kW]
CREATE MACRO demand_due(mode, m, c, over_ratio) AS
CASE WHEN mode = 'actual_demand' THEN CAST(m AS DECIMAL(18, 4)) ELSE required_demand(m, c, over_ratio) END;

-- Whether a billed demand falls short of the required one, in contract mode also in yuan; a missing contract demand does too.
CREATE MACRO is_demand_short(mode, required_kw, billed_kw, basic_yuan, demand_price, factor) AS
required_kw IS NULL
OR (
    billed_kw < demand_floor(required_kw)
    AND (mode = 'actual_demand' OR basic_yuan < demand_due_yuan(required_kw, demand_price, factor) - 1)
);

-- Whether a difference of the power-factor charge can follow from one of its base: at most 15 % of it.
CREATE MACRO is_follow_on(pf_diff_yuan, base_diff_yuan) AS
ABS(pf_diff_yuan) <= CAST(0.15 AS DECIMAL(3, 2)) * ABS(CAST(base_diff_yuan AS DECIMAL(20, 2)));

-- kWh used in the year before a month, given what was used before each month of it.
CREATE MACRO used_before(month, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12) AS
CASE month
    WHEN 2 THEN b2
    WHEN 3 THEN b3
    WHEN 4 THEN b4
    WHEN 5 THEN b5
    WHEN 6 THEN b6
    WHEN 7 THEN b7
    WHEN 8 THEN b8
    WHEN 9 THEN b9
    WHEN 10 THEN b10
    WHEN 11 THEN b11
    WHEN 12 THEN b12
    ELSE CAST(0 AS DECIMAL(17, 2))
END;

-- What lies between two limits of the use that went from `used` to `ended`; a null limit is none. [kWh]
CREATE MACRO tier_kwh(used, ended, below_limit, upper_limit) AS
greater_known(
    lesser_known(ended, COALESCE(upper_limit, ended)) - greater_known(used, COALESCE(below_limit, 0)), 0
);

-- What a bill costs by its tiers, up to three: what lies between the limits of the use from `used` to `used` + kwh, each at its price.
-- One that stays in the first tier, or takes kWh back, is all of it there: the other limits are worked out for few. Null without tiers.
CREATE MACRO ladder_yuan(used, kwh, limit_1, limit_2, limit_3, tiers, price_1, price_2, price_3) AS
CASE
    WHEN is_beyond_tier(used, kwh, limit_1)
        THEN
            CAST(
                line_yuan(tier_kwh(used, CAST(used + kwh AS DECIMAL(17, 2)), 0, limit_1), price_1)
                + CASE
                    WHEN tiers >= 2
                        THEN line_yuan(tier_kwh(used, CAST(used + kwh AS DECIMAL(17, 2)), limit_1, limit_2), price_2)
                    ELSE CAST(0 AS DECIMAL(18, 2))
                END
                + CASE
                    WHEN tiers >= 3
                        THEN
                            line_yuan(
                                tier_kwh(
                                    used, CAST(used + kwh AS DECIMAL(17, 2)), COALESCE(limit_2, limit_1), limit_3
                                ),
                                price_3
                            )
                    ELSE CAST(0 AS DECIMAL(18, 2))
                END AS DECIMAL(18, 2)
            )
    ELSE line_yuan(kwh, price_1)
END;
