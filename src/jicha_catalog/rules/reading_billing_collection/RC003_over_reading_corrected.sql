/*---
code: RC003
name: {zh: 多抄后冲减或估抄后回补异常, en: Over-reading corrected later}
group: RC
subject: metering_point
class: quantity
severity: medium
status: active
frequency: monthly
proof: state
tables: [reading, metering_point, customer, daily_energy]
key: [point_id, period]
parameters:
  - {name: factor, label: {zh: 前期电量超过中位数的倍数, en: 'Earlier quantity above the median, times'}, type: "decimal(8,3)", default: 1.5, min: 1, max: 100, unit: times, source: practice, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      negative: {zh: 电量为负, en: negative quantity}
      zero_after_reading: {zh: 上期多抄后本期零电量, en: zero after an inflated reading}
      catch_up: {zh: 连续估抄后一次回补, en: caught up after estimated readings}
  previous_kwh: {zh: 上期电量(kWh), en: Quantity of the period before (kWh)}
  median_kwh: {zh: 近12期电量中位数(kWh), en: Median quantity of 12 periods (kWh)}
  collected_kwh: {zh: 当月采集电量(kWh), en: Energy collected in the month (kWh)}
reason:
  zh: "{period}抄见电量{quantity}kWh，{problem}[；上期{previous_kwh}kWh][，近12期中位数{median_kwh}kWh][；当月采集电量{collected_kwh}kWh]"
  en: "{quantity} kWh read in {period}: {problem}[; {previous_kwh} kWh the period before][; median of 12 periods {median_kwh} kWh][; {collected_kwh} kWh collected in the month]"
amount:
  zh: 电量与近12期中位数之差的绝对值×参考电价
  en: absolute difference between the quantity and the median of 12 periods x reference price
basis: [{regulation: 抄核收规则, article: 抄表质量, verified: false}]
remedy: {zh: 按采集冻结值分摊重算，核查是否为完成指标多抄。, en: Redistribute by frozen values; check for readings made to meet targets.}
near_miss:
  - {zh: 退补电量记在账单的退补电量中, en: refund booked as adjusted energy in the bill}
  - {zh: 度假房，不住人无电量, en: holiday home}
  - {zh: 电能表翻转, en: roll-over}
decisions:
  - {zh: 抄表周期为c个月时，“上期”“前两期”按抄表周期往前数。, en: 'With a reading cycle of c months, "the period before" and "the 2 periods before" are counted in cycles.'}
  - {zh: 采集电量为本账期自然月各日之和，缺的日不计；恰为30kWh不报。, en: Collected energy is the sum over the days of the calendar month judged; days not collected add nothing. Exactly 30 kWh is not reported.}
  - {zh: 负电量由翻转造成（示数从最高一成落到最低一成）的不报。, en: A negative quantity whose indexes show a roll-over is left out.}
  - {zh: 未判定：本账期有总示数行但电量为空；零电量且上期估抄或人工、上期电量超过中位数的限定倍数而当月没有任何采集电量。, en: 'Not judged: a total reading of the period judged without quantity; or a zero after an inflated period when no energy of the month was collected at all.'}
seed: 估抄 / estimation and meter reading accurate
---*/
SELECT
    x.point_id,
    CAST($p0 AS DATE) AS period,
    x.problem,
    x.quantity,
    CAST(CASE WHEN x.problem = 'zero_after_reading' THEN x.previous_kwh END AS DECIMAL(14, 2)) AS previous_kwh,
    x.median_kwh,
    x.collected_kwh,
    CAST(worth_yuan(ABS(x.quantity - x.median_kwh), q.price) AS DECIMAL(18, 2)) AS amount_yuan,
    CAST(ABS(x.quantity - x.median_kwh) AS DECIMAL(14, 2)) AS energy_kwh
FROM reading_correction AS x
LEFT JOIN reference_price AS q ON x.point_id = q.point_id
WHERE x.problem <> 'zero_after_reading' OR x.previous_kwh > $factor * x.median_kwh;

/*--- not judged ---*/
WITH zero AS (
    SELECT
        r.point_id,
        r.quantity
    FROM recent_reading AS r
    LEFT JOIN recent_reading AS b ON r.point_id = b.point_id AND b.back = 1
    LEFT JOIN median_quantity AS m ON r.point_id = m.point_id
    WHERE
        r.back = 0
        AND (
            r.quantity IS NULL
            OR (
                r.quantity = 0
                AND r.current_index = r.previous_index
                AND b.method IN ('estimated', 'manual')
                AND b.quantity > $factor * m.median_kwh
            )
        )
),

collected AS (
    SELECT z.point_id
    FROM daily_energy AS e
    INNER JOIN zero AS z ON e.point_id = z.point_id
    WHERE e.energy_kwh IS NOT NULL AND e.day >= $p0 AND e.day < months_later($p0, 1)
    GROUP BY z.point_id
)

SELECT
    z.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(CASE WHEN z.quantity IS NULL THEN 'quantity' ELSE 'energy_kwh' END AS VARCHAR) AS missing
FROM zero AS z
LEFT JOIN collected AS c ON z.point_id = c.point_id
WHERE z.quantity IS NULL OR c.point_id IS NULL
