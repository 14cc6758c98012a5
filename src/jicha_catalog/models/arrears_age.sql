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
WITH cancelling AS (
    SELECT x.bill_id FROM cancelled_bill AS x
    UNION ALL
    SELECT x.reversal_id AS bill_id FROM cancelled_bill AS x
),

returned AS (
    SELECT p.bill_id
    FROM valid_payment AS p
    WHERE p.yuan < 0
    GROUP BY p.bill_id
),

-- nearly every bill is paid by one payment; where nothing was paid back, such a bill owes nothing and is left out before
-- anything is summed (payments received after the screening date are not seen)
covering AS (
    SELECT
        p.bill_id,
        p.yuan
    FROM valid_payment AS p
    LEFT JOIN returned AS r ON p.bill_id = r.bill_id
    WHERE r.bill_id IS NULL
),

due AS (
    SELECT
        b.bill_id,
        b.customer_id,
        b.total_yuan,
        b.due_on,
        0 AS is_reversal
    FROM bill AS b
    LEFT JOIN covering AS p ON b.bill_id = p.bill_id AND b.total_yuan = p.yuan
    WHERE
        p.bill_id IS NULL
        AND b.due_on < $as_of
        AND b.issued_on <= $as_of
        AND (b.kind IS NULL OR b.kind <> 'reversal')
    UNION ALL
    SELECT
        b.bill_id,
        b.customer_id,
        b.total_yuan,
        b.issued_on AS due_on,
        1 AS is_reversal
    FROM bill AS b
    WHERE b.kind = 'reversal' AND b.issued_on < $as_of
),

paid AS (
    SELECT
        p.bill_id,
        SUM(p.yuan) AS yuan
    FROM valid_payment AS p
    INNER JOIN due AS d ON p.bill_id = d.bill_id
    GROUP BY p.bill_id
),

outstanding AS (
    SELECT
        d.customer_id,
        d.is_reversal,
        DATE_DIFF('day', d.due_on, $as_of) AS age,
        d.total_yuan - COALESCE(p.yuan, 0) AS yuan
    FROM due AS d
    LEFT JOIN cancelling AS x ON d.bill_id = x.bill_id
    LEFT JOIN paid AS p ON d.bill_id = p.bill_id
    WHERE x.bill_id IS NULL
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
WHERE o.yuan > CAST(0.01 AS DECIMAL(3, 2)) OR o.is_reversal = 1
GROUP BY o.customer_id
HAVING MAX(o.yuan) > CAST(0.01 AS DECIMAL(3, 2))
