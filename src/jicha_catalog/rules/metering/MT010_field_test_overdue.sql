/*---
code: MT010
name: {zh: 计量装置超现场检验周期, en: On-site test overdue}
group: MT
subject: metering_point
class: quantity
severity: medium
status: active
frequency: monthly
proof: state
tables: [metering_point, customer, field_test, meter]
key: [point_id]
parameters:
  - name: months
    label: {zh: 各电压等级的现场检验周期, en: Interval of field tests by voltage}
    type: table
    columns: {min_voltage_v: int, months: int}
    heads:
      min_voltage_v: {zh: 供电电压不低于(V), en: Supply voltage from (V)}
      months: {zh: 周期(月), en: Interval (months)}
    default: [[10000, 24], [66000, 12], [220000, 6]]
    unit: month
    source: {zh: DL/T 448-2016, en: DL/T 448-2016}
    verified: false
  - {name: check_first_test, label: {zh: 检查装表后的首次检验, en: Check the first test after installation}, type: bool, default: false, unit: flag, source: practice, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      overdue: {zh: 超过现场检验周期, en: the on-site test is overdue}
      first_test: {zh: 装表后一个月内的首次检验未做, en: the first test within one month of installation is missing}
  period_months: {zh: 检验周期(月), en: Test period (months)}
  base:
    zh: 起算
    en: Counted from
    codes:
      test: {zh: 上次检验, en: the last test}
      meter: {zh: 装表, en: the installation of the meter}
      opening: {zh: 立户, en: the opening of the account}
  base_on: {zh: 起算日期, en: Counted from day}
  due_on: {zh: 到期日期, en: Due on}
reason:
  zh: "{voltage_v}V供电，检验周期{period_months}个月：{problem}，自{base}（{base_on}）起，应在{due_on}前检验"
  en: "At {voltage_v} V the test period is {period_months} months: {problem}; counted from {base} ({base_on}) it was due on {due_on}"
basis: [{regulation: DL448, article: 运行中电能计量装置的现场检验, verified: false}]
remedy: {zh: 编制计划补做现场检验。, en: Schedule the test.}
near_miss:
  - {zh: 低压客户（没有周期检验）, en: low-voltage customer (no periodic test)}
  - {zh: 上次检验仍在周期内的客户, en: customer tested within the interval}
  - {zh: 全部暂停的客户, en: customer fully suspended}
decisions:
  - {zh: 参数months是一张表：电压不低于min_voltage_v的最高一档的周期；低于最低一档的不查。, en: 'The parameter months is a table: the period of the highest step whose min_voltage_v the voltage reaches; below the lowest nothing is tested.'}
  - {zh: 首次检验：当前电表装表之后没有检验，且装表已满2个月、未超过周期；到期日为装表后一个月。, en: 'First test: none since the current meter was installed 2 to m months ago; due one month after the installation.'}
  - {zh: 未判定：供电电压为空；或没有任何起算日期（规则本身不报）。, en: 'Not judged: the voltage is unknown, or there is no day to count from (such points are left out of the rule).'}
seed: 规定现场试验的周期
---*/
WITH tested AS (
    SELECT
        f.point_id,
        MAX(f.tested_on) AS tested_on
    FROM field_test AS f
    WHERE f.tested_on <= $as_of
    GROUP BY f.point_id
),

step AS (
    SELECT
        v.voltage_v,
        s.months,
        ROW_NUMBER() OVER (PARTITION BY v.voltage_v ORDER BY s.min_voltage_v DESC, s.months ASC) AS place
    FROM (
        SELECT p.voltage_v
        FROM metered_point AS p
        WHERE is_high_voltage(p.voltage_v)
        GROUP BY p.voltage_v
    ) AS v
    INNER JOIN parameter_months AS s ON v.voltage_v >= s.min_voltage_v
),

based AS (
    SELECT
        p.point_id,
        p.voltage_v,
        CAST(s.months AS INTEGER) AS period_months,
        t.tested_on,
        m.installed_on,
        COALESCE(t.tested_on, m.installed_on, c.opened_on) AS base_on,
        CASE
            WHEN t.tested_on IS NOT NULL THEN 'test'
            WHEN m.installed_on IS NOT NULL THEN 'meter'
            ELSE 'opening'
        END AS base
    FROM metered_point AS p
    INNER JOIN step AS s ON p.voltage_v = s.voltage_v AND s.place = 1
    INNER JOIN customer AS c ON p.customer_id = c.customer_id
    LEFT JOIN tested AS t ON p.point_id = t.point_id
    LEFT JOIN current_meter AS m ON p.point_id = m.point_id
    LEFT JOIN fully_suspended AS u ON p.customer_id = u.customer_id
    WHERE u.customer_id IS NULL
),

judged AS (
    SELECT
        b.point_id,
        b.voltage_v,
        b.period_months,
        b.tested_on,
        b.installed_on,
        b.base,
        b.base_on,
        CASE WHEN months_later(b.base_on, b.period_months) < $as_of THEN 1 ELSE 0 END AS is_overdue,
        CASE
            WHEN
                $check_first_test
                AND (b.tested_on IS NULL OR b.tested_on < b.installed_on)
                AND months_later(b.installed_on, 2) <= $as_of
                AND months_later(b.installed_on, b.period_months) >= $as_of
                THEN 1
            ELSE 0
        END AS is_first_missing
    FROM based AS b
)

SELECT
    j.point_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN j.is_overdue = 1 THEN 'overdue' END,
            CASE WHEN j.is_first_missing = 1 THEN 'first_test' END
        ) AS VARCHAR
    ) AS problem,
    j.voltage_v,
    CAST(j.period_months AS INTEGER) AS period_months,
    j.tested_on,
    CAST(CASE WHEN j.is_overdue = 1 THEN j.base ELSE 'meter' END AS VARCHAR) AS base,
    CAST(CASE WHEN j.is_overdue = 1 THEN j.base_on ELSE j.installed_on END AS DATE) AS base_on,
    CAST(
        CASE
            WHEN j.is_overdue = 1 THEN months_later(j.base_on, j.period_months)
            ELSE months_later(j.installed_on, 1)
        END AS DATE
    ) AS due_on
FROM judged AS j
WHERE j.is_overdue = 1 OR j.is_first_missing = 1;

/*--- not judged ---*/
SELECT
    p.point_id,
    CAST(
        CASE WHEN p.voltage_v IS NULL THEN 'voltage_v' ELSE 'tested_on,installed_on,opened_on' END AS VARCHAR
    ) AS missing
FROM metered_point AS p
INNER JOIN customer AS c ON p.customer_id = c.customer_id
LEFT JOIN current_meter AS m ON p.point_id = m.point_id
WHERE
    NOT EXISTS (
        SELECT u.customer_id
        FROM fully_suspended AS u
        WHERE u.customer_id = p.customer_id
    )
    AND (
        p.voltage_v IS NULL
        OR (
            is_high_voltage(p.voltage_v)
            AND m.installed_on IS NULL
            AND c.opened_on IS NULL
            AND EXISTS (
                SELECT s.months
                FROM parameter_months AS s
                WHERE s.min_voltage_v <= p.voltage_v
            )
            AND NOT EXISTS (
                SELECT f.test_id
                FROM field_test AS f
                WHERE f.point_id = p.point_id AND f.tested_on <= $as_of
            )
        )
    )
