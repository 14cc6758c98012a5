/*---
code: AC012
name: {zh: 退补无佐证或时序异常, en: Adjustment without evidence or with odd timing}
group: AC
subject: adjustment
class: fee
severity: medium
status: active
frequency: monthly
proof: event
tables: [adjustment]
key: [adjustment_id]
parameters:
  - {name: min_yuan, label: {zh: 检查的退补金额下限, en: Smallest adjustment checked}, type: "decimal(18,2)", default: 500, min: 0, max: 1000000, unit: yuan, source: practice, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      no_evidence: {zh: 无佐证材料, en: no evidence}
      approved_before_request: {zh: 审批早于申请, en: approved before it was requested}
      approved_at_once: {zh: 两分钟内审批, en: approved within two minutes}
      at_night: {zh: 夜间申请并审批, en: requested and approved at night}
      later_period: {zh: 所属月份晚于申请月份, en: for a month after that of the request}
reason:
  zh: "退补{yuan}元：{problem}（申请{requested_at}[，审批{approved_at}][，所属月份{period}]）"
  en: "Adjustment of {yuan} yuan: {problem} (requested {requested_at}[, approved {approved_at}][, for {period}])"
amount: {zh: 退补金额的绝对值, en: absolute value of the adjustment}
basis: [{regulation: 抄核收规则, article: 电费退补资料, verified: false}]
remedy: {zh: 补齐佐证材料，复核真实性。, en: Complete the evidence and re-check.}
near_miss:
  - {zh: 金额很小的尾差调整, en: rounding correction of a few yuan}
  - {zh: 申请与审批相隔正常时间, en: approval a normal time after the request}
  - {zh: 政策性退补, en: policy refund}
decisions:
  - {zh: 佐证为空只在近一年退补中该项已填的超过一半时视为无佐证。, en: 'An unknown evidence counts only where more than half of the adjustments of the year state it.'}
  - {zh: 审批早于申请的不再列“两分钟内审批”。时间精确到秒。, en: An approval before the request is not listed as one within two minutes; times count to the second.}
  - {zh: 未判定：原因为空；或佐证为空而多数未填，且别无异常。, en: 'Not judged: the reason is unknown, or the evidence is unknown where most leave it open and nothing else is odd.'}
seed: 严格审核控制退补电量电费
---*/
WITH filled_share AS (
    SELECT COALESCE(2 * COUNT(a.has_evidence) > COUNT(*), FALSE) AS is_usual
    FROM yearly_adjustment AS a
),

tested AS (
    SELECT
        a.adjustment_id,
        a.yuan,
        a.requested_at,
        a.approved_at,
        a.period,
        a.has_evidence = FALSE OR (a.has_evidence IS NULL AND f.is_usual) AS is_unfounded,
        a.approved_at < a.requested_at AS is_before,
        a.approved_at >= a.requested_at
        AND seconds_between(a.requested_at, a.approved_at) < 120
        AND ABS(a.yuan) >= 5000 AS is_at_once,
        CASE
            WHEN HOUR(a.requested_at) >= 22
                THEN
                    CAST(a.approved_at AS DATE) <= a.requested_on
                    OR (CAST(a.approved_at AS DATE) = a.requested_on + 1 AND HOUR(a.approved_at) < 6)
            WHEN HOUR(a.requested_at) < 6
                THEN
                    CAST(a.approved_at AS DATE) < a.requested_on
                    OR (CAST(a.approved_at AS DATE) = a.requested_on AND HOUR(a.approved_at) < 6)
        END AS is_at_night,
        a.period > month_of(a.requested_on) AS is_later
    FROM yearly_adjustment AS a
    CROSS JOIN filled_share AS f
    WHERE ABS(a.yuan) >= $min_yuan AND a.reason <> 'policy'
)

SELECT
    t.adjustment_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN t.is_unfounded THEN 'no_evidence' END,
            CASE WHEN t.is_before THEN 'approved_before_request' END,
            CASE WHEN t.is_at_once THEN 'approved_at_once' END,
            CASE WHEN t.is_at_night THEN 'at_night' END,
            CASE WHEN t.is_later THEN 'later_period' END
        ) AS VARCHAR
    ) AS problem,
    t.yuan,
    t.requested_at,
    t.approved_at,
    t.period,
    CAST(ABS(t.yuan) AS DECIMAL(18, 2)) AS amount_yuan
FROM tested AS t
WHERE t.is_unfounded OR t.is_before OR t.is_at_once OR t.is_at_night OR t.is_later;

/*--- not judged ---*/
WITH filled_share AS (
    SELECT COALESCE(2 * COUNT(a.has_evidence) > COUNT(*), FALSE) AS is_usual
    FROM yearly_adjustment AS a
)

SELECT
    a.adjustment_id,
    CAST(CASE WHEN a.reason IS NULL THEN 'reason' ELSE 'has_evidence' END AS VARCHAR) AS missing
FROM yearly_adjustment AS a
CROSS JOIN filled_share AS f
WHERE
    ABS(a.yuan) >= $min_yuan
    AND (
        a.reason IS NULL
        OR (
            a.reason <> 'policy'
            AND a.has_evidence IS NULL
            AND NOT f.is_usual
            AND NOT COALESCE(a.approved_at < a.requested_at, FALSE)
            AND NOT COALESCE(seconds_between(a.requested_at, a.approved_at) < 120 AND ABS(a.yuan) >= 5000, FALSE)
            AND NOT COALESCE(a.period > month_of(a.requested_on), FALSE)
            AND NOT COALESCE(
                (HOUR(a.requested_at) >= 22 OR HOUR(a.requested_at) < 6)
                AND (
                    CAST(a.approved_at AS DATE) < CASE
                        WHEN HOUR(a.requested_at) >= 22 THEN a.requested_on + 1
                        ELSE a.requested_on
                    END
                    OR (
                        CAST(a.approved_at AS DATE) = CASE
                            WHEN HOUR(a.requested_at) >= 22 THEN a.requested_on + 1
                            ELSE a.requested_on
                        END
                        AND HOUR(a.approved_at) < 6
                    )
                ),
                FALSE
            )
        )
    )
