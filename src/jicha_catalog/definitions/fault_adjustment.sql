/*---
name: fault_adjustment
zh: 计量故障退补
en: Adjustment for a metering fault
note: >-
  Adjustments of D(365) for a meter fault or wrong wiring with a quantity, and when the fault was reported: the day of the customer's latest
  order about it that was applied for before the adjustment (cancelled ones aside). What MT012 tests.
tables: [adjustment, service_order]
columns:
  adjustment_id: string
  customer_id: string
  period: date
  kwh: decimal(14,2)
  applied_on: date
---*/
SELECT
    a.adjustment_id,
    a.customer_id,
    a.period,
    a.kwh,
    CAST(MAX(o.applied_at) AS DATE) AS applied_on
FROM adjustment AS a
LEFT JOIN service_order AS o
    ON
        a.customer_id = o.customer_id
        AND a.requested_at > o.applied_at
        AND o.kind = 'meter_fault'
        AND o.status <> 'cancelled'
WHERE
    a.reason IN ('meter_fault', 'wrong_wiring')
    AND a.kwh IS NOT NULL
    AND CAST(a.requested_at AS DATE) >= $as_of - 365
    AND CAST(a.requested_at AS DATE) < $as_of
GROUP BY a.adjustment_id, a.customer_id, a.period, a.kwh
