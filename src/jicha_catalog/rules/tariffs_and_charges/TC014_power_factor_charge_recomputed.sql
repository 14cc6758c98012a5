/*---
code: TC014
name: {zh: 力调电费复算不符, en: Power-factor charge differs from recomputation}
group: TC
subject: bill
class: fee
severity: medium
status: active
frequency: on_bill_issue
proof: recompute
tables: [bill, recomputed_bill]
key: [bill_id]
parameters:
  - {name: min_yuan, label: {zh: 差额下限, en: Smallest difference}, type: "decimal(14,2)", default: 10, min: 0, max: 1000000, unit: yuan, source: practice, verified: true}
evidence:
  billed_yuan: {zh: 账单力调电费(元), en: Power-factor charge billed (yuan)}
  recomputed_yuan: {zh: 复算力调电费(元), en: Power-factor charge recomputed (yuan)}
  difference_yuan: {zh: 账单减复算(元), en: Billed less recomputed (yuan)}
  billed_factor: {zh: 账单功率因数, en: Power factor billed}
  recomputed_factor: {zh: 复算功率因数, en: Power factor recomputed}
  recomputed_standard: {zh: 复算标准, en: Standard recomputed}
reason:
  zh: "{period}力调电费[，账单{billed_yuan}元][（功率因数{billed_factor}）][，复算{recomputed_yuan}元][（功率因数{recomputed_factor}，标准{recomputed_standard}）]，相差{difference_yuan}元"
  en: "Power-factor charge of {period}[, {billed_yuan} yuan billed][ (factor {billed_factor})][, {recomputed_yuan} yuan recomputed][ (factor {recomputed_factor}, standard {recomputed_standard})]: difference {difference_yuan} yuan"
amount:
  zh: 复算－账单（正数应追补，负数应退还）
  en: recomputed less billed (positive is to recover)
basis: [{regulation: 力调办法, article: 电费的调整, verified: true}]
remedy: {zh: 核对功率因数、参与调整电费基数与调整率。, en: 'Check power factor, money base and percentage.'}
near_miss:
  - {zh: 代征附加按各省规定计入或不计入基数, en: surcharges inside or outside the base by provincial rule}
  - {zh: 功率因数四舍五入到0.01, en: rounding of the factor to 0.01}
  - {zh: 有功电量为零、功率因数为零, en: factor 0 with no active energy}
decisions:
  - {zh: 限值为min_yuan与复算力调电费1%的较大者，恰为限值不报。, en: 'The limit is min_yuan or 1 % of the recomputed charge, whichever is more; a difference on it is not beyond it.'}
  - {zh: TC011、TC012的限值按其缺省参数（5元、0.2%，50元、1%），不论是否报出；连带为力调差额不超过该差额的15%。, en: 'Limits of TC011 and TC012 are their defaults (5 yuan, 0.2 %; 50 yuan, 1 %), reported or not; a follow-on effect is up to 15 % of that difference.'}
  - {zh: TC016报出的客户的全部计量点、TC017报出的计量点不报（按缺省参数）；没有提供力调电费表时不看“标准不在表中”。, en: 'Left out are all points of customers that TC016 reports and the points that TC017 reports (default parameters); without a delivered adjustment table a standard is not held to be unknown.'}
  - {zh: TC003报出的账单只在TC011不报，本规则照常判断（能复算的）。, en: 'Bills that TC003 reports are left out of TC011 only; here they are judged where they could be recomputed.'}
  - {zh: 未判定：有力调电费或功率因数标准而无法复算的常规账单。, en: 'Not judged: regular bills with such a charge or a standard that could not be recomputed.'}
seed: 功率因数调整电费执行情况
---*/
SELECT
    r.bill_id,
    CAST(-r.pf_diff_yuan AS DECIMAL(18, 2)) AS amount_yuan,
    r.period,
    b.pf_yuan AS billed_yuan,
    r.pf_yuan AS recomputed_yuan,
    r.pf_diff_yuan AS difference_yuan,
    CAST(exact4(b.power_factor) AS DECIMAL(6, 4)) AS billed_factor,
    CAST(exact4(r.power_factor) AS DECIMAL(6, 4)) AS recomputed_factor,
    CAST(exact4(r.pf_standard) AS DECIMAL(6, 4)) AS recomputed_standard
FROM recomputed_bill AS r
INNER JOIN bill AS b ON r.bill_id = b.bill_id AND r.period = b.period
WHERE
    r.reason IS NULL
    AND r.period <= $p0
    AND r.period >= months_later($p0, -2)
    -- the same: bills of other months are not read
    AND b.period <= $p0
    AND b.period >= months_later($p0, -2)
    AND is_off_recomputed(r.pf_diff_yuan, r.pf_yuan, $min_yuan, 0.01)
    AND NOT COALESCE(
        is_off_recomputed(r.energy_diff_yuan, r.energy_yuan, 5, 0.002)
        AND is_follow_on(r.pf_diff_yuan, r.energy_diff_yuan),
        FALSE
    )
    AND NOT COALESCE(
        is_off_recomputed(r.basic_diff_yuan, r.basic_yuan, 50, 0.01)
        AND is_follow_on(r.pf_diff_yuan, r.basic_diff_yuan),
        FALSE
    )
    AND NOT EXISTS (
        SELECT u.customer_id
        FROM pf_not_assessed AS u
        WHERE u.customer_id = r.customer_id
    )
    AND NOT EXISTS (
        SELECT w.point_id
        FROM pf_standard_wrong AS w
        WHERE
            w.point_id = r.point_id
            AND (
                w.is_known_wrong
                OR EXISTS (
                    SELECT a.pf_standard
                    FROM pf_adjustment AS a
                )
            )
    );

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
    AND (b.pf_yuan <> 0 OR b.pf_standard IS NOT NULL OR p.pf_standard IS NOT NULL)
