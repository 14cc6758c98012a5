/*---
code: TC011
name: {zh: 电度电费复算不符, en: Energy charge differs from recomputation}
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
  - {name: min_yuan, label: {zh: 差额下限（与比例取大）, en: Smallest difference (the greater of this and the share)}, type: "decimal(14,2)", default: 5, min: 0, max: 1000000, unit: yuan, source: practice, verified: true}
  - {name: rel, label: {zh: 差额下限占复算电费的比例, en: Smallest difference as a share of the charge recomputed}, type: "decimal(8,6)", default: 0.002, min: 0, max: 1, unit: ratio, source: practice, verified: true}
evidence:
  billed_yuan: {zh: 账单电度电费(元), en: Energy charge billed (yuan)}
  recomputed_yuan: {zh: 复算电度电费(元), en: Energy charge recomputed (yuan)}
  difference_yuan: {zh: 账单减复算(元), en: Billed less recomputed (yuan)}
  recomputed_kwh: {zh: 复算电量(kWh), en: Energy recomputed (kWh)}
reason:
  zh: "{period}账单电度电费{billed_yuan}元（{billed_kwh}kWh），复算{recomputed_yuan}元（{recomputed_kwh}kWh，电价{tariff_code}），相差{difference_yuan}元"
  en: "Energy charge of {period}: {billed_yuan} yuan billed ({billed_kwh} kWh), {recomputed_yuan} yuan recomputed ({recomputed_kwh} kWh, tariff {tariff_code}), difference {difference_yuan} yuan"
amount:
  zh: 复算－账单（正数应追补，负数应退还）
  en: recomputed less billed (positive is to recover)
basis:
  - {regulation: 电力法, article: 第三十三条, verified: true}
  - {regulation: 抄核收规则, article: 电费核算, verified: false}
remedy: {zh: 核对电价、时段与电量参数，重算退补。, en: 'Check price, period and kWh parameters; recompute and settle.'}
near_miss:
  - {zh: 四个时段的尾差, en: rounding of four periods}
  - {zh: 月中换价按日分算, en: price change inside the month billed by days}
  - {zh: 账单含退补电量, en: adjusted energy carried over}
decisions:
  - {zh: 恰为限值不报；相对限值按复算电度电费的绝对值。, en: A difference on the limit is not beyond it; the relative limit is of the recomputed charge.}
  - {zh: TC003报出的是本账期的账单，更早各期照常判断。, en: TC003 reports bills of the period judged; earlier periods are judged all the same.}
  - {zh: 未判定：无法复算的常规账单，附复算原因代码。, en: 'Not judged: regular bills that could not be recomputed, with the codes of the reasons.'}
seed: 电费核算准确性 / 及时检查电费核算
---*/
SELECT
    r.bill_id,
    CAST(-r.energy_diff_yuan AS DECIMAL(18, 2)) AS amount_yuan,
    r.period,
    b.energy_yuan AS billed_yuan,
    r.energy_yuan AS recomputed_yuan,
    r.energy_diff_yuan AS difference_yuan,
    b.billed_kwh,
    r.billed_kwh AS recomputed_kwh,
    r.tariff_code
FROM recomputed_bill AS r
INNER JOIN bill AS b ON r.bill_id = b.bill_id AND r.period = b.period
LEFT JOIN bill_tariff_problem AS t ON r.bill_id = t.bill_id AND t.billed_kwh > 0
WHERE
    r.reason IS NULL
    AND r.period <= $p0
    AND r.period >= months_later($p0, -2)
    -- the same: bills of other months are not read
    AND b.period <= $p0
    AND b.period >= months_later($p0, -2)
    AND is_off_recomputed(r.energy_diff_yuan, r.energy_yuan, $min_yuan, $rel)
    AND t.bill_id IS NULL;

/*--- not judged ---*/
SELECT
    r.bill_id,
    r.reason AS missing
FROM recomputed_bill AS r
INNER JOIN regular_bill AS b ON r.bill_id = b.bill_id AND r.period = b.period
WHERE
    r.reason IS NOT NULL
    AND r.period <= $p0
    AND r.period >= months_later($p0, -2)
    -- the same: bills of other months are not read
    AND b.period <= $p0
    AND b.period >= months_later($p0, -2)
