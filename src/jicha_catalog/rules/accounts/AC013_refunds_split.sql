/*---
code: AC013
name: {zh: 拆分退费规避审批或频繁退费, en: Refunds split below an approval limit or repeated}
group: AC
subject: customer
class: fee
severity: high
status: active
frequency: monthly
proof: event
tables: [adjustment]
key: [customer_id]
parameters:
  - {name: min_sum, label: {zh: 频繁退费的合计金额下限, en: 'Repeated refunds: smallest sum'}, type: "decimal(18,2)", default: 2000, min: 0, max: 10000000, unit: yuan, source: practice, verified: true}
  - {name: count, label: {zh: 频繁退费的笔数下限, en: 'Repeated refunds: smallest number'}, type: int, default: 3, min: 2, max: 1000, unit: refunds, source: practice, verified: true}
  - name: limits
    label: {zh: 拆分所规避的审批限额, en: Approval limits that splitting avoids}
    type: table
    columns: {limit_yuan: "decimal(18,2)"}
    heads:
      limit_yuan: {zh: 限额(元), en: Limit (yuan)}
    default: [[1000], [10000], [100000]]
    unit: yuan
    source: {zh: 与AC010的限额相同, en: As the limits of AC010}
    verified: false
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      split: {zh: 拆分退费, en: refunds split below a limit}
      repeated: {zh: 频繁退费, en: repeated refunds}
  refunds: {zh: 退费笔数, en: Refunds}
  refund_yuan: {zh: 退费合计(元), en: Refunds together (yuan)}
  from_on: {zh: 首笔日期, en: First on}
  until_on: {zh: 末笔日期, en: Last on}
  limit_yuan: {zh: 审批限额(元), en: Approval limit (yuan)}
reason:
  zh: "{problem}：{from_on}至{until_on}退费{refunds}笔共{refund_yuan}元[，由{requested_by}申请，每笔均未超过{limit_yuan}元]"
  en: "{problem}: {refunds} refunds of {refund_yuan} yuan together from {from_on} to {until_on}[, requested by {requested_by}, none above {limit_yuan} yuan]"
amount: {zh: 该组或近一年退费合计, en: the refunds of the run or of the year together}
basis: [{regulation: 抄核收规则, article: 电费退补审批, verified: false}]
remedy: {zh: 合并复核历次退费依据与收款人。, en: 'Review all refunds together, with payee and ground.'}
near_miss:
  - {zh: 同一差错涉及两个计量点的两笔退费（复核后列入白名单）, en: two refunds for two metering points of one error (whitelist after review)}
  - {zh: 每月政策性补贴, en: monthly policy subsidy}
  - {zh: 一年内笔数不多的退费, en: a few refunds a year}
decisions:
  - {zh: 一组为同一申请人自某笔起30天内（不含第30天后）的退费；取最小限额中合计最大的一组，再取最早的。, en: 'A run is what one person requested within 30 days from a refund on; of the smallest limit the run with the greatest sum, then the earliest.'}
  - {zh: 限额与AC010相同，本规则另设参数，两处应一并调整。, en: The limits are those of AC010 and a parameter here too; set both together.}
  - {zh: 未判定：有退费原因或申请人为空，若计入则构成频繁退费或拆分，且未被报出。, en: 'Not judged: with its refunds of unknown reason, or taking an unknown person for the other one, the customer would have repeated or split ones; nothing is reported.'}
seed: 电费退费情况严格审查
---*/
WITH refund AS (
    SELECT
        a.adjustment_id,
        a.customer_id,
        a.requested_by,
        a.requested_on,
        CAST(-a.yuan AS DECIMAL(18, 2)) AS refund_yuan
    FROM yearly_adjustment AS a
    WHERE a.is_refund
),

just_below AS (
    SELECT
        r.adjustment_id,
        r.customer_id,
        r.requested_by,
        r.requested_on,
        r.refund_yuan,
        l.limit_yuan
    FROM refund AS r
    INNER JOIN parameter_limits AS l ON r.refund_yuan <= l.limit_yuan AND 2 * r.refund_yuan > l.limit_yuan
    WHERE r.requested_by IS NOT NULL
),

run_of_refunds AS (
    SELECT
        f.customer_id,
        f.requested_by,
        f.limit_yuan,
        f.requested_on AS from_on,
        MAX(n.requested_on) AS until_on,
        COUNT(*) AS refunds,
        SUM(n.refund_yuan) AS refund_yuan
    -- from each day on which the person requested one
    FROM (
        SELECT
            j.customer_id,
            j.requested_by,
            j.limit_yuan,
            j.requested_on
        FROM just_below AS j
        GROUP BY j.customer_id, j.requested_by, j.limit_yuan, j.requested_on
    ) AS f
    INNER JOIN just_below AS n
        ON
            f.customer_id = n.customer_id
            AND f.requested_by = n.requested_by
            AND f.limit_yuan = n.limit_yuan
            AND f.requested_on <= n.requested_on
            AND f.requested_on + 30 > n.requested_on
    GROUP BY f.customer_id, f.requested_by, f.limit_yuan, f.requested_on
    HAVING COUNT(*) >= 2 AND SUM(n.refund_yuan) > f.limit_yuan
),

