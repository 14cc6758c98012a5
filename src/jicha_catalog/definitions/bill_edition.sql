/*---
name: bill_edition
zh: 电价版本执行期
en: Days for which an edition of a tariff holds
note: >-
  Contract, section 2: of the tariff rows covering a day the latest effective_from holds, so a row holds until the next one begins,
  and again from the end of a shorter one. Spans of one code do not overlap; neighbours are different editions.
columns:
  tariff_code: string
  effective_from: date
  from_on: date
  until_on: date
---*/
WITH edge AS (
    SELECT
        t.tariff_code,
        t.effective_from AS day
    FROM tariff AS t
    UNION
    SELECT
        t.tariff_code,
        t.effective_to + 1 AS day
    FROM tariff AS t
    WHERE t.effective_to IS NOT NULL AND t.effective_to < DATE '9999-12-31'
),

piece AS (
    SELECT
        e.tariff_code,
        e.day AS from_on,
        COALESCE(
            LEAD(e.day) OVER (PARTITION BY e.tariff_code ORDER BY e.day) - 1, DATE '9999-12-31'
        ) AS until_on
    FROM edge AS e
),

-- of the rows in force the one that began last
held AS (
    SELECT
        p.tariff_code,
        p.from_on,
        p.until_on,
        MAX(t.effective_from) AS effective_from
    FROM piece AS p
    INNER JOIN tariff AS t
        ON
            p.tariff_code = t.tariff_code AND p.from_on >= t.effective_from
            AND (t.effective_to IS NULL OR p.until_on <= t.effective_to)
    GROUP BY p.tariff_code, p.from_on, p.until_on
),

run AS (
    SELECT
        h.tariff_code,
        h.effective_from,
        h.from_on,
        h.until_on,
        CASE
            WHEN
                LAG(h.effective_from) OVER (PARTITION BY h.tariff_code ORDER BY h.from_on) = h.effective_from
                AND LAG(h.until_on) OVER (PARTITION BY h.tariff_code ORDER BY h.from_on) + 1 = h.from_on
                THEN 0
            ELSE 1
        END AS begins
    FROM held AS h
),

numbered AS (
    SELECT
        r.tariff_code,
        r.effective_from,
        r.from_on,
        r.until_on,
        SUM(r.begins) OVER (
            PARTITION BY r.tariff_code ORDER BY r.from_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS number
    FROM run AS r
)

SELECT
    n.tariff_code,
    n.effective_from,
    CAST(MIN(n.from_on) AS DATE) AS from_on,
    CAST(MAX(n.until_on) AS DATE) AS until_on
FROM numbered AS n
GROUP BY n.tariff_code, n.effective_from, n.number
