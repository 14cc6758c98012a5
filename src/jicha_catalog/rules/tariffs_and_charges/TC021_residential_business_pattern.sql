/*---
code: TC021
name: {zh: 居民电价疑似经营用电, en: Residential price with a business pattern}
group: TC
subject: customer
class: price
severity: high
status: active
frequency: quarterly
proof: state
tables: [customer, metering_point, tariff, customer_monthly, bill, daily_energy, tariff_tier]
key: [customer_id]
parameters:
  - {name: min_kwh, label: {zh: 疑似经营的月均电量界限, en: Mean energy that suggests a business}, type: "decimal(14,2)", default: 1500, min: 0, max: 1000000, unit: kWh/month, source: practice, verified: true}
  - {name: need, label: {zh: 需同时符合的迹象数, en: Signs needed together}, type: int, default: 3, min: 1, max: 5, unit: signs, source: practice, verified: true}
evidence:
  signs:
    zh: 迹象
    en: Signs
    codes:
      much: {zh: 电量大, en: much energy}
      steady: {zh: 各月平稳, en: steady months}
      name: {zh: 名称含经营字样, en: business word in the name}
      days: {zh: 日电量呈经营规律, en: days of a business}
      three_phase: {zh: 三相大容量, en: three-phase and large}
  mean_kwh: {zh: 月均电量(kWh), en: Mean a month (kWh)}
  variation: {zh: 月电量变异系数, en: Variation of the months}
  weekend_ratio: {zh: 周末与平日电量比, en: Weekends to other days}
  daily_variation: {zh: 日电量变异系数, en: Variation of the days}
  yearly_kwh: {zh: 近12期电量(kWh), en: Energy of 12 periods (kWh)}
reason:
  zh: "居民电价，迹象：{signs}[；月均{mean_kwh}kWh][，月变异系数{variation}][，周末/平日{weekend_ratio}][，日变异系数{daily_variation}]"
  en: "Residential price with signs of a business: {signs}[; {mean_kwh} kWh a month][, variation of months {variation}][, weekends to other days {weekend_ratio}][, variation of days {daily_variation}]"
amount:
  zh: 近12期电量×（380V一般工商业电价－执行电价）
  en: energy of 12 periods x (energy price of the general commercial tariff at 380 V - energy price executed)
basis: [{regulation: 营业规则, article: 第一百零一条, verified: true}]
remedy: {zh: 现场核实用电性质，按高价低接处理并改类。, en: Verify the use; treat as high-price load on a low-price circuit and change the class.}
near_miss:
  - {zh: 电采暖的多口之家（随季节变化）, en: large family with electric heating (varies by season)}
  - {zh: 按地方规定执行居民电价的楼道照明账户, en: property-company account for corridor lights by local rule}
  - {zh: 地址含店、厂字样而户名不含, en: village name with 店 or 厂 in the address but not in the customer's name}
decisions:
  - {zh: 月均、变异系数按近12期已知电量；日电量为各装表结算计量点之和，需至少80天。, en: 'Mean and variation are over the known periods of the last 12; days are summed over the metered settlement points, at least 80 of them.'}
  - {zh: 变异系数取六位小数；日电量周末比与变异系数有其一即为一个迹象。, en: Variations have six places; the ratio of the weekends or the variation of the days makes one sign.}
  - {zh: 执行电价取其有阶梯、编号最小的结算计量点在筛查日的电价；不低于工商业电价的无金额。, en: 'The price executed is that of its settlement point with tiers and the smallest point_id; there is no amount where it is not below the commercial one.'}
  - {zh: 未判定：已知迹象再加上缺数据的迹象即达到need，且有账单的。, en: 'Not judged: the signs known and those that lack data would together reach `need`.'}
seed: 用电属性匹配 / 用户违规用电
---*/
WITH candidate AS (
    SELECT
        r.customer_id,
        r.point_id,
        r.billed_kwh,
        r.mean_kwh,
        r.variation,
        COALESCE(r.mean_kwh > $min_kwh, FALSE) AS is_much,
        COALESCE(r.variation < CAST(0.25 AS DECIMAL(3, 2)), FALSE) AS is_steady,
        r.is_named,
        COALESCE(r.voltage_v = 380 AND r.contract_capacity_kva >= 30, FALSE) AS is_three_phase
    FROM residential_profile AS r
),

