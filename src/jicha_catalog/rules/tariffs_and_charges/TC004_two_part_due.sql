/*---
code: TC004
name: {zh: 应执行两部制未执行, en: Two-part tariff due but not applied}
group: TC
subject: customer
class: price
severity: high
status: active
frequency: monthly
proof: state
tables: [customer, metering_point, tariff, service_order]
key: [customer_id]
parameters:
  - {name: threshold, label: {zh: 应执行两部制的容量下限, en: Capacity from which a two-part tariff is due}, type: "decimal(14,4)", default: 315, min: 1, max: 1000000, unit: kVA, source: {zh: 发改价格〔2023〕526号, en: Notice 2023-526}, verified: true}
  - {name: since, label: {zh: 此日及以后立户的一般工商业应执行, en: General commerce opened from this day on must have it}, type: date, default: 2023-06-01, unit: date, source: {zh: 发改价格〔2023〕526号：存量单一制用户可保留, en: 'Notice 2023-526: existing single-part users may stay'}, verified: true}
evidence:
  executed_tariff: {zh: 执行电价, en: Tariff executed}
  two_part_tariff: {zh: 同电压两部制电价, en: Two-part tariff of that voltage}
  billed_periods: {zh: 近12期有账单期数, en: Periods of the last 12 with a bill}
  year_kwh: {zh: 近12期结算电量(kWh), en: Billed energy of 12 periods (kWh)}
  capacity_yuan: {zh: 应计容量电费(元), en: Capacity charge due (yuan)}
  energy_difference_yuan: {zh: 电度电费差额(元), en: Less energy charge (yuan)}
reason:
  zh: "{usage_class}，{voltage_v}V，合同容量{contract_capacity_kva}kVA[，{opened_on}立户]，执行单一制电价{executed_tariff}[；按{two_part_tariff}近{billed_periods}期容量电费{capacity_yuan}元，减电度电费差额{energy_difference_yuan}元，估算{amount_yuan}元]"
  en: "{usage_class} at {voltage_v} V with a contract for {contract_capacity_kva} kVA[, opened {opened_on}], on the single-part tariff {executed_tariff}[; by {two_part_tariff} {capacity_yuan} yuan for capacity in {billed_periods} periods, less {energy_difference_yuan} yuan of energy: about {amount_yuan} yuan]"
amount:
  zh: 合同容量×同电压两部制容量电价×近12期有账单期数－近12期电量×（执行电度电价－两部制电度电价），估算
  en: contract capacity x capacity price of the two-part tariff of that voltage x periods of the last 12 with a bill - price difference of energy (estimate)
basis: [{regulation: 输配电价, article: 两部制电价执行范围, verified: false}]
remedy: {zh: 核对容量与用电性质，改执行两部制并补收。, en: Check capacity and use; apply the two-part tariff.}
near_miss:
  - {zh: 2015年立户、选择保留单一制的商业客户, en: commercial customer of 2015 that chose to stay single-part}
  - {zh: 减容后容量低于下限的客户, en: customer whose capacity was reduced below the limit}
  - {zh: 临时基建用电, en: temporary building site}
decisions:
  - {zh: “有效的暂停、减容工单”指未终止、筛查日在其生效与截止日期之内（截止为空即未止）的工单。, en: 'An effective order is one that is not cancelled and whose days cover the screening date (an open end counts).'}
  - {zh: 大工业客户不看立户日期，立户日期为空也判断。, en: 'For large industrial customers the opening day plays no part, unknown or not.'}
  - {zh: 有结算点的部制不明（没有电价码、电价未执行、部制为空）而其余都不是两部制的，列为未判定。合同容量为空、供电电压为空、（一般工商业）立户日期为空的同样列出。, en: 'Not judged: where a point''s parts are unknown (no code, not in force, null) and no other is two-part; and customers without contract capacity, voltage or (general industrial and commercial) opening day.'}
  - {zh: 金额：两部制电价取筛查日执行、同为工商业两类之一、电压范围含供电电压、有容量和电度电价的，结算点最多的（并列取码小的）；期数为近12期中该客户有账单的期数；电价差按各结算点执行的电度电价计算。, en: 'Amount: of the two-part tariffs in force for either industrial or commercial class at that voltage, with both prices, the one most settlement points carry, then the smallest code; periods are those of the last 12 with a bill of the customer; the energy difference is by each point''s executed price.'}
seed: 基本电费 / 大容量客户电价
---*/
WITH candidate AS (
    SELECT
        m.customer_id,
        m.usage_class,
        m.voltage_v,
        m.contract_capacity_kva,
        c.opened_on
    FROM mature_customer AS m
    INNER JOIN customer AS c ON m.customer_id = c.customer_id
    LEFT JOIN capacity_reduced_today AS r ON m.customer_id = r.customer_id
    WHERE
        m.usage_class IN ('large_industrial', 'general_industrial_commercial')
        AND is_high_voltage(m.voltage_v)
        AND m.contract_capacity_kva >= $threshold
        AND (m.usage_class = 'large_industrial' OR c.opened_on >= $since)
        AND (c.is_temporary IS NULL OR NOT c.is_temporary)
        AND (r.customer_id IS NULL OR COALESCE(m.operating_capacity_kva >= $threshold, TRUE))
),

suspect AS (
    SELECT
        d.customer_id,
        d.usage_class,
        d.voltage_v,
        d.contract_capacity_kva,
        d.opened_on,
        MIN(s.tariff_code) AS executed_tariff
    FROM candidate AS d
    INNER JOIN settlement_point AS s ON d.customer_id = s.customer_id
    LEFT JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code
    GROUP BY d.customer_id, d.usage_class, d.voltage_v, d.contract_capacity_kva, d.opened_on
    HAVING COUNT(*) = SUM(CASE WHEN t.parts <> 2 THEN 1 ELSE 0 END)
),

