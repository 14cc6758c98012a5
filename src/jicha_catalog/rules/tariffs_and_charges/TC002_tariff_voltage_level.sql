/*---
code: TC002
name: {zh: 电价电压等级与供电电压不符, en: Tariff voltage level does not fit the supply voltage}
group: TC
subject: metering_point
class: price
severity: high
status: active
frequency: monthly
proof: state
tables: [metering_point, customer, tariff]
key: [point_id]
parameters: []
evidence:
  tested_voltage_v: {zh: 比对电压(V), en: Voltage compared (V)}
  year_kwh: {zh: 近12期结算电量(kWh), en: Billed energy of 12 periods (kWh)}
  right_tariff: {zh: 相应电压等级的电价, en: Tariff of the right level}
  right_price: {zh: 该电价(元/kWh), en: Its price (yuan per kWh)}
reason:
  zh: "供电电压{tested_voltage_v}V，执行电价{tariff_code}[，电压下限{voltage_min_v}V][，电压上限{voltage_max_v}V][；相应等级电价{right_tariff}为{right_price}元/kWh（现{energy_price}元/kWh），近12期{year_kwh}kWh差价{amount_yuan}元]"
  en: "Supplied at {tested_voltage_v} V on tariff {tariff_code}[, which begins at {voltage_min_v} V][, which ends at {voltage_max_v} V][; tariff {right_tariff} of the right level costs {right_price} against {energy_price} yuan per kWh: {amount_yuan} yuan on {year_kwh} kWh of 12 periods]"
amount:
  zh: 近12期结算电量×（同类别、同部制、相应电压等级电价的电度电价－执行的电度电价），正数为少收
  en: billed kWh of the last 12 x (energy price of the right level, same class and parts - price executed); positive is to recover
basis: [{regulation: 输配电价, article: 分电压等级, verified: false}]
remedy: {zh: 核对产权分界点电压，更正电价电压等级并退补。, en: Check the voltage at the boundary point and correct.}
near_miss:
  - {zh: 20千伏执行1-20千伏电价, en: 20 kV billed with the 1-20 kV level}
  - {zh: 10千伏客户在公变台区下的380V宿舍, en: dormitory at 380 V of a 10 kV customer}
  - {zh: 电价没有电压上下限, en: bound null}
decisions:
  - {zh: 按380V比对的：高压客户装表的结算点，低供低计且有台区编号。, en: 'Compared with 380 V: metered points of high-voltage customers with mode low-voltage supply and metering and an area.'}
  - {zh: 相应等级的电价：筛查日执行、适用类别和部制与现执行电价相同、电压范围含比对电压的，取结算点最多的（并列取码小的）。, en: 'Right level: tariffs in force with the class and parts of the executed one and bounds around the voltage; of several the one that most settlement points carry, then the smallest code.'}
  - {zh: 未判定：没有电价码或电价在筛查日未执行，或电价有电压范围而比对电压不明的。, en: 'Not judged: points without a tariff code or whose tariff is not in force, and those of unknown voltage on a tariff with bounds.'}
seed: 容量和电压等级匹配 / 执行销售电价政策
---*/
WITH tested AS (
    SELECT
        s.point_id,
        s.tariff_code,
        t.usage_class,
        t.parts,
        t.energy_price,
        t.voltage_min_v,
        t.voltage_max_v,
        CASE
            WHEN
                s.is_metered
                AND s.mode = 'lv_supply_lv_metering'
                AND s.area_id IS NOT NULL
                AND is_high_voltage(m.voltage_v)
                THEN 380
            ELSE m.voltage_v
        END AS voltage_v
    FROM settlement_point AS s
    INNER JOIN mature_customer AS m ON s.customer_id = m.customer_id
    INNER JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code
),

suspect AS (
    SELECT
        c.point_id,
        c.tariff_code,
        c.usage_class,
        c.parts,
        c.energy_price,
        c.voltage_min_v,
        c.voltage_max_v,
        c.voltage_v
    FROM tested AS c
    WHERE is_outside_level(c.voltage_v, c.voltage_min_v, c.voltage_max_v)
),

used AS (
    SELECT
        s.tariff_code,
        COUNT(*) AS points
    FROM settlement_point AS s
    GROUP BY s.tariff_code
),

fitting AS (
    SELECT
        x.point_id,
        t.tariff_code,
        t.energy_price
    FROM suspect AS x
    INNER JOIN tariff_at_as_of AS t ON x.usage_class = t.usage_class AND x.parts = t.parts
    LEFT JOIN used AS u ON t.tariff_code = u.tariff_code
    WHERE t.energy_price IS NOT NULL AND NOT is_outside_level(x.voltage_v, t.voltage_min_v, t.voltage_max_v)
    QUALIFY ROW_NUMBER() OVER (PARTITION BY x.point_id ORDER BY u.points DESC NULLS LAST, t.tariff_code ASC) = 1
),

billed AS (
    SELECT
        b.point_id,
        SUM(b.billed_kwh) AS billed_kwh
    FROM bill AS b
    INNER JOIN suspect AS x ON b.point_id = x.point_id
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11)
    GROUP BY b.point_id
)

SELECT
    x.point_id,
    CAST(worth_yuan(b.billed_kwh, f.energy_price - x.energy_price) AS DECIMAL(18, 2)) AS amount_yuan,
    CAST(x.voltage_v AS INTEGER) AS tested_voltage_v,
    x.tariff_code,
    x.voltage_min_v,
    x.voltage_max_v,
    x.energy_price,
    CAST(b.billed_kwh AS DECIMAL(18, 2)) AS year_kwh,
    f.tariff_code AS right_tariff,
    f.energy_price AS right_price
FROM suspect AS x
LEFT JOIN fitting AS f ON x.point_id = f.point_id
LEFT JOIN billed AS b ON x.point_id = b.point_id;

/*--- not judged ---*/
SELECT
    s.point_id,
    CAST(
        CASE WHEN s.tariff_code IS NULL THEN 'tariff_code' WHEN t.tariff_code IS NULL THEN 'tariff' ELSE 'voltage_v' END
        AS VARCHAR
    ) AS missing
FROM settlement_point AS s
INNER JOIN mature_customer AS m ON s.customer_id = m.customer_id
LEFT JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code
WHERE t.tariff_code IS NULL OR (m.voltage_v IS NULL AND (t.voltage_min_v IS NOT NULL OR t.voltage_max_v IS NOT NULL))