scored AS (
    SELECT
        c.customer_id,
        c.point_id,
        c.billed_kwh,
        c.mean_kwh,
        c.variation,
        c.is_much,
        c.is_steady,
        c.is_named,
        c.is_three_phase,
        CASE WHEN c.is_much THEN 1 ELSE 0 END + CASE WHEN c.is_steady THEN 1 ELSE 0 END
        + CASE WHEN c.is_named THEN 1 ELSE 0 END + CASE WHEN c.is_three_phase THEN 1 ELSE 0 END AS score
    FROM candidate AS c
),

daily AS (
    SELECT
        s.customer_id,
        e.day,
        SUM(kwh(e.energy_kwh)) AS energy_kwh
    FROM scored AS s
    INNER JOIN settlement_point AS p ON s.customer_id = p.customer_id AND p.is_metered
    INNER JOIN daily_energy AS e ON p.point_id = e.point_id
    WHERE s.score >= $need - 1 AND e.day >= $as_of - 90 AND e.day < $as_of AND kwh(e.energy_kwh) IS NOT NULL
    GROUP BY s.customer_id, e.day
),

pattern AS (
    SELECT
        d.customer_id,
        weekend_ratio(
            SUM(CASE WHEN is_weekday(d.day) THEN 0 ELSE d.energy_kwh END),
            SUM(CASE WHEN is_weekday(d.day) THEN 0 ELSE 1 END),
            SUM(CASE WHEN is_weekday(d.day) THEN d.energy_kwh ELSE 0 END),
            SUM(CASE WHEN is_weekday(d.day) THEN 1 ELSE 0 END)
        ) AS weekend_ratio,
        TRY_CAST(
            variation_of(
                COUNT(*), SUM(d.energy_kwh), SUM(CAST(d.energy_kwh AS DOUBLE) * CAST(d.energy_kwh AS DOUBLE))
            ) AS DECIMAL(18, 6)
        ) AS daily_variation
    FROM daily AS d
    GROUP BY d.customer_id
    HAVING COUNT(*) >= 80
),

judged AS (
    SELECT
        s.customer_id,
        s.point_id,
        s.billed_kwh,
        s.mean_kwh,
        s.variation,
        s.is_much,
        s.is_steady,
        s.is_named,
        s.is_three_phase,
        s.score,
        d.weekend_ratio,
        d.daily_variation,
        are_business_days(d.weekend_ratio, d.daily_variation) AS has_days
    FROM scored AS s
    LEFT JOIN pattern AS d ON s.customer_id = d.customer_id
)

