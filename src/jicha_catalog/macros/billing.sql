-- Bills: rounding, quantities of registers, lines, shares by days. A quotient or root is rounded to 6 places before the
-- places it is meant to have, so that a double gives the cents of exact arithmetic.

-- Capacity, multiplier, percentage of a bill: exact to 0.0001.
CREATE MACRO exact4(x) AS TRY_CAST(x AS DECIMAL(18, 4));

-- Half up to n places, n being a setting (0 to 6). Every branch has the type of x, at most DECIMAL(18, 6): branches of
-- different scales would make a type of 24 digits, which is computed with 128 bits. The most frequent n stands first.
CREATE MACRO round_places(x, n) AS
CASE n
    WHEN 2 THEN CAST(ROUND(x, 2) AS DECIMAL(18, 6))
    WHEN 0 THEN CAST(ROUND(x, 0) AS DECIMAL(18, 6))
    WHEN 1 THEN CAST(ROUND(x, 1) AS DECIMAL(18, 6))
    WHEN 3 THEN CAST(ROUND(x, 3) AS DECIMAL(18, 6))
    WHEN 4 THEN CAST(ROUND(x, 4) AS DECIMAL(18, 6))
    WHEN 5 THEN CAST(ROUND(x, 5) AS DECIMAL(18, 6))
    ELSE CAST(x AS DECIMAL(18, 6))
END;

-- A double to 6 places, exact from there on; null beyond all measure (a quotient by nearly nothing).
CREATE MACRO exact6(x) AS TRY_CAST(ROUND(CAST(x AS DOUBLE), 6) AS DECIMAL(18, 6));

-- The same of a quotient that bad data may carry beyond all measure: null there.
CREATE MACRO quotient6(x) AS TRY_CAST(ROUND(CAST(x AS DOUBLE), 6) AS DECIMAL(18, 6));

-- part/whole of a quantity or amount, to 2 places; `part` and `whole` are days or months. The whole of it and
-- nothing of it need no quotient.
CREATE MACRO share_of(q, part, whole) AS
CASE
    WHEN part = whole THEN CAST(ROUND(q, 2) AS DECIMAL(18, 2))
    WHEN part = 0 AND q IS NOT NULL THEN CAST(0 AS DECIMAL(18, 2))
    ELSE
        CAST(
            ROUND(
                exact6(CAST(q AS DOUBLE) * CAST(part AS DOUBLE) / NULLIF(CAST(whole AS DOUBLE), 0)), 2
            ) AS DECIMAL(18, 2)
        )
END;

-- What an index went on by; null where the reading was estimated or an index lacks: then the delivered quantity counts. `roll` is the
-- first index that the meter cannot show; null or 0 where nothing rolled over. Null as well beyond measure, where nobody asks
-- (bill_beyond).
CREATE MACRO index_step(previous_index, current_index, method, roll) AS
CASE
    WHEN method IS NULL OR method <> 'estimated'
        THEN TRY_CAST(current_index - previous_index + COALESCE(roll, 0) AS DECIMAL(14, 2))
END;

-- What a register counted, before rounding: its step times the multiplier, or the delivered quantity.
CREATE MACRO step_quantity(step, quantity, multiplier) AS
CASE
    WHEN step IS NULL THEN CAST(quantity AS DECIMAL(18, 6))
    ELSE CAST(step * CAST(multiplier AS DECIMAL(18, 4)) AS DECIMAL(18, 6))
END;
CREATE MACRO register_quantity(previous_index, current_index, quantity, method, multiplier, roll) AS
step_quantity(index_step(previous_index, current_index, method, roll), quantity, multiplier);

-- One charge line: quantity × price, half up to the cent.
CREATE MACRO line_yuan(q, price) AS
CAST(ROUND(CAST(q AS DECIMAL(14, 2)) * CAST(price AS DECIMAL(10, 6)), 2) AS DECIMAL(18, 2));

-- First and last day of the uncut interval of a bill: calendar months (reading_day 1), or from reading day to reading day.
CREATE MACRO interval_first(period, cycle_months, reading_day) AS
CASE
    WHEN reading_day = 1 THEN CAST(period + TO_MONTHS(1 - cycle_months) AS DATE)
    ELSE CAST(period + TO_MONTHS(-cycle_months) AS DATE) + CAST(reading_day - 1 AS INTEGER)
END;
CREATE MACRO interval_last(period, reading_day) AS
CASE
    WHEN reading_day = 1 THEN CAST(period + TO_MONTHS(1) AS DATE) - 1 ELSE period + CAST(reading_day - 2 AS INTEGER)
END;

