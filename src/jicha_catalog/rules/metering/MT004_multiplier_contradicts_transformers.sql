/*---
code: MT004
name: {zh: 计费倍率与互感器变比不符, en: Billing multiplier contradicts the instrument transformers}
group: MT
subject: metering_point
class: quantity
severity: high
status: active
frequency: monthly
proof: state
tables: [metering_point, instrument_transformer, customer]
key: [point_id]
parameters:
  - {name: tolerance, label: {zh: 倍率允许相对偏差, en: Relative tolerance of the multiplier}, type: "decimal(10,6)", default: 0.005, min: 0, max: 1, unit: ratio, source: {zh: 电压互感器变比的舍入, en: Rounding of voltage transformer ratios}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      ratio: {zh: 与互感器变比不符, en: differs from the ratio of the instrument transformers}
      no_transformer: {zh: 没有在装电流互感器档案，倍率无依据, en: 'no current transformer on file, the multiplier has no evidence'}
  current_ratio: {zh: 电流互感器变比, en: CT ratio}
  voltage_ratio: {zh: 电压互感器变比, en: VT ratio}
  transformer_multiplier: {zh: 按变比的倍率, en: Multiplier by the ratios}
  year_kwh: {zh: 近12期抄见电量(kWh), en: Quantity of 12 periods (kWh)}
  reference_price_yuan: {zh: 参考电价(元/kWh), en: Reference price (yuan/kWh)}
reason:
  zh: "计费倍率{multiplier}，{problem}[：电流变比{current_ratio}×电压变比{voltage_ratio}＝{transformer_multiplier}][；近12期抄见电量{year_kwh}kWh，差额约{amount_yuan}元]"
  en: "Billing multiplier {multiplier}: {problem}[ (CT {current_ratio} × VT {voltage_ratio} = {transformer_multiplier})][; on {year_kwh} kWh of 12 periods about {amount_yuan} yuan]"
amount:
  zh: 近12期抄见电量合计 ×（互感器倍率÷计费倍率－1）× 参考电价；没有电流互感器档案时无
  en: total quantity of the last 12 × (ratio of the transformers ÷ multiplier − 1) × reference price; none without a current transformer on file
basis: [{regulation: 营业规则, article: 第八十二条, verified: false}]
remedy: {zh: 现场核对铭牌与穿芯匝数，以实际倍率为准退补电量。, en: 'Check plate and primary turns on site; settle with the true ratio.'}
near_miss:
  - {zh: 穿芯式互感器穿两匝（150/5绕成75/5）：核实后列入白名单, en: 'through-core CT with two turns (150/5 wound as 75/5): whitelist after check'}
  - {zh: 电压互感器10000/√3比100/√3, en: 'PT 10000/sqrt3 : 100/sqrt3'}
  - {zh: 本月更换电流互感器, en: CT replaced this month}
decisions:
  - {zh: 变比取到百万分之一；千分之一以内视为相等时取最大的一个。, en: 'Ratios are exact to a millionth; of those equal within 0.1 % the greatest is taken.'}
  - {zh: 电压互感器变比不相等时也留给MT009。, en: 'Voltage transformers with unequal ratios are left to MT009 as well.'}
  - {zh: 已拆的旧互感器不计；穿芯匝数不在档案中，因此穿两匝的会报出，现场核实后用白名单排除。, en: 'Removed transformers do not count. Primary turns are not on file, so a CT wound twice is reported until it is whitelisted.'}
  - {zh: 未判定：倍率为空而有电流互感器变比。, en: 'Not judged: the multiplier is unknown while the ratio of the current transformers is known.'}
seed: 倍率与互感器不符
---*/
WITH tested AS (
    SELECT
        p.point_id,
        CAST(multiplier_exact(p.multiplier) AS DECIMAL(18, 6)) AS multiplier,
        r.max_current AS current_ratio,
        CAST(COALESCE(r.max_voltage, 1) AS DECIMAL(18, 6)) AS voltage_ratio,
        TRY_CAST(
            r.max_current * CAST(COALESCE(r.max_voltage, 1) AS DECIMAL(19, 6))
            AS DECIMAL(28, 12)
        ) AS product
    FROM metering_point AS p
    LEFT JOIN transformer_ratio AS r ON p.point_id = r.point_id
    WHERE
        p.purpose IN ('settlement', 'area_supply', 'feeder_supply')
        AND (p.status IS NULL OR p.status = 'active')
        AND p.multiplier IS NOT NULL
        AND (
            (r.max_current IS NULL AND p.multiplier > 1)
            OR (
                NOT multipliers_differ(r.min_current, r.max_current)
                AND (r.max_voltage IS NULL OR NOT multipliers_differ(r.min_voltage, r.max_voltage))
            )
        )
),

suspect AS (
    SELECT
        t.point_id,
        t.multiplier,
        CASE WHEN t.current_ratio IS NOT NULL THEN t.voltage_ratio END AS voltage_ratio,
        t.current_ratio,
        t.product
    FROM tested AS t
    WHERE
        (t.current_ratio IS NULL AND t.multiplier > 1)
        OR ABS(t.multiplier - t.product) > CAST($tolerance * CAST(t.product AS DECIMAL(26, 8)) AS DECIMAL(36, 14))
)

SELECT
    s.point_id,
    CAST(worth_yuan(kwh_left_out(y.year_kwh, s.multiplier, s.product), f.price) AS DECIMAL(18, 2)) AS amount_yuan,
    CAST(CASE WHEN s.current_ratio IS NULL THEN 'no_transformer' ELSE 'ratio' END AS VARCHAR) AS problem,
    s.multiplier,
    s.current_ratio,
    s.voltage_ratio,
    CAST(s.product AS DECIMAL(24, 6)) AS transformer_multiplier,
    y.year_kwh,
    CAST(CASE WHEN y.point_id IS NOT NULL THEN f.price END AS DECIMAL(14, 6)) AS reference_price_yuan
FROM suspect AS s
LEFT JOIN year_quantity AS y ON s.point_id = y.point_id AND s.current_ratio IS NOT NULL
LEFT JOIN reference_price AS f ON s.point_id = f.point_id;

/*--- not judged ---*/
SELECT
    p.point_id,
    CAST('multiplier' AS VARCHAR) AS missing
FROM metering_point AS p
INNER JOIN transformer_ratio AS r ON p.point_id = r.point_id
WHERE
    p.purpose IN ('settlement', 'area_supply', 'feeder_supply')
    AND (p.status IS NULL OR p.status = 'active')
    AND p.multiplier IS NULL
    AND r.max_current IS NOT NULL
