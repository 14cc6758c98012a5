/*---
code: TC009
name: {zh: 合约需量长期偏离实际, en: Contract demand persistently off the actual demand}
group: TC
subject: customer
class: fee
severity: low
status: active
frequency: quarterly
proof: state
tables: [metering_point, customer, customer_monthly, tariff]
key: [customer_id]
parameters:
  - {name: floor, label: {zh: 合约需量下限，占合同容量, en: Smallest contract demand as a share of the contract capacity}, type: "decimal(8,4)", default: 0.4, min: 0, max: 1, unit: ratio, source: {zh: '发改办价格〔2016〕1583号：下限40%，各省可不同', en: 'Notice 2016-1583: floor 40 %, may differ by province'}, verified: false}
  - {name: low, label: {zh: 实际需量偏低界限，占合约需量, en: Measured demand is low below this share of the contract demand}, type: "decimal(8,4)", default: 0.6, min: 0, max: 1, unit: ratio, source: practice, verified: true}
evidence:
  direction:
    zh: 偏离方向
    en: Direction
    codes:
      below: {zh: 合约需量偏低, en: contract demand too low}
      above: {zh: 合约需量偏高, en: contract demand too high}
  is_below_floor: {zh: 低于下限, en: Below the floor}
  contract_kw: {zh: 合约需量(kW), en: Contract demand (kW)}
  floor_kw: {zh: 下限(kW), en: Floor (kW)}
  months_over: {zh: 近6期超过105%的期数, en: Periods of 6 above 105 %}
  least_kw: {zh: 近6期最小需量(kW), en: Least monthly demand of 6 periods (kW)}
  greatest_kw: {zh: 近6期最大需量(kW), en: Greatest monthly demand of 6 periods (kW)}
reason:
  zh: "{direction}：合约需量{contract_kw}kW，近6期最大需量{least_kw}至{greatest_kw}kW，其中{months_over}期超过105%[；下限{floor_kw}kW][；低于下限部分每月{amount_yuan}元]"
  en: "{direction}: {contract_kw} kW agreed, {least_kw} to {greatest_kw} kW a month over 6 periods, {months_over} of them above 105 %[; floor {floor_kw} kW][; {amount_yuan} yuan a month below the floor]"
amount:
  zh: 低于下限的：（下限－合约需量）×需量电价，每月；其余无
  en: 'below the floor: (floor - contract demand) x demand price per month; else none (customer advice)'
basis: [{regulation: 基本电费, article: 第一部分, verified: false}]
remedy: {zh: 提示客户调整合约需量，低于下限的更正核定值。, en: Advise the customer to change the value; correct values below the floor.}
near_miss:
  - {zh: 只有一期需量偏高, en: one month of high demand}
  - {zh: 合约需量恰为下限, en: contract demand at exactly 40 %}
  - {zh: 其中两期全部暂停的客户, en: customer fully suspended for two of the months}
decisions:
  - {zh: 两期以上为零的（暂停）客户，“偏高”看近6期全部低于low倍；为零的月份说明设备停用，只要有一期需量为零即不报“偏高”。, en: 'A month of no demand at all (suspended) says nothing about the agreed value: with one among the six, above is not reported.'}
  - {zh: 近6期最大需量须全部已知（包括低于下限的判断）；合约需量为该方式各结算点之和。, en: 'Demand must be known for all six periods, for the floor too; C sums the points in this mode.'}
  - {zh: 需量电价取该方式结算点中有需量电价的编号最小者，筛查日版次。, en: 'Demand price: of the points in this mode the smallest point_id with one, edition at the screening date.'}
  - {zh: 未判定：近6期需量不全、没有合约需量的；合同容量为空而又无其他问题的。, en: 'Not judged: a demand missing in the six periods, no contract demand, or no contract capacity and nothing else to report.'}
seed: 报装容量与实际匹配 (beyond)
---*/
WITH agreed AS (
    SELECT
        s.customer_id,
        CAST(SUM(kva(p.contract_demand_kw)) AS DECIMAL(18, 4)) AS contract_kw
    FROM settlement_point AS s
    INNER JOIN metering_point AS p ON s.point_id = p.point_id
    WHERE s.basic_charge_mode = 'contract_demand'
    GROUP BY s.customer_id
),

priced AS (
    SELECT
        s.customer_id,
        t.demand_price
    FROM settlement_point AS s
    INNER JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code
    WHERE s.basic_charge_mode = 'contract_demand' AND t.demand_price IS NOT NULL
    QUALIFY ROW_NUMBER() OVER (PARTITION BY s.customer_id ORDER BY s.point_id) = 1
),

