/*---
code: TC018
name: {zh: 无功电量缺失致功率因数失真, en: Reactive energy missing or frozen}
group: TC
subject: metering_point
class: fee
severity: medium
status: active
frequency: monthly
proof: state
tables: [metering_point, customer, bill, reading]
key: [point_id]
parameters:
  - {name: min_kwh, label: {zh: 检查的月电量下限, en: Smallest energy checked}, type: "decimal(14,2)", default: 1000, min: 0, max: 10000000, unit: kWh, source: practice, verified: true}
evidence:
  missing_periods: {zh: 无功为零或空的期数, en: Periods without reactive energy}
  frozen_periods: {zh: 无功示数不变的期数, en: Periods with an unchanged reactive index}
  three_period_kwh: {zh: 近三期电量(kWh), en: Energy of three periods (kWh)}
reason:
  zh: "近三期电量{three_period_kwh}kWh，无功为零或空{missing_periods}期、无功示数不变{frozen_periods}期，考核标准{pf_standard}"
  en: "{three_period_kwh} kWh in three periods; reactive energy zero or unknown in {missing_periods}, its index unchanged in {frozen_periods} of them; standard {pf_standard}"
amount:
  zh: 近三期（电度电费＋基本电费）×（功率因数恰为标准时的调整率－执行的调整率）
  en: (energy + basic charge) of three periods x (adjustment at a factor equal to the standard - adjustment used)
basis: [{regulation: 力调办法, article: 功率因数的计算, verified: true}]
remedy: {zh: 检查无功示数采集与计量点参数，重算力调。, en: 'Check the reactive register and parameters, recompute.'}
near_miss:
  - {zh: 补偿良好、无功很小的客户, en: well compensated customer with small kvarh}
  - {zh: 只缺一个月, en: one month missing}
  - {zh: 由总表考核的分表, en: sub-point covered by the main meter}
decisions:
  - {zh: 有上级计量点的不检查：其功率因数取总表的。, en: 'Points with a parent are left out: their factor is that of the main meter.'}
  - {zh: 账单无功为零或空与示数不变，逐期有其一即可。, en: In each of the three periods either is enough.}
  - {zh: 执行的调整率按账单的功率因数查表；为空或表中没有的期不计金额。, en: The adjustment used is that of the billed factor; a period without one adds no amount.}
  - {zh: 未判定：近三期缺一期以上账单或电量为空，其余各期满足条件。, en: 'Not judged: a bill or energy of the three periods is unknown while the known ones meet the condition.'}
seed: 功率因数调整电费执行情况
---*/
WITH tested AS (
    SELECT
        s.point_id,
        exact4(p.pf_standard) AS pf_standard,
        b.period,
        b.billed_kwh,
        COALESCE(b.energy_yuan, 0) + COALESCE(b.basic_yuan, 0) AS base_yuan,
        COALESCE(b.reactive_kvarh, 0) = 0 AS is_missing,
        COALESCE(r.current_index = r.previous_index, FALSE) AS is_frozen
    FROM settlement_point AS s
    INNER JOIN metering_point AS p ON s.point_id = p.point_id
    INNER JOIN recent_point_bill AS b ON s.point_id = b.point_id
    LEFT JOIN reading AS r ON s.point_id = r.point_id AND b.period = r.period AND r.register = 'reactive'
    WHERE p.pf_standard IS NOT NULL AND s.parent_point_id IS NULL AND b.billed_kwh >= $min_kwh
),

suspect AS (
    SELECT
        t.point_id,
        t.pf_standard,
        SUM(CASE WHEN t.is_missing THEN 1 ELSE 0 END) AS missing_periods,
        SUM(CASE WHEN t.is_frozen THEN 1 ELSE 0 END) AS frozen_periods,
        SUM(t.billed_kwh) AS billed_kwh
    FROM tested AS t
    WHERE t.is_missing OR t.is_frozen
    GROUP BY t.point_id, t.pf_standard
    HAVING COUNT(*) = 3
),

settled AS (
    SELECT
        t.point_id,
        SUM(
            CAST(t.base_yuan AS DECIMAL(18, 2)) * CAST(d.adjustment_pct - u.adjustment_pct AS DECIMAL(12, 4))
        ) AS yuan_pct
    FROM tested AS t
    INNER JOIN suspect AS x ON t.point_id = x.point_id
    INNER JOIN point_bill AS f
        ON t.point_id = f.point_id AND t.period = f.period AND f.period >= months_later($p0, -2)
    INNER JOIN bill_power_factor_table AS d ON t.pf_standard = d.pf_standard AND t.pf_standard = d.power_factor
    INNER JOIN bill_power_factor_table AS u
        ON t.pf_standard = u.pf_standard AND ROUND(exact4(f.power_factor), 2) = u.power_factor
    GROUP BY t.point_id
)

SELECT
    x.point_id,
    CAST(x.pf_standard AS DECIMAL(6, 4)) AS pf_standard,
    CAST(x.missing_periods AS BIGINT) AS missing_periods,
    CAST(x.frozen_periods AS BIGINT) AS frozen_periods,
    CAST(x.billed_kwh AS DECIMAL(18, 2)) AS three_period_kwh,
    CAST(ROUND(s.yuan_pct * CAST(0.01 AS DECIMAL(3, 2)), 2) AS DECIMAL(18, 2)) AS amount_yuan
FROM suspect AS x
LEFT JOIN settled AS s ON x.point_id = s.point_id;

/*--- not judged ---*/
SELECT
    s.point_id,
    CAST('billed_kwh' AS VARCHAR) AS missing
FROM settlement_point AS s
INNER JOIN metering_point AS p ON s.point_id = p.point_id
INNER JOIN recent_point_bill AS b ON s.point_id = b.point_id
LEFT JOIN reading AS r ON s.point_id = r.point_id AND b.period = r.period AND r.register = 'reactive'
WHERE p.pf_standard IS NOT NULL AND s.parent_point_id IS NULL
GROUP BY s.point_id
HAVING
    COUNT(b.billed_kwh) < 3
    AND SUM(
        CASE
            WHEN b.billed_kwh < $min_kwh THEN 1
            WHEN b.billed_kwh IS NULL THEN 0
            WHEN COALESCE(b.reactive_kvarh, 0) = 0 OR COALESCE(r.current_index = r.previous_index, FALSE) THEN 0
            ELSE 1
        END
    ) = 0