-- What a ratio child takes of its main: per cent, to the places of the setting. [kWh]
CREATE MACRO ratio_kwh(main_kwh, pct, places) AS
CAST(round_places(exact6(CAST(main_kwh AS DOUBLE) * CAST(pct AS DOUBLE) / 100), places) AS DECIMAL(14, 2));

-- The part of a quantity that a band bears, part/whole of it, cut to 2 places; 0 without a whole.
CREATE MACRO part_of(q, part, whole) AS
COALESCE(
    CAST(
        FLOOR(exact6(CAST(q AS DOUBLE) * CAST(part AS DOUBLE) / NULLIF(CAST(whole AS DOUBLE), 0)) * 100)
        * CAST(0.01 AS DECIMAL(3, 2)) AS DECIMAL(14, 2)
    ),
    0
);

-- Upper limit of a tier for one bill: with the extra persons' kWh, then times the months of a monthly cycle, or in the year
-- of opening the months left of a yearly one. [kWh]
CREATE MACRO tier_limit(
    upper_kwh, extra_kwh, base_household, is_yearly, household_size, household_from, household_until, opened_on, period,
    cycle_months, first_year
) AS
share_of(
    upper_kwh
    + CASE
        WHEN
            household_size > base_household
            AND (household_from IS NULL OR household_from <= period)
            AND (household_until IS NULL OR household_until >= period)
            THEN CAST((household_size - base_household) * extra_kwh AS DECIMAL(14, 2))
        ELSE CAST(0 AS DECIMAL(14, 2))
    END,
    CASE
        WHEN NOT is_yearly THEN cycle_months
        WHEN first_year = 'months' AND YEAR(opened_on) = YEAR(period) THEN 13 - MONTH(opened_on)
        ELSE 1
    END,
    CASE
        WHEN is_yearly AND first_year = 'months' AND YEAR(opened_on) = YEAR(period) THEN 12
        ELSE 1
    END
);

-- First day of the month of a day.
CREATE MACRO month_first(d) AS CAST(DATE_TRUNC('month', d) AS DATE);

-- First day on which so many whole months have passed since a day: a month that lacks the day completes them on the first of
-- the next. 
CREATE MACRO month_anniversary(d, months) AS
CASE
    WHEN DAY(CAST(d + TO_MONTHS(CAST(months AS INTEGER)) AS DATE)) = DAY(d)
        THEN CAST(d + TO_MONTHS(CAST(months AS INTEGER)) AS DATE)
    ELSE CAST(d + TO_MONTHS(CAST(months AS INTEGER)) AS DATE) + 1
END;

-- Place of a reason in the list of section 11.
CREATE MACRO reason_place(reason) AS
CASE reason
    WHEN 'not_regular' THEN 1
    WHEN 'several_bills' THEN 2
    WHEN 'point_unknown' THEN 3
    WHEN 'customer_unknown' THEN 4
    WHEN 'beyond_measure' THEN 5
    WHEN 'period_unclear' THEN 6
    WHEN 'change_order' THEN 7
    WHEN 'reading_missing' THEN 8
    WHEN 'index_backwards' THEN 9
    WHEN 'bands_exceed_total' THEN 10
    WHEN 'allocation_missing' THEN 11
    WHEN 'children_exceed_main' THEN 12
    WHEN 'transformer_data' THEN 13
    WHEN 'loss_row_missing' THEN 14
    WHEN 'tariff_unknown' THEN 15
    WHEN 'tariff_expired' THEN 16
    WHEN 'price_missing' THEN 17
    WHEN 'component_missing' THEN 18
    WHEN 'customer_price_missing' THEN 19
    WHEN 'tier_history' THEN 20
    WHEN 'capacity_missing' THEN 21
    WHEN 'demand_missing' THEN 22
    WHEN 'contract_demand_missing' THEN 23
    WHEN 'reactive_missing' THEN 24
    WHEN 'pf_row_missing' THEN 25
    ELSE 99
END;

-- A price for lines: one that is not known counts 0, and the bill is not judged where it has energy at that price.
CREATE MACRO known_price(price) AS COALESCE(price, CAST(0 AS DECIMAL(10, 6)));

-- What the five bands of a bill cost at their prices; a price that is not known counts 0 (see is_unpriced).
CREATE MACRO bands_yuan(
    tip, peak, flat, valley, deep_valley, tip_price, peak_price, flat_price, valley_price, deep_valley_price
) AS
line_yuan(tip, known_price(tip_price))
+ line_yuan(peak, known_price(peak_price))
+ line_yuan(flat, known_price(flat_price))
+ line_yuan(valley, known_price(valley_price))
+ line_yuan(deep_valley, known_price(deep_valley_price));

