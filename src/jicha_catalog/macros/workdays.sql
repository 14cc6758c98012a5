-- Work days, without a function for the day of the week: Sunday 2000-01-02 is day 0, so day % 7 is 1 to 5 from Monday to
-- Friday.

-- Days that are Monday to Friday from the first Monday of 2000 up to and with d.
CREATE MACRO weekdays_until(d) AS
5 * CAST(FLOOR(CAST(DATE_DIFF('day', DATE '2000-01-02', d) AS DOUBLE) / 7) AS BIGINT)
+ lesser_of(DATE_DIFF('day', DATE '2000-01-02', d) % 7, 5);

-- Whether d is Monday to Friday.
CREATE MACRO is_weekday(d) AS DATE_DIFF('day', DATE '2000-01-02', d) % 7 BETWEEN 1 AND 5;
