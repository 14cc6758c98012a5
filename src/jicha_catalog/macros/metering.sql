-- Metering: quantities of meters and instrument transformers as exact decimals, and what an energy is worth.

-- Whether a point settles the energy sold and is in use; whether a meter measures it (a point may be allocated: 定比定量).
CREATE MACRO is_settling(purpose, status) AS purpose = 'settlement' AND (status IS NULL OR status = 'active');
CREATE MACRO is_metered_allocation(allocation) AS COALESCE(allocation, 'metered') = 'metered';

-- Yuan per kWh of bills, to ten places, so that a product with an energy is right to the cent; null where it is no price (a
-- basic charge over next to no energy: a hundred million yuan and more).
CREATE MACRO average_price(yuan, kwh) AS
TRY_CAST(ROUND(CAST(yuan AS DOUBLE) / NULLIF(CAST(kwh AS DOUBLE), 0), 10) AS DECIMAL(18, 10));

-- Multiplier or ratio of transformers: exact to 0.000001; null when it is no number.
CREATE MACRO multiplier_exact(x) AS TRY_CAST(x AS DECIMAL(18, 6));

-- Current in A, voltage in V: exact to 0.0001.
CREATE MACRO amperes(x) AS TRY_CAST(x AS DECIMAL(18, 4));
CREATE MACRO volts(x) AS TRY_CAST(x AS DECIMAL(18, 4));

-- Whether two multipliers differ by more than 0.1 % of the greater one.
CREATE MACRO multipliers_differ(a, b) AS
ABS(CAST(a AS DECIMAL(20, 6)) - CAST(b AS DECIMAL(20, 6)))
> CAST(greater_of(ABS(a), ABS(b)) AS DECIMAL(20, 6)) * CAST(0.001 AS DECIMAL(4, 3));

-- Whether a phase was lost on a day (1, 0; null without a value of it): its lowest voltage is below 70 % of the highest of the
-- three while that one is there (above 80 % of the rated), or its current is below 5 % of the highest while that one flows.
CREATE MACRO is_phase_lost(phase_v, phase_a, max_v, max_a, rated_v, least_a) AS
CASE
    WHEN
        (phase_v < max_v * CAST(0.7 AS DECIMAL(2, 1)) AND max_v > rated_v * CAST(0.8 AS DECIMAL(2, 1)))
        OR (phase_a < max_a * CAST(0.05 AS DECIMAL(3, 2)) AND max_a > least_a)
        THEN 1
    WHEN phase_v IS NOT NULL OR phase_a IS NOT NULL THEN 0
END;

-- The same of a row of daily_electrical: v and i are the phase's own, the others those of all three phases.
CREATE MACRO phase_lost_of_day(v, i, va, vb, vc, ia, ib, ic, rated_v, least_a) AS
CAST(
    is_phase_lost(
        volts(v),
        amperes(i),
        greatest_known(volts(va), volts(vb), volts(vc)),
        greatest_known(amperes(ia), amperes(ib), amperes(ic)),
        rated_v,
        least_a
    ) AS INTEGER
);

-- Energy at a reference price: one product, rounded half up once; null beyond what an amount can hold.
CREATE MACRO worth_yuan(kwh, price) AS
TRY_CAST(ROUND(TRY_CAST(kwh AS DECIMAL(20, 6)) * CAST(price AS DECIMAL(18, 10)), 2) AS DECIMAL(18, 2));

-- Energy that a multiplier left out: what was counted with `used` and should have been counted with `right_one`, less what
-- was counted; negative where it was too much, null where `used` is 0.
CREATE MACRO kwh_left_out(counted_kwh, used, right_one) AS
ROUND(CAST(counted_kwh AS DOUBLE) * CAST(right_one - used AS DOUBLE) / NULLIF(CAST(used AS DOUBLE), 0), 6);

-- Whole minutes from one instant to another (seconds are left out of account on both sides).
CREATE MACRO minutes_between(a, b) AS
DATE_DIFF('day', CAST(a AS DATE), CAST(b AS DATE)) * 1440 + (HOUR(b) - HOUR(a)) * 60 + MINUTE(b) - MINUTE(a);

-- Seconds from one instant to another (parts of a second are left out of account on both sides).
CREATE MACRO seconds_between(a, b) AS
minutes_between(a, b) * 60 + CAST(STRFTIME(b, '%S') AS INTEGER) - CAST(STRFTIME(a, '%S') AS INTEGER);
