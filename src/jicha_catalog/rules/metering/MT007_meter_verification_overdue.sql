/*---
code: MT007
name: {zh: 电能表超检定或轮换周期, en: Meter beyond its verification or replacement period}
group: MT
subject: meter
class: quantity
severity: medium
status: active
frequency: monthly
proof: state
tables: [meter, metering_point]
key: [meter_id]
parameters:
  - {name: grace_days, label: {zh: 到期后宽限天数, en: Days of grace after the due day}, type: int, default: 0, min: 0, max: 3650, unit: day, source: {zh: JJG 596, en: JJG 596}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      overdue: {zh: 检定或轮换已到期, en: beyond its verification or replacement period}
      no_date: {zh: 没有检定日期也没有装表日期, en: on file without a verification or an installation date}
  base_on: {zh: 周期起算日期, en: Period begins on}
  period_months: {zh: 周期(月), en: Period (months)}
  due_on: {zh: 到期日期, en: Due on}
  days_overdue: {zh: 超期天数, en: Days overdue}
  meter_point_id: {zh: 计量点, en: Metering point}
reason:
  zh: "{problem}[：自{base_on}起{period_months}个月，{due_on}到期，已超{days_overdue}天]"
  en: "The meter is {problem}[: {period_months} months from {base_on} ended on {due_on}, {days_overdue} days ago]"
basis:
  - {regulation: JJG596, article: 检定周期, verified: false}
  - {regulation: 计量法, article: 第九条, verified: true}
remedy: {zh: 安排轮换或检定，核查周期计划执行。, en: Schedule replacement or verification and check the plan.}
near_miss:
  - {zh: 入库检定三年后才装出, en: verified in stock three years before installation}
  - {zh: 单相表按状态轮换、没有周期, en: single-phase meter under condition-based replacement}
  - {zh: 下周到期, en: period ends next week}
decisions:
  - {zh: 准确度等级前后空白不计；等级为空按96个月。, en: 'Blanks around the accuracy class do not count; without a class the period is 96 months.'}
  - {zh: “无日期”的问题只报倍率大于1的结算计量点；其余没有日期的列为未判定。, en: 'A meter without any date is reported on a settlement point with a multiplier above 1; elsewhere it is not judged.'}
  - {zh: 相数为空的不算单相表。, en: A meter whose phases are unknown is not taken for single-phase.}
seed: 周期检定(轮换)的内容是否与现场相符
---*/
WITH held AS (
    SELECT
        m.meter_id,
        m.point_id,
        m.verified_on,
        CASE
            WHEN m.verified_on IS NULL OR m.installed_on > months_later(m.verified_on, 24) THEN m.installed_on
            ELSE m.verified_on
        END AS base_on,
        CAST(
            COALESCE(
                m.verification_months,
                CASE WHEN TRIM(m.accuracy_class) IN ('0.2S', '0.5S', '0.2', '0.5') THEN 72 ELSE 96 END
            ) AS INTEGER
        ) AS period_months,
        CASE WHEN p.purpose = 'settlement' AND p.multiplier > 1 THEN 1 ELSE 0 END AS has_ratio
    FROM current_meter AS m
    INNER JOIN metering_point AS p ON m.point_id = p.point_id
    WHERE
        (p.status IS NULL OR p.status = 'active')
        AND (m.phases IS NULL OR m.phases <> 1 OR m.verification_months IS NOT NULL)
)

SELECT
    h.meter_id,
    CAST(CASE WHEN h.base_on IS NULL THEN 'no_date' ELSE 'overdue' END AS VARCHAR) AS problem,
    h.verified_on,
    CAST(h.base_on AS DATE) AS base_on,
    CAST(h.period_months AS INTEGER) AS period_months,
    CAST(months_later(h.base_on, h.period_months) AS DATE) AS due_on,
    CAST(DATE_DIFF('day', months_later(h.base_on, h.period_months), $as_of) AS BIGINT) AS days_overdue,
    CAST(h.point_id AS VARCHAR) AS meter_point_id
FROM held AS h
WHERE
    months_later(h.base_on, h.period_months) < $as_of - CAST($grace_days AS INTEGER)
    OR (h.base_on IS NULL AND h.has_ratio = 1);

/*--- not judged ---*/
SELECT
    m.meter_id,
    CAST('verified_on,installed_on' AS VARCHAR) AS missing
FROM current_meter AS m
INNER JOIN metering_point AS p ON m.point_id = p.point_id
WHERE
    (p.status IS NULL OR p.status = 'active')
    AND (m.phases IS NULL OR m.phases <> 1 OR m.verification_months IS NOT NULL)
    AND m.verified_on IS NULL
    AND m.installed_on IS NULL
    AND NOT (p.purpose = 'settlement' AND COALESCE(p.multiplier, 0) > 1)
