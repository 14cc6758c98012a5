/*---
code: AC011
name: {zh: 退补申请与审批为同一人, en: Same person requested and approved an adjustment}
group: AC
subject: adjustment
class: fee
severity: high
status: active
frequency: monthly
proof: event
tables: [adjustment, staff]
key: [adjustment_id]
evidence:
  requested_on: {zh: 申请日期, en: Requested on}
reason:
  zh: "{requested_on}由{requested_by}申请的退补[，电费{yuan}元][，电量{kwh}kWh]，审批人也是{approved_by}"
  en: "Adjustment requested on {requested_on} by {requested_by}[, {yuan} yuan][, {kwh} kWh], and approved by {approved_by} as well"
amount: {zh: 退补金额的绝对值, en: absolute value of the adjustment}
basis: [{regulation: 内控规范, article: 第二十九条（不相容职务分离）, verified: true}]
remedy: {zh: 重新审批并调整系统权限，落实不相容岗位分离。, en: Re-approve and separate the rights in the system.}
near_miss:
  - {zh: 系统工号批量执行的政策性退补, en: policy batch by a system account}
  - {zh: 经办人申请、主管审批, en: 'request by a clerk, approval by the manager'}
  - {zh: 没有登记审批人的退补（由AC010检查）, en: adjustment without an approver on file (AC010)}
decisions:
  - {zh: 系统工号只在原因为政策时免检；原因为空的照常检查。, en: System accounts are exempt only where the reason is policy; without a reason they are tested.}
seed: 控制退补电量电费工作流程
---*/
SELECT
    a.adjustment_id,
    a.requested_by,
    a.approved_by,
    a.requested_on,
    a.yuan,
    a.kwh,
    a.reason,
    CAST(ABS(a.yuan) AS DECIMAL(18, 2)) AS amount_yuan
FROM yearly_adjustment AS a
WHERE
    a.requested_by = a.approved_by
    AND (ABS(a.yuan) > 0 OR ABS(a.kwh) > 0)
    AND NOT (
        COALESCE(a.reason = 'policy', FALSE)
        AND EXISTS (
            SELECT s.staff_id
            FROM run_system_staff AS s
            WHERE s.staff_id = a.requested_by
        )
    )
