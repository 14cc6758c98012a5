/*---
code: MT013
name: {zh: 计量方式选择不合理, en: Metering mode unreasonable}
group: MT
subject: metering_point
class: loss
severity: medium
status: active
frequency: monthly
proof: state
tables: [metering_point, customer, customer_transformer]
key: [point_id]
parameters:
  - {name: lv_meter_limit, label: {zh: 高供低计的容量界限，达到即报, en: Capacity from which metering at low voltage is reported}, type: "decimal(14,4)", default: 630, min: 1, max: 100000, unit: kVA, source: {zh: 业务经验值：10kV为315～630kVA，各省不同, en: 'Practice at 10 kV: 315 to 630 kVA, differs by province'}, verified: false}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      lv_metering_too_large: {zh: 高供低计而在运变压器容量已到限值, en: metered at low voltage although the running transformers reach the limit}
      low_voltage_supply: {zh: 低压供电却登记为高压供电的计量方式, en: a mode of high-voltage supply for a low-voltage customer}
      high_voltage_supply: {zh: 高压供电、不在公用台区，却登记为低供低计, en: 'low-voltage supply on file for a high-voltage customer outside public areas'}
      mode_missing: {zh: 高压客户没有登记计量方式, en: no mode on file for a high-voltage customer}
  running_capacity_kva: {zh: 在运变压器容量(kVA), en: Running transformers (kVA)}
  limit_kva: {zh: 高供低计容量限值(kVA), en: Limit of low-voltage metering (kVA)}
reason:
  zh: "供电电压[{voltage_v}V][，计量方式{mode}]：{problem}[（在运{running_capacity_kva}kVA，限值{limit_kva}kVA）]"
  en: "Supply voltage[ {voltage_v} V][, {mode}]: {problem}[ ({running_capacity_kva} kVA running, limit {limit_kva} kVA)]"
basis:
  - {regulation: 营业规则, article: 第七十五条, verified: false}
  - {regulation: DL448, article: 计量方式, verified: false}
remedy: {zh: 核对供电方案，改高供高计或更正档案并核算变损。, en: Move to high-voltage metering or correct the file and bill the losses.}
near_miss:
  - {zh: 按供电方案高供低计、容量未达界限, en: 'metered at low voltage by its scheme, below the limit'}
  - {zh: 高压客户的宿舍由公用台区供电的计量点, en: "point in a public area of a high-voltage customer's dormitory"}
  - {zh: 发电计量点, en: generation point}
decisions:
  - {zh: 在运容量只计状态为运行的变压器，同一互锁组只计最大一台，不加直配电动机（不经变压器）。, en: 'Only transformers with status running count, of an interlock group the greatest; motors fed directly are left out because they take nothing through a transformer.'}
  - {zh: 未判定：供电电压为空；或低压客户没有登记计量方式。, en: 'Not judged: the voltage is unknown, or a low-voltage customer has no mode on file.'}
seed: 计量方式的选择是否合理
---*/
WITH unit AS (
    SELECT
        t.customer_id,
        MAX(kva(t.capacity_kva)) AS capacity_kva
    FROM customer_transformer AS t
    WHERE t.status = 'running'
    GROUP BY
        t.customer_id,
        CASE WHEN is_blank(t.interlock_group) THEN t.transformer_id END,
        filled(t.interlock_group)
),

running AS (
    SELECT
        u.customer_id,
        CAST(SUM(u.capacity_kva) AS DECIMAL(18, 4)) AS capacity_kva
    FROM unit AS u
    GROUP BY u.customer_id
),

judged AS (
    SELECT
        p.point_id,
        p.voltage_v,
        p.mode,
        r.capacity_kva,
        CASE
            WHEN p.mode = 'hv_supply_lv_metering' AND r.capacity_kva >= $lv_meter_limit THEN 'lv_metering_too_large'
        END AS size_problem,
        CASE
            WHEN NOT is_high_voltage(p.voltage_v) AND p.mode IN ('hv_supply_hv_metering', 'hv_supply_lv_metering')
                THEN 'low_voltage_supply'
            WHEN is_high_voltage(p.voltage_v) AND p.mode = 'lv_supply_lv_metering' AND p.area_id IS NULL
                THEN 'high_voltage_supply'
            WHEN is_high_voltage(p.voltage_v) AND p.mode IS NULL THEN 'mode_missing'
        END AS voltage_problem
    FROM metered_point AS p
    LEFT JOIN running AS r ON p.customer_id = r.customer_id
)

SELECT
    j.point_id,
    CAST(CONCAT_WS(',', j.size_problem, j.voltage_problem) AS VARCHAR) AS problem,
    j.voltage_v,
    j.mode,
    CAST(CASE WHEN j.size_problem IS NOT NULL THEN j.capacity_kva END AS DECIMAL(18, 4)) AS running_capacity_kva,
    CAST(CASE WHEN j.size_problem IS NOT NULL THEN $lv_meter_limit END AS DECIMAL(14, 4)) AS limit_kva
FROM judged AS j
WHERE j.size_problem IS NOT NULL OR j.voltage_problem IS NOT NULL;

/*--- not judged ---*/
WITH unit AS (
    SELECT
        t.customer_id,
        MAX(kva(t.capacity_kva)) AS capacity_kva
    FROM customer_transformer AS t
    WHERE t.status = 'running'
    GROUP BY
        t.customer_id,
        CASE WHEN is_blank(t.interlock_group) THEN t.transformer_id END,
        filled(t.interlock_group)
),

large AS (
    SELECT u.customer_id
    FROM unit AS u
    GROUP BY u.customer_id
    HAVING SUM(u.capacity_kva) >= $lv_meter_limit
)

SELECT
    p.point_id,
    CAST(CASE WHEN p.voltage_v IS NULL THEN 'voltage_v' ELSE 'mode' END AS VARCHAR) AS missing
FROM metered_point AS p
LEFT JOIN large AS r ON p.customer_id = r.customer_id
WHERE
    (p.voltage_v IS NULL AND NOT (COALESCE(p.mode, '') = 'hv_supply_lv_metering' AND r.customer_id IS NOT NULL))
    OR (NOT is_high_voltage(p.voltage_v) AND p.mode IS NULL)
