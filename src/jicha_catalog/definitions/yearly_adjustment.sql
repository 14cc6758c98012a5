/*---
name: yearly_adjustment
zh: 近一年退补记录
en: Adjustments of a year
note: >-
  Adjustments requested in D(365). approval_rank: none 0, station 1, county 2, city 3, province 4, unknown 0. is_refund: money
  goes back to the customer for a reason known to be none of policy.
tables: [adjustment]
columns:
  adjustment_id: string
  customer_id: string
  period: date
  kwh: decimal(14,2)
  yuan: decimal(18,2)
  reason: string
  requested_by: string
  approved_by: string
  approval_level: string
  approval_rank: int
  requested_at: timestamp
  requested_on: date
  approved_at: timestamp
  has_evidence: bool
  is_refund: bool
---*/
SELECT
    a.adjustment_id,
    a.customer_id,
    a.period,
    a.kwh,
    a.yuan,
    a.reason,
    CAST(filled(a.requested_by) AS VARCHAR) AS requested_by,
    CAST(filled(a.approved_by) AS VARCHAR) AS approved_by,
    a.approval_level,
    CAST(
        CASE a.approval_level
            WHEN 'station' THEN 1 WHEN 'county' THEN 2 WHEN 'city' THEN 3 WHEN 'province' THEN 4
            ELSE 0
        END AS INTEGER
    ) AS approval_rank,
    a.requested_at,
    CAST(a.requested_at AS DATE) AS requested_on,
    a.approved_at,
    a.has_evidence,
    CAST(COALESCE(a.yuan < 0 AND a.reason <> 'policy', FALSE) AS BOOLEAN) AS is_refund
FROM adjustment AS a
WHERE CAST(a.requested_at AS DATE) >= $as_of - 365 AND CAST(a.requested_at AS DATE) < $as_of
