/*---
code: CF006
name: {zh: 报装容量与受电变压器容量不一致, en: Contract capacity differs from the transformers on file}
group: CF
subject: customer
class: file
severity: medium
status: active
frequency: monthly
proof: state
tables: [customer, customer_transformer, service_order]
key: [customer_id]
parameters:
  - {name: abs_tol, label: {zh: 允许偏差（与比例取大）, en: Tolerance (the greater of this and the share)}, type: "decimal(14,4)", default: 5, min: 0, max: 10000, unit: kVA, source: practice, verified: true}
  - {name: rel_tol, label: {zh: 允许偏差占合同容量的比例, en: Tolerance as a share of the contract capacity}, type: "decimal(10,6)", default: 0.01, min: 0, max: 1, unit: ratio, source: practice, verified: true}
evidence:
  transformer_capacity_kva: {zh: 在册变压器容量合计(kVA), en: Transformers on file (kVA)}
  transformers: {zh: 在册变压器台数, en: Transformers on file}
  difference_kva: {zh: 变压器减合同(kVA), en: Transformers less contract (kVA)}
  tolerance_kva: {zh: 允许偏差(kVA), en: Tolerance (kVA)}
  capacity_price: {zh: 容量电价(元/kVA·月), en: Capacity price (yuan per kVA and month)}
reason:
  zh: "合同容量{contract_capacity_kva}kVA，在册变压器{transformers}台、容量{transformer_capacity_kva}kVA，相差{difference_kva}kVA，超过允许偏差{tolerance_kva}kVA[；按容量电价{capacity_price}元估算每月基本电费差{amount_yuan}元]"
  en: "Contract capacity {contract_capacity_kva} kVA against {transformers} transformer(s) on file of {transformer_capacity_kva} kVA: a difference of {difference_kva} kVA beyond the tolerance of {tolerance_kva} kVA[; at {capacity_price} yuan per kVA the basic charge differs by about {amount_yuan} yuan a month]"
amount:
  zh: 变压器容量大于合同容量时，差额乘以客户电价的容量电价，每月；否则无
  en: where the transformers exceed the contract, the difference times the capacity price of the customer's tariff, per month; else none
basis: [{regulation: 营业规则, article: 第一百零一条, verified: true}]
remedy: {zh: 现场核对变压器铭牌台数与容量，私增的按违约用电处理，档案错误的更正。, en: 'Check transformer plates on site; treat added capacity as breach, correct wrong files.'}
near_miss:
  - {zh: 容量仅有尾数差异（在允许偏差内）, en: 'capacities that differ by rounding only, within the tolerance'}
  - {zh: 档案中仍列有已拆除的变压器, en: a removed transformer still listed}
  - {zh: 直配高压电动机（计入容量）, en: high-voltage motors fed directly (they count)}
decisions:
  - {zh: 容量先按0.0001kVA取为精确小数；恰等于允许偏差不报。, en: Capacities become exact decimals of 0.0001 kVA; a difference equal to the tolerance is not reported.}
  - {zh: 工单归档日按日期比较，筛查日当天归档的也计入最近35天。, en: 'The day of archiving is compared as a date: an order archived on the screening day is within the last 35 days.'}
  - {zh: 容量电价取客户一个结算计量点的电价：优先按容量计费的，其次有容量电价的、无上级计量点的、编号最小的。无容量电价则不估算。, en: 'The capacity price is that of one settlement point: charged by capacity first, then with a capacity price, without parent, with the smallest point_id; without a capacity price there is no amount.'}
  - {zh: 变压器互锁组按客户分别计算，组内只计最大一台。, en: Interlock groups are counted per customer; only the greatest of a group counts.}
seed: 报装容量和变压器实际安装容量的匹配情况
---*/
WITH tested AS (
    SELECT
        g.customer_id,
        g.contract_capacity_kva,
        g.transformers,
        g.transformer_capacity_kva,
        CAST(-g.gap_kva AS DECIMAL(18, 4)) AS difference_kva,
        capacity_tolerance(g.contract_capacity_kva, $abs_tol, $rel_tol) AS tolerance_kva
    FROM contract_capacity_gap AS g
    WHERE g.gap_kva IS NOT NULL
)

SELECT
    t.customer_id,
    CAST(capacity_charge_yuan(t.difference_kva, p.capacity_price) AS DECIMAL(18, 2)) AS amount_yuan,
    t.contract_capacity_kva,
    t.transformers,
    t.transformer_capacity_kva,
    t.difference_kva,
    CAST(t.tolerance_kva AS DECIMAL(18, 4)) AS tolerance_kva,
    p.tariff_code,
    p.capacity_price
FROM tested AS t
LEFT JOIN capacity_tariff AS p ON t.customer_id = p.customer_id
WHERE ABS(t.difference_kva) > t.tolerance_kva;

/*--- not judged ---*/
SELECT
    m.customer_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN m.voltage_v IS NULL THEN 'voltage_v' END,
            CASE WHEN m.contract_capacity_kva IS NULL THEN 'contract_capacity_kva' END,
            CASE WHEN i.capacity_kva IS NULL THEN 'customer_transformer.capacity_kva' END
        ) AS VARCHAR
    ) AS missing
FROM mature_customer AS m
INNER JOIN installed_capacity AS i ON m.customer_id = i.customer_id
LEFT JOIN contract_capacity_changing AS o ON m.customer_id = o.customer_id
WHERE
    (
        m.voltage_v IS NULL
        OR (is_high_voltage(m.voltage_v) AND (m.contract_capacity_kva IS NULL OR i.capacity_kva IS NULL))
    )
    AND o.customer_id IS NULL
