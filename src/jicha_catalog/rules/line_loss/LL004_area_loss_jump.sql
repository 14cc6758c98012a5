/*---
code: LL004
name: {zh: 台区线损突变, en: Jump of area loss}
group: LL
subject: area
class: loss
severity: high
status: active
frequency: daily
proof: recompute
tables: [area_daily_loss, area]
key: [area_id]
parameters:
  - {name: points, label: {zh: 线损率变化限值（波动大的台区取3倍标准差）, en: Change of loss allowed (3 standard deviations where that is more)}, type: "decimal(8,3)", default: 3, min: 0.1, max: 100, unit: points, source: practice, verified: true}
evidence:
  direction:
    zh: 变化
    en: Change
    codes:
      rise: {zh: 突升, en: rose}
      fall: {zh: 突降, en: fell}
  recent_pct: {zh: 近7天平均线损率(%), en: Mean of the last 7 days (%)}
  base_pct: {zh: 基准平均线损率(%), en: Mean of the base (%)}
  base_deviation: {zh: 基准标准差, en: Standard deviation of the base}
  base_days: {zh: 基准完整日数, en: Complete days of the base}
  recent_days: {zh: 近7天完整日数, en: Complete days of the last 7}
  limit_points: {zh: 允许变化(百分点), en: Change allowed (points)}
  in_kwh: {zh: 近7天日均供入电量(kWh), en: Mean energy in per day (kWh)}
reason:
  zh: "近7天平均线损率{recent_pct}%，此前{base_days}个完整日平均{base_pct}%（标准差{base_deviation}），{direction}超过{limit_points}个百分点，最近3个完整日均如此；日均供入{in_kwh}kWh"
  en: "Loss {direction} to {recent_pct} % over the last 7 days from {base_pct} % over {base_days} complete days before (standard deviation {base_deviation}): more than {limit_points} points, on each of the last 3 complete days; {in_kwh} kWh in per day"
amount:
  zh: 线损上升百分点×近7天日均供入电量×365×该台区本账期平均电价（折年），下降无金额
  en: rise in points x mean energy in of the recent days x 365 x average price of the area in the period judged (a year); none for a fall
basis: [{regulation: 线损制度, article: 线损监测, verified: false}]
remedy: {zh: 比对突变日前后换表、档案、光伏与事件，派单核查。, en: 'Compare meter changes, files, photovoltaics and events around the date.'}
near_miss:
  - {zh: 采集数据不全当天的线损波动, en: a jump on days with incomplete collection}
  - {zh: 随夏季负荷逐步上升的线损, en: loss that rises gradually with the summer load}
  - {zh: 长期高损的台区（属高损台区治理，不属突变）, en: 'area with a high loss for long (a matter of its own, no jump)'}
decisions:
  - {zh: 基准为筛查日前37天至前9天的完整日，近期为前7天至前1天的完整日；前8天那天两边都不算。, en: 'Base: complete days from 37 to 9 days before the screening day; recent: from 7 to 1 day before; the day 8 days before belongs to neither.'}
  - {zh: 基准平均恰为-1或7仍判断；变化恰为限值、恰在基准加减限值上不报；标准差不足0.5按0.5。, en: 'A base of exactly -1 or 7 is judged; a change on the limit, a day exactly at the base plus or minus the limit is not beyond it; a standard deviation below 0.5 counts as 0.5.'}
  - {zh: 平均线损率为各日线损率的简单平均；供入和线损率未知的日不是完整日。, en: Means are plain means of the daily percentages.}
  - {zh: 平均电价取台区本账期全部账单总电费除以总电量（按计量点所属台区）；本账期无电量则无金额。, en: 'The average price is total yuan over energy of all bills of the period judged of the points of the area; without energy there is no amount.'}
  - {zh: 未判定：不在免考核台区内、有考核计量点的台区，近期完整日不足5天或基准不足20天。, en: 'Not judged: areas with a supply meter, not exempt, with fewer than 5 recent or 20 base complete days.'}
seed: 用日线损数据监控各台区的线损变化，发现异常马上派发核查工单
---*/
WITH dated AS (
    SELECT
        d.area_id,
        d.day,
        d.in_kwh,
        CAST(d.loss_pct AS DECIMAL(18, 6)) AS loss_pct,
        CASE WHEN d.day >= $as_of - 7 THEN 1 ELSE 0 END AS is_recent
    FROM complete_day AS d
    WHERE
        d.loss_pct IS NOT NULL
        AND ABS(d.loss_pct) < 1000000
        AND ((d.day >= $as_of - 37 AND d.day <= $as_of - 9) OR (d.day >= $as_of - 7 AND d.day < $as_of))
),

placed AS (
    SELECT
        d.area_id,
        d.in_kwh,
        d.loss_pct,
        d.is_recent,
        ROW_NUMBER() OVER (PARTITION BY d.area_id, d.is_recent ORDER BY d.day DESC) AS place
    FROM dated AS d
),

