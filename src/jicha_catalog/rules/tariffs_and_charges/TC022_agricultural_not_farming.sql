/*---
code: TC022
name: {zh: 农业电价疑似非农用电, en: Agricultural price with a non-farm pattern}
group: TC
subject: customer
class: price
severity: medium
status: active
frequency: quarterly
proof: state
tables: [customer, metering_point, customer_monthly]
key: [customer_id]
parameters:
  - {name: min_kwh, label: {zh: 检查的月均电量下限, en: Smallest mean energy checked}, type: "decimal(14,2)", default: 2000, min: 0, max: 1000000, unit: kWh/month, source: practice, verified: true}
  - {name: max_cv, label: {zh: 月电量变异系数，低于为平稳用电, en: Coefficient of variation below which use is steady}, type: "decimal(8,6)", default: 0.15, min: 0, max: 1, unit: ratio, source: practice, verified: true}
evidence:
  signs:
    zh: 迹象
    en: Signs
    codes:
      steady: {zh: 全年平稳、无农闲, en: steady all the year}
      name: {zh: 名称含经营字样, en: business word in the name}
  mean_kwh: {zh: 月均电量(kWh), en: Mean a month (kWh)}
  least_kwh: {zh: 最小月电量(kWh), en: Least month (kWh)}
  variation: {zh: 月电量变异系数, en: Variation of the months}
reason:
  zh: "农业电价，{signs}：月均{mean_kwh}kWh、最小月{least_kwh}kWh[、变异系数{variation}]"
  en: "Agricultural price, {signs}: {mean_kwh} kWh a month, least month {least_kwh} kWh[, variation {variation}]"
amount:
  zh: 近12期电量×（380V一般工商业电价－执行电价）
  en: energy of 12 periods x (energy price of the general commercial tariff at 380 V - price executed)
basis: [{regulation: 营业规则, article: 第一百零一条, verified: true}]
remedy: {zh: 现场核实生产内容，非农业生产的改类追补。, en: Verify the production; change class and recover if it is not farming.}
near_miss:
  - {zh: 恒定通风的养猪场, en: pig farm with constant ventilation}
  - {zh: 鱼塘增氧机, en: fish pond aerators}
  - {zh: 季节分明的排灌, en: irrigation with a clear season}
decisions:
  - {zh: 变异系数取六位小数，恰为上限不算平稳。, en: Variations have six places; at the limit it is not steady.}
  - {zh: 执行电价取编号最小的结算计量点的；不低于工商业电价的无金额。, en: 'The price executed is that of the settlement point with the smallest point_id; there is no amount where it is not below the commercial one.'}
  - {zh: 未判定：不足12期而月均够；或平稳而行业为空、名称不含经营字样。, en: 'Not judged: fewer than 12 periods known though the mean suffices, or steady without an industry and without a business word.'}
seed: 用电属性和行业分类的匹配情况
---*/
WITH tested AS (
    SELECT
        m.customer_id,
        y.billed_kwh,
        y.mean_kwh,
        y.least_kwh,
        y.variation,
        MIN(s.point_id) AS point_id,
        COALESCE(
            y.variation < $max_cv
            AND CAST(y.least_kwh AS DECIMAL(20, 2)) > CAST(0.7 AS DECIMAL(2, 1)) * y.mean_kwh
            AND NOT REGEXP_MATCHES(industry_digits(c.industry_code), '^(03|04|013|015)'),
            FALSE
        ) AS is_steady
    FROM mature_customer AS m
    INNER JOIN customer AS c ON m.customer_id = c.customer_id
    INNER JOIN customer_year AS y ON m.customer_id = y.customer_id
    LEFT JOIN settlement_point AS s ON m.customer_id = s.customer_id
    WHERE m.usage_class = 'agricultural' AND y.periods = 12 AND y.mean_kwh >= $min_kwh
    GROUP BY
        m.customer_id,
        y.billed_kwh,
        y.mean_kwh,
        y.least_kwh,
        y.variation,
        c.industry_code
)

SELECT
    t.customer_id,
    CAST(
        CONCAT_WS(
            ',', CASE WHEN t.is_steady THEN 'steady' END, CASE WHEN n.customer_id IS NOT NULL THEN 'name' END
        ) AS VARCHAR
    ) AS signs,
    CAST(ROUND(t.mean_kwh, 2) AS DECIMAL(18, 2)) AS mean_kwh,
    t.least_kwh,
    CAST(CASE WHEN t.is_steady THEN t.variation END AS DECIMAL(18, 6)) AS variation,
    CAST(
        CASE
            WHEN g.energy_price > a.energy_price THEN ROUND(t.billed_kwh * (g.energy_price - a.energy_price), 2)
        END AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM tested AS t
LEFT JOIN business_name AS n ON t.customer_id = n.customer_id AND NOT n.is_farm
LEFT JOIN settlement_point AS p ON t.point_id = p.point_id
LEFT JOIN tariff_at_as_of AS a ON p.tariff_code = a.tariff_code
LEFT JOIN commercial_price AS g ON a.energy_price IS NOT NULL
WHERE t.is_steady OR n.customer_id IS NOT NULL;

/*--- not judged ---*/
WITH tested AS (
    SELECT
        m.customer_id,
        y.periods,
        industry_digits(c.industry_code) AS industry,
        CASE
            WHEN
                y.variation < $max_cv
                AND CAST(y.least_kwh AS DECIMAL(20, 2)) > CAST(0.7 AS DECIMAL(2, 1)) * y.mean_kwh
                THEN 1
            ELSE 0
        END AS is_steady
    FROM mature_customer AS m
    INNER JOIN customer AS c ON m.customer_id = c.customer_id
    INNER JOIN customer_year AS y ON m.customer_id = y.customer_id
    WHERE m.usage_class = 'agricultural' AND y.mean_kwh >= $min_kwh
)

SELECT
    t.customer_id,
    CAST(CASE WHEN t.periods < 12 THEN 'billed_kwh' ELSE 'industry_code' END AS VARCHAR) AS missing
FROM tested AS t
LEFT JOIN business_name AS n ON t.customer_id = n.customer_id AND NOT n.is_farm
WHERE t.periods < 12 OR (t.is_steady = 1 AND t.industry IS NULL AND n.customer_id IS NULL)
