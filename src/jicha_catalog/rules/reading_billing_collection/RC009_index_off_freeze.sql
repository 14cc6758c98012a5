/*---
code: RC009
name: {zh: 抄表示数与采集冻结示数不一致, en: Billed index differs from the frozen index}
group: RC
subject: metering_point
class: quantity
severity: high
status: active
frequency: monthly
proof: recompute
tables: [reading, metering_point, customer, daily_energy]
key: [point_id, period]
parameters:
  - {name: tol, label: {zh: 允许示数偏差, en: Tolerance of the index}, type: "decimal(10,3)", default: 1, min: 0, max: 10000, unit: index kWh, source: {zh: 营销示数与冻结示数相差超过1kWh, en: Billing index off the frozen one by more than 1 kWh}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      withheld: {zh: 低于当日冻结示数, en: below the frozen index of the day}
      invented: {zh: 高于次日冻结示数, en: above the frozen index of the next day}
  read_on: {zh: 抄表日, en: Day of reading}
  frozen_before: {zh: 当日冻结示数, en: Frozen index of the day}
  frozen_after: {zh: 次日冻结示数, en: Frozen index of the next day}
  is_extrapolated: {zh: 次日示数为推算, en: Next day's index is extrapolated}
  deviation: {zh: 示数偏差, en: Deviation of the index}
  tolerance: {zh: 允许偏差, en: Tolerance}
reason:
  zh: "{read_on}抄表示数{current_index}，{problem}，偏差{deviation}（允许{tolerance}）；当日零点冻结{frozen_before}[，次日{frozen_after}]"
  en: "Index {current_index} read on {read_on} is {problem} by {deviation} (tolerance {tolerance}); frozen {frozen_before} at midnight of that day[, {frozen_after} of the next]"
amount:
  zh: （较近的冻结示数－抄表示数）×倍率×参考电价，正数为少计
  en: (nearest frozen index - index read) x multiplier x reference price; positive means under-billed
basis: [{regulation: 抄核收规则, article: 抄表数据复核, verified: false}]
remedy: {zh: 核对抄表照片，压抄、虚抄的按实更正。, en: Check the photo; correct withheld or invented readings.}
near_miss:
  - {zh: 日间抄表，示数在前后两次冻结之间, en: 'read during the day, between two frozen indexes'}
  - {zh: 没有冻结示数的估抄, en: estimated reading where no freeze exists}
  - {zh: 前后冻结示数都缺, en: both freezes missing}
decisions:
  - {zh: 次日冻结示数缺失时，以抄表日前7天内最早一天到抄表日的平均日增量推算；没有可用增量时只判断是否低于当日冻结示数。, en: 'A missing next index is extrapolated by the mean increment from the earliest index of the 7 days before; without one only "below" is tested.'}
  - {zh: 允许偏差为tol与本期示数差绝对值2%的较大者；上次示数为空时只用tol。恰为允许偏差不报。, en: 'The tolerance is the greater of tol and 2 % of the absolute index difference (tol alone when the previous index is unknown); on it is within it.'}
  - {zh: 换表包括装拆表日和分段抄表的换表日，抄表日前后2天内不判断。, en: Days on which a meter was installed or removed and segments split for a change count as a meter change.}
  - {zh: 倍率用抄表行的，为空用计量点档案的。, en: 'The multiplier is that of the reading row, where unknown that of the point.'}
  - {zh: 未判定：有示数而抄表时间或方式为空；或没有当日冻结示数而有次日的。两者都缺属未采集，不列出。, en: 'Not judged: an index without a day or method; or the next day''s freeze is there and that of the day is not. Without both it is not tested and not listed.'}
seed: 估抄、错抄 / 抄表准确
---*/
WITH off AS (
    SELECT
        f.point_id,
        f.read_on,
        f.current_index,
        f.frozen_before,
        f.frozen_after,
        f.is_extrapolated,
        CASE
            WHEN f.current_index < f.frozen_before THEN f.frozen_before - f.current_index
            ELSE f.frozen_after - f.current_index
        END AS shortfall,
        GREATEST(
            $tol, COALESCE(ABS(f.current_index - f.previous_index), 0) * CAST(0.02 AS DECIMAL(3, 2))
        ) AS tolerance
    FROM frozen_index AS f
    WHERE
        f.frozen_before IS NOT NULL
        AND is_off_freeze(f.current_index, f.previous_index, f.frozen_before, f.frozen_after, $tol)
)

SELECT
    o.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(CASE WHEN o.shortfall > 0 THEN 'withheld' ELSE 'invented' END AS VARCHAR) AS problem,
    o.read_on,
    o.current_index,
    o.frozen_before,
    CAST(o.frozen_after AS DECIMAL(18, 2)) AS frozen_after,
    o.is_extrapolated,
    CAST(ABS(o.shortfall) AS DECIMAL(18, 2)) AS deviation,
    CAST(o.tolerance AS DECIMAL(18, 2)) AS tolerance,
    CAST(
        worth_yuan(
            CAST(o.shortfall AS DECIMAL(20, 4)) * multiplier_exact(COALESCE(r.multiplier, p.multiplier)), q.price
        ) AS DECIMAL(18, 2)
    ) AS amount_yuan,
    TRY_CAST(
        CAST(o.shortfall AS DECIMAL(20, 4)) * multiplier_exact(COALESCE(r.multiplier, p.multiplier))
        AS DECIMAL(14, 2)
    ) AS energy_kwh
FROM off AS o
INNER JOIN reading AS r ON o.point_id = r.point_id
INNER JOIN metering_point AS p ON o.point_id = p.point_id
LEFT JOIN reference_price AS q ON o.point_id = q.point_id
WHERE r.period = $p0 AND r.register = 'total';

/*--- not judged ---*/
SELECT
    r.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(
        CASE
            WHEN r.read_on IS NULL OR r.method IS NULL
                THEN CONCAT_WS(
                    ',', CASE WHEN r.read_on IS NULL THEN 'read_at' END, CASE WHEN r.method IS NULL THEN 'method' END
                )
            ELSE 'index_kwh'
        END AS VARCHAR
    ) AS missing
FROM recent_reading AS r
LEFT JOIN frozen_index AS f ON r.point_id = f.point_id
WHERE
    r.back = 0
    AND r.current_index IS NOT NULL
    AND (r.method IS NULL OR r.method <> 'none')
    AND (
        r.read_on IS NULL
        OR r.method IS NULL
        OR (f.frozen_before IS NULL AND f.frozen_after IS NOT NULL)
    )
