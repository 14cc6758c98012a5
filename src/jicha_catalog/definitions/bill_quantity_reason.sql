/*---
name: bill_quantity_reason
zh: 电量无法确定的原因
en: Why the quantity of a point is not known
note: >-
  Contract, sections 2 to 5 and 11: reasons of the points of bill_case whose quantity is not known, handed on to those whose quantity
  hangs on it: a main on its sub-points; an allocated sub-point, or one that bears a part of the main's loss, on its main; the mains
  of a family by formula or table on each other.
columns:
  point_id: string
  period: date
  reason: string
---*/
WITH RECURSIVE first_found AS (
    SELECT
        c.point_id,
        c.period,
        'period_unclear' AS reason
    FROM bill_case AS c
    WHERE c.days < 1
    UNION ALL
    SELECT
        d.point_id,
        d.period,
        'change_order' AS reason
    FROM bill_doubt AS d
    WHERE d.is_file
    UNION ALL
    SELECT
        m.point_id,
        m.period,
        'reading_missing' AS reason
    FROM bill_metered AS m
    WHERE m.is_missing
    UNION ALL
    SELECT
        m.point_id,
        m.period,
        'index_backwards' AS reason
    FROM bill_metered AS m
    WHERE m.is_backwards
    UNION ALL
    SELECT
        m.point_id,
        m.period,
        'bands_exceed_total' AS reason
    FROM bill_metered AS m
    WHERE m.is_exceeded AND NOT m.is_backwards
    UNION ALL
    -- an allocated share of what is not known
    SELECT
        k.point_id,
        k.period,
        'reading_missing' AS reason
    FROM bill_child AS k
    INNER JOIN bill_own AS p ON k.parent_point_id = p.point_id AND k.period = p.period
    WHERE k.allocation <> 'metered' AND p.gross_kwh IS NULL
    UNION ALL
    -- no value, or no main that takes part in the period
    SELECT
        m.point_id,
        m.period,
        'allocation_missing' AS reason
    FROM bill_metered AS m
    LEFT JOIN bill_child AS k ON m.point_id = k.point_id AND m.period = k.period
    LEFT JOIN bill_own AS p ON k.parent_point_id = p.point_id AND k.period = p.period
    WHERE
        m.allocation <> 'metered'
        AND (p.point_id IS NULL OR (k.is_allocation_missing AND p.gross_kwh IS NOT NULL))
    UNION ALL
    SELECT
        o.point_id,
        o.period,
        'children_exceed_main' AS reason
    FROM bill_own AS o
    WHERE o.gross_kwh < o.taken_kwh
    UNION ALL
    SELECT
        f.point_id,
        f.period,
        l.missing AS reason
    FROM bill_family AS f
    INNER JOIN bill_family_loss AS l ON f.family_id = l.family_id AND f.period = l.period
    WHERE l.missing IS NOT NULL
),

-- `point_id` needs what `source_id` says
needed AS (
    SELECT
        c.parent_point_id AS point_id,
        c.point_id AS source_id,
        c.period
    FROM bill_case AS c
    INNER JOIN bill_case AS p ON c.parent_point_id = p.point_id AND c.period = p.period
    UNION ALL
    SELECT
        c.point_id,
        c.parent_point_id AS source_id,
        c.period
    FROM bill_case AS c
    INNER JOIN bill_case AS p ON c.parent_point_id = p.point_id AND c.period = p.period
    LEFT JOIN bill_metered AS m ON c.point_id = m.point_id AND c.period = m.period
    LEFT JOIN bill_own AS o ON p.point_id = o.point_id AND p.period = o.period
    WHERE m.allocation <> 'metered' OR (p.customer_id = c.customer_id AND o.loss_before_kwh <> 0)
    UNION ALL
    SELECT
        f.point_id,
        g.point_id AS source_id,
        f.period
    FROM bill_family AS f
    INNER JOIN bill_family AS g ON f.family_id = g.family_id AND f.period = g.period AND f.point_id <> g.point_id
),

spread AS (
    SELECT
        x.point_id,
        x.period,
        x.reason
    FROM first_found AS x
    UNION
    SELECT
        n.point_id,
        n.period,
        s.reason
    FROM spread AS s
    INNER JOIN needed AS n ON s.point_id = n.source_id AND s.period = n.period
)

SELECT
    s.point_id,
    s.period,
    CAST(s.reason AS VARCHAR) AS reason
FROM spread AS s
