/*---
code: RC002
name: {zh: 漏抄, en: Reading missed}
group: RC
subject: metering_point
class: quantity
severity: high
status: active
frequency: monthly
proof: state
tables: [reading, metering_point, customer]
key: [point_id, period]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      no_row: {zh: 没有抄表记录, en: no reading row}
      not_read: {zh: 抄表方式为未抄, en: 'the method is ''not read'''}
      no_index: {zh: 没有本次示数, en: no current index}
  latest_reading: {zh: 最近有示数的年月, en: Latest period with an index}
  median_kwh: {zh: 近12期抄见电量中位数(kWh), en: Median quantity of 12 periods (kWh)}
reason:
  zh: "{period}{problem}[，最近一次有示数为{latest_reading}][，近12期中位数{median_kwh}kWh]（抄表周期{reading_cycle_months}个月）"
  en: "{period}: {problem}[; last index in {latest_reading}][; median of 12 periods {median_kwh} kWh] (reading cycle {reading_cycle_months} month(s))"
amount:
  zh: 近12期总电量中位数×参考电价
  en: median quantity of the last 12 periods x reference price
basis: [{regulation: 抄核收规则, article: 按例日抄表, verified: false}]
remedy: {zh: 补抄并补发电费，查明漏抄原因。, en: Make up the reading and bill.}
near_miss:
  - {zh: 双月抄表的计量点, en: bimonthly cycle}
  - {zh: 当月新建的计量点, en: point created in the month itself}
  - {zh: 定比定量点, en: allocated point}
decisions:
  - {zh: 抄表周期为空时，近12期至少5期有总示数记录且没有相邻两期都有，按双月；否则按单月。填报的周期小于1按1。, en: 'Unknown cycle: two months when at least 5 of the 12 periods and no two adjacent ones have a total reading row, else one. A cycle below 1 is 1.'}
  - {zh: 计量点没有建立日期；其电能表全部在本账期内或以后装出、且本账期以前没有总示数记录的，视为本账期新建，不报。, en: 'Points carry no date of creation: one whose meters were all installed in the period judged or later and that has no earlier total reading counts as created in the period judged and is left out.'}
  - {zh: “不是暂停客户”只看客户状态；变压器全部暂停的客户仍应抄表。, en: '"Not suspended" is the customer''s status; a customer whose transformers are all suspended is still to be read.'}
  - {zh: 没有抄表记录也算漏抄，因此没有未判定；中位数或参考电价未知时不估金额。, en: 'Null counts here, so nothing is left unjudged; without a median or a price there is no amount.'}
seed: 抄表数据准备 / 漏抄
---*/
WITH lacking AS (
    SELECT
        p.point_id,
        p.reading_cycle,
        m.reading_cycle_months,
        CASE
            WHEN r.point_id IS NULL THEN 'no_row'
            WHEN r.method = 'none' THEN 'not_read'
            ELSE 'no_index'
        END AS problem
    FROM metered_point AS p
    INNER JOIN metering_point AS m ON p.point_id = m.point_id
    LEFT JOIN recent_reading AS r ON p.point_id = r.point_id AND r.back = 0
    WHERE r.point_id IS NULL OR r.method = 'none' OR r.current_index IS NULL
),

history AS (
    SELECT
        r.point_id,
        r.period,
        r.quantity,
        CASE
            WHEN r.current_index IS NOT NULL AND (r.method IS NULL OR r.method <> 'none') THEN r.period
        END AS read_period,
        LAG(r.period) OVER (PARTITION BY r.point_id ORDER BY r.period) AS earlier_period
    FROM reading AS r
    INNER JOIN lacking AS k ON r.point_id = k.point_id
    WHERE r.register = 'total' AND r.period <= $p0 AND r.period >= months_later($p0, -11)
),

known AS (
    SELECT
        h.point_id,
        MAX(h.read_period) AS read_period,
        COUNT(*) AS rows_found,
        SUM(CASE WHEN h.period < $p0 THEN 1 ELSE 0 END) AS earlier_rows,
        MIN(month_number(h.period) - month_number(h.earlier_period)) AS closest
    FROM history AS h
    GROUP BY h.point_id
),

cycled AS (
    SELECT
        k.point_id,
        k.problem,
        h.read_period,
        COALESCE(h.earlier_rows, 0) AS earlier_rows,
        CASE
            WHEN k.reading_cycle_months IS NULL AND h.rows_found >= 5 AND h.closest > 1 THEN 2
            ELSE greater_of(k.reading_cycle, 1)
        END AS cycle_months
    FROM lacking AS k
    LEFT JOIN known AS h ON k.point_id = h.point_id
),

-- points whose meter was taken away, and points that did not exist before P0
metered AS (
    SELECT
        t.point_id,
        MAX(t.removed_on) AS removed_on,
        MIN(COALESCE(t.installed_on, DATE '1900-01-01')) AS first_on
    FROM meter AS t
    INNER JOIN lacking AS k ON t.point_id = k.point_id
    GROUP BY t.point_id
)

SELECT
    c.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(c.problem AS VARCHAR) AS problem,
    CAST(c.cycle_months AS BIGINT) AS reading_cycle_months,
    CAST(month_text(c.read_period) AS VARCHAR) AS latest_reading,
    m.median_kwh,
    CAST(worth_yuan(m.median_kwh, q.price) AS DECIMAL(18, 2)) AS amount_yuan,
    CAST(m.median_kwh AS DECIMAL(14, 2)) AS energy_kwh
FROM cycled AS c
LEFT JOIN median_quantity AS m ON c.point_id = m.point_id
LEFT JOIN reference_price AS q ON c.point_id = q.point_id
LEFT JOIN metered AS t ON c.point_id = t.point_id
LEFT JOIN current_meter AS u ON c.point_id = u.point_id
WHERE
    -- all periods of the cycle are missing
    (c.read_period IS NULL OR month_number($p0) - month_number(c.read_period) >= c.cycle_months)
    AND NOT COALESCE(t.removed_on >= months_later($p0, -1) AND u.point_id IS NULL, FALSE)
    AND NOT COALESCE(t.first_on >= $p0 AND c.earlier_rows = 0, FALSE)
