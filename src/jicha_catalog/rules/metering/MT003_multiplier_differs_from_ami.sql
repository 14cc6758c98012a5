/*---
code: MT003
name: {zh: 营销与采集系统倍率不一致, en: Multiplier differs between CIS and AMI}
group: MT
subject: metering_point
class: quantity
severity: high
status: active
frequency: monthly
proof: state
tables: [metering_point, meter, ami_meter]
key: [point_id]
parameters: []
evidence:
  ami_multiplier: {zh: 采集倍率, en: AMI multiplier}
  year_kwh: {zh: 近12期抄见电量(kWh), en: Quantity of 12 periods (kWh)}
  reference_price_yuan: {zh: 参考电价(元/kWh), en: Reference price (yuan/kWh)}
reason:
  zh: "电表{meter_id}计费倍率{multiplier}，采集系统倍率{ami_multiplier}[；近12期抄见电量{year_kwh}kWh，按采集倍率推算差额{amount_yuan}元（上限，负数为多计）]"
  en: "Meter {meter_id} is billed with a multiplier of {multiplier} while the collection system has {ami_multiplier}[; on {year_kwh} kWh of 12 periods that makes {amount_yuan} yuan (an upper bound; negative is billed too much)]"
amount:
  zh: 结算计量点：近12期抄见电量合计 ×（采集倍率÷计费倍率－1）× 参考电价，为上限；其他计量点无
  en: 'settlement points: total quantity of the last 12 × (AMI multiplier ÷ multiplier − 1) × reference price, an upper bound; else none'
basis: [{regulation: 营业规则, article: 第八十二条, verified: false}]
remedy: {zh: 现场核对互感器变比，统一两系统倍率，按差错退补。, en: 'Check the CT ratio on site, align both systems, settle the error.'}
near_miss:
  - {zh: 两个系统倍率写法不同而数值相同, en: multiplier written differently but equal in both systems}
  - {zh: 采集系统中没有此表, en: meter not in AMI}
  - {zh: 换表过程中采集系统仍为旧表（MT006）, en: swap in progress with the old meter in AMI (MT006)}
decisions:
  - {zh: 差额带符号：采集倍率小于计费倍率时为负（多计）。, en: 'The amount has a sign: negative where the AMI multiplier is the smaller one (billed too much).'}
  - {zh: 计费倍率为0时不估算金额。, en: With a multiplier of 0 there is no amount.}
  - {zh: 未判定：当前电表在采集系统中，但任一系统的倍率为空。, en: 'Not judged: the current meter is in AMI and one of the two multipliers is unknown.'}
seed: 计量倍率检查 / 各系统之间数据不统一
---*/
WITH paired AS (
    SELECT
        p.point_id,
        p.purpose,
        m.meter_id,
        CAST(multiplier_exact(p.multiplier) AS DECIMAL(18, 6)) AS multiplier,
        CAST(multiplier_exact(a.multiplier) AS DECIMAL(18, 6)) AS ami_multiplier
    FROM metering_point AS p
    INNER JOIN current_meter AS m ON p.point_id = m.point_id
    INNER JOIN ami_meter AS a ON m.meter_id = a.meter_id
    WHERE
        (p.status IS NULL OR p.status = 'active')
        AND multipliers_differ(multiplier_exact(p.multiplier), multiplier_exact(a.multiplier))
)

SELECT
    d.point_id,
    CAST(
        worth_yuan(kwh_left_out(y.year_kwh, d.multiplier, d.ami_multiplier), f.price) AS DECIMAL(18, 2)
    ) AS amount_yuan,
    d.meter_id,
    d.multiplier,
    d.ami_multiplier,
    y.year_kwh,
    CAST(CASE WHEN d.purpose = 'settlement' THEN f.price END AS DECIMAL(14, 6)) AS reference_price_yuan
FROM paired AS d
LEFT JOIN year_quantity AS y ON d.point_id = y.point_id AND d.purpose = 'settlement'
LEFT JOIN reference_price AS f ON d.point_id = f.point_id;

/*--- not judged ---*/
SELECT
    p.point_id,
    CAST('multiplier' AS VARCHAR) AS missing
FROM metering_point AS p
INNER JOIN current_meter AS m ON p.point_id = m.point_id
INNER JOIN ami_meter AS a ON m.meter_id = a.meter_id
WHERE
    (p.status IS NULL OR p.status = 'active')
    AND (multiplier_exact(p.multiplier) IS NULL OR multiplier_exact(a.multiplier) IS NULL)
