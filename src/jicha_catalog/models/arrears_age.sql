/*---
name: arrears_age
zh: 欠费账龄
en: Arrears by age
note: >-
  Per customer with an overdue bill at the screening date: what is outstanding, by the days since the bill was due. Outstanding
  is the total less the principal of the valid payments for that bill; overdue when it exceeds 0.01 yuan and the bill was due
  before the screening date. A bill that a reversal cancels owes nothing, and the reversal of that pair repays nothing: both are
  left out. A reversal that cancels no whole bill (a part of one) counts with its negative amount from its day of issue, where
  the customer has arrears at all.
tables: [bill, payment]
columns:
  customer_id: string
  as_of: date
  d1_30_yuan: decimal(18,2)
  d31_90_yuan: decimal(18,2)
  d91_180_yuan: decimal(18,2)
  d181_365_yuan: decimal(18,2)
  over_365_yuan: decimal(18,2)
  total_yuan: decimal(18,2)
---*/
WITH paid AS (
    SELECT
        p.bill_id,
        SUM(p.yuan) AS yuan
    FROM valid_payment AS p
    WHERE p.bill_id IS NOT NULL AND p.received_on <= $as_of
    GROUP BY p.bill_id
),

cancelling AS (
    SELECT x.bill_id FROM cancelled_bill AS x
    UNION ALL
    SELECT x.reversal_id AS bill_id FROM cancelled_bill AS x
),

due AS (
    SELECT
        b.bill_id,
        b.customer_id,
        b.kind,
        b.total_yuan,
        CASE WHEN b.kind = 'reversal' THEN b.issued_on ELSE b.due_on END AS due_on
    FROM bill AS b
    LEFT JOIN cancelling AS x ON b.bill_id = x.bill_id
    WHERE
        x.bill_id IS NULL
        AND b.issued_on <= $as_of
        AND CASE WHEN b.kind = 'reversal' THEN b.issued_on ELSE b.due_on END < $as_of
),

outstanding AS (
    SELECT
        d.customer_id,
        d.kind,
        DATE_DIFF('day', d.due_on, $as_of) AS age,
        d.total_yuan - COALESCE(p.yuan, 0) AS yuan
    FROM due AS d
    LEFT JOIN paid AS p ON d.bill_id = p.bill_id
)

SELECT
    o.customer_id,
    CAST($as_of AS DATE) AS as_of,
    CAST(SUM(CASE WHEN o.age <= 30 THEN o.yuan ELSE 0 END) AS DECIMAL(18, 2)) AS d1_30_yuan,
    CAST(SUM(CASE WHEN o.age > 30 AND o.age <= 90 THEN o.yuan ELSE 0 END) AS DECIMAL(18, 2)) AS d31_90_yuan,
    CAST(SUM(CASE WHEN o.age > 90 AND o.age <= 180 THEN o.yuan ELSE 0 END) AS DECIMAL(18, 2)) AS d91_180_yuan,
    CAST(SUM(CASE WHEN o.age > 180 AND o.age <= 365 THEN o.yuan ELSE 0 END) AS DECIMAL(18, 2)) AS d181_365_yuan,
    CAST(SUM(CASE WHEN o.age > 365 THEN o.yuan ELSE 0 END) AS DECIMAL(18, 2)) AS over_365_yuan,
    CAST(SUM(o.yuan) AS DECIMAL(18, 2)) AS total_yuan
FROM outstanding AS o
WHERE o.yuan > CAST(0.01 AS DECIMAL(3, 2)) OR o.kind = 'reversal'
GROUP BY o.customer_id
HAVING MAX(o.yuan) > CAST(0.01 AS DECIMAL(3, 2))
