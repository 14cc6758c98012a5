/*---
code: MT020
name: {zh: 示数倒走或飞走, en: Index ran backwards or jumped}
group: MT
subject: metering_point
class: quantity
severity: high
status: active
frequency: on_bill_issue
proof: recompute
tables: [reading, metering_point, customer, meter]
key: [point_id, period]
parameters:
  - {name: factor, label: {zh: 飞走界限，满载电量的倍数, en: Runaway above this many times the energy at full load}, type: "decimal(10,4)", default: 1.3, min: 1, max: 100, unit: times, source: {zh: 物理上限，留过载余量, en: Physical limit with a margin for overload}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      backwards: {zh: 示数倒走, en: the index ran backwards}
      jump: {zh: 电量超过物理上限, en: the quantity exceeds what is physically possible}
  registers:
    zh: 倒走的示数
    en: Registers
    codes:
      total: {zh: 有功总, en: total}
      tip: {zh: 有功尖, en: tip}
      peak: {zh: 有功峰, en: peak}
      flat: {zh: 有功平, en: flat}
      valley: {zh: 有功谷, en: valley}
      deep_valley: {zh: 有功深谷, en: deep valley}
  shown_previous_index: {zh: 上次示数, en: Previous index}
  shown_current_index: {zh: 本次示数, en: Current index}
  total_kwh: {zh: 抄见电量(kWh), en: Quantity (kWh)}
  limit_kwh: {zh: 电量上限(kWh), en: Physical limit (kWh)}
  median_kwh: {zh: 近12期中位数(kWh), en: Median of 12 periods (kWh)}
reason:
  zh: "{period}{problem}[：{registers}，由{shown_previous_index}到{shown_current_index}][：{total_kwh}kWh，容量上限{limit_kwh}kWh][，近12期中位数{median_kwh}kWh]"
  en: "In {period} {problem}[: {registers} from {shown_previous_index} to {shown_current_index}][: {total_kwh} kWh against a limit of {limit_kwh} kWh][; median of 12 periods {median_kwh} kWh]"
amount:
  zh: 飞走：（抄见电量－近12期中位数）× 参考电价；倒走：（上次示数－本次示数）× 倍率 × 参考电价
  en: 'jump: (quantity − median of the last 12) × reference price; backwards: (previous − current index) × multiplier × reference price'
basis: [{regulation: 营业规则, article: 第八十二条, verified: false}]
remedy: {zh: 核对抄表照片与采集冻结值，更正示数或检定表计。, en: 'Compare photo and frozen index, correct the index or test the meter.'}
near_miss:
  - {zh: 示数满位后翻转归零, en: index rolled over at its last digit}
  - {zh: 冲减上期多抄（RC003）, en: correction of an over-estimate (RC003)}
  - {zh: 当期换表, en: meter swapped in the period}
decisions:
  - {zh: “上一期”为同一示数12个月内最近一期的抄表数据。, en: 'The previous period is the latest earlier one of the same register within twelve months.'}
  - {zh: 多个示数倒走时，总示数倒走的按总示数估算，否则按各时段示数之和；所示示数为总示数或第一个倒走的时段。, en: 'When several registers ran backwards, the amount is that of the total, or the sum of the bands where the total did not; the indexes shown are those of the total or of the first such band.'}
  - {zh: 倍率取抄表数据的，空时取档案的；同时飞走的按飞走估算。, en: 'The multiplier is that of the reading, else of the file; where the quantity also jumped, that amount is taken.'}
  - {zh: 未判定：示数变小、非翻转、当期未换表，而本期或上一期抄表方式不明（两者均不是估抄）。, en: 'Not judged: the index fell without roll-over or meter change and how it was read, this time or before, is unknown.'}
seed: 抄表数据准备 / 故障表计
---*/
WITH backward_register AS (
    SELECT
        f.point_id,
        f.register,
        f.previous_index,
        f.current_index,
        (f.previous_index - f.current_index) * f.multiplier AS kwh,
        ROW_NUMBER() OVER (
            PARTITION BY f.point_id
            ORDER BY
                CASE f.register
                    WHEN 'total' THEN 0
                    WHEN 'tip' THEN 1
                    WHEN 'peak' THEN 2
                    WHEN 'flat' THEN 3
                    WHEN 'valley' THEN 4
                    ELSE 5
                END
        ) AS place
    FROM fallen_index AS f
    WHERE f.method IS NOT NULL AND f.earlier_method <> 'estimated'
),

