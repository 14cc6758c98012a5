/*---
code: TC007
name: {zh: 计费容量小于在运容量, en: Billed capacity below running capacity}
group: TC
subject: customer
class: fee
severity: high
status: active
frequency: on_bill_issue
proof: recompute
tables: [customer, metering_point, customer_transformer, bill, service_order]
key: [customer_id, period]
parameters: []
evidence:
  running_transformers: {zh: 在运变压器台数, en: Running transformers}
  running_kva: {zh: 在运容量(kVA), en: Running capacity (kVA)}
  billed_kva: {zh: 计费容量(kVA), en: Billed capacity (kVA)}
  capacity_price: {zh: 容量电价(元/kVA·月), en: Capacity price (yuan per kVA and month)}
reason:
  zh: "{period}计费容量{billed_kva}kVA，在运（含热备用）变压器{running_transformers}台，在运容量{running_kva}kVA[；按容量电价{capacity_price}元少收{amount_yuan}元]"
  en: "{billed_kva} kVA billed in {period} against {running_kva} kVA of {running_transformers} running or hot-standby transformer(s)[; {amount_yuan} yuan short at {capacity_price} yuan per kVA]"
amount:
  zh: （在运容量－计费容量）×容量电价
  en: (running capacity - billed capacity) x capacity price
basis: [{regulation: 营业规则, article: 第八十五条, verified: false}]
remedy: {zh: 核对热备用、冷备用加封情况，补收基本电费。, en: 'Check standby and sealing, recover the capacity charge.'}
near_miss:
  - {zh: 供电企业加封的冷备用变压器, en: cold standby sealed by the utility}
  - {zh: 月中暂停（按日计算）, en: suspension in the middle of the month}
  - {zh: 互锁两台只计较大一台（白名单）, en: interlocked pair of which only the larger is charged (whitelist)}
decisions:
  - {zh: 在运容量按“变压器容量”的定义：同一互锁组只取在运中最大一台，另加直配高压电动机容量。, en: 'Running capacity follows the definition: of an interlock group the greatest that runs, plus direct high-voltage motors.'}
  - {zh: 变压器状态取覆盖整个本账期的启停记录，没有则取当前状态；任何一台（含已拆除）有记录在本账期开始或截止的客户不报。, en: 'A status row must cover all of the period judged, else today''s status counts; a customer with a row of any transformer that begins or ends in the period judged is left out.'}
  - {zh: 安装日期须早于本账期首日（当日安装的不算）。, en: A transformer installed on the first day of the period judged does not count yet.}
  - {zh: 工单不论是否归档，未终止即算；容量电价同CF006的选取。, en: 'Orders count unless cancelled, archived or not; the capacity price is chosen as in CF006.'}
  - {zh: 未判定：有在运变压器、当期容量没有变动，而当期账单没有计费容量（或没有账单）的。, en: 'Not judged: running transformers without a change in the period judged, but no billed capacity on any bill of it.'}
seed: 减少基本电费 / 大容量客户容量核实
---*/
SELECT
    x.customer_id,
    CAST($p0 AS DATE) AS period,
    CAST(
        ROUND(CAST(x.running_kva - x.billed_kva AS DECIMAL(20, 4)) * p.capacity_price, 2) AS DECIMAL(18, 2)
    ) AS amount_yuan,
    CAST(x.transformers AS BIGINT) AS running_transformers,
    x.running_kva,
    x.billed_kva,
    p.capacity_price
FROM capacity_under_billed AS x
LEFT JOIN capacity_tariff AS p ON x.customer_id = p.customer_id;

/*--- not judged ---*/
SELECT
    m.customer_id,
    CAST($p0 AS DATE) AS period,
    CAST('billed_capacity_kva' AS VARCHAR) AS missing
FROM mature_customer AS m
LEFT JOIN bill AS b ON m.customer_id = b.customer_id AND b.period = $p0
LEFT JOIN running_capacity_changed AS x ON m.customer_id = x.customer_id
WHERE
    x.customer_id IS NULL
    AND EXISTS (
        SELECT s.point_id
        FROM settlement_point AS s
        WHERE s.customer_id = m.customer_id AND s.basic_charge_mode = 'capacity'
    )
    AND EXISTS (
        SELECT t.transformer_id
        FROM transformer_in_p0 AS t
        WHERE
            t.customer_id = m.customer_id
            AND t.status IN ('running', 'hot_standby')
            AND (t.installed_on IS NULL OR t.installed_on < $p0)
    )
GROUP BY m.customer_id
HAVING COUNT(b.billed_capacity_kva) = 0
