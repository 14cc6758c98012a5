/*---
name: valid_payment
zh: 有效收费
en: Valid payment
note: Payments not reversed by the end of the screening date. yuan is principal; the penalty comes on top (null is 0).
tables: [payment]
stored: false
columns:
  payment_id: string
  customer_id: string
  bill_id: string
  yuan: decimal(18,2)
  penalty_yuan: decimal(18,2)
  received_on: date
---*/
SELECT
    p.payment_id,
    p.customer_id,
    p.bill_id,
    p.yuan,
    CAST(COALESCE(p.penalty_yuan, 0) AS DECIMAL(18, 2)) AS penalty_yuan,
    CAST(p.received_at AS DATE) AS received_on
FROM payment AS p
WHERE p.reversed_at IS NULL OR CAST(p.reversed_at AS DATE) > $as_of
