/*---
name: regular_bill
zh: 常规账单
en: Regular bill
note: Bills of kind normal (or none) and part that no reversal cancels; what counts where single bills are judged or counted.
tables: [bill]
stored: false
columns:
  bill_id: string
  customer_id: string
  point_id: string
  period: date
  total_yuan: decimal(18,2)
  issued_on: date
  due_on: date
---*/
SELECT
    b.bill_id,
    b.customer_id,
    b.point_id,
    b.period,
    b.total_yuan,
    b.issued_on,
    b.due_on
FROM bill AS b
LEFT JOIN cancelled_bill AS x ON b.bill_id = x.bill_id
WHERE (b.kind IS NULL OR b.kind IN ('normal', 'part')) AND x.bill_id IS NULL
