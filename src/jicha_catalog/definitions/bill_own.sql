/*---
name: bill_own
zh: 计量点自身电量与损耗
en: Own energy and losses of a point
note: >-
  Contract, sections 4 and 5, on the whole interval: gross is the metered or allocated total before sub-points, taken what these take
  off, loss the share of the family's loss and the own line's, less what sub-points of the same customer bear. loss_before is the
  loss of a main before its sub-points' shares.
columns:
  case_no: int
  gross_kwh: decimal(14,2)
  taken_kwh: decimal(14,2)
  loss_before_kwh: decimal(14,2)
  loss_kwh: decimal(14,2)
  loss_kvarh: decimal(14,2)
---*/
WITH RECURSIVE gross AS (
    SELECT
        m.case_no,
        c.customer_no,
        c.parent_point_id IS NOT NULL AS is_child,
        c.line_loss_pct,
        m.allocation,
        CASE WHEN m.allocation = 'metered' THEN m.total_kwh ELSE k.taken_kwh END AS gross_kwh,
        s.loss_places
    FROM bill_metered AS m
    INNER JOIN bill_case AS c ON m.case_no = c.case_no
    INNER JOIN bill_case_setting AS s ON m.case_no = s.case_no
    LEFT JOIN bill_child AS k ON m.case_no = k.case_no
),

taken AS (
    SELECT
        k.parent_no,
        SUM(k.taken_kwh) AS kwh
    FROM bill_child AS k
    GROUP BY k.parent_no
),

-- at most 2 places are left (loss_places): in narrow numbers the sums are computed with 64 bits
shared AS (
    SELECT
        f.case_no,
        f.family_no,
        l.active_kwh AS family_kwh,
        l.reactive_kvarh AS family_kvarh,
        CAST(
            CASE
                WHEN l.energy_kwh = 0 THEN CAST(0 AS DECIMAL(18, 6))
                ELSE
                    round_places(
                        exact6(
                            CAST(l.active_kwh AS DOUBLE) * CAST(g.gross_kwh AS DOUBLE)
                            / NULLIF(CAST(l.energy_kwh AS DOUBLE), 0)
                        ),
                        g.loss_places
                    )
            END AS DECIMAL(14, 2)
        ) AS kwh,
        CAST(
            CASE
                WHEN l.energy_kwh = 0 THEN CAST(0 AS DECIMAL(18, 6))
                ELSE
                    round_places(
                        exact6(
                            CAST(l.reactive_kvarh AS DOUBLE) * CAST(g.gross_kwh AS DOUBLE)
                            / NULLIF(CAST(l.energy_kwh AS DOUBLE), 0)
                        ),
                        g.loss_places
                    )
            END AS DECIMAL(14, 2)
        ) AS kvarh,
        ROW_NUMBER() OVER (PARTITION BY f.family_no ORDER BY g.gross_kwh DESC, f.case_no ASC) AS place
    FROM bill_family AS f
    INNER JOIN bill_family_loss AS l ON f.family_no = l.family_no
    INNER JOIN gross AS g ON f.case_no = g.case_no
),

-- the first of the family takes what rounding leaves
family_part AS (
    SELECT
        s.case_no,
        CAST(
            s.kwh + CASE
                WHEN s.place = 1 THEN s.family_kwh - SUM(s.kwh) OVER (PARTITION BY s.family_no) ELSE 0
            END AS DECIMAL(14, 2)
        ) AS kwh,
        CAST(
            s.kvarh + CASE
                WHEN s.place = 1 THEN s.family_kvarh - SUM(s.kvarh) OVER (PARTITION BY s.family_no) ELSE 0
            END AS DECIMAL(14, 2)
        ) AS kvarh
    FROM shared AS s
),

lost AS (
    SELECT
        g.case_no,
        g.customer_no,
        g.gross_kwh,
        COALESCE(p.kvarh, 0) AS loss_kvarh,
        CASE
            WHEN g.is_child OR (f.case_no IS NOT NULL AND p.kwh IS NULL) THEN 0
            ELSE
                COALESCE(p.kwh, 0)
                + CASE
                    WHEN COALESCE(g.line_loss_pct, 0) = 0 AND g.gross_kwh IS NOT NULL THEN CAST(0 AS DECIMAL(14, 2))
                    ELSE
                        CAST(
                            round_places(
                                exact6(
                                    CAST(g.gross_kwh + COALESCE(p.kwh, 0) AS DOUBLE)
                                    * CAST(g.line_loss_pct AS DOUBLE)
                                    / 100
                                ),
                                g.loss_places
                            ) AS DECIMAL(14, 2)
                        )
                END
        END AS loss_kwh
    FROM gross AS g
    LEFT JOIN family_part AS p ON g.case_no = p.case_no
    LEFT JOIN bill_family AS f ON g.case_no = f.case_no
),

-- mains with sub-points, then level by level what these bear of their parent's loss
borne AS (
    SELECT
        l.case_no,
        CAST(NULL AS INTEGER) AS parent_no,
        l.customer_no,
        l.gross_kwh,
        CAST(l.loss_kwh AS DECIMAL(14, 2)) AS kwh
    FROM lost AS l
    INNER JOIN taken AS t ON l.case_no = t.parent_no
    WHERE l.loss_kwh <> 0
    UNION ALL
    SELECT
        k.case_no,
        k.parent_no,
        c.customer_no,
        c.gross_kwh,
        CAST(
            round_places(
                exact6(CAST(p.kwh AS DOUBLE) * CAST(k.taken_kwh AS DOUBLE) / NULLIF(CAST(p.gross_kwh AS DOUBLE), 0)),
                s.loss_places
            ) AS DECIMAL(14, 2)
        ) AS kwh
    FROM borne AS p
    INNER JOIN bill_child AS k ON p.case_no = k.parent_no
    INNER JOIN gross AS c ON k.case_no = c.case_no
    INNER JOIN bill_case_setting AS s ON k.case_no = s.case_no
    WHERE k.allocation <> 'quantity' AND p.customer_no = c.customer_no AND p.gross_kwh <> 0
),

passed AS (
    SELECT
        b.case_no,
        b.parent_no,
        b.kwh
    FROM borne AS b
    WHERE b.parent_no IS NOT NULL
),

given AS (
    SELECT
        p.parent_no,
        SUM(p.kwh) AS kwh
    FROM passed AS p
    GROUP BY p.parent_no
)

SELECT
    l.case_no,
    CAST(l.gross_kwh AS DECIMAL(14, 2)) AS gross_kwh,
    CAST(COALESCE(t.kwh, 0) AS DECIMAL(14, 2)) AS taken_kwh,
    CAST(l.loss_kwh + COALESCE(p.kwh, 0) AS DECIMAL(14, 2)) AS loss_before_kwh,
    CAST(l.loss_kwh + COALESCE(p.kwh, 0) - COALESCE(g.kwh, 0) AS DECIMAL(14, 2)) AS loss_kwh,
    CAST(l.loss_kvarh AS DECIMAL(14, 2)) AS loss_kvarh
FROM lost AS l
LEFT JOIN taken AS t ON l.case_no = t.parent_no
LEFT JOIN passed AS p ON l.case_no = p.case_no
LEFT JOIN given AS g ON l.case_no = g.parent_no
