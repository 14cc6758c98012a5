/*---
code: RC021
name: {zh: 欠费长账龄未催收或未停电, en: Old arrears without action}
group: RC
subject: customer
class: fee
severity: high
status: active
frequency: monthly
proof: state
tables: [customer, arrears_age, customer_monthly, bill, payment]
key: [customer_id]
parameters:
  - name: min_yuan
    label: {zh: 欠费金额下限, en: Smallest arrears}
    type: table
    unit: yuan
    columns: {customer_group: string, yuan: "decimal(18,2)"}
    heads:
      customer_group: {zh: 客户群, en: Customers, codes: {residential: {zh: 居民, en: Residential}, other: {zh: 其他, en: Other}}}
      yuan: {zh: 欠费(元), en: Arrears (yuan)}
    default:
      - [residential, 500]
      - [other, 5000]
    source: practice
    verified: true
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      still_supplied: {zh: 仍在用电、近60天未缴费, en: 'still supplied, nothing paid in 60 days'}
      closed_in_debt: {zh: 已销户仍有欠费, en: closed with arrears}
  arrears_yuan: {zh: 90天以上欠费(元), en: Arrears over 90 days (yuan)}
  over_year_yuan: {zh: 其中一年以上(元), en: Of these over a year (yuan)}
  latest_payment_on: {zh: 最近缴费日, en: Latest payment}
  billed_kwh: {zh: 本期用电量(kWh), en: Energy billed in the period judged (kWh)}
reason:
  zh: "逾期90天以上欠费{arrears_yuan}元（一年以上{over_year_yuan}元），{problem}[，本期用电{billed_kwh}kWh][，最近缴费{latest_payment_on}][，{closed_on}销户][；重要客户（{importance}），不停电但应催收]"
  en: "{arrears_yuan} yuan overdue for more than 90 days ({over_year_yuan} for over a year): {problem}[, {billed_kwh} kWh in the latest period][, latest payment on {latest_payment_on}][, closed on {closed_on}][; important customer ({importance}): no cut-off, but collection]"
amount:
  zh: 逾期90天以上的欠费
  en: arrears of more than 90 days
basis:
  - {regulation: 供用条例, article: 第三十九条, verified: true}
  - {regulation: 营业规则, article: 第九十九条, verified: false}
remedy: {zh: 依法催收、按程序停电或诉讼，防止超过时效。, en: 'Collect, cut off by procedure or sue before limitation.'}
near_miss:
  - {zh: 按月分期还款的客户, en: instalment repayment with monthly payments}
  - {zh: 逾期尚未达到期限的欠费, en: arrears not yet overdue for the time set}
  - {zh: 诉讼中的争议欠费（白名单）, en: disputed in court (whitelist)}
decisions:
  - {zh: 欠费账龄按筛查日现算，因此不涉及45天内的旧账龄。, en: 'The ages are computed at the screening date, so that "within 45 days" always holds.'}
  - {zh: 正常用电客户看客户状态（不要求立户满两个月）；暂停客户不报；销户客户看状态为已销户，销户日期为空未判定。, en: 'Active and closed are the customer''s status; suspended customers are not reported; a closed one without a closing day is not judged.'}
  - {zh: 近60天指筛查日前60天至前1天有本金大于0的有效收费；当日缴费不计。, en: 'Payments of the last 60 days are valid ones with a principal above 0 on the 60 days before the screening day; one on the screening date does not count.'}
  - {zh: 限额恰好达到即报；金额为90天以上各段之和，账龄各段按模型。, en: 'The limit itself is reported; a is the sum of the three age bands as the model gives them.'}
  - {zh: 未判定：正常用电、欠费达到限额、近60天未缴费，但本账期没有账单或电量为空；或有缴费截止日为空、发行超过90天而未缴清的账单，计入后欠费才达到限额。, en: 'Not judged: an active customer over the limit who paid nothing, without a bill or energy in the period judged; or bills without a due date, issued more than 90 days ago and not paid up, with which the arrears would reach the limit.'}
seed: 对欠费达到一定数量的客户进行密切跟踪、恶意拖欠
---*/
WITH debtor AS (
    SELECT
        a.customer_id,
        c.status,
        c.closed_on,
        c.importance,
        a.over_365_yuan,
        a.d91_180_yuan + a.d181_365_yuan + a.over_365_yuan AS arrears_yuan
    FROM arrears_age AS a
    INNER JOIN customer AS c ON a.customer_id = c.customer_id
    INNER JOIN parameter_min_yuan AS m
        ON m.customer_group = CASE WHEN c.usage_class = 'residential' THEN 'residential' ELSE 'other' END
    WHERE a.d91_180_yuan + a.d181_365_yuan + a.over_365_yuan >= m.yuan
),

paid AS (
    SELECT
        v.customer_id,
        MAX(v.received_on) AS latest_on,
        MAX(CASE WHEN v.received_on < $as_of THEN v.received_on END) AS latest_before
    FROM valid_payment AS v
    INNER JOIN debtor AS d ON v.customer_id = d.customer_id
    WHERE v.yuan > 0 AND v.received_on <= $as_of
    GROUP BY v.customer_id
)

