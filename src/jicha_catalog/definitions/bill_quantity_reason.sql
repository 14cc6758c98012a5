/*---
name: bill_quantity_reason
zh: 电量无法确定的原因
en: Why the quantity of a point is not known
note: >-
  Contract, sections 2 to 5 and 11: reasons of the points of bill_case whose quantity is not known, handed on to those whose quantity
  hangs on it: a main on its sub-points; an allocated sub-point, or one that bears a part of the main's loss, on its main; the mains
  of a family by formula or table on each other.
columns:
  case_no: int
  reason: string
---*/
WITH RECURSIVE first_found AS (
    SELECT
        c.case_no,
        'period_unclear' AS reason
    FROM bill_case AS c
    WHERE c.days < 1
    UNION ALL
    SELECT
        d.case_no,
        'change_order' AS reason
    FROM bill_doubt AS d
    WHERE d.is_file
    UNION ALL
    SELECT
        m.case_no,
        'reading_missing' AS reason
    FROM bill_metered AS m
    WHERE m.is_missing
    UNION ALL
    SELECT
        m.case_no,
        'index_backwards' AS reason
    FROM bill_metered AS m
    WHERE m.is_backwards
    UNION ALL
    SELECT
        m.case_no,
        'bands_exceed_total' AS reason
    FROM bill_metered AS m
    WHERE m.is_exceeded AND NOT m.is_backwards
    UNION ALL
    -- an allocated share of what is not known
    SELECT
        k.case_no,
        'reading_missing' AS reason
    FROM bill_child AS k
    INNER JOIN bill_own AS p ON k.parent_no = p.case_no
    WHERE k.allocation <> 'metered' AND p.gross_kwh IS NULL
    UNION ALL
    -- no value, or no main that takes part in the period
    SELECT
        m.case_no,
        'allocation_missing' AS reason
    FROM bill_metered AS m
    LEFT JOIN bill_child AS k ON m.case_no = k.case_no
    LEFT JOIN bill_own AS p ON k.parent_no = p.case_no
    WHERE
        m.allocation <> 'metered'
        AND (p.case_no IS NULL OR (k.is_allocation_missing AND p.gross_kwh IS NOT NULL))
    UNION ALL
    SELECT
        o.case_no,
        'children_exceed_main' AS reason
    FROM bill_own AS o
    -- a negative reading of a point without children is nobody's excess
    WHERE o.gross_kwh < o.taken_kwh AND o.case_no IN (SELECT k.parent_no FROM bill_child AS k)
    UNION ALL
    SELECT
        f.case_no,
        l.missing AS reason
    FROM bill_family AS f
    INNER JOIN bill_family_loss AS l ON f.family_no = l.family_no
    WHERE l.missing IS NOT NULL
),

-- `case_no` needs what `source_no` says
needed AS (
    SELECT
        c.parent_no AS case_no,
        c.case_no AS source_no
    FROM bill_case AS c
    WHERE c.parent_no IS NOT NULL
    UNION ALL
    SELECT
        c.case_no,
        c.parent_no AS source_no
    FROM bill_case AS c
    INNER JOIN bill_case AS p ON c.parent_no = p.case_no
    LEFT JOIN bill_metered AS m ON c.case_no = m.case_no
    LEFT JOIN bill_own AS o ON p.case_no = o.case_no
    WHERE m.allocation <> 'metered' OR (p.customer_no = c.customer_no AND o.loss_before_kwh <> 0)
    UNION ALL
    SELECT
        f.case_no,
        g.case_no AS source_no
    FROM bill_family AS f
    INNER JOIN bill_family AS g ON f.family_no = g.family_no AND f.case_no <> g.case_no
),

spread AS (
    SELECT
        x.case_no,
        x.reason
    FROM first_found AS x
    UNION
    SELECT
        n.case_no,
        s.reason
    FROM spread AS s
    INNER JOIN needed AS n ON s.case_no = n.source_no
)

SELECT
    s.case_no,
    CAST(s.reason AS VARCHAR) AS reason
FROM spread AS s
