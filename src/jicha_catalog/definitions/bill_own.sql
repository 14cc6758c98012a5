/*---
name: bill_own
zh: 计量点自身电量与损耗
en: Own energy and losses of a point
note: >-
  Contract, sections 4 and 5, on the whole interval: gross is the metered or allocated total before sub-points, taken what these take
  off, loss the share of the family's loss and the own line's, less what sub-points of the same customer bear. loss_before is the
  loss of a main before its sub-points' shares.
columns:
  point_id: string
  period: date
  gross_kwh: decimal(14,2)
  taken_kwh: decimal(14,2)
  loss_before_kwh: decimal(14,2)
  loss_kwh: decimal(14,2)
  loss_kvarh: decimal(14,2)
---*/
WITH RECURSIVE gross AS (
    SELECT
        m.point_id,
        m.period,
        c.customer_id,
        c.parent_point_id,
        c.line_loss_pct,
        m.allocation,
        CASE WHEN m.allocation = 'metered' THEN m.total_kwh ELSE k.taken_kwh END AS gross_kwh,
        s.loss_places
    FROM bill_metered AS m
    INNER JOIN bill_case AS c ON m.point_id = c.point_id AND m.period = c.period
    INNER JOIN bill_case_setting AS s ON m.point_id = s.point_id AND m.period = s.period
    LEFT JOIN bill_child AS k ON m.point_id = k.point_id AND m.period = k.period
),

taken AS (
    SELECT
        k.parent_point_id,
        k.period,
        SUM(k.taken_kwh) AS kwh
    FROM bill_child AS k
    GROUP BY k.parent_point_id, k.period
),

shared AS (
    SELECT
        f.point_id,
        f.period,
        f.family_id,
        l.active_kwh AS family_kwh,
        l.reactive_kvarh AS family_kvarh,
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
        END AS kwh,
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
        END AS kvarh,
        ROW_NUMBER() OVER (PARTITION BY f.family_id, f.period ORDER BY g.gross_kwh DESC, f.point_id ASC) AS place
    FROM bill_family AS f
    INNER JOIN bill_family_loss AS l ON f.family_id = l.family_id AND f.period = l.period
    INNER JOIN gross AS g ON f.point_id = g.point_id AND f.period = g.period
),

-- the first of the family takes what rounding leaves
family_part AS (
    SELECT
        s.point_id,
        s.period,
        s.kwh + CASE
            WHEN s.place = 1 THEN s.family_kwh - SUM(s.kwh) OVER (PARTITION BY s.family_id, s.period) ELSE 0
        END AS kwh,
        s.kvarh + CASE
            WHEN s.place = 1 THEN s.family_kvarh - SUM(s.kvarh) OVER (PARTITION BY s.family_id, s.period) ELSE 0
        END AS kvarh
    FROM shared AS s
),

lost AS (
    SELECT
        g.point_id,
        g.period,
        g.customer_id,
        g.gross_kwh,
        COALESCE(p.kvarh, 0) AS loss_kvarh,
        CASE
            WHEN g.parent_point_id IS NOT NULL OR (f.point_id IS NOT NULL AND p.kwh IS NULL) THEN 0
            ELSE
                COALESCE(p.kwh, 0)
                + round_places(
                    exact6(
                        CAST(g.gross_kwh + COALESCE(p.kwh, 0) AS DOUBLE)
                        * CAST(COALESCE(g.line_loss_pct, 0) AS DOUBLE)
                        / 100
                    ),
                    g.loss_places
                )
        END AS loss_kwh
    FROM gross AS g
    LEFT JOIN family_part AS p ON g.point_id = p.point_id AND g.period = p.period
    LEFT JOIN bill_family AS f ON g.point_id = f.point_id AND g.period = f.period
),

-- mains with sub-points, then level by level what these bear of their parent's loss
borne AS (
    SELECT
        l.point_id,
        l.period,
        CAST(NULL AS VARCHAR) AS parent_point_id,
        l.customer_id,
        l.gross_kwh,
        CAST(l.loss_kwh AS DECIMAL(14, 2)) AS kwh
    FROM lost AS l
    INNER JOIN taken AS t ON l.point_id = t.parent_point_id AND l.period = t.period
    WHERE l.loss_kwh <> 0
    UNION ALL
    SELECT
        k.point_id,
        k.period,
        k.parent_point_id,
        c.customer_id,
        c.gross_kwh,
        CAST(
            round_places(
                exact6(CAST(p.kwh AS DOUBLE) * CAST(k.taken_kwh AS DOUBLE) / NULLIF(CAST(p.gross_kwh AS DOUBLE), 0)),
                s.loss_places
            ) AS DECIMAL(14, 2)
        ) AS kwh
    FROM borne AS p
    INNER JOIN bill_child AS k ON p.point_id = k.parent_point_id AND p.period = k.period
    INNER JOIN gross AS c ON k.point_id = c.point_id AND k.period = c.period
    INNER JOIN bill_case_setting AS s ON k.point_id = s.point_id AND k.period = s.period
    WHERE k.allocation <> 'quantity' AND p.customer_id = c.customer_id AND p.gross_kwh <> 0
),

passed AS (
    SELECT
        b.point_id,
        b.period,
        b.parent_point_id,
        b.kwh
    FROM borne AS b
    WHERE b.parent_point_id IS NOT NULL
),

given AS (
    SELECT
        p.parent_point_id,
        p.period,
        SUM(p.kwh) AS kwh
    FROM passed AS p
    GROUP BY p.parent_point_id, p.period
)

SELECT
    l.point_id,
    l.period,
    CAST(l.gross_kwh AS DECIMAL(14, 2)) AS gross_kwh,
    CAST(COALESCE(t.kwh, 0) AS DECIMAL(14, 2)) AS taken_kwh,
    CAST(l.loss_kwh + COALESCE(p.kwh, 0) AS DECIMAL(14, 2)) AS loss_before_kwh,
    CAST(l.loss_kwh + COALESCE(p.kwh, 0) - COALESCE(g.kwh, 0) AS DECIMAL(14, 2)) AS loss_kwh,
    CAST(l.loss_kvarh AS DECIMAL(14, 2)) AS loss_kvarh
FROM lost AS l
LEFT JOIN taken AS t ON l.point_id = t.parent_point_id AND l.period = t.period
LEFT JOIN passed AS p ON l.point_id = p.point_id AND l.period = p.period
LEFT JOIN given AS g ON l.point_id = g.parent_point_id AND l.period = g.period