split AS (
    SELECT
        u.customer_id,
        u.requested_by,
        u.limit_yuan,
        u.from_on,
        u.until_on,
        u.refunds,
        u.refund_yuan
    FROM run_of_refunds AS u
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY u.customer_id
            ORDER BY u.limit_yuan ASC, u.refund_yuan DESC, u.from_on ASC, u.requested_by ASC
        ) = 1
),

repeated AS (
    SELECT
        r.customer_id,
        MIN(r.requested_on) AS from_on,
        MAX(r.requested_on) AS until_on,
        COUNT(*) AS refunds,
        SUM(r.refund_yuan) AS refund_yuan
    FROM refund AS r
    GROUP BY r.customer_id
    HAVING COUNT(*) >= $count AND SUM(r.refund_yuan) >= $min_sum
)

SELECT
    s.customer_id,
    CAST('split' AS VARCHAR) AS problem,
    s.from_on,
    CAST(s.until_on AS DATE) AS until_on,
    CAST(s.refunds AS BIGINT) AS refunds,
    CAST(s.refund_yuan AS DECIMAL(18, 2)) AS refund_yuan,
    s.requested_by,
    s.limit_yuan,
    CAST(s.refund_yuan AS DECIMAL(18, 2)) AS amount_yuan
FROM split AS s
UNION ALL
SELECT
    p.customer_id,
    CAST('repeated' AS VARCHAR) AS problem,
    CAST(p.from_on AS DATE) AS from_on,
    CAST(p.until_on AS DATE) AS until_on,
    CAST(p.refunds AS BIGINT) AS refunds,
    CAST(p.refund_yuan AS DECIMAL(18, 2)) AS refund_yuan,
    CAST(NULL AS VARCHAR) AS requested_by,
    CAST(NULL AS DECIMAL(18, 2)) AS limit_yuan,
    CAST(p.refund_yuan AS DECIMAL(18, 2)) AS amount_yuan
FROM repeated AS p
WHERE
    NOT EXISTS (
        SELECT s.customer_id
        FROM split AS s
        WHERE s.customer_id = p.customer_id
    );

/*--- not judged ---*/
WITH refund AS (
    SELECT
        a.adjustment_id,
        a.customer_id,
        a.requested_by,
        a.requested_on,
        CAST(-a.yuan AS DECIMAL(18, 2)) AS refund_yuan,
        CASE WHEN a.is_refund THEN 0 ELSE 1 END AS lacks_reason
    FROM yearly_adjustment AS a
    WHERE a.yuan < 0 AND (a.reason IS NULL OR a.reason <> 'policy')
),

-- two that a reason or a person unknown may make a split; two below a limit and above half of it are more than it together
pair AS (
    SELECT
        f.customer_id,
        greater_of(f.lacks_reason, n.lacks_reason) AS lacks_reason,
        CASE WHEN f.requested_by IS NULL OR n.requested_by IS NULL THEN 1 ELSE 0 END AS lacks_person
    FROM refund AS f
    INNER JOIN refund AS n
        ON
            f.customer_id = n.customer_id
            AND f.adjustment_id <> n.adjustment_id
            AND f.requested_on <= n.requested_on
            AND f.requested_on + 30 > n.requested_on
    INNER JOIN parameter_limits AS l
        ON
            f.refund_yuan <= l.limit_yuan
            AND n.refund_yuan <= l.limit_yuan
            AND 2 * f.refund_yuan > l.limit_yuan
            AND 2 * n.refund_yuan > l.limit_yuan
    WHERE COALESCE(f.requested_by = n.requested_by, TRUE)
),

split AS (
    SELECT
        p.customer_id,
        MAX(p.lacks_reason) AS lacks_reason,
        MAX(p.lacks_person) AS lacks_person,
        MIN(p.lacks_reason + p.lacks_person) AS least_lacking
    FROM pair AS p
    GROUP BY p.customer_id
),

total AS (
    SELECT
        r.customer_id,
        CASE WHEN COUNT(*) >= $count AND SUM(r.refund_yuan) >= $min_sum THEN 1 ELSE 0 END AS may_repeat,
        CASE
            WHEN
                SUM(1 - r.lacks_reason) >= $count
                AND SUM(CASE WHEN r.lacks_reason = 0 THEN r.refund_yuan ELSE 0 END) >= $min_sum
                THEN 1
            ELSE 0
        END AS is_repeated
    FROM refund AS r
    GROUP BY r.customer_id
)

SELECT
    t.customer_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN t.may_repeat = 1 OR s.lacks_reason = 1 THEN 'reason' END,
            CASE WHEN s.lacks_person = 1 THEN 'requested_by' END
        ) AS VARCHAR
    ) AS missing
FROM total AS t
LEFT JOIN split AS s ON t.customer_id = s.customer_id
WHERE
    t.is_repeated = 0
    AND COALESCE(s.least_lacking, 1) > 0
    AND (t.may_repeat = 1 OR s.customer_id IS NOT NULL)
