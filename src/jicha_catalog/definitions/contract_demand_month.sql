/*---
name: contract_demand_month
zh: 合约需量客户近六期需量
en: Demand of customers with a contract demand, six months
note: >-
  The months W(6) of mature customers with a settlement point charged by contract demand, as customer_monthly has them: summed once
  for the two SELECTs that ask.
tables: [metering_point, customer, customer_monthly]
columns:
  customer_id: string
  period: date
  max_demand_kw: decimal(18,4)
---*/
WITH agreed AS (
    SELECT s.customer_id
    FROM settlement_point AS s
    WHERE s.basic_charge_mode = 'contract_demand'
    GROUP BY s.customer_id
)

SELECT
    m.customer_id,
    m.period,
    m.max_demand_kw
FROM customer_monthly AS m
INNER JOIN agreed AS a ON m.customer_id = a.customer_id
WHERE m.period <= $p0 AND m.period >= months_later($p0, -5)
