/*---
name: workday_exception
zh: 工作日例外
en: Exceptions to the work week
note: >-
  Days of the run's lists that change the count of work days: -1 for a holiday on Monday to Friday, +1 for an extra work day on a
  Saturday or Sunday. A day in both lists is a work day. Work days after a and up to b are weekdays_until(b) - weekdays_until(a)
  plus the exceptions in that span.
tables: []
columns:
  day: date
  work_days: int
---*/
SELECT
    h.day,
    CAST(-1 AS INTEGER) AS work_days
FROM run_holidays AS h
LEFT JOIN run_extra_workdays AS x ON h.day = x.day
WHERE is_weekday(h.day) AND x.day IS NULL
GROUP BY h.day
UNION ALL
SELECT
    x.day,
    CAST(1 AS INTEGER) AS work_days
FROM run_extra_workdays AS x
WHERE NOT is_weekday(x.day)
GROUP BY x.day
