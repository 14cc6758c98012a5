/*---
name: cancelled_bill
zh: 被冲红的账单
en: Cancelled bill
note: >-
  A reversal cancels the row of its point and period, of another kind, whose total is its own negated; of several rows the
  smallest bill_id, and each reversal one row.
tables: [bill]
columns:
  bill_id: string
  reversal_id: string
---*/
WITH reversal AS (
    SELECT
        b.bill_id,
        b.point_id,
        b.period,
        CAST(-b.total_yuan AS DECIMAL(18, 2)) AS total_yuan,
        ROW_NUMBER() OVER (PARTITION BY b.point_id, b.period, b.total_yuan ORDER BY b.bill_id) AS place
    FROM bill AS b
    WHERE b.kind = 'reversal'
),

candidate AS (
    SELECT
        b.bill_id,
        b.point_id,
        b.period,
        b.total_yuan,
        ROW_NUMBER() OVER (PARTITION BY b.point_id, b.period, b.total_yuan ORDER BY b.bill_id) AS place
    FROM bill AS b
    INNER JOIN reversal AS r ON b.point_id = r.point_id AND b.period = r.period AND b.total_yuan = r.total_yuan
    WHERE (b.kind IS NULL OR b.kind <> 'reversal') AND r.place = 1
)

SELECT
    c.bill_id,
    r.bill_id AS reversal_id
FROM candidate AS c
INNER JOIN reversal AS r
    ON c.point_id = r.point_id AND c.period = r.period AND c.total_yuan = r.total_yuan AND c.place = r.place
