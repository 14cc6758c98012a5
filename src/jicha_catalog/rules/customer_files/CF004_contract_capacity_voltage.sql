/*---
code: CF004
name: {zh: 合同容量与供电电压等级不匹配, en: Contract capacity does not fit the supply voltage}
group: CF
subject: customer
class: file
severity: medium
status: active
frequency: monthly
proof: state
tables: [customer, service_order]
key: [customer_id]
parameters:
  - name: bounds
    label: {zh: 各电压等级的合同容量范围, en: Contract capacity by supply voltage}
    type: table
    unit: kVA
    columns: {voltage_v: int, min_kva: "decimal(14,2)", max_kva: "decimal(14,2)"}
    heads:
      min_kva: {zh: 下限(kVA), en: From (kVA)}
      max_kva: {zh: 上限(kVA), en: To (kVA)}
    default:
      - [220, null, 16]
      - [380, null, 250]
      - [10000, 30, 40000]
      - [20000, 30, 40000]
      - [35000, 3000, 60000]
      - [110000, 8000, 200000]
      - [220000, 50000, null]
    source: {zh: 供电方案编制导则，放宽后只留明显矛盾, en: 'Guide to supply schemes, widened to keep only clear contradictions'}
    verified: false
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      below: {zh: 低于下限, en: below the minimum}
      above: {zh: 高于上限, en: above the maximum}
      unknown_voltage: {zh: 电压等级不在标准之内, en: voltage that is not a standard level}
  min_kva: {zh: 该电压容量下限(kVA), en: Minimum at this voltage (kVA)}
  max_kva: {zh: 该电压容量上限(kVA), en: Maximum at this voltage (kVA)}
  deviation_kva: {zh: 偏离(kVA), en: Deviation (kVA)}
reason:
  zh: "供电电压{voltage_v}V，合同容量{contract_capacity_kva}kVA，{problem}[，偏离{deviation_kva}kVA][（下限{min_kva}kVA）][（上限{max_kva}kVA）]"
  en: "Supplied at {voltage_v} V with a contract capacity of {contract_capacity_kva} kVA: {problem}[ by {deviation_kva} kVA][ (minimum {min_kva} kVA)][ (maximum {max_kva} kVA)]"
basis:
  - {regulation: 营业规则, article: 第九条, verified: false}
  - {regulation: 业扩规则, article: 供电电压等级的确定, verified: false}
remedy: {zh: 核对现场受电装置容量与接入电压，更正档案或补办增容、改压。, en: 'Check installed capacity and connection voltage on site, then correct the file or process the capacity or voltage change.'}
near_miss:
  - {zh: 按小微企业低压接入政策、由低压供电的较大容量客户, en: larger customer at low voltage under the small-business connection policy}
  - {zh: 10kV供电、容量较小但在范围内的客户, en: small 10 kV customer within the bounds}
  - {zh: 增容工单在途, en: increase of capacity still in flight}
decisions:
  - {zh: 容量先按0.0001kVA取为精确小数再与限值比较；恰为限值不报。, en: Capacities become exact decimals of 0.0001 kVA before they meet a bound; on the bound is within it.}
  - {zh: 未判定：电压为空；或高压客户合同容量为空。低压客户常不登记容量，容量为空不列为未判定。, en: 'Not judged: the voltage is unknown, or a high-voltage customer has no contract capacity. Low-voltage customers often carry none; that is not listed.'}
seed: 容量和电压等级匹配情况
---*/
WITH tested AS (
    SELECT
        m.customer_id,
        m.voltage_v,
        m.contract_capacity_kva,
        b.voltage_v AS known_voltage_v,
        b.min_kva,
        b.max_kva
    FROM mature_customer AS m
    LEFT JOIN parameter_bounds AS b ON m.voltage_v = b.voltage_v
    WHERE
        m.contract_capacity_kva > 0
        AND m.voltage_v IS NOT NULL
        AND NOT EXISTS (
            SELECT o.order_id
            FROM known_order AS o
            WHERE
                o.customer_id = m.customer_id
                AND o.is_in_flight
                AND o.kind IN ('increase_capacity', 'reduce_capacity', 'change_voltage')
        )
)

SELECT
    t.customer_id,
    t.voltage_v,
    t.contract_capacity_kva,
    CAST(
        CASE
            WHEN t.known_voltage_v IS NULL THEN 'unknown_voltage'
            WHEN t.contract_capacity_kva < t.min_kva THEN 'below'
            ELSE 'above'
        END AS VARCHAR
    ) AS problem,
    CAST(CASE WHEN t.contract_capacity_kva < t.min_kva THEN t.min_kva END AS DECIMAL(14, 2)) AS min_kva,
    CAST(CASE WHEN t.contract_capacity_kva > t.max_kva THEN t.max_kva END AS DECIMAL(14, 2)) AS max_kva,
    CAST(
        CASE
            WHEN t.contract_capacity_kva < t.min_kva THEN t.min_kva - t.contract_capacity_kva
            WHEN t.contract_capacity_kva > t.max_kva THEN t.contract_capacity_kva - t.max_kva
        END AS DECIMAL(18, 4)
    ) AS deviation_kva
FROM tested AS t
WHERE
    t.known_voltage_v IS NULL
    OR t.contract_capacity_kva < t.min_kva
    OR t.contract_capacity_kva > t.max_kva;

/*--- not judged ---*/
SELECT
    m.customer_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN m.voltage_v IS NULL THEN 'voltage_v' END,
            CASE WHEN m.contract_capacity_kva IS NULL THEN 'contract_capacity_kva' END
        ) AS VARCHAR
    ) AS missing
FROM mature_customer AS m
WHERE
    (
        (m.voltage_v IS NULL AND (m.contract_capacity_kva IS NULL OR m.contract_capacity_kva > 0))
        OR (is_high_voltage(m.voltage_v) AND m.contract_capacity_kva IS NULL)
    )
    AND NOT EXISTS (
        SELECT o.order_id
        FROM known_order AS o
        WHERE
            o.customer_id = m.customer_id
            AND o.is_in_flight
            AND o.kind IN ('increase_capacity', 'reduce_capacity', 'change_voltage')
    )
