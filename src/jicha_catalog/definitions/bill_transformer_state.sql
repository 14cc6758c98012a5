/*---
name: bill_transformer_state
zh: 变压器状态区间
en: Days on which a transformer had a status
note: >-
  Contract, section 4: spans of days with one status, within installed_on..removed_on; by the history rows (of several covering a day
  the one that began last; none: no status), without any row today's status throughout. Loss figures are the transformer's own, else
  those of its series and capacity in the shipped table.
columns:
  transformer_id: string
  customer_id: string
  from_on: date
  until_on: date
  status: string
---*/
WITH edge AS (
    SELECT
        h.transformer_id,
        h.from_on AS day
    FROM transformer_status AS h
    UNION
    SELECT
        h.transformer_id,
        h.until_on + 1 AS day
    FROM transformer_status AS h
    WHERE h.until_on IS NOT NULL AND h.until_on < DATE '9999-12-31'
),

piece AS (
    SELECT
        e.transformer_id,
        e.day AS from_on,
        COALESCE(
            LEAD(e.day) OVER (PARTITION BY e.transformer_id ORDER BY e.day) - 1, DATE '9999-12-31'
        ) AS until_on
    FROM edge AS e
),

covering AS (
    SELECT
        p.transformer_id,
        p.from_on,
        p.until_on,
        MAX(h.from_on) AS row_from_on
    FROM piece AS p
    INNER JOIN transformer_status AS h
        ON
            p.transformer_id = h.transformer_id AND p.from_on >= h.from_on
            AND (h.until_on IS NULL OR p.from_on <= h.until_on)
    GROUP BY p.transformer_id, p.from_on, p.until_on
),

stated AS (
    SELECT
        v.transformer_id,
        v.from_on,
        v.until_on,
        h.status
    FROM covering AS v
    INNER JOIN transformer_status AS h ON v.transformer_id = h.transformer_id AND v.row_from_on = h.from_on
    UNION ALL
    SELECT
        t.transformer_id,
        DATE '0001-01-01' AS from_on,
        DATE '9999-12-31' AS until_on,
        t.status
    FROM customer_transformer AS t
    WHERE
        NOT EXISTS (
            SELECT 1 AS one
            FROM transformer_status AS h
            WHERE h.transformer_id = t.transformer_id
        )
)

SELECT
    t.transformer_id,
    t.customer_id,
    CAST(greater_known(s.from_on, COALESCE(t.installed_on, s.from_on)) AS DATE) AS from_on,
    CAST(lesser_known(s.until_on, COALESCE(t.removed_on, s.until_on)) AS DATE) AS until_on,
    s.status
FROM stated AS s
INNER JOIN customer_transformer AS t ON s.transformer_id = t.transformer_id
WHERE
    greater_known(s.from_on, COALESCE(t.installed_on, s.from_on))
    <= lesser_known(s.until_on, COALESCE(t.removed_on, s.until_on))
