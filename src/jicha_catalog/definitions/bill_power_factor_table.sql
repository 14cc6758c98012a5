/*---
name: bill_power_factor_table
zh: 力调系数表
en: Power-factor adjustment in use
note: >-
  Contract, section 9: the delivered table for the standards it has, else the shipped one of 1983; factors at 2 places.
columns:
  pf_standard: decimal(18,4)
  power_factor: decimal(18,4)
  adjustment_pct: decimal(18,4)
---*/
WITH delivered AS (
    SELECT
        ROUND(exact4(p.pf_standard), 2) AS pf_standard,
        ROUND(exact4(p.power_factor), 2) AS power_factor,
        MAX(exact4(p.adjustment_pct)) AS adjustment_pct
    FROM pf_adjustment AS p
    WHERE NOT is_beyond_share(p.adjustment_pct)
    GROUP BY ROUND(exact4(p.pf_standard), 2), ROUND(exact4(p.power_factor), 2)
)

SELECT
    CAST(d.pf_standard AS DECIMAL(18, 4)) AS pf_standard,
    CAST(d.power_factor AS DECIMAL(18, 4)) AS power_factor,
    CAST(d.adjustment_pct AS DECIMAL(18, 4)) AS adjustment_pct
FROM delivered AS d
UNION ALL
SELECT
    c.pf_standard,
    c.power_factor,
    c.adjustment_pct
FROM catalog_power_factor AS c
WHERE
    NOT EXISTS (
        SELECT 1 AS one
        FROM delivered AS d
        WHERE d.pf_standard = c.pf_standard
    )
