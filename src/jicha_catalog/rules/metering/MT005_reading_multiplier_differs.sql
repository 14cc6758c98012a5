/*---
code: MT005
name: {zh: 抄表计费倍率与档案倍率不一致, en: Multiplier used in reading differs from the file}
group: MT
subject: metering_point
class: quantity
severity: high
status: active
frequency: on_bill_issue
proof: recompute
tables: [reading, metering_point, customer, service_order]
key: [point_id, period]
parameters: []
evidence:
  reading_multiplier: {zh: 抄表所用倍率, en: Multiplier used in the reading}
  reference_price_yuan: {zh: 参考电价(元/kWh), en: Reference price (yuan/kWh)}
reason:
  zh: "{period}抄表用倍率{reading_multiplier}，档案倍率{multiplier}[；抄见电量{quantity}kWh，按档案倍率差{amount_yuan}元]"
  en: "Read with a multiplier of {reading_multiplier} in {period}, the file says {multiplier}[; on {quantity} kWh that is {amount_yuan} yuan]"
amount:
  zh: （档案倍率÷抄表倍率－1）× 抄见电量 × 参考电价
  en: (multiplier of the file ÷ multiplier of the reading − 1) × quantity × reference price
basis: [{regulation: 营业规则, article: 第八十二条, verified: false}]
remedy: {zh: 核对换表换互感器工单与倍率生效日期，更正并退补。, en: Check the change order and the date of effect; correct and settle.}
near_miss:
  - {zh: 当期中途更换互感器, en: CT change in the middle of the period}
  - {zh: 以前月份的抄表数据, en: reading of an older period}
  - {zh: 抄表数据没有倍率, en: multiplier null in reading}
decisions:
  - {zh: 没有抄表时间时，“抄表之后”从本账期月末起算。, en: 'Where the reading has no date, "after it" begins with the end of the period.'}
  - {zh: 工单只看有效工单（状态非空且非已终止），归档时间与抄表时间比较到时刻，同一天抄表之后归档的也免报。, en: 'Orders are those of the definition (status known and not cancelled); archiving and reading are compared as instants, so that an order archived later on the day of the reading explains the difference too.'}
  - {zh: 计量点档案在本账期首日之后（本账期之内也算）开始的变更记录说明差异，首日开始的不算。, en: 'A later file of the point is one that begins after the first day of the period judged, within the period too; one that begins on that day is not later.'}
  - {zh: 金额带符号：档案倍率较小时为负（多计）。, en: 'The amount has a sign: negative where the file has the smaller multiplier.'}
  - {zh: 未判定：抄表数据有倍率而档案倍率为空。, en: 'Not judged: the reading has a multiplier and the file has none.'}
seed: 核算过程中发现的倍率问题
---*/
SELECT
    d.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(
        worth_yuan(kwh_left_out(d.quantity, d.reading_multiplier, d.multiplier), f.price) AS DECIMAL(18, 2)
    ) AS amount_yuan,
    d.reading_multiplier,
    d.multiplier,
    d.quantity,
    CAST(f.price AS DECIMAL(14, 6)) AS reference_price_yuan
FROM reading_multiplier_mismatch AS d
LEFT JOIN reference_price AS f ON d.point_id = f.point_id;

/*--- not judged ---*/
SELECT
    p.point_id,
    CAST($p0 AS DATE) AS period,
    CAST('multiplier' AS VARCHAR) AS missing
FROM reading AS r
INNER JOIN metered_point AS p ON r.point_id = p.point_id
WHERE r.register = 'total' AND r.period = $p0 AND r.multiplier IS NOT NULL AND p.multiplier IS NULL