backwards AS (
    SELECT
        b.point_id,
        STRING_AGG(b.register, ',' ORDER BY b.place) AS registers,
        MAX(CASE WHEN b.place = 1 THEN b.previous_index END) AS previous_index,
        MAX(CASE WHEN b.place = 1 THEN b.current_index END) AS current_index,
        COALESCE(
            SUM(CASE WHEN b.register = 'total' THEN b.kwh END), SUM(CASE WHEN b.register <> 'total' THEN b.kwh END)
        ) AS kwh
    FROM backward_register AS b
    GROUP BY b.point_id
),

capped AS (
    SELECT
        p.point_id,
        CASE
            WHEN p.operating_capacity_kva > 0 THEN p.operating_capacity_kva
            WHEN p.operating_capacity_kva = 0 OR p.operating_capacity_kva IS NULL
                THEN
                    CASE
                        WHEN p.contract_capacity_kva > 0 THEN p.contract_capacity_kva
                        WHEN p.usage_class = 'residential' THEN CAST(16 AS DECIMAL(18, 4))
                    END
        END AS capacity_kva,
        DATE_DIFF('day', months_later($p0, 1 - p.reading_cycle), months_later($p0, 1)) AS cycle_days
    FROM metered_point AS p
),

jump AS (
    SELECT
        c.point_id,
        r.quantity,
        CAST(
            CAST(c.capacity_kva AS DECIMAL(20, 4)) * CAST(24 * c.cycle_days AS INTEGER) * CAST($factor AS DECIMAL(7, 4))
            AS DECIMAL(36, 8)
        ) AS limit_kwh
    FROM reading AS r
    INNER JOIN capped AS c ON r.point_id = c.point_id
    WHERE
        r.register = 'total'
        AND r.period = $p0
        AND r.previous_index IS NOT NULL
        AND r.current_index IS NOT NULL
        AND r.quantity
        > CAST(c.capacity_kva AS DECIMAL(20, 4)) * CAST(24 * c.cycle_days AS INTEGER) * CAST($factor AS DECIMAL(7, 4))
),

suspect AS (
    SELECT b.point_id FROM backwards AS b
    UNION
    SELECT j.point_id FROM jump AS j
)

SELECT
    s.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(
        worth_yuan(CASE WHEN j.point_id IS NOT NULL THEN j.quantity - d.median_kwh ELSE b.kwh END, f.price)
        AS DECIMAL(18, 2)
    ) AS amount_yuan,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN b.point_id IS NOT NULL THEN 'backwards' END,
            CASE WHEN j.point_id IS NOT NULL THEN 'jump' END
        ) AS VARCHAR
    ) AS problem,
    CAST(b.registers AS VARCHAR) AS registers,
    CAST(b.previous_index AS DECIMAL(14, 2)) AS shown_previous_index,
    CAST(b.current_index AS DECIMAL(14, 2)) AS shown_current_index,
    CAST(j.quantity AS DECIMAL(14, 2)) AS total_kwh,
    CAST(j.limit_kwh AS DECIMAL(24, 2)) AS limit_kwh,
    CAST(CASE WHEN j.point_id IS NOT NULL THEN d.median_kwh END AS DECIMAL(18, 3)) AS median_kwh
FROM suspect AS s
LEFT JOIN backwards AS b ON s.point_id = b.point_id
LEFT JOIN jump AS j ON s.point_id = j.point_id
LEFT JOIN median_quantity AS d ON s.point_id = d.point_id
LEFT JOIN reference_price AS f ON s.point_id = f.point_id
WHERE
    NOT EXISTS (
        SELECT x.point_id
        FROM meter_change AS x
        WHERE x.point_id = s.point_id AND x.period = $p0
    );

/*--- not judged ---*/
SELECT
    f.point_id,
    CAST($p0 AS DATE) AS period,
    CAST('method' AS VARCHAR) AS missing
FROM fallen_index AS f
WHERE
    NOT EXISTS (
        SELECT x.point_id
        FROM meter_change AS x
        WHERE x.point_id = f.point_id AND x.period = $p0
    )
GROUP BY f.point_id
HAVING
    MAX(CASE WHEN f.method IS NOT NULL AND f.earlier_method <> 'estimated' THEN 1 ELSE 0 END) = 0
    AND MAX(
        CASE
            WHEN (f.method IS NULL OR f.earlier_method IS NULL) AND COALESCE(f.earlier_method, '') <> 'estimated' THEN 1
            ELSE 0
        END
    ) = 1
