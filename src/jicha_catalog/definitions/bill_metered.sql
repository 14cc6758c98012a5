/*---
name: bill_metered
zh: 计量点抄见电量
en: What the registers of a point say
note: >-
  Contract, section 3: per point and period of bill_case with at least a day the total, the bands (of a point with time of use on any
  day; flat is what the others leave; null where they exceed the total) and the reactive energy. An allocated point has no registers
  (allocation, allocation_value: those of its first file segment). Not rounded further.
columns:
  case_no: int
  allocation: string
  allocation_value: decimal(18,4)
  is_time_of_use: bool
  total_kwh: decimal(14,2)
  tip_kwh: decimal(14,2)
  peak_kwh: decimal(14,2)
  flat_kwh: decimal(14,2)
  valley_kwh: decimal(14,2)
  deep_valley_kwh: decimal(14,2)
  reactive_kvarh: decimal(14,2)
  read_reactive_kvarh: decimal(14,2)
  read_lead_kvarh: decimal(14,2)
  has_reactive: bool
  is_backwards: bool
  is_missing: bool
  is_exceeded: bool
---*/
WITH timed AS (
    SELECT
        f.case_no,
        MAX(CASE WHEN f.is_time_of_use THEN 1 ELSE 0 END) AS timed
    FROM bill_file_segment AS f
    GROUP BY f.case_no
),

pivoted AS (
    SELECT
        r.case_no,
        CAST(SUM(CASE WHEN r.register = 'total' AND NOT r.is_backwards THEN r.quantity END) AS DECIMAL(18, 6)) AS total,
        CAST(SUM(CASE WHEN r.register = 'tip' THEN r.quantity END) AS DECIMAL(18, 6)) AS tip,
        CAST(SUM(CASE WHEN r.register = 'peak' THEN r.quantity END) AS DECIMAL(18, 6)) AS peak,
        CAST(SUM(CASE WHEN r.register = 'valley' THEN r.quantity END) AS DECIMAL(18, 6)) AS valley,
        CAST(SUM(CASE WHEN r.register = 'deep_valley' THEN r.quantity END) AS DECIMAL(18, 6)) AS deep_valley,
        CAST(SUM(CASE WHEN r.register = 'reactive' THEN r.quantity END) AS DECIMAL(18, 6)) AS reactive,
        CAST(SUM(CASE WHEN r.register = 'reactive_lead' THEN ABS(r.quantity) END) AS DECIMAL(18, 6)) AS lead_kvarh,
        CAST(
            SUM(CASE WHEN r.register = 'reactive' AND NOT r.is_backwards THEN r.quantity END) AS DECIMAL(18, 6)
        ) AS read_reactive,
        CAST(
            SUM(
                CASE WHEN r.register = 'reactive_lead' AND NOT r.is_backwards THEN ABS(r.quantity) END
            ) AS DECIMAL(18, 6)
        ) AS read_lead,
        MAX(
            CASE WHEN r.register IN ('reactive', 'reactive_lead') AND NOT r.is_backwards THEN 1 ELSE 0 END
        ) AS reactive_registers,
        MAX(CASE WHEN r.is_backwards AND r.register = 'total' THEN 1 ELSE 0 END) AS total_backwards,
        MAX(
            CASE WHEN r.is_backwards AND r.register IN ('total', 'reactive', 'reactive_lead') THEN 1 ELSE 0 END
        ) AS main_backwards,
        MAX(CASE WHEN r.is_backwards THEN 1 ELSE 0 END) AS any_backwards
    FROM bill_register AS r
    GROUP BY r.case_no
),

-- at most 2 places are left (kwh_places): in narrow numbers what follows is computed with 64 bits
rounded AS (
    SELECT
        p.case_no,
        CAST(round_places(p.total, x.kwh_places) AS DECIMAL(14, 2)) AS total,
        CAST(COALESCE(round_places(p.tip, x.kwh_places), 0) AS DECIMAL(14, 2)) AS tip,
        CAST(COALESCE(round_places(p.peak, x.kwh_places), 0) AS DECIMAL(14, 2)) AS peak,
        CAST(COALESCE(round_places(p.valley, x.kwh_places), 0) AS DECIMAL(14, 2)) AS valley,
        CAST(COALESCE(round_places(p.deep_valley, x.kwh_places), 0) AS DECIMAL(14, 2)) AS deep_valley,
        CAST(COALESCE(round_places(p.reactive, x.kwh_places), 0) AS DECIMAL(14, 2))
        + CAST(COALESCE(round_places(p.lead_kvarh, x.kwh_places), 0) AS DECIMAL(14, 2)) AS reactive,
        CAST(COALESCE(round_places(p.read_reactive, x.kwh_places), 0) AS DECIMAL(14, 2)) AS read_reactive,
        CAST(COALESCE(round_places(p.read_lead, x.kwh_places), 0) AS DECIMAL(14, 2)) AS read_lead,
        p.reactive_registers,
        p.total_backwards,
        p.main_backwards,
        p.any_backwards
    FROM pivoted AS p
    INNER JOIN bill_case_setting AS x ON p.case_no = x.case_no
),

