-- Work days, without a function for the day of the week: Sunday 2000-01-02 is day 0, so day % 7 is 1 to 5 from Monday to
-- Friday.

-- Days that are Monday to Friday from the first Monday of 2000 up to and with d.
CREATE MACRO weekdays_until(d) AS
5 * CAST(FLOOR(CAST(DATE_DIFF('day', DATE '2000-01-02', d) AS DOUBLE) / 7) AS BIGINT)
+ lesser_of(DATE_DIFF('day', DATE '2000-01-02', d) % 7, 5);

-- Whether d is Monday to Friday.
CREATE MACRO is_weekday(d) AS DATE_DIFF('day', DATE '2000-01-02', d) % 7 BETWEEN 1 AND 5;

-- Energy of a weekend day over that of a Monday to Friday, to six places; null without energy or days of the latter.
CREATE MACRO weekend_ratio(weekend_kwh, weekend_days, weekday_kwh, weekdays) AS
CAST(
    ROUND(
        CAST(weekend_kwh AS DOUBLE) * CAST(weekdays AS DOUBLE)
        / NULLIF(CAST(weekday_kwh AS DOUBLE) * CAST(weekend_days AS DOUBLE), 0),
        6
    ) AS DECIMAL(18, 6)
);

-- Whether days are those of a business: weekends well below the other days, or hardly a difference between any.
CREATE MACRO are_business_days(weekend_ratio, variation) AS
COALESCE(weekend_ratio < CAST(0.6 AS DECIMAL(2, 1)), FALSE)
OR COALESCE(variation < CAST(0.15 AS DECIMAL(3, 2)), FALSE);
