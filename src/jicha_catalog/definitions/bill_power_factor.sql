/*---
name: bill_power_factor
zh: 力调电费
en: Power-factor adjustment
note: >-
  Contract, section 9: per point and period with a standard on some day the adjustment, and factor and standard of the last file
  segment. missing: reactive_missing or pf_row_missing of the first segment that has none.
columns:
  case_no: int
  pf_yuan: decimal(18,2)
  power_factor: decimal(4,2)
  missing: string
---*/
WITH basic AS (
    SELECT
        b.case_no,
        SUM(b.basic_yuan) AS yuan
    FROM bill_basic AS b
    GROUP BY b.case_no
),

energy AS (
    SELECT
        l.case_no,
        l.file_no,
        SUM(l.yuan - l.outside_yuan) AS yuan
    FROM bill_line_energy AS l
    GROUP BY l.case_no, l.file_no
),

factored AS (
    SELECT
        s.case_no,
        s.file_no,
        s.segments,
        s.pf_standard,
        COALESCE(e.yuan, 0)
        + share_of(COALESCE(b.yuan, 0), s.passed_days, s.whole_days)
        - share_of(COALESCE(b.yuan, 0), s.passed_days - s.days, s.whole_days) AS base_yuan,
        COALESCE(q.has_reactive, FALSE) AS has_reactive,
        CASE
            WHEN q.active_kwh <= 0 AND q.reactive_kvarh > 0 THEN CAST(0 AS DECIMAL(18, 2))
            WHEN q.active_kwh > 0
                THEN
                    ROUND(
                        exact6(
                            CAST(q.active_kwh AS DOUBLE)
                            / NULLIF(
                                CAST(
                                    SQRT(
                                        CAST(q.active_kwh AS DOUBLE) * CAST(q.active_kwh AS DOUBLE)
                                        + CAST(q.reactive_kvarh AS DOUBLE) * CAST(q.reactive_kvarh AS DOUBLE)
                                    ) AS DOUBLE
                                ),
                                0
                            )
                        ),
                        2
                    )
        END AS power_factor
    FROM bill_file_segment AS s
    LEFT JOIN bill_pf_energy AS q ON s.case_no = q.case_no AND s.file_no = q.file_no
    LEFT JOIN basic AS b ON s.case_no = b.case_no
    LEFT JOIN energy AS e ON s.case_no = e.case_no AND s.file_no = e.file_no
    WHERE s.pf_standard IS NOT NULL
),

adjusted AS (
    SELECT
        f.case_no,
        f.file_no,
        f.segments,
        f.pf_standard,
        f.power_factor,
        CASE
            WHEN f.power_factor IS NULL THEN CAST(0 AS DECIMAL(18, 2))
            ELSE ROUND(exact6(CAST(f.base_yuan AS DOUBLE) * CAST(t.adjustment_pct AS DOUBLE) / 100), 2)
        END AS yuan,
        CASE
            WHEN NOT f.has_reactive THEN 'reactive_missing'
            WHEN f.power_factor IS NOT NULL AND t.adjustment_pct IS NULL THEN 'pf_row_missing'
        END AS missing
    FROM factored AS f
    LEFT JOIN bill_power_factor_table AS t
        ON ROUND(f.pf_standard, 2) = t.pf_standard AND f.power_factor = t.power_factor
),

first_missing AS (
    SELECT
        a.case_no,
        a.missing
    FROM adjusted AS a
    WHERE a.missing IS NOT NULL
    QUALIFY ROW_NUMBER() OVER (PARTITION BY a.case_no ORDER BY a.file_no) = 1
)

SELECT
    a.case_no,
    CAST(SUM(a.yuan) AS DECIMAL(18, 2)) AS pf_yuan,
    CAST(MAX(CASE WHEN a.file_no = a.segments THEN a.power_factor END) AS DECIMAL(4, 2)) AS power_factor,
    CAST(MAX(m.missing) AS VARCHAR) AS missing
FROM adjusted AS a
LEFT JOIN first_missing AS m ON a.case_no = m.case_no
GROUP BY a.case_no