-- what the multiplier of the reading is asked for where the file has none
multiplied AS (
    SELECT
        f.case_no,
        r.multiplier
    FROM bill_file_segment AS f
    INNER JOIN bill_case AS c ON f.case_no = c.case_no
    INNER JOIN reading AS r
        ON
            c.point_id = r.point_id AND c.period = r.period AND r.register = 'total' AND r.period <= $p0
            AND r.period >= months_later($p0, 1 - $recompute_months)
    WHERE f.file_no = 1 AND f.multiplier IS NULL AND COALESCE(f.allocation, 'metered') = 'metered'
),

joined AS (
    SELECT
        f.case_no,
        COALESCE(f.allocation, 'metered') AS allocation,
        f.allocation_value,
        t.timed = 1 AS is_time_of_use,
        p.total,
        COALESCE(p.tip, 0) AS tip,
        COALESCE(p.peak, 0) AS peak,
        COALESCE(p.valley, 0) AS valley,
        COALESCE(p.deep_valley, 0) AS deep_valley,
        p.total - p.tip - p.peak - p.valley - p.deep_valley AS flat,
        COALESCE(p.reactive, 0) AS reactive,
        COALESCE(p.read_reactive, 0) AS read_reactive,
        COALESCE(p.read_lead, 0) AS read_lead,
        COALESCE(p.reactive_registers = 1, FALSE) AS has_reactive,
        COALESCE(CASE WHEN t.timed = 1 THEN p.any_backwards ELSE p.main_backwards END = 1, FALSE) AS is_backwards,
        p.total IS NULL AND COALESCE(p.total_backwards, 0) = 0 AS is_missing,
        CAST(-0.05 AS DECIMAL(3, 2)) * COALESCE(f.multiplier, exact4(r.multiplier), 1) AS tolerated_kwh
    FROM bill_file_segment AS f
    INNER JOIN timed AS t ON f.case_no = t.case_no
    LEFT JOIN rounded AS p ON f.case_no = p.case_no
    LEFT JOIN multiplied AS r ON f.case_no = r.case_no
    WHERE f.file_no = 1
)

SELECT
    j.case_no,
    j.allocation,
    j.allocation_value,
    j.is_time_of_use,
    CAST(j.total AS DECIMAL(14, 2)) AS total_kwh,
    CAST(CASE WHEN j.is_time_of_use THEN j.tip ELSE 0 END AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(
        CASE WHEN NOT j.is_time_of_use THEN 0 WHEN j.flat < 0 THEN j.peak + j.flat ELSE j.peak END AS DECIMAL(14, 2)
    ) AS peak_kwh,
    CAST(
        CASE WHEN NOT j.is_time_of_use THEN j.total WHEN j.flat < 0 THEN 0 ELSE j.flat END AS DECIMAL(14, 2)
    ) AS flat_kwh,
    CAST(CASE WHEN j.is_time_of_use THEN j.valley ELSE 0 END AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(CASE WHEN j.is_time_of_use THEN j.deep_valley ELSE 0 END AS DECIMAL(14, 2)) AS deep_valley_kwh,
    CAST(j.reactive AS DECIMAL(14, 2)) AS reactive_kvarh,
    CAST(j.read_reactive AS DECIMAL(14, 2)) AS read_reactive_kvarh,
    CAST(j.read_lead AS DECIMAL(14, 2)) AS read_lead_kvarh,
    j.has_reactive,
    CAST(j.is_backwards AND j.allocation = 'metered' AS BOOLEAN) AS is_backwards,
    CAST(j.is_missing AND j.allocation = 'metered' AS BOOLEAN) AS is_missing,
    CAST(COALESCE(j.is_time_of_use AND j.flat < j.tolerated_kwh, FALSE) AS BOOLEAN) AS is_exceeded
FROM joined AS j
