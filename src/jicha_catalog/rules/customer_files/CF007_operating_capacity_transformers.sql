/*---
code: CF007
name: {zh: 运行容量与在运变压器容量不一致, en: Operating capacity differs from running transformers}
group: CF
subject: customer
class: fee
severity: medium
status: active
frequency: monthly
proof: state
tables: [customer, customer_transformer, service_order]
key: [customer_id]
parameters: []
evidence:
  running_capacity_kva: {zh: 在运变压器容量合计(kVA), en: Running transformers (kVA)}
  running_transformers: {zh: 在运变压器台数, en: Running transformers}
  difference_kva: {zh: 在运减运行容量(kVA), en: Running less operating capacity (kVA)}
  tolerance_kva: {zh: 允许偏差(kVA), en: Tolerance (kVA)}
  capacity_price: {zh: 容量电价(元/kVA·月), en: Capacity price (yuan per kVA and month)}
reason:
  zh: "运行容量{operating_capacity_kva}kVA，在运（含热备用）变压器{running_transformers}台、容量{running_capacity_kva}kVA，相差{difference_kva}kVA，超过允许偏差{tolerance_kva}kVA[；按容量电价{capacity_price}元每月少计基本电费约{amount_yuan}元]"
  en: "Operating capacity {operating_capacity_kva} kVA against {running_transformers} running or hot-standby transformer(s) of {running_capacity_kva} kVA: a difference of {difference_kva} kVA beyond the tolerance of {tolerance_kva} kVA[; at {capacity_price} yuan per kVA about {amount_yuan} yuan of basic charge a month are not billed]"
amount:
  zh: 按容量计收基本电费且在运容量大于运行容量时，差额乘以容量电价，每月；否则无
  en: where the basic charge is by capacity and the running transformers exceed the operating capacity, the difference times the capacity price, per month; else none
basis: [{regulation: 营业规则, article: 第二十四条, verified: false}]
remedy: {zh: 核对变压器加封与运行状态，更正运行容量并退补基本电费。, en: 'Check seals and running state, correct the operating capacity and settle the basic charge.'}
near_miss:
  - {zh: 本周生效的暂停, en: suspension that took effect this week}
  - {zh: 已加封的冷备用变压器, en: cold-standby transformer that is sealed}
  - {zh: 没有变压器档案的客户（CF008）, en: customer without transformer files (CF008)}
decisions:
  - {zh: 在运容量按变压器当前状态（运行、热备用）统计，不看安装、拆除日期。, en: 'Running is the status today (running, hot standby); days of installation and removal are not looked at.'}
  - {zh: “CF006报出”按CF006的默认允许偏差（5kVA、合同容量的1%）判断，不随其参数调整。, en: 'Whether CF006 reports a customer is judged by its default tolerances (5 kVA, 1 % of the contract), whatever its parameters are set to.'}
  - {zh: 工单生效、截止日期与筛查日相差不超过35天（前后均算）的客户不报；已终止的工单不算。, en: 'Days within 35 of the screening day, before or after, leave the customer out; cancelled orders do not.'}
  - {zh: 计费方式与容量电价取同一结算计量点（选取方法同CF006）。, en: 'Charge mode and capacity price are of the same settlement point, chosen as in CF006.'}
seed: 分析核实实际用电与变压器容量
---*/
WITH tested AS (
    SELECT
        m.customer_id,
        m.operating_capacity_kva,
        r.transformers AS running_transformers,
        r.capacity_kva AS running_capacity_kva,
        CAST(r.capacity_kva - m.operating_capacity_kva AS DECIMAL(18, 4)) AS difference_kva,
        capacity_tolerance(r.capacity_kva, 5, CAST(0.01 AS DECIMAL(3, 2))) AS tolerance_kva
    FROM mature_customer AS m
    INNER JOIN running_capacity AS r ON m.customer_id = r.customer_id
    LEFT JOIN operating_capacity_changing AS o ON m.customer_id = o.customer_id
    WHERE is_high_voltage(m.voltage_v) AND o.customer_id IS NULL
),

-- what CF006 reports, with its default tolerances
contract_error AS (
    SELECT
        g.customer_id,
        g.gap_kva
    FROM contract_capacity_gap AS g
    WHERE
        ABS(g.gap_kva) > capacity_tolerance(g.contract_capacity_kva, 5, CAST(0.01 AS DECIMAL(3, 2)))
)

SELECT
    t.customer_id,
    CAST(
        CASE WHEN p.basic_charge_mode = 'capacity' THEN capacity_charge_yuan(t.difference_kva, p.capacity_price) END
        AS DECIMAL(18, 2)
    ) AS amount_yuan,
    t.operating_capacity_kva,
    t.running_transformers,
    t.running_capacity_kva,
    t.difference_kva,
    CAST(t.tolerance_kva AS DECIMAL(18, 4)) AS tolerance_kva,
    p.basic_charge_mode,
    p.tariff_code,
    p.capacity_price
FROM tested AS t
LEFT JOIN contract_error AS e ON t.customer_id = e.customer_id
LEFT JOIN capacity_tariff AS p ON t.customer_id = p.customer_id
WHERE
    ABS(t.difference_kva) > t.tolerance_kva
    -- gap of the contract less gap of the operating capacity, which is minus the difference
    AND (e.customer_id IS NULL OR ABS(e.gap_kva + t.difference_kva) >= CAST(0.01 AS DECIMAL(3, 2)));

/*--- not judged ---*/
SELECT
    m.customer_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN m.voltage_v IS NULL THEN 'voltage_v' END,
            CASE WHEN m.operating_capacity_kva IS NULL THEN 'operating_capacity_kva' END
        ) AS VARCHAR
    ) AS missing
FROM mature_customer AS m
INNER JOIN running_capacity AS r ON m.customer_id = r.customer_id
LEFT JOIN operating_capacity_changing AS o ON m.customer_id = o.customer_id
WHERE
    (m.voltage_v IS NULL OR (is_high_voltage(m.voltage_v) AND m.operating_capacity_kva IS NULL))
    AND o.customer_id IS NULL
