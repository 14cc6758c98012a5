/*---
name: payment_of_late_bill
zh: 逾期收到款账单的有效收费
en: Valid payment for a bill paid late
note: All valid payments, of any day, for the bills of bill_paid_late.
tables: [bill, payment]
columns:
  bill_id: string
  yuan: decimal(18,2)
  penalty_yuan: decimal(18,2)
  received_on: date
---*/
SELECT
    p.bill_id,
    p.yuan,
    p.penalty_yuan,
    p.received_on
FROM bill_paid_late AS b
INNER JOIN valid_payment AS p ON b.bill_id = p.bill_id
