/*---
code: MT002
name: {zh: 计费计量点无在装表或一点多表, en: Settlement point without a meter or with several}
group: MT
subject: metering_point
class: file
severity: high
status: active
frequency: monthly
proof: state
tables: [metering_point, meter, customer]
key: [point_id]
parameters:
  - {name: swap_days, label: {zh: 换表过渡期, en: Days allowed for a meter change}, type: int, default: 10, min: 0, max: 365, unit: day, source: practice, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      none: {zh: 没有在装电表, en: no meter in place}
      several: {zh: 多块电表同时在装, en: several meters in place at once}
  meters: {zh: 在装电表数, en: Meters in place}
  meter_ids: {zh: 在装电表, en: Meters in place}
  last_removed_on: {zh: 最近拆表日期, en: Last removal}
reason:
  zh: "装表计量的结算计量点{problem}（在装{meters}块[：{meter_ids}]）[，最近一次拆表为{last_removed_on}]"
  en: "Metered settlement point with {problem} ({meters} in place[: {meter_ids}])[; the last one was removed on {last_removed_on}]"
basis: [{regulation: 营业规则, article: 第七十一条, verified: false}]
remedy: {zh: 现场核实计量装置，补装、补录或更正表计关系。, en: 'Check on site, then install, register or correct the relation.'}
near_miss:
  - {zh: 定比定量点，本来没有电表, en: 'allocated (定比定量) point, which has no meter by design'}
  - {zh: 本周换表, en: meter swap this week}
  - {zh: 暂停客户、电表已拆, en: suspended customer whose meter was taken down}
decisions:
  - {zh: 换表期为筛查日前swap_days天（不含筛查日当天）；三块以上同时在装不因换表而免。, en: 'The swap span is the swap_days days before the screening date, which itself is not in it; three or more meters are reported in spite of a swap.'}
  - {zh: 未判定：有效期内有状态为空的电表，装表数因此可能是1块也可能不是。, en: 'Not judged: a meter without status is in its validity, so that the count may or may not be 1.'}
seed: 计量装置档案等内容进行稽查
---*/
WITH counted AS (
    SELECT
        t.point_id,
        COUNT(*) AS meters,
        MAX(t.installed_on) AS last_installed_on,
        STRING_AGG(t.meter_id, ',' ORDER BY t.meter_id) AS meter_ids
    FROM meter_in_place_today AS t
    WHERE t.status IN ('installed', 'faulty')
    GROUP BY t.point_id
),

changed AS (
    SELECT
        t.point_id,
        MAX(t.removed_on) AS last_removed_on,
        MAX(
            CASE WHEN t.removed_on >= $as_of - CAST($swap_days AS INTEGER) AND t.removed_on < $as_of THEN 1 ELSE 0 END
        ) AS is_taken_down,
        MAX(
            CASE
                WHEN t.installed_on >= $as_of - CAST($swap_days AS INTEGER) AND t.installed_on < $as_of THEN 1
                ELSE 0
            END
        ) AS is_put_up,
        MAX(
            CASE WHEN t.status IS NULL AND in_force(t.installed_on, t.removed_on, $as_of) THEN 1 ELSE 0 END
        ) AS is_unclear
    FROM meter AS t
    WHERE t.point_id IS NOT NULL
    GROUP BY t.point_id
)

SELECT
    p.point_id,
    CAST(CASE WHEN n.meters IS NULL THEN 'none' ELSE 'several' END AS VARCHAR) AS problem,
    CAST(COALESCE(n.meters, 0) AS BIGINT) AS meters,
    CAST(n.meter_ids AS VARCHAR) AS meter_ids,
    CAST(CASE WHEN n.meters IS NULL THEN t.last_removed_on END AS DATE) AS last_removed_on
FROM metered_point AS p
LEFT JOIN counted AS n ON p.point_id = n.point_id
LEFT JOIN changed AS t ON p.point_id = t.point_id
WHERE
    (n.meters IS NULL AND COALESCE(t.is_taken_down, 0) = 0 AND COALESCE(t.is_unclear, 0) = 0)
    OR (n.meters = 2 AND t.is_put_up = 0)
    OR n.meters > 2;

/*--- not judged ---*/
SELECT
    p.point_id,
    CAST('status' AS VARCHAR) AS missing
FROM metered_point AS p
LEFT JOIN meter_in_place_today AS m ON p.point_id = m.point_id AND m.status IN ('installed', 'faulty')
WHERE
    EXISTS (
        SELECT t.meter_id
        FROM meter AS t
        WHERE t.point_id = p.point_id AND t.status IS NULL AND in_force(t.installed_on, t.removed_on, $as_of)
    )
GROUP BY p.point_id
HAVING COUNT(m.meter_id) < 2
