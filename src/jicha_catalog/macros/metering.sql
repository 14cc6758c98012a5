-- Metering: quantities of meters and instrument transformers as exact decimals, and what an energy is worth.

-- Multiplier or ratio of transformers: exact to 0.000001; null when it is no number.
CREATE MACRO multiplier_exact(x) AS TRY_CAST(x AS DECIMAL(18, 6));

-- Current in A, voltage in V: exact to 0.0001.
CREATE MACRO amperes(x) AS TRY_CAST(x AS DECIMAL(18, 4));
CREATE MACRO volts(x) AS TRY_CAST(x AS DECIMAL(18, 4));

-- Whether two multipliers differ by more than 0.1 % of the greater one.
CREATE MACRO multipliers_differ(a, b) AS
ABS(CAST(a AS DECIMAL(20, 6)) - CAST(b AS DECIMAL(20, 6)))
> CAST(GREATEST(ABS(a), ABS(b)) AS DECIMAL(20, 6)) * CAST(0.001 AS DECIMAL(4, 3));

-- Energy at a reference price: one product, rounded half up once.
CREATE MACRO worth_yuan(kwh, price) AS
CAST(ROUND(CAST(kwh AS DECIMAL(20, 6)) * CAST(price AS DECIMAL(18, 10)), 2) AS DECIMAL(18, 2));

-- Whole minutes from one instant to another (seconds are left out of account on both sides).
CREATE MACRO minutes_between(a, b) AS
DATE_DIFF('day', CAST(a AS DATE), CAST(b AS DATE)) * 1440 + (HOUR(b) - HOUR(a)) * 60 + MINUTE(b) - MINUTE(a);

-- Seconds from one instant to another (parts of a second are left out of account on both sides).
CREATE MACRO seconds_between(a, b) AS
minutes_between(a, b) * 60 + CAST(STRFTIME(b, '%S') AS INTEGER) - CAST(STRFTIME(a, '%S') AS INTEGER);
