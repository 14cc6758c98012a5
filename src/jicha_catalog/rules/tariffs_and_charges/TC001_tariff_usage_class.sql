/*---
code: TC001
name: {zh: 执行电价与用电类别不符, en: Tariff does not fit the usage class}
group: TC
subject: metering_point
class: price
severity: high
status: active
frequency: monthly
proof: state
tables: [metering_point, customer, tariff, bill]
key: [point_id]
parameters:
  - {name: merged, label: {zh: 工商业用电合并为一类, en: Industry and commerce are one class}, type: bool, default: true, unit: flag, source: {zh: 发改价格〔2023〕526号：工商业用电合并, en: 'Notice 2023-526: industry and commerce merged'}, verified: true}
  - name: allowed
    label: {zh: 允许的用电类别与电价类别组合, en: Usage class and tariff class that may go together}
    type: table
    unit: pair
    columns: {usage_class: string, tariff_class: string}
    heads:
      tariff_class: {zh: 电价类别, en: Tariff class}
    default:
      - [ev_charging, general_industrial_commercial]
      - [ev_charging, large_industrial]
      - [non_residential_other, residential]
    source: {zh: 各省电价规定（学校、社会福利场所执行居民电价）, en: Provincial price rules (schools and welfare at the residential price)}
    verified: false
evidence:
  tariff_class:
    zh: 电价适用类别
    en: Class of the tariff
    codes:
      residential: {zh: 居民生活, en: Residential}
      large_industrial: {zh: 大工业, en: Large industrial}
      general_industrial_commercial: {zh: 一般工商业, en: General industrial and commercial}
      agricultural: {zh: 农业生产, en: Agricultural}
      non_residential_other: {zh: 其他非居民, en: Other non-residential}
      street_lighting: {zh: 路灯, en: Street lighting}
      ev_charging: {zh: 充换电设施, en: EV charging}
      resale: {zh: 转供趸售, en: Resale}
  is_sub_point: {zh: 分表或定比定量, en: Sub-point or allocated}
  year_kwh: {zh: 近12期结算电量(kWh), en: Billed energy of 12 periods (kWh)}
  usual_tariff: {zh: 同类别同电压最常用电价, en: Tariff most used by this class at this voltage}
  usual_price: {zh: 该电价(元/kWh), en: Its price (yuan per kWh)}
reason:
  zh: "用电类别为{usage_class}，执行电价{tariff_code}适用{tariff_class}[；同类别同电压多执行{usual_tariff}（{usual_price}元/kWh，本点{energy_price}元/kWh），近12期{year_kwh}kWh差价{amount_yuan}元]"
  en: "Usage class {usage_class}, but tariff {tariff_code} is for {tariff_class}[; this class mostly pays {usual_tariff} at this voltage ({usual_price} against {energy_price} yuan per kWh): {amount_yuan} yuan on {year_kwh} kWh of 12 periods]"
amount:
  zh: 近12期结算电量×（同类别同电压最常用电价的电度电价－执行的电度电价），正数为少收
  en: billed kWh of the last 12 x (energy price of the class's most used tariff at the same voltage - price executed); positive is to recover
basis: [{regulation: 营业规则, article: 第一百零一条, verified: true}]
remedy: {zh: 现场核实用电性质，更正电价并退补差价。, en: 'Verify the use on site, correct the price and settle.'}
near_miss:
  - {zh: 执行居民电价的学校, en: school on the residential price}
  - {zh: 工厂宿舍的照明分表, en: lighting sub-point of a factory dormitory}
  - {zh: 执行大工业电价、免收容量电费的充电站, en: EV station at the large-industry price without capacity charge}
decisions:
  - {zh: 两类工商业合并时，用电类别、电价类别和允许组合中的两者都视为一类。, en: 'Where merged, the two industrial and commercial classes are one in the customer''s class, the tariff''s and the allowed pairs.'}
  - {zh: 主表（无上级、非定比定量）不符即报；分表和定比定量点只在客户没有相符的结算点、没有类别不明的结算点、也没有主表被报时，报其中近12期电量最大的一个。, en: 'A main metered point is reported when it does not fit. Of sub-points and allocated points the one with most energy is, when no settlement point of the customer fits, none is of unknown class and no main point is reported.'}
  - {zh: 最常用电价：供电电压相同、同一类别的成熟客户结算点中，执行适用该类别电价最多的电价码（并列取码小的）；没有则无金额。, en: 'Most used: of the settlement points of customers of that class and voltage_v on a tariff for that class, the code that most carry (then the smallest); without one there is no amount.'}
  - {zh: 未判定：主表没有电价码、电价在筛查日未执行或没有适用类别的。, en: 'Not judged: main metered points without a tariff code, whose tariff is not in force, or without a usage class.'}
seed: 用电的收费标准是否存在错误
---*/
WITH pair AS (
    SELECT
        class_group(a.usage_class, $merged) AS usage_group,
        class_group(a.tariff_class, $merged) AS tariff_group
    FROM parameter_allowed AS a
    GROUP BY class_group(a.usage_class, $merged), class_group(a.tariff_class, $merged)
),

