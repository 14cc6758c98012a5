/*---
code: AC010
name: {zh: 退费审批层级不足或未审批, en: Refund without sufficient approval}
group: AC
subject: adjustment
class: fee
severity: high
status: active
frequency: monthly
proof: state
tables: [adjustment]
key: [adjustment_id]
parameters:
  - name: limits
    label: {zh: 审批权限分档, en: Steps of approval}
    type: table
    columns: {below_yuan: "decimal(18,2)", needed_rank: int}
    heads:
      below_yuan: {zh: 退费额低于(元), en: Refund below (yuan)}
      needed_rank: {zh: 所需审批层级, en: Rank needed, codes: {'1': {zh: 供电所, en: Station}, '2': {zh: 县公司, en: County}, '3': {zh: 市公司, en: City}}}
    default: [[1000, 1], [10000, 2], [100000, 3]]
    unit: yuan
    source: {zh: 电网企业退补审批权限, en: Approval rights of the grid company}
    verified: false
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      rank_too_low: {zh: 审批层级不足, en: approved at too low a level}
      not_approved: {zh: 超过30天未审批, en: not approved within 30 days}
  needed_level: {zh: 应审批层级, en: Level required, codes: {station: {zh: 供电所, en: station}, county: {zh: 县公司, en: county}, city: {zh: 市公司, en: city}, province: {zh: 省公司, en: province}}}
  refund_yuan: {zh: 退费金额(元), en: Refund (yuan)}
  requested_on: {zh: 申请日期, en: Requested on}
reason:
  zh: "{requested_on}申请退费{refund_yuan}元，{problem}：应由{needed_level}审批[，实际审批层级{approval_level}]"
  en: "Refund of {refund_yuan} yuan requested on {requested_on}, {problem}: {needed_level} has to approve[; approved at level {approval_level}]"
amount: {zh: 退费金额, en: the refund}
basis:
  - {regulation: 抄核收规则, article: 电费退补审批, verified: false}
  - {regulation: 内控规范, article: 第三十条（授权审批控制）, verified: false}
remedy: {zh: 补办审批并复核退费依据，越权的追责。, en: Obtain approval and review the ground; sanction overstepping.}
near_miss:
  - {zh: 退费额恰在分档限额上、由上一级审批, en: 'refund exactly on a limit, approved by the higher rank'}
  - {zh: 政策性批量退费, en: policy refund in a batch}
  - {zh: 追补（金额为正）, en: recovery (positive yuan)}
decisions:
  - {zh: 层级为空按未审批（0级），申请当日起即报；30天的条件针对有层级而缺审批人或审批时间的。, en: 'An unknown level is rank 0 and reported at once; the 30 days concern refunds with a level but without approver or time.'}
  - {zh: 原因为空的按一般退费的层级要求。, en: A refund without a reason needs the level of an ordinary one.}
seed: 控制退补电量电费
---*/
WITH refund AS (
    SELECT
        a.adjustment_id,
        a.approval_level,
        a.approval_rank,
        a.requested_on,
        a.reason,
        CAST(ABS(a.yuan) AS DECIMAL(18, 2)) AS refund_yuan,
        a.approved_by IS NULL OR a.approved_at IS NULL AS is_open
    FROM yearly_adjustment AS a
    WHERE a.yuan < 0
),

needed AS (
    SELECT
        r.adjustment_id,
        r.approval_level,
        r.approval_rank,
        r.requested_on,
        r.refund_yuan,
        r.is_open,
        lesser_known(COALESCE(MIN(l.needed_rank), 4), CASE WHEN r.reason = 'policy' THEN 2 ELSE 4 END) AS needed_rank
    FROM refund AS r
    LEFT JOIN parameter_limits AS l ON r.refund_yuan < l.below_yuan
    GROUP BY
        r.adjustment_id,
        r.approval_level,
        r.approval_rank,
        r.requested_on,
        r.refund_yuan,
        r.is_open,
        r.reason
)

SELECT
    n.adjustment_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN n.approval_rank < n.needed_rank THEN 'rank_too_low' END,
            CASE WHEN n.is_open AND n.requested_on < $as_of - 30 THEN 'not_approved' END
        ) AS VARCHAR
    ) AS problem,
    CAST(
        CASE n.needed_rank WHEN 1 THEN 'station' WHEN 2 THEN 'county' WHEN 3 THEN 'city' ELSE 'province' END AS VARCHAR
    ) AS needed_level,
    n.refund_yuan,
    n.approval_level,
    n.requested_on,
    CAST(n.refund_yuan AS DECIMAL(18, 2)) AS amount_yuan
FROM needed AS n
WHERE n.approval_rank < n.needed_rank OR (n.is_open AND n.requested_on < $as_of - 30)