used AS (
    SELECT
        s.tariff_code,
        COUNT(*) AS points
    FROM settlement_point AS s
    GROUP BY s.tariff_code
),

two_part AS (
    SELECT
        x.customer_id,
        t.tariff_code,
        t.capacity_price,
        t.energy_price
    FROM suspect AS x
    INNER JOIN tariff_at_as_of AS t ON NOT is_outside_level(x.voltage_v, t.voltage_min_v, t.voltage_max_v)
    LEFT JOIN used AS u ON t.tariff_code = u.tariff_code
    WHERE
        t.parts = 2
        AND t.usage_class IN ('large_industrial', 'general_industrial_commercial')
        AND t.capacity_price IS NOT NULL
        AND t.energy_price IS NOT NULL
    QUALIFY ROW_NUMBER() OVER (PARTITION BY x.customer_id ORDER BY u.points DESC NULLS LAST, t.tariff_code ASC) = 1
),

billed AS (
    SELECT
        x.customer_id,
        COUNT(DISTINCT b.period) AS periods,
        SUM(b.billed_kwh) AS billed_kwh,
        SUM(CAST(b.billed_kwh AS DECIMAL(20, 2)) * (e.energy_price - w.energy_price)) AS difference_yuan,
        SUM(CASE WHEN b.billed_kwh <> 0 AND e.energy_price IS NULL THEN 1 ELSE 0 END) AS unpriced
    FROM suspect AS x
    INNER JOIN two_part AS w ON x.customer_id = w.customer_id
    INNER JOIN bill AS b ON x.customer_id = b.customer_id
    LEFT JOIN metering_point AS p ON b.point_id = p.point_id
    LEFT JOIN tariff_at_as_of AS e ON p.tariff_code = e.tariff_code
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11)
    GROUP BY x.customer_id
),

estimated AS (
    SELECT
        x.customer_id,
        w.tariff_code,
        b.periods,
        b.billed_kwh,
        CAST(ROUND(CAST(x.contract_capacity_kva AS DECIMAL(20, 4)) * w.capacity_price * b.periods, 2) AS DECIMAL(18, 2))
            AS capacity_yuan,
        CASE WHEN b.unpriced = 0 THEN CAST(ROUND(COALESCE(b.difference_yuan, 0), 2) AS DECIMAL(18, 2)) END
            AS difference_yuan
    FROM suspect AS x
    INNER JOIN two_part AS w ON x.customer_id = w.customer_id
    INNER JOIN billed AS b ON x.customer_id = b.customer_id
)

SELECT
    x.customer_id,
    CAST(e.capacity_yuan - e.difference_yuan AS DECIMAL(18, 2)) AS amount_yuan,
    x.usage_class,
    x.voltage_v,
    x.contract_capacity_kva,
    x.opened_on,
    CAST(x.executed_tariff AS VARCHAR) AS executed_tariff,
    e.tariff_code AS two_part_tariff,
    CAST(e.periods AS BIGINT) AS billed_periods,
    CAST(e.billed_kwh AS DECIMAL(18, 2)) AS year_kwh,
    CAST(e.capacity_yuan AS DECIMAL(18, 2)) AS capacity_yuan,
    CAST(e.difference_yuan AS DECIMAL(18, 2)) AS energy_difference_yuan
FROM suspect AS x
LEFT JOIN estimated AS e ON x.customer_id = e.customer_id;

/*--- not judged ---*/
WITH doubtful AS (
    SELECT
        m.customer_id,
        CASE WHEN m.voltage_v IS NULL THEN 'voltage_v' END AS no_voltage,
        CASE WHEN m.contract_capacity_kva IS NULL THEN 'contract_capacity_kva' END AS no_capacity,
        CASE WHEN m.usage_class <> 'large_industrial' AND c.opened_on IS NULL THEN 'opened_on' END AS no_opening
    FROM mature_customer AS m
    INNER JOIN customer AS c ON m.customer_id = c.customer_id
    LEFT JOIN capacity_reduced_today AS r ON m.customer_id = r.customer_id
    WHERE
        m.usage_class IN ('large_industrial', 'general_industrial_commercial')
        AND (m.voltage_v IS NULL OR is_high_voltage(m.voltage_v))
        AND (m.contract_capacity_kva IS NULL OR m.contract_capacity_kva >= $threshold)
        AND (m.usage_class = 'large_industrial' OR c.opened_on IS NULL OR c.opened_on >= $since)
        AND (c.is_temporary IS NULL OR NOT c.is_temporary)
        AND (r.customer_id IS NULL OR COALESCE(m.operating_capacity_kva >= $threshold, TRUE))
),

seen AS (
    SELECT
        d.customer_id,
        d.no_voltage,
        d.no_capacity,
        d.no_opening,
        MAX(CASE WHEN t.parts IS NULL THEN 'tariff_code' END) AS no_tariff
    FROM doubtful AS d
    INNER JOIN settlement_point AS s ON d.customer_id = s.customer_id
    LEFT JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code
    GROUP BY d.customer_id, d.no_voltage, d.no_capacity, d.no_opening
    HAVING SUM(CASE WHEN t.parts = 2 THEN 1 ELSE 0 END) = 0
)

SELECT
    n.customer_id,
    CAST(CONCAT_WS(',', n.no_voltage, n.no_capacity, n.no_opening, n.no_tariff) AS VARCHAR) AS missing
FROM seen AS n
WHERE COALESCE(n.no_voltage, n.no_capacity, n.no_opening, n.no_tariff) IS NOT NULL
