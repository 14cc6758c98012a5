/*---
code: LL005
name: {zh: 线路月线损异常, en: Feeder loss abnormal}
group: LL
subject: feeder
class: loss
severity: medium
status: active
frequency: monthly
proof: recompute
tables: [feeder_monthly_loss, feeder]
key: [feeder_id, period]
parameters:
  - {name: high, label: {zh: 线损率上限, en: Upper limit of the loss}, type: "decimal(8,3)", default: 10, min: 0, max: 100, unit: '%', source: {zh: '业务经验值：10kV线路6%～10%', en: 'Practice for 10 kV lines: 6 % to 10 %'}, verified: false}
  - {name: low, label: {zh: 线损率下限, en: Lower limit of the loss}, type: "decimal(8,3)", default: -1, min: -100, max: 100, unit: '%', source: practice, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      high: {zh: 连续两月高损, en: high in both months}
      low: {zh: 连续两月负损, en: low in both months}
      unsteady: {zh: 两月相差过大, en: the two months differ too much}
  loss_pct: {zh: 本月线损率(%), en: Loss of this month (%)}
  before_pct: {zh: 上月线损率(%), en: Loss of the month before (%)}
  high_limit: {zh: 上限(%), en: Upper limit (%)}
  low_limit: {zh: 下限(%), en: Lower limit (%)}
  supplied_kwh: {zh: 供电量(kWh), en: Energy supplied (kWh)}
  sold_kwh: {zh: 售电量(kWh), en: Energy sold (kWh)}
reason:
  zh: "{period}线损率{loss_pct}%，上月{before_pct}%（限{low_limit}%～{high_limit}%）：{problem}；供电{supplied_kwh}kWh，售电{sold_kwh}kWh"
  en: "Loss {loss_pct} % in {period}, {before_pct} % the month before (limits {low_limit} % to {high_limit} %): {problem}; {supplied_kwh} kWh supplied, {sold_kwh} kWh sold"
amount:
  zh: 高损：（线损电量－4%供电量）×该线路本账期平均电价；其他无金额
  en: 'high: (loss - 4 % of the energy supplied) x average price of the feeder in the period judged; else none'
basis: [{regulation: 线损制度, article: 分线线损, verified: false}]
remedy: {zh: 核查线变关系、关口与专变计量、转供。, en: 'Check line relations, gateway and special meters, transfers.'}
near_miss:
  - {zh: 负荷很小的新线路, en: new feeder with little load}
  - {zh: 计划转供月份, en: planned transfer month}
  - {zh: 仅一个月因抄表日期不一致造成的波动, en: one month off because of different reading days}
decisions:
  - {zh: 35kV及以上线路上限固定为4%；线路电压为空按一般上限。, en: The upper limit is 4 % from 35 kV on; a feeder of unknown voltage has the general limit.}
  - {zh: 恰为上下限、恰差5个百分点不报；“其中一月越限”指低于下限或高于上限。, en: 'On a limit is within it; a difference of exactly 5 points is not reported.'}
  - {zh: 转供以台区登记，线路没有转供清单；只有一个月异常且与另一月相差不超过5个百分点的不报。, en: 'Transfers are listed by area, not by feeder: a transfer in one month is left out only as far as the two months do not differ by more than 5 points.'}
  - {zh: 平均电价取本账期该线路各台区计量点和直供计量点账单的总电费除以总电量。, en: The average price is total yuan over energy of the bills of the period judged of the points of the feeder and of its areas.}
  - {zh: 未判定：线路两月中任一月没有供电量或没有记录，而至少一月有记录或有在用的供电计量点。, en: 'Not judged: feeders of which one of the two months has no row or no supplied energy, while at least one month has a row or a supply point is in use.'}
seed: 线损监测
---*/
WITH limited AS (
    SELECT
        f.feeder_id,
        CASE WHEN f.voltage_v >= 35000 THEN CAST(4 AS DECIMAL(8, 3)) ELSE $high END AS high_limit,
        m.supplied_kwh,
        m.sold_kwh,
        m.loss_kwh,
        CAST(m.loss_pct AS DECIMAL(18, 6)) AS loss_pct,
        CAST(b.loss_pct AS DECIMAL(18, 6)) AS before_pct
    FROM feeder_monthly_loss AS m
    INNER JOIN feeder_monthly_loss AS b ON m.feeder_id = b.feeder_id
    INNER JOIN feeder AS f ON m.feeder_id = f.feeder_id
    WHERE
        m.period = $p0
        AND b.period = months_later($p0, -1)
        AND m.supplied_kwh >= 10000
        AND b.supplied_kwh >= 10000
        AND ABS(m.loss_pct) < 1000000
        AND ABS(b.loss_pct) < 1000000
),

