-- Days, months and validity. A macro does not see the screening date: pass it.

-- The same day of the month n months later (earlier when n < 0), cut to the last day of that month.
-- (Not named add_months: translators know a function of that name and rewrite it to another type.)
CREATE MACRO months_later(d, n) AS CAST(d + TO_MONTHS(n) AS DATE);

-- First day of the month of a day.
CREATE MACRO month_of(d) AS CAST(DATE_TRUNC('month', d) AS DATE);

-- Hours of the calendar month that begins on `first_day`, without regard to summer time.
CREATE MACRO hours_of_month(first_day) AS 24 * DATE_DIFF('day', first_day, CAST(first_day + TO_MONTHS(1) AS DATE));

-- Whether a validity covers day d: both ends are in force, a null end is open.
CREATE MACRO in_force(first_day, last_day, d) AS
(first_day IS NULL OR first_day <= d) AND (last_day IS NULL OR last_day >= d);

-- Whether a customer counts as mature on a day: active, opened two months ago or on an unknown day, not closed before it.
CREATE MACRO is_mature(status, opened_on, closed_on, d) AS
status = 'active'
AND (opened_on IS NULL OR months_later(opened_on, 2) <= d)
AND (closed_on IS NULL OR closed_on >= d);

-- Whether a meter hangs at a point on a day, neither scrapped nor in the store; one without status is not known to.
CREATE MACRO is_in_place(point_id, status, installed_on, removed_on, d) AS
point_id IS NOT NULL AND status NOT IN ('scrapped', 'in_stock') AND in_force(installed_on, removed_on, d);