SELECT
    j.customer_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN j.is_much THEN 'much' END,
            CASE WHEN j.is_steady THEN 'steady' END,
            CASE WHEN j.is_named THEN 'name' END,
            CASE WHEN j.has_days THEN 'days' END,
            CASE WHEN j.is_three_phase THEN 'three_phase' END
        ) AS VARCHAR
    ) AS signs,
    CAST(ROUND(j.mean_kwh, 2) AS DECIMAL(18, 2)) AS mean_kwh,
    CAST(CASE WHEN j.is_steady THEN j.variation END AS DECIMAL(18, 6)) AS variation,
    CAST(CASE WHEN j.has_days THEN j.weekend_ratio END AS DECIMAL(18, 6)) AS weekend_ratio,
    CAST(CASE WHEN j.has_days THEN j.daily_variation END AS DECIMAL(18, 6)) AS daily_variation,
    CAST(j.billed_kwh AS DECIMAL(18, 2)) AS yearly_kwh,
    CAST(
        CASE
            WHEN g.energy_price > a.energy_price THEN ROUND(j.billed_kwh * (g.energy_price - a.energy_price), 2)
        END AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM judged AS j
INNER JOIN settlement_point AS p ON j.point_id = p.point_id
LEFT JOIN tariff_at_as_of AS a ON p.tariff_code = a.tariff_code
LEFT JOIN commercial_price AS g ON a.energy_price IS NOT NULL
WHERE
    j.score + CASE WHEN j.has_days THEN 1 ELSE 0 END >= $need
    OR (j.is_named AND j.is_much);

/*--- not judged ---*/
WITH scored AS (
    SELECT
        r.customer_id,
        CASE WHEN r.mean_kwh > $min_kwh THEN 1 ELSE 0 END
        + CASE WHEN r.variation < CAST(0.25 AS DECIMAL(3, 2)) THEN 1 ELSE 0 END
        + CASE WHEN r.is_named THEN 1 ELSE 0 END
        + CASE WHEN r.voltage_v = 380 AND r.contract_capacity_kva >= 30 THEN 1 ELSE 0 END AS score,
        CASE WHEN r.mean_kwh > $min_kwh AND r.is_named THEN 1 ELSE 0 END AS is_named_and_much,
        CASE
            WHEN r.voltage_v IS NULL AND COALESCE(r.contract_capacity_kva >= 30, TRUE) THEN 1 ELSE 0
        END AS unknown_voltage,
        CASE
            WHEN r.contract_capacity_kva IS NULL AND COALESCE(r.voltage_v = 380, TRUE) THEN 1 ELSE 0
        END AS unknown_capacity
    FROM residential_profile AS r
    WHERE r.billed_kwh IS NOT NULL
),

-- those for whom what is unknown may decide
open_score AS (
    SELECT
        s.customer_id,
        s.score,
        s.unknown_voltage,
        s.unknown_capacity,
        greater_of(s.unknown_voltage, s.unknown_capacity) AS unknown_phase
    FROM scored AS s
    WHERE
        s.is_named_and_much = 0
        AND s.score < $need
        AND s.score + greater_of(s.unknown_voltage, s.unknown_capacity) + 1 >= $need
),

daily AS (
    SELECT
        s.customer_id,
        e.day,
        SUM(kwh(e.energy_kwh)) AS energy_kwh
    FROM open_score AS s
    INNER JOIN settlement_point AS p ON s.customer_id = p.customer_id AND p.is_metered
    INNER JOIN daily_energy AS e ON p.point_id = e.point_id
    WHERE e.day >= $as_of - 90 AND e.day < $as_of AND kwh(e.energy_kwh) IS NOT NULL
    GROUP BY s.customer_id, e.day
),

pattern AS (
    SELECT
        d.customer_id,
        weekend_ratio(
            SUM(CASE WHEN is_weekday(d.day) THEN 0 ELSE d.energy_kwh END),
            SUM(CASE WHEN is_weekday(d.day) THEN 0 ELSE 1 END),
            SUM(CASE WHEN is_weekday(d.day) THEN d.energy_kwh ELSE 0 END),
            SUM(CASE WHEN is_weekday(d.day) THEN 1 ELSE 0 END)
        ) AS weekend_ratio,
        TRY_CAST(
            variation_of(
                COUNT(*), SUM(d.energy_kwh), SUM(CAST(d.energy_kwh AS DOUBLE) * CAST(d.energy_kwh AS DOUBLE))
            ) AS DECIMAL(18, 6)
        ) AS daily_variation
    FROM daily AS d
    GROUP BY d.customer_id
    HAVING COUNT(*) >= 80
)

SELECT
    s.customer_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN d.customer_id IS NULL THEN 'energy_kwh' END,
            CASE WHEN s.unknown_voltage = 1 THEN 'voltage_v' END,
            CASE WHEN s.unknown_capacity = 1 THEN 'contract_capacity_kva' END
        ) AS VARCHAR
    ) AS missing
FROM open_score AS s
LEFT JOIN pattern AS d ON s.customer_id = d.customer_id
WHERE
    d.customer_id IS NULL
    -- the days are known and did not decide
    OR (s.score + s.unknown_phase >= $need AND NOT are_business_days(d.weekend_ratio, d.daily_variation))