classed AS (
    SELECT
        s.point_id,
        s.customer_id,
        s.tariff_code,
        s.parent_point_id IS NULL AND s.is_metered AS is_main,
        m.usage_class,
        m.voltage_v,
        t.usage_class AS tariff_class,
        t.energy_price,
        class_group(m.usage_class, $merged) AS usage_group,
        class_group(t.usage_class, $merged) AS tariff_group
    FROM settlement_point AS s
    INNER JOIN mature_customer AS m ON s.customer_id = m.customer_id
    LEFT JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code
),

misfit AS (
    SELECT
        c.point_id,
        c.customer_id,
        c.is_main
    FROM classed AS c
    LEFT JOIN pair AS a ON c.usage_group = a.usage_group AND c.tariff_group = a.tariff_group
    WHERE c.tariff_group <> c.usage_group AND a.usage_group IS NULL
),

-- customers all of whose points are known to be of another class, none of them a main metered one
only_sub AS (
    SELECT c.customer_id
    FROM classed AS c
    LEFT JOIN misfit AS x ON c.point_id = x.point_id
    GROUP BY c.customer_id
    HAVING COUNT(*) = COUNT(x.point_id) AND MAX(CASE WHEN x.is_main THEN 1 ELSE 0 END) = 0
),

suspect AS (
    SELECT
        x.point_id,
        x.customer_id
    FROM misfit AS x
    WHERE x.is_main
    UNION ALL
    SELECT
        x.point_id,
        x.customer_id
    FROM misfit AS x
    INNER JOIN only_sub AS o ON x.customer_id = o.customer_id
),

billed AS (
    SELECT
        b.point_id,
        SUM(b.billed_kwh) AS billed_kwh
    FROM bill AS b
    INNER JOIN suspect AS x ON b.point_id = x.point_id
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11)
    GROUP BY b.point_id
),

chosen AS (
    SELECT
        x.point_id,
        b.billed_kwh
    FROM suspect AS x
    INNER JOIN classed AS c ON x.point_id = c.point_id
    LEFT JOIN billed AS b ON x.point_id = b.point_id
    QUALIFY
        c.is_main
        OR ROW_NUMBER() OVER (PARTITION BY x.customer_id ORDER BY b.billed_kwh DESC NULLS LAST, x.point_id ASC) = 1
),

usual AS (
    SELECT
        c.usage_group,
        c.voltage_v,
        c.tariff_code,
        c.energy_price
    FROM classed AS c
    WHERE c.tariff_group = c.usage_group AND c.energy_price IS NOT NULL
    GROUP BY c.usage_group, c.voltage_v, c.tariff_code, c.energy_price
    QUALIFY ROW_NUMBER() OVER (PARTITION BY c.usage_group, c.voltage_v ORDER BY COUNT(*) DESC, c.tariff_code ASC) = 1
)

SELECT
    c.point_id,
    CAST(worth_yuan(h.billed_kwh, u.energy_price - c.energy_price) AS DECIMAL(18, 2)) AS amount_yuan,
    c.usage_class,
    c.tariff_code,
    c.tariff_class,
    CAST(NOT c.is_main AS BOOLEAN) AS is_sub_point,
    CAST(h.billed_kwh AS DECIMAL(18, 2)) AS year_kwh,
    c.energy_price,
    u.tariff_code AS usual_tariff,
    u.energy_price AS usual_price
FROM chosen AS h
INNER JOIN classed AS c ON h.point_id = c.point_id
LEFT JOIN usual AS u ON c.usage_group = u.usage_group AND c.voltage_v = u.voltage_v;

/*--- not judged ---*/
SELECT
    s.point_id,
    CAST(
        CASE
            WHEN s.tariff_code IS NULL THEN 'tariff_code'
            WHEN t.tariff_code IS NULL THEN 'tariff'
            ELSE 'usage_class'
        END AS VARCHAR
    ) AS missing
FROM settlement_point AS s
LEFT JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code
WHERE s.parent_point_id IS NULL AND s.is_metered AND t.usage_class IS NULL
