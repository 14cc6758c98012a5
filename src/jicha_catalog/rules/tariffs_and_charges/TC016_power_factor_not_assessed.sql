/*---
code: TC016
name: {zh: 应考核功率因数未考核, en: Power factor not assessed}
group: TC
subject: customer
class: fee
severity: high
status: active
frequency: monthly
proof: state
tables: [customer, metering_point, bill]
key: [customer_id]
parameters:
  - {name: min_kva, label: {zh: 应考核功率因数的容量下限, en: Capacity from which the power factor is assessed}, type: "decimal(14,4)", default: 100, min: 0, max: 100000, unit: kVA, source: {zh: 水电财字〔1983〕215号, en: Notice 1983-215}, verified: true}
  - {name: temporary_exempt, label: {zh: 临时用电免考核, en: Temporary supply is exempt}, type: bool, default: false, unit: flag, source: provincial, verified: true}
  - {name: by_operating, label: {zh: 减容后按运行容量判断, en: After a reduction the operating capacity counts}, type: bool, default: true, unit: flag, source: provincial, verified: true}
evidence:
  tested_kva: {zh: 考核容量(kVA), en: Capacity tested (kVA)}
  billed_kwh: {zh: 当期电量(kWh), en: Energy of the period (kWh)}
  expected_standard: {zh: 应执行标准, en: Standard due}
  actual_factor: {zh: 近12期实际功率因数, en: Actual factor of 12 periods}
  adjustment_pct: {zh: 应调整率(%), en: Adjustment due (%)}
reason:
  zh: "容量{tested_kva}kVA、当期电量{billed_kwh}kWh，各计量点均未设功率因数标准[，应执行{expected_standard}][；近12期实际功率因数{actual_factor}，应调整{adjustment_pct}%]"
  en: "{tested_kva} kVA and {billed_kwh} kWh in the period, but no point has a power-factor standard[; {expected_standard} would apply][; actual factor of 12 periods {actual_factor}, adjustment {adjustment_pct} %]"
amount:
  zh: 无功已知的各期（电度电费＋基本电费）×应执行标准下实际功率因数的调整率
  en: (energy + basic charge) of the periods with known reactive energy x adjustment of the actual factor at the standard due
basis: [{regulation: 力调办法, article: 功率因数的标准值及其适用范围, verified: true}]
remedy: {zh: 核对容量与性质，设置标准并补算力调电费。, en: 'Set the standard, recompute the adjustment.'}
near_miss:
  - {zh: 电动汽车充电用户, en: EV charging account}
  - {zh: 容量低于考核下限的客户, en: customer below the capacity assessed}
  - {zh: 总表已考核、分表为空, en: assessed at the main point while sub-points carry null}
decisions:
  - {zh: 全部变压器暂停或冷备的客户视为暂停。, en: A customer whose transformers are all suspended or on cold standby counts as suspended.}
  - {zh: 减容工单在筛查日生效且运行容量低于下限的，by_operating时免。, en: 'With by_operating, exempt are customers with a reduction effective at the screening date and an operating capacity below the limit.'}
  - {zh: 实际功率因数为近12期有无功的各期合计；调整率表缺行则无金额。, en: The actual factor is that of the sums of the periods of the last 12 with reactive energy; without a row of the table there is no amount.}
  - {zh: 未判定：高压或电压不明的客户，合同容量与运行容量都为空、当期有电量。低压客户的档案可不登记容量（CF001也不要求），容量为空视为小于下限。, en: 'Not judged: contract and operating capacity are both unknown at high or unknown voltage, with energy in the period. Files of low-voltage customers need no capacity (nor does CF001 ask for one): without one they count as below the limit.'}
seed: 功率因数是否按规定进行考核
---*/
WITH unassessed AS (
    SELECT
        u.customer_id,
        u.tested_kva
    FROM pf_unassessed AS u
    WHERE
        u.tested_kva >= $min_kva
        AND NOT ($temporary_exempt AND u.is_temporary)
        AND NOT ($by_operating AND u.is_reduced AND COALESCE(u.operating_capacity_kva < $min_kva, FALSE))
),

billed AS (
    SELECT
        u.customer_id,
        b.period,
        SUM(b.billed_kwh) AS billed_kwh,
        SUM(b.reactive_kvarh) AS reactive_kvarh,
        SUM(b.energy_yuan) AS energy_yuan,
        SUM(b.basic_yuan) AS basic_yuan
    FROM unassessed AS u
    INNER JOIN bill AS b ON u.customer_id = b.customer_id
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11)
    GROUP BY u.customer_id, b.period
),

summed AS (
    SELECT
        b.customer_id,
        MAX(CASE WHEN b.period = $p0 THEN b.billed_kwh END) AS billed_kwh,
        SUM(CASE WHEN b.reactive_kvarh IS NOT NULL THEN b.billed_kwh END) AS active_kwh,
        SUM(b.reactive_kvarh) AS reactive_kvarh,
        SUM(
            CASE WHEN b.reactive_kvarh IS NOT NULL THEN COALESCE(b.energy_yuan, 0) + COALESCE(b.basic_yuan, 0) END
        ) AS base_yuan
    FROM billed AS b
    GROUP BY b.customer_id
),

factored AS (
    SELECT
        s.customer_id,
        s.billed_kwh,
        s.base_yuan,
        e.pf_standard,
        CASE
            WHEN s.active_kwh > 0 AND s.reactive_kvarh IS NOT NULL
                THEN
                    ROUND(
                        exact6(
                            CAST(s.active_kwh AS DOUBLE)
                            / NULLIF(
                                SQRT(
                                    CAST(s.active_kwh AS DOUBLE) * CAST(s.active_kwh AS DOUBLE)
                                    + CAST(s.reactive_kvarh AS DOUBLE) * CAST(s.reactive_kvarh AS DOUBLE)
                                ),
                                0
                            )
                        ),
                        2
                    )
        END AS actual_factor
    FROM summed AS s
    LEFT JOIN expected_pf_standard AS e ON s.customer_id = e.customer_id
    WHERE s.billed_kwh > 0
)

SELECT
    u.customer_id,
    CAST(u.tested_kva AS DECIMAL(18, 4)) AS tested_kva,
    CAST(f.billed_kwh AS DECIMAL(18, 2)) AS billed_kwh,
    CAST(f.pf_standard AS DECIMAL(3, 2)) AS expected_standard,
    CAST(f.actual_factor AS DECIMAL(5, 2)) AS actual_factor,
    CAST(t.adjustment_pct AS DECIMAL(18, 4)) AS adjustment_pct,
    CAST(
        ROUND(
            CAST(f.base_yuan AS DECIMAL(18, 2))
            * CAST(t.adjustment_pct AS DECIMAL(12, 4))
            * CAST(0.01 AS DECIMAL(3, 2)),
            2
        ) AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM unassessed AS u
INNER JOIN factored AS f ON u.customer_id = f.customer_id
LEFT JOIN bill_power_factor_table AS t ON f.pf_standard = t.pf_standard AND f.actual_factor = t.power_factor;

/*--- not judged ---*/
SELECT
    u.customer_id,
    CAST('contract_capacity_kva,operating_capacity_kva' AS VARCHAR) AS missing
FROM pf_unassessed AS u
INNER JOIN bill AS b ON u.customer_id = b.customer_id AND b.period = $p0
WHERE u.tested_kva IS NULL AND COALESCE(is_high_voltage(u.voltage_v), TRUE)
GROUP BY u.customer_id
HAVING SUM(b.billed_kwh) > 0
