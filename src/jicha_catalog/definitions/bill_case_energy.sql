/*---
name: bill_case_energy
zh: 逐段复算的电量电费
en: Energy of a bill on the long way
note: >-
  Contract, sections 5 and 6: per point and period with known quantity what its bill is for (bands of the segments with time of use)
  and the charge; missing: why prices are not known, joined by commas.
columns:
  case_no: int
  own_kwh: decimal(14,2)
  loss_kwh: decimal(14,2)
  billed_kwh: decimal(14,2)
  tip_kwh: decimal(14,2)
  peak_kwh: decimal(14,2)
  flat_kwh: decimal(14,2)
  valley_kwh: decimal(14,2)
  deep_valley_kwh: decimal(14,2)
  reactive_kvarh: decimal(14,2)
  energy_yuan: decimal(18,2)
  tariff_code: string
  tier_first_year: string
  missing: string
---*/
WITH banded AS (
    SELECT
        s.case_no,
        MAX(CASE WHEN s.is_time_of_use THEN 1 ELSE 0 END) AS timed,
        SUM(CASE WHEN s.is_time_of_use THEN s.tip_kwh ELSE 0 END) AS tip,
        SUM(CASE WHEN s.is_time_of_use THEN s.peak_kwh ELSE 0 END) AS peak,
        SUM(CASE WHEN s.is_time_of_use THEN s.flat_kwh ELSE 0 END) AS flat,
        SUM(CASE WHEN s.is_time_of_use THEN s.valley_kwh ELSE 0 END) AS valley,
        SUM(CASE WHEN s.is_time_of_use THEN s.deep_valley_kwh ELSE 0 END) AS deep_valley
    FROM bill_segment AS s
    GROUP BY s.case_no
),

charged AS (
    SELECT
        l.case_no,
        SUM(l.yuan) AS yuan
    FROM bill_line_energy AS l
    GROUP BY l.case_no
),

unpriced AS (
    SELECT
        l.case_no,
        MAX(CASE WHEN l.missing = 'price_missing' THEN l.missing END) AS price,
        MAX(CASE WHEN l.missing LIKE 'component_missing%' THEN 'component_missing' END) AS component,
        MAX(CASE WHEN l.missing LIKE '%customer_price_missing' THEN 'customer_price_missing' END) AS customer_price
    FROM bill_line_energy AS l
    WHERE l.missing IS NOT NULL
    GROUP BY l.case_no
)

SELECT
    b.case_no,
    CAST(o.gross_kwh - o.taken_kwh AS DECIMAL(14, 2)) AS own_kwh,
    o.loss_kwh,
    CAST(o.gross_kwh - o.taken_kwh + o.loss_kwh + c.adjusted_kwh AS DECIMAL(14, 2)) AS billed_kwh,
    CAST(CASE WHEN b.timed = 1 THEN b.tip END AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(CASE WHEN b.timed = 1 THEN b.peak END AS DECIMAL(14, 2)) AS peak_kwh,
    CAST(CASE WHEN b.timed = 1 THEN b.flat END AS DECIMAL(14, 2)) AS flat_kwh,
    CAST(CASE WHEN b.timed = 1 THEN b.valley END AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(CASE WHEN b.timed = 1 THEN b.deep_valley END AS DECIMAL(14, 2)) AS deep_valley_kwh,
    CAST(CASE WHEN m.has_reactive THEN m.reactive_kvarh + o.loss_kvarh END AS DECIMAL(14, 2)) AS reactive_kvarh,
    CAST(COALESCE(y.yuan, 0) AS DECIMAL(18, 2)) AS energy_yuan,
    f.tariff_code,
    x.tier_first_year,
    CAST(NULLIF(CONCAT_WS(',', u.price, u.component, u.customer_price), '') AS VARCHAR) AS missing
FROM banded AS b
INNER JOIN bill_case AS c ON b.case_no = c.case_no
INNER JOIN bill_case_setting AS x ON b.case_no = x.case_no
INNER JOIN bill_file_segment AS f ON b.case_no = f.case_no AND f.file_no = 1
INNER JOIN bill_own AS o ON b.case_no = o.case_no
INNER JOIN bill_metered AS m ON b.case_no = m.case_no
LEFT JOIN charged AS y ON b.case_no = y.case_no
LEFT JOIN unpriced AS u ON b.case_no = u.case_no
