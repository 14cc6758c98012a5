/*---
name: odd_adjustment
zh: 退补的佐证与时序
en: What is odd about an adjustment
note: >-
  Adjustments of yearly_adjustment with what AC012 looks for, whatever their amount and reason. is_unfounded: no evidence, or an unknown one
  where more than half of the adjustments of the year state it; lacks_evidence: an unknown one elsewhere. is_before: approved before the
  request; is_at_once: within two minutes of it, 5000 yuan or more; is_at_night: requested from 22:00 to 6:00 and approved before 6:00;
  is_later: for a month after that of the request. What is not known is false.
tables: [adjustment]
columns:
  adjustment_id: string
  yuan: decimal(18,2)
  reason: string
  requested_at: timestamp
  approved_at: timestamp
  period: date
  is_unfounded: bool
  lacks_evidence: bool
  is_before: bool
  is_at_once: bool
  is_at_night: bool
  is_later: bool
---*/
WITH filled_share AS (
    SELECT COALESCE(2 * COUNT(a.has_evidence) > COUNT(*), FALSE) AS is_usual
    FROM yearly_adjustment AS a
)

SELECT
    a.adjustment_id,
    a.yuan,
    a.reason,
    a.requested_at,
    a.approved_at,
    a.period,
    CAST(COALESCE(a.has_evidence = FALSE, f.is_usual) AS BOOLEAN) AS is_unfounded,
    CAST(a.has_evidence IS NULL AND NOT f.is_usual AS BOOLEAN) AS lacks_evidence,
    CAST(COALESCE(a.approved_at < a.requested_at, FALSE) AS BOOLEAN) AS is_before,
    CAST(
        COALESCE(
            a.approved_at >= a.requested_at
            AND seconds_between(a.requested_at, a.approved_at) < 120
            AND ABS(a.yuan) >= 5000, FALSE
        ) AS BOOLEAN
    ) AS is_at_once,
    CAST(
        COALESCE(
            CASE
                WHEN HOUR(a.requested_at) >= 22
                    THEN
                        CAST(a.approved_at AS DATE) <= a.requested_on
                        OR (CAST(a.approved_at AS DATE) = a.requested_on + 1 AND HOUR(a.approved_at) < 6)
                WHEN HOUR(a.requested_at) < 6
                    THEN
                        CAST(a.approved_at AS DATE) < a.requested_on
                        OR (CAST(a.approved_at AS DATE) = a.requested_on AND HOUR(a.approved_at) < 6)
            END, FALSE
        ) AS BOOLEAN
    ) AS is_at_night,
    CAST(COALESCE(a.period > month_of(a.requested_on), FALSE) AS BOOLEAN) AS is_later
FROM yearly_adjustment AS a
CROSS JOIN filled_share AS f
