/*---
code: MT009
name: {zh: 互感器配置不齐或三相变比不一致, en: Instrument transformers incomplete or with unequal ratios}
group: MT
subject: metering_point
class: quantity
severity: high
status: active
frequency: monthly
proof: state
tables: [instrument_transformer, metering_point]
key: [point_id]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      current_ratios: {zh: 各相电流互感器变比不一致, en: current transformers of unequal ratios}
      count: {zh: 电流互感器台数不对, en: a wrong number of current transformers}
      voltage_ratios: {zh: 电压互感器变比不一致, en: voltage transformers of unequal ratios}
      no_voltage: {zh: 高供高计而没有电压互感器, en: metered at high voltage without a voltage transformer}
  current_transformers: {zh: 在装电流互感器, en: Current transformers installed}
  voltage_transformers: {zh: 在装电压互感器, en: Voltage transformers installed}
  min_current_ratio: {zh: 最小电流变比, en: Smallest CT ratio}
  max_current_ratio: {zh: 电流变比, en: CT ratio}
  min_voltage_ratio: {zh: 最小电压变比, en: Smallest VT ratio}
  max_voltage_ratio: {zh: 电压变比, en: VT ratio}
reason:
  zh: "{problem}：在装电流互感器{current_transformers}台[，变比从{min_current_ratio}到{max_current_ratio}]，电压互感器{voltage_transformers}台[，变比从{min_voltage_ratio}到{max_voltage_ratio}][，计量方式{mode}]"
  en: "{problem}: {current_transformers} current transformer(s) installed[, ratios from {min_current_ratio} to {max_current_ratio}], {voltage_transformers} voltage transformer(s)[, ratios from {min_voltage_ratio} to {max_voltage_ratio}][, {mode}]"
basis: [{regulation: DL448, article: 计量装置配置, verified: false}]
remedy: {zh: 现场核对三相变比与接线，按更正系数退补。, en: Check the three ratios and wiring on site; settle with the correction factor.}
near_miss:
  - {zh: 两台电流、两台电压互感器的组合计量箱, en: combined metering box with two CTs and two PTs}
  - {zh: 更换其中一台电流互感器，变比相同, en: 'one CT replaced, others of equal ratio'}
  - {zh: 互感器没有额定值, en: asset rows without ratings}
decisions:
  - {zh: 台数按在装台数计，不论是否有额定值；变比只比较有额定值的。, en: All installed transformers count; only those with ratings are compared.}
  - {zh: 未判定：没有发现其他问题，而有互感器缺额定值；或装两台、不是高供高计、当前电表相数不明。, en: 'Not judged: no other problem, and a transformer lacks its ratings; or there are two, the mode is not high-voltage metering, and the phases of the current meter are unknown.'}
seed: 计量装置档案
---*/
WITH judged AS (
    SELECT
        n.point_id,
        p.mode,
        n.currents,
        n.voltages,
        n.min_current,
        n.max_current,
        n.min_voltage,
        n.max_voltage,
        CONCAT_WS(
            ',',
            CASE WHEN multipliers_differ(n.min_current, n.max_current) THEN 'current_ratios' END,
            CASE
                WHEN n.currents = 1 OR n.currents > 3 THEN 'count'
                WHEN n.currents = 2 AND COALESCE(p.mode, '') <> 'hv_supply_hv_metering' AND m.phases = 3 THEN 'count'
            END,
            CASE WHEN multipliers_differ(n.min_voltage, n.max_voltage) THEN 'voltage_ratios' END,
            CASE WHEN p.mode = 'hv_supply_hv_metering' AND n.voltages = 0 THEN 'no_voltage' END
        ) AS problem
    FROM transformer_ratio AS n
    INNER JOIN metering_point AS p ON n.point_id = p.point_id
    LEFT JOIN current_meter AS m ON n.point_id = m.point_id
    WHERE n.currents > 0 AND (p.status IS NULL OR p.status = 'active')
)

SELECT
    j.point_id,
    CAST(j.problem AS VARCHAR) AS problem,
    CAST(j.currents AS BIGINT) AS current_transformers,
    CAST(CASE WHEN j.min_current < j.max_current THEN j.min_current END AS DECIMAL(18, 6)) AS min_current_ratio,
    j.max_current AS max_current_ratio,
    CAST(j.voltages AS BIGINT) AS voltage_transformers,
    CAST(CASE WHEN j.min_voltage < j.max_voltage THEN j.min_voltage END AS DECIMAL(18, 6)) AS min_voltage_ratio,
    j.max_voltage AS max_voltage_ratio,
    j.mode
FROM judged AS j
WHERE LENGTH(j.problem) > 0;

/*--- not judged ---*/
SELECT
    n.point_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN n.unrated > 0 THEN 'primary_rating,secondary_rating' END,
            CASE
                WHEN n.currents = 2 AND COALESCE(p.mode, '') <> 'hv_supply_hv_metering' AND m.phases IS NULL
                    THEN 'phases'
            END
        ) AS VARCHAR
    ) AS missing
FROM transformer_ratio AS n
INNER JOIN metering_point AS p ON n.point_id = p.point_id
LEFT JOIN current_meter AS m ON n.point_id = m.point_id
WHERE
    (p.status IS NULL OR p.status = 'active')
    AND n.currents IN (2, 3)
    AND NOT COALESCE(multipliers_differ(n.min_current, n.max_current), FALSE)
    AND NOT COALESCE(multipliers_differ(n.min_voltage, n.max_voltage), FALSE)
    AND NOT (COALESCE(p.mode, '') = 'hv_supply_hv_metering' AND n.voltages = 0)
    AND NOT (n.currents = 2 AND COALESCE(p.mode, '') <> 'hv_supply_hv_metering' AND COALESCE(m.phases, 0) = 3)
    AND (
        n.unrated > 0
        OR (n.currents = 2 AND COALESCE(p.mode, '') <> 'hv_supply_hv_metering' AND m.phases IS NULL)
    )