-- Whether some band has energy and no price.
CREATE MACRO is_unpriced(
    tip, peak, flat, valley, deep_valley, tip_price, peak_price, flat_price, valley_price, deep_valley_price
) AS
(flat <> 0 AND flat_price IS NULL)
OR (tip <> 0 AND tip_price IS NULL)
OR (peak <> 0 AND peak_price IS NULL)
OR (valley <> 0 AND valley_price IS NULL)
OR (deep_valley <> 0 AND deep_valley_price IS NULL);

-- Whether a bill goes beyond its first tier; one that takes kWh back does not.
CREATE MACRO is_beyond_tier(used, kwh, limit_1) AS COALESCE(kwh >= 0 AND used + kwh > limit_1, FALSE);

-- The price of a band: by time of use rounded as the setting says (n null: as it is), else the one rate as it is.
CREATE MACRO band_price(price, is_time_of_use, n) AS
CASE WHEN is_time_of_use THEN round_places(price, n) ELSE CAST(price AS DECIMAL(18, 6)) END;

-- A segment's part of a quantity after what is taken off it: where reading segments begin at every cut (their sum is the quantity)
-- what these count less the part of `taken` by days, else all by days. [kWh]
CREATE MACRO segment_kwh(quantity, taken, cut_quantity, counted, passed_before, passed, whole) AS
COALESCE(
    CASE
        WHEN quantity = cut_quantity
            THEN COALESCE(counted, 0) - share_of(taken, passed, whole) + share_of(taken, passed_before, whole)
        ELSE share_of(quantity - taken, passed, whole) - share_of(quantity - taken, passed_before, whole)
    END,
    0
);

-- What a total leaves for flat beside its other bands. [kWh]
CREATE MACRO flat_left(total, tip, peak, valley, deep_valley) AS
CAST(total - tip - peak - valley - deep_valley AS DECIMAL(14, 2));

-- What the bands of a bill cost of which so much (`*_1`, in all `total_1`) falls to the days with the prices 1, the rest to those with
-- the prices 2. The parts come as columns: worked out here, each would be worked out anew wherever it stands.
CREATE MACRO split_yuan(
    tip, peak, flat, valley, deep_valley, total_1, tip_1, peak_1, valley_1, deep_valley_1,
    tip_price_1, peak_price_1, flat_price_1, valley_price_1, deep_valley_price_1,
    tip_price_2, peak_price_2, flat_price_2, valley_price_2, deep_valley_price_2
) AS
bands_yuan(
    tip_1, peak_1, flat_left(total_1, tip_1, peak_1, valley_1, deep_valley_1), valley_1, deep_valley_1,
    tip_price_1, peak_price_1, flat_price_1, valley_price_1, deep_valley_price_1
)
+ bands_yuan(
    tip - tip_1,
    peak - peak_1,
    flat - flat_left(total_1, tip_1, peak_1, valley_1, deep_valley_1),
    valley - valley_1,
    deep_valley - deep_valley_1,
    tip_price_2, peak_price_2, flat_price_2, valley_price_2, deep_valley_price_2
);

-- Whether some band of the first part or of the rest has energy and no price.
CREATE MACRO is_split_unpriced(
    tip, peak, flat, valley, deep_valley, total_1, tip_1, peak_1, valley_1, deep_valley_1,
    tip_price_1, peak_price_1, flat_price_1, valley_price_1, deep_valley_price_1,
    tip_price_2, peak_price_2, flat_price_2, valley_price_2, deep_valley_price_2
) AS
is_unpriced(
    tip_1, peak_1, flat_left(total_1, tip_1, peak_1, valley_1, deep_valley_1), valley_1, deep_valley_1,
    tip_price_1, peak_price_1, flat_price_1, valley_price_1, deep_valley_price_1
)
OR is_unpriced(
    tip - tip_1,
    peak - peak_1,
    flat - flat_left(total_1, tip_1, peak_1, valley_1, deep_valley_1),
    valley - valley_1,
    deep_valley - deep_valley_1,
    tip_price_2, peak_price_2, flat_price_2, valley_price_2, deep_valley_price_2
);

-- What is priced as energy: with the adjusted kWh where the bill has no amount of its own for them. [kWh]
CREATE MACRO priced_kwh(kwh, adjusted_kwh, adjusted_yuan) AS
kwh + CASE WHEN COALESCE(adjusted_yuan, 0) = 0 THEN COALESCE(adjusted_kwh, 0) ELSE 0 END;

-- The sum of a bill; null where the energy charge is not known.
CREATE MACRO total_charge(energy, tier, basic, pf, adjusted, other) AS
energy + COALESCE(tier, 0) + COALESCE(basic, 0) + COALESCE(pf, 0) + COALESCE(adjusted, 0) + COALESCE(other, 0);
