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
  - {zh: 未判定：有异常（或佐证为空）而原因为空；或佐证为空而多数未填，且别无异常。, en: 'Not judged: something is odd (or the evidence unknown) and the reason is unknown; or the evidence is unknown where most leave it open and nothing else is odd.'}
seed: 严格审核控制退补电量电费
---*/
SELECT
    o.adjustment_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN o.is_unfounded THEN 'no_evidence' END,
            CASE WHEN o.is_before THEN 'approved_before_request' END,
            CASE WHEN o.is_at_once THEN 'approved_at_once' END,
            CASE WHEN o.is_at_night THEN 'at_night' END,
            CASE WHEN o.is_later THEN 'later_period' END
        ) AS VARCHAR
    ) AS problem,
    o.yuan,
    o.requested_at,
    o.approved_at,
    o.period,
    CAST(ABS(o.yuan) AS DECIMAL(18, 2)) AS amount_yuan
FROM odd_adjustment AS o
WHERE
    ABS(o.yuan) >= $min_yuan
    AND o.reason <> 'policy'
    AND (o.is_unfounded OR o.is_before OR o.is_at_once OR o.is_at_night OR o.is_later);

/*--- not judged ---*/
SELECT
    o.adjustment_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN o.reason IS NULL THEN 'reason' END,
            CASE
                WHEN
                    o.lacks_evidence
                    AND NOT (o.is_before OR o.is_at_once OR o.is_at_night OR o.is_later)
                    THEN 'has_evidence'
            END
        ) AS VARCHAR
    ) AS missing
FROM odd_adjustment AS o
WHERE
    ABS(o.yuan) >= $min_yuan
    AND (
        (
            o.reason IS NULL
            AND (
                o.is_unfounded OR o.lacks_evidence OR o.is_before OR o.is_at_once OR o.is_at_night OR o.is_later
            )
        )
        OR (
            o.reason <> 'policy'
            AND o.lacks_evidence
            AND NOT (o.is_before OR o.is_at_once OR o.is_at_night OR o.is_later)
        )
    )
