/*---
name: bill_paid_late
zh: 近90日逾期收到款的账单
en: Bill paid late within the last 90 days
note: >-
  Regular bills with a due date for which a payment (reversed or not) came after the due date and
  within the 90 days before the screening date. The few bills whose penalties AC009 looks at.
tables: [bill, payment]
columns:
  bill_id: string
  customer_id: string
  period: date
  due_on: date
  total_yuan: decimal(18,2)
  issued_on: date
---*/
WITH late AS (
    SELECT
        b.bill_id,
        b.customer_id,
        b.period,
        b.due_on,
        b.total_yuan,
        b.issued_on
    FROM bill AS b
    INNER JOIN payment AS p ON b.bill_id = p.bill_id
    WHERE
        -- compared as instants: files of other months are not opened
        p.received_at >= CAST($as_of - 90 AS TIMESTAMP)
        AND p.received_at < CAST($as_of AS TIMESTAMP)
        AND CAST(p.received_at AS DATE) > b.due_on
        AND (b.kind IS NULL OR b.kind IN ('normal', 'part'))
    GROUP BY b.bill_id, b.customer_id, b.period, b.due_on, b.total_yuan, b.issued_on
)

SELECT
    l.bill_id,
    l.customer_id,
    l.period,
    l.due_on,
    l.total_yuan,
    l.issued_on
FROM late AS l
LEFT JOIN cancelled_bill AS x ON l.bill_id = x.bill_id
WHERE x.bill_id IS NULL
