/*---
code: AC009
name: {zh: 违约金漏收或计收错误, en: Late-payment penalty missing or wrong}
group: AC
subject: bill
class: fee
severity: medium
status: active
frequency: monthly
proof: state
tables: [payment, bill, customer]
key: [bill_id]
parameters:
  - name: rates
    label: {zh: 违约金日费率, en: Daily rates of the penalty}
    type: table
    columns: {kind: string, daily_rate: "decimal(8,6)"}
    heads:
      kind: {zh: 欠费, en: Arrears, codes: {residential: {zh: 居民, en: Residential}, same_year: {zh: 非居民当年欠费, en: 'Others, of the year'}, later_year: {zh: 非居民跨年欠费, en: 'Others, of earlier years'}}}
      daily_rate: {zh: 日费率, en: Rate per day}
    default: [[residential, 0.001], [same_year, 0.002], [later_year, 0.003]]
    unit: per day
    source: {zh: 供电营业规则, en: Power supply rules}
    verified: true
  - {name: grace, label: {zh: 宽限天数，逾期超过才检查, en: Days of grace; only later payments are checked}, type: int, default: 3, min: 0, max: 60, unit: day, source: {zh: 业务经验值（各省不同）, en: 'Practice, differs by province'}, verified: true}
  - {name: cap_at_principal, label: {zh: 违约金以所欠本金为上限, en: Penalty limited to the principal owed}, type: bool, default: true, unit: flag, source: provincial, verified: false}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      not_collected: {zh: 未收违约金, en: no penalty collected}
      too_little: {zh: 违约金少收, en: penalty too small}
      too_much: {zh: 违约金多收, en: penalty too great}
  last_paid_on: {zh: 最后一笔收费日期, en: Day of the last payment}
  late_yuan: {zh: 逾期收到的本金(元), en: Principal received late (yuan)}
  expected_yuan: {zh: 应收违约金(元), en: Penalty due (yuan)}
  collected_yuan: {zh: 实收违约金(元), en: Penalty collected (yuan)}
reason:
  zh: "{problem}：缴费截止{due_on}，{last_paid_on}结清，逾期本金{late_yuan}元，应收违约金{expected_yuan}元，实收{collected_yuan}元"
  en: "{problem}: due on {due_on}, settled on {last_paid_on}; {late_yuan} yuan of principal came late, penalty due {expected_yuan} yuan, collected {collected_yuan} yuan"
amount: {zh: 应收违约金减实收违约金, en: penalty due less penalty collected}
basis: [{regulation: 营业规则, article: 第九十九条, verified: false}]
remedy: {zh: 核实减免审批，补收或退还违约金。, en: 'Check the waiver approval; collect or refund.'}
near_miss:
  - {zh: 逾期天数在宽限期内的缴费, en: paid within the days of grace}
  - {zh: 经审批减免（列入白名单）, en: waived with approval (whitelist)}
  - {zh: 截止日遇节假日顺延（以账单的缴费截止日为准）, en: 'due date moved by a holiday: the due day posted counts'}
decisions:
  - {zh: 只看常规账单；早于账期年度的日子按当年费率。, en: 'Regular bills only; days before the year of the period count at the rate of that year.'}
  - {zh: 比较用未舍入的应收违约金，金额最后舍入到分。, en: The penalty due is compared unrounded; the amount is rounded at the end.}
  - {zh: 未判定：客户不在档案；或已结清账单的发行日期、缴费截止日为空（最后一笔收费在近90日）。, en: 'Not judged: the customer is not on file; or a bill settled within the last 90 days has no day of issue or no due date.'}
seed: 电费账务 / 违约金管理
---*/
WITH settled AS (
    SELECT
        b.bill_id,
        b.customer_id,
        b.period,
        b.due_on,
        MAX(p.received_on) AS last_paid_on,
        SUM(p.penalty_yuan) AS collected_yuan
    FROM bill_paid_late AS b
    INNER JOIN payment_of_late_bill AS p ON b.bill_id = p.bill_id
    WHERE b.issued_on <= $as_of
    GROUP BY b.bill_id, b.customer_id, b.period, b.due_on, b.total_yuan
    HAVING
        b.total_yuan - SUM(p.yuan) <= CAST(0.01 AS DECIMAL(3, 2))
        AND MAX(DATE_DIFF('day', b.due_on, p.received_on)) > CAST($grace AS INTEGER)
        AND MAX(p.received_on) >= $as_of - 90
        AND MAX(p.received_on) < $as_of
),

charged AS (
    SELECT
        s.bill_id,
        s.due_on,
        s.last_paid_on,
        s.collected_yuan,
        c.usage_class,
        p.yuan,
        DATE_DIFF('day', s.due_on, p.received_on) AS late_days,
        lesser_known(
            DATE_DIFF('day', s.due_on, p.received_on),
            greater_known(DATE_DIFF('day', s.due_on, MAKE_DATE(YEAR(s.period), 12, 31)), 0)
        ) AS same_year_days
    FROM settled AS s
    INNER JOIN customer AS c ON s.customer_id = c.customer_id
    INNER JOIN payment_of_late_bill AS p ON s.bill_id = p.bill_id AND s.due_on < p.received_on
    WHERE c.payment_mode IS NULL OR c.payment_mode <> 'prepaid'
),