measured AS (
    SELECT
        a.customer_id,
        a.contract_kw,
        MIN(d.max_demand_kw) AS least_kw,
        MAX(d.max_demand_kw) AS greatest_kw,
        SUM(CASE WHEN d.max_demand_kw > CAST(1.05 AS DECIMAL(3, 2)) * a.contract_kw THEN 1 ELSE 0 END) AS months_over
    FROM agreed AS a
    INNER JOIN contract_demand_month AS d ON a.customer_id = d.customer_id
    WHERE d.period <= $p0 AND d.period >= months_later($p0, -5)
    GROUP BY a.customer_id, a.contract_kw
    HAVING COUNT(d.max_demand_kw) = 6
),

judged AS (
    SELECT
        d.customer_id,
        d.contract_kw,
        d.least_kw,
        d.greatest_kw,
        d.months_over,
        CAST($floor * CAST(m.contract_capacity_kva AS DECIMAL(20, 4)) AS DECIMAL(24, 8)) AS floor_kw,
        d.greatest_kw < $low * CAST(d.contract_kw AS DECIMAL(20, 4)) AND d.least_kw > 0 AS is_low_use
    FROM measured AS d
    INNER JOIN mature_customer AS m ON d.customer_id = m.customer_id
)

SELECT
    j.customer_id,
    CAST(
        CASE
            WHEN j.contract_kw < j.floor_kw
                THEN ROUND(CAST(j.floor_kw - j.contract_kw AS DECIMAL(20, 8)) * p.demand_price, 2)
        END AS DECIMAL(18, 2)
    ) AS amount_yuan,
    CAST(
        CASE WHEN COALESCE(j.contract_kw < j.floor_kw, FALSE) OR j.months_over >= 4 THEN 'below' ELSE 'above' END
        AS VARCHAR
    ) AS direction,
    CAST(j.contract_kw < j.floor_kw AS BOOLEAN) AS is_below_floor,
    CAST(j.contract_kw AS DECIMAL(18, 4)) AS contract_kw,
    CAST(j.floor_kw AS DECIMAL(18, 4)) AS floor_kw,
    CAST(j.months_over AS BIGINT) AS months_over,
    CAST(j.least_kw AS DECIMAL(18, 4)) AS least_kw,
    CAST(j.greatest_kw AS DECIMAL(18, 4)) AS greatest_kw
FROM judged AS j
LEFT JOIN priced AS p ON j.customer_id = p.customer_id
WHERE j.contract_kw < j.floor_kw OR j.months_over >= 4 OR (j.is_low_use AND j.contract_kw > j.floor_kw);

/*--- not judged ---*/
WITH agreed AS (
    SELECT
        s.customer_id,
        m.contract_capacity_kva,
        CAST(SUM(kva(p.contract_demand_kw)) AS DECIMAL(18, 4)) AS contract_kw
    FROM settlement_point AS s
    INNER JOIN metering_point AS p ON s.point_id = p.point_id
    INNER JOIN mature_customer AS m ON s.customer_id = m.customer_id
    WHERE s.basic_charge_mode = 'contract_demand'
    GROUP BY s.customer_id, m.contract_capacity_kva
),

measured AS (
    SELECT
        a.customer_id,
        COUNT(d.max_demand_kw) AS months,
        SUM(CASE WHEN d.max_demand_kw > CAST(1.05 AS DECIMAL(3, 2)) * a.contract_kw THEN 1 ELSE 0 END) AS months_over
    FROM agreed AS a
    INNER JOIN contract_demand_month AS d ON a.customer_id = d.customer_id
    WHERE d.period <= $p0 AND d.period >= months_later($p0, -5)
    GROUP BY a.customer_id
)

SELECT
    a.customer_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN a.contract_kw IS NULL THEN 'contract_demand_kw' END,
            CASE WHEN COALESCE(d.months, 0) < 6 THEN 'max_demand_kw' END,
            CASE WHEN a.contract_capacity_kva IS NULL THEN 'contract_capacity_kva' END
        ) AS VARCHAR
    ) AS missing
FROM agreed AS a
LEFT JOIN measured AS d ON a.customer_id = d.customer_id
WHERE
    a.contract_kw IS NULL
    OR COALESCE(d.months, 0) < 6
    OR (a.contract_capacity_kva IS NULL AND COALESCE(d.months_over, 0) < 4)
