/*---
code: TC012
name: {zh: 基本电费复算不符, en: Capacity or demand charge differs from recomputation}
group: TC
subject: bill
class: fee
severity: high
status: active
frequency: on_bill_issue
proof: recompute
tables: [bill, recomputed_bill]
key: [bill_id]
parameters:
  - {name: min_yuan, label: {zh: 差额下限（与比例取大）, en: Smallest difference (the greater of this and the share)}, type: "decimal(14,2)", default: 50, min: 0, max: 1000000, unit: yuan, source: practice, verified: true}
  - {name: rel, label: {zh: 差额下限占复算电费的比例, en: Smallest difference as a share of the charge recomputed}, type: "decimal(8,6)", default: 0.01, min: 0, max: 1, unit: ratio, source: practice, verified: true}
evidence:
  billed_yuan: {zh: 账单基本电费(元), en: Basic charge billed (yuan)}
  recomputed_yuan: {zh: 复算基本电费(元), en: Basic charge recomputed (yuan)}
  difference_yuan: {zh: 账单减复算(元), en: Billed less recomputed (yuan)}
  recomputed_kva: {zh: 复算计费容量(kVA), en: Capacity recomputed (kVA)}
  recomputed_kw: {zh: 复算计费需量(kW), en: Demand recomputed (kW)}
reason:
  zh: "{period}基本电费[，账单{billed_yuan}元][（容量{billed_capacity_kva}kVA）][（需量{billed_demand_kw}kW）][，复算{recomputed_yuan}元][（容量{recomputed_kva}kVA）][（需量{recomputed_kw}kW）]，相差{difference_yuan}元"
  en: "Basic charge of {period}[, {billed_yuan} yuan billed][ ({billed_capacity_kva} kVA)][ ({billed_demand_kw} kW)][, {recomputed_yuan} yuan recomputed][ ({recomputed_kva} kVA)][ ({recomputed_kw} kW)]: difference {difference_yuan} yuan"
amount:
  zh: 复算－账单（正数应追补，负数应退还）
  en: recomputed less billed (positive is to recover)
basis: [{regulation: 营业规则, article: 第八十五条, verified: false}]
remedy: {zh: 核对计费天数、启停日期与容量，重算退补。, en: 'Check days, dates and capacity; recompute.'}
near_miss:
  - {zh: 首月按日历天数而不按30天折算, en: first month divided by calendar days instead of 30}
  - {zh: 不足月相差一天, en: difference of one day in a part-month}
  - {zh: 不能复算（有原因）, en: recomputation impossible (reason set)}
decisions:
  - {zh: 恰为限值不报；复算没有基本电费的按0。, en: A difference on the limit is not beyond it; no recomputed charge counts as 0.}
  - {zh: 其他规则报出的范围按其缺省参数：TC006、TC007、TC008、TC010、BX023为本账期；BX021为年内满184天后计费容量不足的各期；BX022为该工单所涉各月。, en: 'What other rules report is by their default parameters: TC006, TC007, TC008, TC010, BX023 in the period judged; BX021 the periods after 184 days that are billed too low; BX022 the months that the order touches.'}
  - {zh: TC003报出的账单只在TC011不报，本规则照常判断（能复算的）。, en: 'Bills that TC003 reports are left out of TC011 only; here they are judged where they could be recomputed.'}
  - {zh: 未判定：有基本电费或计量点有计算方式而无法复算的常规账单。, en: 'Not judged: regular bills with a basic charge, or of points with a charge mode, that could not be recomputed.'}
seed: 基本电费稽查
---*/
SELECT
    r.bill_id,
    CAST(-r.basic_diff_yuan AS DECIMAL(18, 2)) AS amount_yuan,
    r.period,
    b.basic_yuan AS billed_yuan,
    r.basic_yuan AS recomputed_yuan,
    r.basic_diff_yuan AS difference_yuan,
    b.billed_capacity_kva,
    b.billed_demand_kw,
    r.billed_capacity_kva AS recomputed_kva,
    r.billed_demand_kw AS recomputed_kw
FROM recomputed_bill AS r
INNER JOIN bill AS b ON r.bill_id = b.bill_id AND r.period = b.period
LEFT JOIN basic_charge_reported AS x ON r.customer_id = x.customer_id AND r.period = x.period
WHERE
    r.reason IS NULL
    AND r.period <= $p0
    AND r.period >= months_later($p0, -2)
    -- the same: bills of other months are not read
    AND b.period <= $p0
    AND b.period >= months_later($p0, -2)
    AND is_off_recomputed(r.basic_diff_yuan, r.basic_yuan, $min_yuan, $rel)
    AND x.customer_id IS NULL;

/*--- not judged ---*/
SELECT
    r.bill_id,
    r.reason AS missing
FROM recomputed_bill AS r
INNER JOIN regular_bill AS g ON r.bill_id = g.bill_id AND r.period = g.period
INNER JOIN bill AS b ON r.bill_id = b.bill_id AND r.period = b.period
LEFT JOIN metering_point AS p ON r.point_id = p.point_id
WHERE
    r.reason IS NOT NULL
    AND r.period <= $p0
    AND r.period >= months_later($p0, -2)
    -- the same: bills of other months are not read
    AND g.period <= $p0
    AND g.period >= months_later($p0, -2)
    AND b.period <= $p0
    AND b.period >= months_later($p0, -2)
    AND (b.basic_yuan <> 0 OR p.basic_charge_mode <> 'none')
