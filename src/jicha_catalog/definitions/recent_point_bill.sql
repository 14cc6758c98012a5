/*---
name: recent_point_bill
zh: 近三期计量点账单
en: Bills of a point in the last three periods
note: >-
  All bills of a point and period of W(3), of every kind, summed (all null stays null). back: periods before P0, 0 to 2.
tables: [bill]
columns:
  point_id: string
  period: date
  back: int
  metered_kwh: decimal(18,2)
  loss_kwh: decimal(18,2)
  billed_kwh: decimal(18,2)
  tip_kwh: decimal(18,2)
  peak_kwh: decimal(18,2)
  flat_kwh: decimal(18,2)
  valley_kwh: decimal(18,2)
  deep_valley_kwh: decimal(18,2)
  reactive_kvarh: decimal(18,2)
  energy_yuan: decimal(18,2)
  basic_yuan: decimal(18,2)
---*/
SELECT
    b.point_id,
    b.period,
    CAST(month_number($p0) - month_number(b.period) AS INTEGER) AS back,
    CAST(SUM(b.metered_kwh) AS DECIMAL(18, 2)) AS metered_kwh,
    CAST(SUM(b.loss_kwh) AS DECIMAL(18, 2)) AS loss_kwh,
    CAST(SUM(b.billed_kwh) AS DECIMAL(18, 2)) AS billed_kwh,
    CAST(SUM(b.tip_kwh) AS DECIMAL(18, 2)) AS tip_kwh,
    CAST(SUM(b.peak_kwh) AS DECIMAL(18, 2)) AS peak_kwh,
    CAST(SUM(b.flat_kwh) AS DECIMAL(18, 2)) AS flat_kwh,
    CAST(SUM(b.valley_kwh) AS DECIMAL(18, 2)) AS valley_kwh,
    CAST(SUM(b.deep_valley_kwh) AS DECIMAL(18, 2)) AS deep_valley_kwh,
    CAST(SUM(b.reactive_kvarh) AS DECIMAL(18, 2)) AS reactive_kvarh,
    CAST(SUM(b.energy_yuan) AS DECIMAL(18, 2)) AS energy_yuan,
    CAST(SUM(b.basic_yuan) AS DECIMAL(18, 2)) AS basic_yuan
FROM bill AS b
WHERE b.period <= $p0 AND b.period >= months_later($p0, -2)
GROUP BY b.point_id, b.period
