-- Readings: months as numbers, roll-over of an index, a read index against the frozen ones.

-- Months since the year 0: their difference is the distance of two months.
CREATE MACRO month_number(d) AS YEAR(d) * 12 + MONTH(d);

-- First index that a meter of so many digits cannot show; null where the number of digits is none that meters have.
CREATE MACRO index_range(digits) AS CASE WHEN digits BETWEEN 1 AND 10 THEN CAST(POW(10, digits) AS DECIMAL(14, 2)) END;

-- Whether an index fell because the meter went over its last digit: from the top tenth to the bottom tenth.
CREATE MACRO is_rolled_over(previous_index, current_index, digits) AS
current_index < previous_index
AND previous_index >= index_range(digits) * CAST(0.9 AS DECIMAL(2, 1))
AND current_index <= index_range(digits) * CAST(0.1 AS DECIMAL(2, 1));

-- Whether a read index lies before the frozen index of its day or after that of the next, beyond the tolerance: `tol` or
-- 2 % of the period's index difference, whichever is more.
CREATE MACRO is_off_freeze(current_index, previous_index, frozen_before, frozen_after, tol) AS
current_index < frozen_before - greater_of(
    tol, COALESCE(ABS(current_index - previous_index), 0) * CAST(0.02 AS DECIMAL(3, 2))
)
OR current_index > frozen_after + greater_of(
    tol, COALESCE(ABS(current_index - previous_index), 0) * CAST(0.02 AS DECIMAL(3, 2))
);

-- A month as its readers write it, 2026-09.
CREATE MACRO month_text(d) AS STRFTIME(d, '%Y-%m');

-- Whether a power of two is in a number (1, 0).
CREATE MACRO has_power(number, power) AS CAST(FLOOR(CAST(number AS DOUBLE) / power) AS BIGINT) % 2;

-- Whether a sum of n of the powers 1, 2, 4 … 2048 is one of n different ones: then as many of them are in it as were
-- summed, while two of a kind make one of the next. Tells whether bills lie in different months of a year.
CREATE MACRO are_different_powers(n, powers) AS
powers < 4096
AND n = powers % 2 + has_power(powers, 2) + has_power(powers, 4) + has_power(powers, 8) + has_power(powers, 16)
+ has_power(powers, 32) + has_power(powers, 64) + has_power(powers, 128) + has_power(powers, 256)
+ has_power(powers, 512) + has_power(powers, 1024) + has_power(powers, 2048);

-- Number of a thing (number 1, 2, 3 …) in a period, the last `months` periods being those up to p0: one after the other without gaps, in
-- the order of things, then of periods. Joins by such numbers look the row up by its place.
CREATE MACRO dated_number(number, period, p0, months) AS
CAST(number * months + month_number(period) - month_number(p0) AS INTEGER);