rate AS (
    SELECT
        MAX(CASE WHEN r.kind = 'residential' THEN r.daily_rate END) AS residential,
        MAX(CASE WHEN r.kind = 'same_year' THEN r.daily_rate END) AS same_year,
        MAX(CASE WHEN r.kind = 'later_year' THEN r.daily_rate END) AS later_year
    FROM parameter_rates AS r
),

computed AS (
    SELECT
        k.bill_id,
        k.due_on,
        k.last_paid_on,
        k.collected_yuan,
        SUM(k.yuan) AS late_yuan,
        SUM(
            CAST(k.yuan AS DECIMAL(18, 2)) * CAST(
                CASE
                    WHEN k.usage_class = 'residential' THEN r.residential * CAST(k.late_days AS DECIMAL(8, 0))
                    ELSE
                        r.same_year * CAST(k.same_year_days AS DECIMAL(8, 0))
                        + r.later_year * CAST(k.late_days - k.same_year_days AS DECIMAL(8, 0))
                END AS DECIMAL(14, 6)
            )
        ) AS uncapped_yuan
    FROM charged AS k
    CROSS JOIN rate AS r
    GROUP BY k.bill_id, k.due_on, k.last_paid_on, k.collected_yuan
),

compared AS (
    SELECT
        u.bill_id,
        u.due_on,
        u.last_paid_on,
        u.collected_yuan,
        u.late_yuan,
        CAST(
            CASE
                -- at the same scale: of two scales the engine takes the coarser
                WHEN $cap_at_principal
                    THEN lesser_known(CAST(u.uncapped_yuan AS DECIMAL(30, 8)), CAST(u.late_yuan AS DECIMAL(30, 8)))
                ELSE u.uncapped_yuan
            END
            AS DECIMAL(30, 8)
        ) AS expected_yuan
    FROM computed AS u
)

SELECT
    d.bill_id,
    CAST(
        CASE
            WHEN d.collected_yuan = 0 THEN 'not_collected'
            WHEN d.collected_yuan < d.expected_yuan THEN 'too_little'
            ELSE 'too_much'
        END AS VARCHAR
    ) AS problem,
    d.due_on,
    CAST(d.last_paid_on AS DATE) AS last_paid_on,
    CAST(d.late_yuan AS DECIMAL(18, 2)) AS late_yuan,
    CAST(ROUND(d.expected_yuan, 2) AS DECIMAL(18, 2)) AS expected_yuan,
    CAST(d.collected_yuan AS DECIMAL(18, 2)) AS collected_yuan,
    CAST(ROUND(d.expected_yuan - d.collected_yuan, 2) AS DECIMAL(18, 2)) AS amount_yuan
FROM compared AS d
WHERE
    d.expected_yuan >= 1
    AND (
        d.collected_yuan = 0
        OR ABS(d.collected_yuan - d.expected_yuan) > greater_known(
            CAST(1 AS DECIMAL(30, 9)), d.expected_yuan * CAST(0.1 AS DECIMAL(2, 1))
        )
    );

/*--- not judged ---*/
WITH undated AS (
    SELECT
        b.bill_id,
        b.customer_id,
        b.total_yuan
    FROM bill AS b
    INNER JOIN payment AS p ON b.bill_id = p.bill_id
    LEFT JOIN cancelled_bill AS x ON b.bill_id = x.bill_id
    WHERE
        b.due_on IS NULL
        AND (b.kind IS NULL OR b.kind IN ('normal', 'part'))
        AND x.bill_id IS NULL
        -- compared as instants: files of other months are not opened
        AND p.received_at >= CAST($as_of - 90 AS TIMESTAMP)
        AND p.received_at < CAST($as_of AS TIMESTAMP)
    GROUP BY b.bill_id, b.customer_id, b.total_yuan
)

SELECT
    b.bill_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN c.customer_id IS NULL THEN 'customer_id' END,
            CASE WHEN b.issued_on IS NULL THEN 'issued_on' END
        ) AS VARCHAR
    ) AS missing
FROM bill_paid_late AS b
INNER JOIN payment_of_late_bill AS p ON b.bill_id = p.bill_id
LEFT JOIN customer AS c ON b.customer_id = c.customer_id
WHERE
    c.customer_id IS NULL
    OR (b.issued_on IS NULL AND (c.payment_mode IS NULL OR c.payment_mode <> 'prepaid'))
GROUP BY b.bill_id, b.due_on, b.total_yuan, b.issued_on, c.customer_id
HAVING
    b.total_yuan - SUM(p.yuan) <= CAST(0.01 AS DECIMAL(3, 2))
    AND MAX(DATE_DIFF('day', b.due_on, p.received_on)) > CAST($grace AS INTEGER)
    AND MAX(p.received_on) >= $as_of - 90
    AND MAX(p.received_on) < $as_of
UNION ALL
SELECT
    u.bill_id,
    CAST('due_on' AS VARCHAR) AS missing
FROM undated AS u
INNER JOIN valid_payment AS p ON u.bill_id = p.bill_id
LEFT JOIN customer AS c ON u.customer_id = c.customer_id
WHERE c.payment_mode IS NULL OR c.payment_mode <> 'prepaid'
GROUP BY u.bill_id, u.total_yuan
HAVING
    u.total_yuan - SUM(p.yuan) <= CAST(0.01 AS DECIMAL(3, 2))
    AND MAX(p.received_on) >= $as_of - 90
    AND MAX(p.received_on) < $as_of