SELECT
    d.customer_id,
    CAST(CASE WHEN d.status = 'closed' THEN 'closed_in_debt' ELSE 'still_supplied' END AS VARCHAR) AS problem,
    CAST(d.arrears_yuan AS DECIMAL(18, 2)) AS arrears_yuan,
    d.over_365_yuan AS over_year_yuan,
    CAST(CASE WHEN d.status = 'active' THEN m.billed_kwh END AS DECIMAL(18, 2)) AS billed_kwh,
    CAST(p.latest_on AS DATE) AS latest_payment_on,
    CAST(CASE WHEN d.status = 'closed' THEN d.closed_on END AS DATE) AS closed_on,
    CAST(CASE WHEN d.importance IN ('special', 'first') THEN d.importance END AS VARCHAR) AS importance,
    CAST(d.arrears_yuan AS DECIMAL(18, 2)) AS amount_yuan
FROM debtor AS d
LEFT JOIN billed_month AS m ON d.customer_id = m.customer_id AND m.period = $p0
LEFT JOIN paid AS p ON d.customer_id = p.customer_id
WHERE
    (
        d.status = 'active'
        AND m.billed_kwh > 0
        AND (p.latest_before IS NULL OR p.latest_before < $as_of - 60)
    )
    OR (d.status = 'closed' AND d.closed_on >= months_later($as_of, -24));

/*--- not judged ---*/
WITH undated AS (
    SELECT
        b.bill_id,
        b.customer_id,
        b.total_yuan
    FROM bill AS b
    LEFT JOIN cancelled_bill AS x ON b.bill_id = x.bill_id
    WHERE
        b.due_on IS NULL
        AND (b.kind IS NULL OR b.kind <> 'reversal')
        AND (b.issued_on IS NULL OR b.issued_on < $as_of - 90)
        AND x.bill_id IS NULL
),

repaid AS (
    SELECT
        p.bill_id,
        SUM(p.yuan) AS yuan
    FROM valid_payment AS p
    INNER JOIN undated AS u ON p.bill_id = u.bill_id
    GROUP BY p.bill_id
),

unpaid AS (
    SELECT
        u.customer_id,
        SUM(u.total_yuan - COALESCE(r.yuan, 0)) AS yuan
    FROM undated AS u
    LEFT JOIN repaid AS r ON u.bill_id = r.bill_id
    WHERE u.total_yuan - COALESCE(r.yuan, 0) > CAST(0.01 AS DECIMAL(3, 2))
    GROUP BY u.customer_id
)

SELECT
    a.customer_id,
    CAST(CASE WHEN c.status = 'closed' THEN 'closed_on' ELSE 'billed_kwh' END AS VARCHAR) AS missing
FROM arrears_age AS a
INNER JOIN customer AS c ON a.customer_id = c.customer_id
INNER JOIN parameter_min_yuan AS l
    ON l.customer_group = CASE WHEN c.usage_class = 'residential' THEN 'residential' ELSE 'other' END
LEFT JOIN billed_month AS m ON a.customer_id = m.customer_id AND m.period = $p0
WHERE
    a.d91_180_yuan + a.d181_365_yuan + a.over_365_yuan >= l.yuan
    AND (
        (c.status = 'closed' AND c.closed_on IS NULL)
        OR (
            c.status = 'active'
            AND m.billed_kwh IS NULL
            AND NOT EXISTS (
                SELECT v.payment_id
                FROM valid_payment AS v
                WHERE
                    v.customer_id = a.customer_id
                    AND v.yuan > 0
                    AND v.received_on >= $as_of - 60
                    AND v.received_on < $as_of
            )
        )
    )
UNION ALL
SELECT
    u.customer_id,
    CAST('due_on' AS VARCHAR) AS missing
FROM unpaid AS u
INNER JOIN customer AS c ON u.customer_id = c.customer_id
INNER JOIN parameter_min_yuan AS l
    ON l.customer_group = CASE WHEN c.usage_class = 'residential' THEN 'residential' ELSE 'other' END
LEFT JOIN arrears_age AS a ON u.customer_id = a.customer_id
LEFT JOIN billed_month AS m ON u.customer_id = m.customer_id AND m.period = $p0
WHERE
    COALESCE(a.d91_180_yuan + a.d181_365_yuan + a.over_365_yuan, 0) < l.yuan
    AND COALESCE(a.d91_180_yuan + a.d181_365_yuan + a.over_365_yuan, 0) + u.yuan >= l.yuan
    AND (
        (c.status = 'closed' AND (c.closed_on IS NULL OR c.closed_on >= months_later($as_of, -24)))
        OR (
            c.status = 'active'
            AND (m.billed_kwh IS NULL OR m.billed_kwh > 0)
            AND NOT EXISTS (
                SELECT v.payment_id
                FROM valid_payment AS v
                WHERE
                    v.customer_id = u.customer_id
                    AND v.yuan > 0
                    AND v.received_on >= $as_of - 60
                    AND v.received_on < $as_of
            )
        )
    )
