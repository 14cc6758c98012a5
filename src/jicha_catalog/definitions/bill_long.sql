/*---
name: bill_long
zh: 逐段复算账单的电费
en: Charges of a bill on the long way
note: >-
  Contract, sections 1 to 11: what the relations made of bill_case say of each bill of bill_status. A bill that is not judged has
  days and tariff where they are known, and no energy_yuan.
columns:
  bill_id: string
  customer_id: string
  point_id: string
  period: date
  days: int
  tariff_code: string
  adjusted_kwh: decimal(14,2)
  adjusted_yuan: decimal(18,2)
  other_yuan: decimal(18,2)
  billed_energy_yuan: decimal(18,2)
  billed_tier_yuan: decimal(18,2)
  billed_basic_yuan: decimal(18,2)
  billed_pf_yuan: decimal(18,2)
  billed_total_yuan: decimal(18,2)
  metered_kwh: decimal(14,2)
  loss_kwh: decimal(14,2)
  tip_kwh: decimal(14,2)
  peak_kwh: decimal(14,2)
  flat_kwh: decimal(14,2)
  valley_kwh: decimal(14,2)
  deep_valley_kwh: decimal(14,2)
  reactive_kvarh: decimal(14,2)
  billed_demand_kw: decimal(14,2)
  billed_capacity_kva: decimal(14,2)
  power_factor: decimal(4,2)
  pf_standard: decimal(18,4)
  energy_yuan: decimal(18,2)
  tier_yuan: decimal(18,2)
  basic_yuan: decimal(18,2)
  pf_yuan: decimal(18,2)
  reason: string
---*/
WITH basic AS (
    SELECT
        c.case_no,
        SUM(c.basic_yuan) AS basic_yuan,
        MAX(c.billed_demand_kw) AS billed_demand_kw,
        MAX(c.billed_capacity_kva) AS billed_capacity_kva
    FROM bill_basic AS c
    GROUP BY c.case_no
),

last_file AS (
    SELECT
        f.case_no,
        f.pf_standard
    FROM bill_file_segment AS f
    WHERE f.file_no = f.segments
),

-- what the long way says of days and tariff stands also where the bill is not judged
filed AS (
    SELECT
        c.case_no,
        c.point_id,
        c.period,
        CASE WHEN f.case_no IS NOT NULL THEN c.days END AS days,
        f.tariff_code
    FROM bill_case AS c
    LEFT JOIN bill_file_segment AS f ON c.case_no = f.case_no AND f.file_no = 1
)

SELECT
    s.bill_id,
    s.customer_id,
    s.point_id,
    s.period,
    CAST(x.days AS INTEGER) AS days,
    x.tariff_code,
    s.adjusted_kwh,
    s.adjusted_yuan,
    s.other_yuan,
    s.billed_energy_yuan,
    s.billed_tier_yuan,
    s.billed_basic_yuan,
    s.billed_pf_yuan,
    s.billed_total_yuan,
    e.own_kwh AS metered_kwh,
    e.loss_kwh,
    e.tip_kwh,
    e.peak_kwh,
    e.flat_kwh,
    e.valley_kwh,
    e.deep_valley_kwh,
    e.reactive_kvarh,
    a.billed_demand_kw,
    a.billed_capacity_kva,
    p.power_factor,
    l.pf_standard,
    CAST(CASE WHEN r.bill_id IS NULL THEN e.energy_yuan END AS DECIMAL(18, 2)) AS energy_yuan,
    t.tier_yuan,
    CAST(a.basic_yuan AS DECIMAL(18, 2)) AS basic_yuan,
    p.pf_yuan,
    r.reason
FROM bill_status AS s
LEFT JOIN filed AS x ON s.point_id = x.point_id AND s.period = x.period AND s.is_regular
LEFT JOIN bill_reason AS r ON s.bill_id = r.bill_id
LEFT JOIN bill_case_energy AS e ON x.case_no = e.case_no
LEFT JOIN bill_tier AS t ON s.bill_id = t.bill_id
LEFT JOIN basic AS a ON x.case_no = a.case_no
LEFT JOIN bill_power_factor AS p ON x.case_no = p.case_no
LEFT JOIN last_file AS l ON x.case_no = l.case_no