judged AS (
    SELECT
        l.feeder_id,
        l.high_limit,
        l.supplied_kwh,
        l.sold_kwh,
        l.loss_kwh,
        l.loss_pct,
        l.before_pct,
        CASE
            WHEN l.loss_pct > l.high_limit AND l.before_pct > l.high_limit THEN 'high'
            WHEN l.loss_pct < $low AND l.before_pct < $low THEN 'low'
            WHEN
                ABS(l.loss_pct - l.before_pct) > 5
                AND (
                    l.loss_pct > l.high_limit OR l.loss_pct < $low OR l.before_pct > l.high_limit OR l.before_pct < $low
                )
                THEN 'unsteady'
        END AS problem
    FROM limited AS l
),

high_point AS (
    SELECT
        p.point_id,
        j.feeder_id
    FROM metering_point AS p
    LEFT JOIN area AS a ON p.area_id = a.area_id
    INNER JOIN judged AS j ON COALESCE(a.feeder_id, p.feeder_id) = j.feeder_id
    WHERE j.problem = 'high'
),

price AS (
    SELECT
        h.feeder_id,
        SUM(b.total_yuan) AS total_yuan,
        SUM(b.billed_kwh) AS billed_kwh
    FROM bill AS b
    INNER JOIN high_point AS h ON b.point_id = h.point_id
    WHERE b.period = $p0
    GROUP BY h.feeder_id
)

SELECT
    j.feeder_id,
    CAST($p0 AS DATE) AS period,
    CAST(j.problem AS VARCHAR) AS problem,
    CAST(ROUND(j.loss_pct, 2) AS DECIMAL(18, 2)) AS loss_pct,
    CAST(ROUND(j.before_pct, 2) AS DECIMAL(18, 2)) AS before_pct,
    CAST(j.high_limit AS DECIMAL(8, 3)) AS high_limit,
    CAST($low AS DECIMAL(8, 3)) AS low_limit,
    CAST(ROUND(j.supplied_kwh, 2) AS DECIMAL(18, 2)) AS supplied_kwh,
    CAST(ROUND(j.sold_kwh, 2) AS DECIMAL(18, 2)) AS sold_kwh,
    CAST(
        CASE
            WHEN j.problem = 'high'
                THEN worth_yuan(
                    CAST(j.loss_kwh AS DECIMAL(20, 4))
                    - CAST(0.04 AS DECIMAL(3, 2)) * CAST(j.supplied_kwh AS DECIMAL(20, 4)),
                    CASE
                        WHEN p.billed_kwh > 0
                            THEN CAST(
                                ROUND(
                                    CAST(p.total_yuan AS DOUBLE) / NULLIF(CAST(p.billed_kwh AS DOUBLE), 0), 10
                                ) AS DECIMAL(18, 10)
                            )
                    END
                )
        END AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM judged AS j
LEFT JOIN price AS p ON j.feeder_id = p.feeder_id
WHERE j.problem IS NOT NULL;

/*--- not judged ---*/
WITH known AS (
    SELECT
        m.feeder_id,
        COUNT(m.supplied_kwh) AS months
    FROM feeder_monthly_loss AS m
    WHERE m.period IN ($p0, months_later($p0, -1))
    GROUP BY m.feeder_id
),

supplied AS (
    SELECT p.feeder_id
    FROM metering_point AS p
    WHERE p.purpose = 'feeder_supply' AND (p.status IS NULL OR p.status = 'active')
    GROUP BY p.feeder_id
)

SELECT
    f.feeder_id,
    CAST($p0 AS DATE) AS period,
    CAST('supplied_kwh' AS VARCHAR) AS missing
FROM feeder AS f
LEFT JOIN known AS k ON f.feeder_id = k.feeder_id
LEFT JOIN supplied AS s ON f.feeder_id = s.feeder_id
WHERE COALESCE(k.months, 0) < 2 AND (k.feeder_id IS NOT NULL OR s.feeder_id IS NOT NULL)