summed AS (
    SELECT
        p.area_id,
        SUM(p.is_recent) AS recent_days,
        SUM(1 - p.is_recent) AS base_days,
        SUM(CASE WHEN p.is_recent = 1 THEN p.loss_pct END) AS recent_sum,
        SUM(CASE WHEN p.is_recent = 0 THEN p.loss_pct END) AS base_sum,
        SUM(CASE WHEN p.is_recent = 0 THEN CAST(p.loss_pct AS DOUBLE) * CAST(p.loss_pct AS DOUBLE) END) AS base_squares,
        SUM(CASE WHEN p.is_recent = 1 THEN p.in_kwh END) AS recent_in,
        MIN(CASE WHEN p.is_recent = 1 AND p.place <= 3 THEN p.loss_pct END) AS latest_min,
        MAX(CASE WHEN p.is_recent = 1 AND p.place <= 3 THEN p.loss_pct END) AS latest_max
    FROM placed AS p
    GROUP BY p.area_id
    HAVING SUM(p.is_recent) >= 5 AND SUM(1 - p.is_recent) >= 20
),

averaged AS (
    SELECT
        s.area_id,
        s.recent_days,
        s.base_days,
        s.latest_min,
        s.latest_max,
        CAST(
            ROUND(CAST(s.recent_sum AS DOUBLE) / NULLIF(CAST(s.recent_days AS DOUBLE), 0), 6) AS DECIMAL(18, 6)
        ) AS recent_pct,
        CAST(ROUND(CAST(s.base_sum AS DOUBLE) / NULLIF(CAST(s.base_days AS DOUBLE), 0), 6) AS DECIMAL(18, 6))
            AS base_pct,
        CAST(
            ROUND(
                SQRT(
                    GREATEST(
                        CAST(0 AS DOUBLE),
                        COALESCE(
                            (
                                s.base_squares
                                - CAST(s.base_sum AS DOUBLE) * CAST(s.base_sum AS DOUBLE)
                                / NULLIF(CAST(s.base_days AS DOUBLE), 0)
                            ) * CAST(1 AS DOUBLE) / NULLIF(CAST(s.base_days - 1 AS DOUBLE), 0),
                            CAST(0 AS DOUBLE)
                        )
                    )
                ), 6
            ) AS DECIMAL(18, 6)
        ) AS base_deviation,
        CAST(
            ROUND(CAST(s.recent_in AS DOUBLE) / NULLIF(CAST(s.recent_days AS DOUBLE), 0), 4) AS DECIMAL(18, 4)
        ) AS in_kwh
    FROM summed AS s
),

jumped AS (
    SELECT
        a.area_id,
        a.recent_days,
        a.base_days,
        a.recent_pct,
        a.base_pct,
        a.base_deviation,
        a.in_kwh,
        greater_of($points, 3 * greater_of(a.base_deviation, CAST(0.5 AS DECIMAL(2, 1)))) AS limit_points
    FROM averaged AS a
    WHERE
        a.base_pct BETWEEN -1 AND 7
        AND ABS(a.recent_pct - a.base_pct)
        > greater_of($points, 3 * greater_of(a.base_deviation, CAST(0.5 AS DECIMAL(2, 1))))
        AND (a.latest_min > a.base_pct + $points OR a.latest_max < a.base_pct - $points)
),

price AS (
    SELECT
        p.area_id,
        SUM(b.total_yuan) AS total_yuan,
        SUM(b.billed_kwh) AS billed_kwh
    FROM bill AS b
    INNER JOIN metering_point AS p ON b.point_id = p.point_id
    INNER JOIN jumped AS j ON p.area_id = j.area_id
    WHERE b.period = $p0
    GROUP BY p.area_id
)

SELECT
    j.area_id,
    CAST(CASE WHEN j.recent_pct > j.base_pct THEN 'rise' ELSE 'fall' END AS VARCHAR) AS direction,
    CAST(ROUND(j.recent_pct, 2) AS DECIMAL(18, 2)) AS recent_pct,
    CAST(ROUND(j.base_pct, 2) AS DECIMAL(18, 2)) AS base_pct,
    CAST(ROUND(j.base_deviation, 2) AS DECIMAL(18, 2)) AS base_deviation,
    CAST(j.base_days AS BIGINT) AS base_days,
    CAST(j.recent_days AS BIGINT) AS recent_days,
    CAST(ROUND(j.limit_points, 2) AS DECIMAL(18, 2)) AS limit_points,
    CAST(ROUND(j.in_kwh, 2) AS DECIMAL(18, 2)) AS in_kwh,
    CAST(
        CASE
            WHEN j.recent_pct > j.base_pct
                THEN worth_yuan(
                    (j.recent_pct - j.base_pct) * CAST(3.65 AS DECIMAL(3, 2)) * CAST(j.in_kwh AS DECIMAL(20, 4)),
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
FROM jumped AS j
LEFT JOIN price AS p ON j.area_id = p.area_id;

/*--- not judged ---*/
WITH counted AS (
    SELECT
        d.area_id,
        SUM(CASE WHEN d.day >= $as_of - 7 THEN 1 ELSE 0 END) AS recent_days,
        SUM(CASE WHEN d.day <= $as_of - 9 THEN 1 ELSE 0 END) AS base_days
    FROM complete_day AS d
    WHERE d.day >= $as_of - 37 AND d.day < $as_of AND d.loss_pct IS NOT NULL
    GROUP BY d.area_id
)

SELECT
    a.area_id,
    CAST('area_daily_loss' AS VARCHAR) AS missing
FROM area AS a
LEFT JOIN run_exempt_areas AS x ON a.area_id = x.area_id
LEFT JOIN counted AS c ON a.area_id = c.area_id
WHERE
    a.master_point_id IS NOT NULL
    AND x.area_id IS NULL
    AND (c.area_id IS NULL OR c.recent_days < 5 OR c.base_days < 20)
