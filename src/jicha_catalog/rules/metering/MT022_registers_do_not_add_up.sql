/*---
code: MT022
name: {zh: 分时示数与总示数不平, en: Time-of-use registers do not add up to the total}
group: MT
subject: metering_point
class: quantity
severity: medium
status: active
frequency: on_bill_issue
proof: recompute
tables: [reading, metering_point, customer]
key: [point_id, period]
parameters:
  - {name: rel_tol, label: {zh: 分时之和与总示数的允许相对偏差, en: 'Relative tolerance between the periods'' sum and the total'}, type: "decimal(10,6)", default: 0.005, min: 0, max: 1, unit: ratio, source: {zh: '业务经验值0.2%，已放宽', en: 'Practice 0.2 %, widened'}, verified: false}
evidence:
  total_kwh: {zh: 总电量(kWh), en: Total (kWh)}
  registers_kwh: {zh: 各时段电量合计(kWh), en: Sum of the bands (kWh)}
  difference_kwh: {zh: 总减分时(kWh), en: Total less bands (kWh)}
  tolerance_kwh: {zh: 允许偏差(kWh), en: Tolerance (kWh)}
  registers: {zh: 时段数, en: Bands}
reason:
  zh: "{period}总电量{total_kwh}kWh，{registers}个时段合计{registers_kwh}kWh，相差{difference_kwh}kWh，超过允许偏差{tolerance_kwh}kWh"
  en: "In {period} the total is {total_kwh} kWh and its {registers} bands sum to {registers_kwh} kWh: a difference of {difference_kwh} kWh beyond the tolerance of {tolerance_kwh} kWh"
amount:
  zh: 偏差的绝对值 ×（高峰电价－低谷电价），为上限
  en: absolute difference × (peak price − valley price), an upper bound
basis: [{regulation: DL448, article: 运行检查, verified: false}]
remedy: {zh: 核对时段设置与示数，必要时换表。, en: 'Check the tariff schedule in the meter and the indexes, replace if needed.'}
near_miss:
  - {zh: 倍率较大时各时段示数的进位尾差, en: rounding of the periods under a large multiplier}
  - {zh: 平段不上送, en: flat not transmitted}
  - {zh: 当期换表, en: meter changed}
decisions:
  - {zh: 平段不上送：参与比较的计量点中，没有平段电量的超过90%时，只报合计大于总电量的。, en: 'Flat by convention: when more than 90 % of the points compared have no flat quantity, only bands that exceed the total are reported.'}
  - {zh: 电价取计量点电价码在本账期首日执行的一行；峰谷价缺一则不估算。, en: 'The prices are those in force on the first day of the period judged; without peak or valley price there is no amount.'}
  - {zh: 未判定：当期未换表、偏差超过比例限值而档案倍率为空。, en: 'Not judged: no meter change, the difference is beyond the relative limit and the multiplier is unknown.'}
seed: 抄表数据准备
---*/
WITH summed AS (
    SELECT
        p.point_id,
        p.tariff_code,
        p.multiplier,
        MAX(CASE WHEN r.register = 'total' THEN r.quantity END) AS total_kwh,
        SUM(CASE WHEN r.register <> 'total' THEN r.quantity END) AS registers_kwh,
        SUM(CASE WHEN r.register <> 'total' AND r.quantity IS NOT NULL THEN 1 ELSE 0 END) AS registers,
        MAX(CASE WHEN r.register = 'flat' AND r.quantity IS NOT NULL THEN 1 ELSE 0 END) AS has_flat
    FROM metered_point AS p
    INNER JOIN reading AS r ON p.point_id = r.point_id
    WHERE
        p.is_time_of_use
        AND r.period = $p0
        AND r.register IN ('total', 'tip', 'peak', 'flat', 'valley', 'deep_valley')
    GROUP BY p.point_id, p.tariff_code, p.multiplier
    HAVING
        MAX(CASE WHEN r.register = 'total' THEN r.quantity END) IS NOT NULL
        AND SUM(CASE WHEN r.register <> 'total' AND r.quantity IS NOT NULL THEN 1 ELSE 0 END) >= 2
),

convention AS (
    SELECT CASE WHEN SUM(1 - s.has_flat) * 10 > COUNT(*) * 9 THEN 1 ELSE 0 END AS leaves_out_flat
    FROM summed AS s
),

compared AS (
    SELECT
        s.point_id,
        s.tariff_code,
        s.total_kwh,
        s.registers_kwh,
        s.registers,
        s.total_kwh - s.registers_kwh AS difference_kwh,
        greater_of(
            CAST($rel_tol * CAST(s.total_kwh AS DECIMAL(20, 2)) AS DECIMAL(32, 8)),
            CAST(s.multiplier * CAST(0.1 AS DECIMAL(2, 1)) AS DECIMAL(32, 8))
        ) AS tolerance_kwh
    FROM summed AS s
    WHERE s.multiplier IS NOT NULL
),

priced AS (
    SELECT
        t.tariff_code,
        t.peak_price - t.valley_price AS price,
        ROW_NUMBER() OVER (PARTITION BY t.tariff_code ORDER BY t.effective_from DESC) AS place
    FROM tariff AS t
    WHERE in_force(t.effective_from, t.effective_to, $p0)
)

SELECT
    c.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(worth_yuan(ABS(c.difference_kwh), t.price) AS DECIMAL(18, 2)) AS amount_yuan,
    CAST(c.total_kwh AS DECIMAL(14, 2)) AS total_kwh,
    CAST(c.registers_kwh AS DECIMAL(18, 2)) AS registers_kwh,
    CAST(c.difference_kwh AS DECIMAL(18, 2)) AS difference_kwh,
    CAST(c.tolerance_kwh AS DECIMAL(18, 2)) AS tolerance_kwh,
    CAST(c.registers AS BIGINT) AS registers
FROM compared AS c
CROSS JOIN convention AS v
LEFT JOIN priced AS t ON c.tariff_code = t.tariff_code AND t.place = 1
WHERE
    ABS(c.difference_kwh) > c.tolerance_kwh
    AND (v.leaves_out_flat = 0 OR c.difference_kwh < 0)
    AND NOT EXISTS (
        SELECT x.point_id
        FROM meter_change AS x
        WHERE x.point_id = c.point_id AND x.period = $p0
    );

/*--- not judged ---*/
SELECT
    p.point_id,
    CAST($p0 AS DATE) AS period,
    CAST('multiplier' AS VARCHAR) AS missing
FROM metered_point AS p
INNER JOIN reading AS r ON p.point_id = r.point_id
WHERE
    p.is_time_of_use
    AND p.multiplier IS NULL
    AND r.period = $p0
    AND r.register IN ('total', 'tip', 'peak', 'flat', 'valley', 'deep_valley')
    AND NOT EXISTS (
        SELECT x.point_id
        FROM meter_change AS x
        WHERE x.point_id = p.point_id AND x.period = $p0
    )
GROUP BY p.point_id
HAVING
    SUM(CASE WHEN r.register <> 'total' AND r.quantity IS NOT NULL THEN 1 ELSE 0 END) >= 2
    AND ABS(
        MAX(CASE WHEN r.register = 'total' THEN r.quantity END)
        - SUM(CASE WHEN r.register <> 'total' THEN r.quantity END)
    ) > $rel_tol * CAST(MAX(CASE WHEN r.register = 'total' THEN r.quantity END) AS DECIMAL(20, 2))
