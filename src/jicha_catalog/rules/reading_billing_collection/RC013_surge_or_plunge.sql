/*---
code: RC013
name: {zh: 电量突增突减未核实, en: Surge or plunge of consumption not checked}
group: RC
subject: customer
class: quantity
severity: low
status: active
frequency: monthly
proof: event
tables: [customer, customer_monthly, service_order, usage_inspection, self_generator]
key: [customer_id, period]
parameters:
  - name: r
    label: {zh: 变化幅度限值, en: Limits of relative change}
    type: table
    unit: ratio
    columns: {customer_group: string, up: "decimal(8,3)", down: "decimal(8,3)"}
    heads:
      up: {zh: 突增超过, en: Rise above}
      down: {zh: 突减超过, en: Fall below}
    default:
      - [high_voltage, 0.5, 0.5]
      - [low_voltage, 2.0, 0.7]
      - [residential, 3.0, 0.9]
    source: {zh: '业务经验值：50%、30%报警，放宽至报出不足2%', en: 'Practice: alarms at 50 % and 30 %, widened so that less than 2 % are reported'}
    verified: true
  - name: d
    label: {zh: 变化电量限值, en: Limits of change in energy}
    type: table
    unit: kWh
    columns: {customer_group: string, kwh: "decimal(14,2)"}
    heads:
      kwh: {zh: 变化电量(kWh), en: Change (kWh)}
    default:
      - [high_voltage, 5000]
      - [low_voltage, 1500]
      - [residential, 1500]
    source: practice
    verified: true
evidence:
  direction:
    zh: 变化
    en: Change
    codes:
      surge: {zh: 突增, en: surge}
      plunge: {zh: 突减, en: plunge}
  customer_group:
    zh: 客户分组
    en: Group
    codes:
      high_voltage: {zh: 高压客户, en: high voltage}
      low_voltage: {zh: 低压非居民, en: 'low voltage, non-residential'}
      residential: {zh: 居民, en: residential}
  year_before_kwh: {zh: 去年同期电量(kWh), en: A year before (kWh)}
  mean_before_kwh: {zh: 前三期平均电量(kWh), en: Mean of the 3 periods before (kWh)}
  limit_pct: {zh: 限值(%), en: Limit (%)}
reason:
  zh: "{period}电量{billed_kwh}kWh{direction}：去年同期{year_before_kwh}kWh，前三期平均{mean_before_kwh}kWh（{customer_group}限值{limit_pct}%），此后没有用电检查"
  en: "{direction} to {billed_kwh} kWh in {period}: {year_before_kwh} kWh a year before, {mean_before_kwh} kWh on average of the 3 periods before (limit {limit_pct} %, {customer_group}), no inspection since"
amount:
  zh: 突减：（前三期平均电量－本期电量）×本期平均电价；突增无金额
  en: 'plunge: (mean of the 3 periods before - this period) x average price of this period; surge: none'
basis: [{regulation: 抄核收规则, article: 电量异常复核, verified: false}]
remedy: {zh: 核对示数与生产情况，必要时现场检查。, en: 'Check indexes and production, inspect if needed.'}
near_miss:
  - {zh: 春节月份与平常月份相比，但与去年同期相同, en: spring festival month against a normal month but equal to last year}
  - {zh: 已办暂停的停产工厂, en: closed plant with a suspension order}
  - {zh: 用电量很小的居民翻倍, en: doubled use of a small home}
  - {zh: 去年同期月末才立户，首期账单只有几天, en: 'account opened late in the same period a year before: its first bill is of a few days'}
decisions:
  - {zh: 电压不低于1000V为高压（含居民）；其余居民按居民，非居民按低压非居民；非居民电压为空未判定。, en: 'From 1000 V on high voltage, residents included; else residential or low voltage; a non-resident of unknown voltage is not judged.'}
  - {zh: 本账期起前推的13期都有账单且电量已知才判断；新客户不足13期不列为未判定，13期都有账单而某期电量为空的列为未判定。13期首日以后立户的，首期不足一月，也按不足13期处理；立户日期为空视为早已立户。, en: 'All 13 periods of the 13 periods must have known energy. Customers with fewer bills are not listed, nor those whose account was opened after the first day of the 13 periods, as their first period is no whole month (an unknown opening day counts as long ago); those with 13 bills of which one lacks the energy are not judged.'}
  - {zh: 有效工单（非终止）的生效日或归档日、自备电源的协议日，在13期首日至本账期末日之间的不报；本账期以后的变更说明不了本账期的电量。, en: 'Orders (not cancelled) with effective_from or archived_at, and self generators with an agreement, from the first day of the 13 periods to the last of the period judged leave the customer out; what changed after it does not explain its energy.'}
  - {zh: 平均电价为模型customer_monthly的avg_price（取十位小数），本期为零或负的不报。, en: 'The average price is avg_price of the period judged, to ten places; periods of 0 or less are left out.'}
seed: 用电量异常核实 / 居民用电信息
---*/
WITH latest AS (
    SELECT
        m.customer_id,
        m.billed_kwh,
        m.avg_price,
        supply_group(c.voltage_v, c.usage_class) AS customer_group
    FROM billed_month AS m
    INNER JOIN mature_customer AS c ON m.customer_id = c.customer_id
    WHERE m.period = $p0 AND m.billed_kwh > 0
),

-- the year before decides for nearly all; only the rest meets the other periods
unlike AS (
    SELECT
        l.customer_id,
        l.customer_group,
        l.billed_kwh,
        l.avg_price,
        y.billed_kwh AS year_before_kwh,
        CASE WHEN l.billed_kwh > y.billed_kwh THEN r.up ELSE r.down END AS ratio,
        CASE WHEN l.billed_kwh > y.billed_kwh THEN 'surge' ELSE 'plunge' END AS direction
    FROM latest AS l
    INNER JOIN billed_month AS y ON l.customer_id = y.customer_id
    INNER JOIN customer AS c ON l.customer_id = c.customer_id
    INNER JOIN parameter_r AS r ON l.customer_group = r.customer_group
    INNER JOIN parameter_d AS d ON l.customer_group = d.customer_group
    WHERE
        y.period = months_later($p0, -12)
        AND (c.opened_on IS NULL OR c.opened_on <= months_later($p0, -12))
        AND ABS(l.billed_kwh - y.billed_kwh) >= d.kwh
        AND (l.billed_kwh > (1 + r.up) * y.billed_kwh OR l.billed_kwh < (1 - r.down) * y.billed_kwh)
),

billed AS (
    SELECT
        b.customer_id,
        b.period,
        SUM(b.billed_kwh) AS billed_kwh
    FROM bill AS b
    INNER JOIN unlike AS u ON b.customer_id = u.customer_id
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -12)
    GROUP BY b.customer_id, b.period
),

history AS (
    SELECT
        m.customer_id,
        SUM(CASE WHEN m.period < $p0 AND m.period >= months_later($p0, -3) THEN m.billed_kwh END) AS three_kwh
    FROM billed AS m
    GROUP BY m.customer_id
    HAVING COUNT(m.billed_kwh) = 13
)

SELECT
    u.customer_id,
    CAST($p0 AS DATE) AS period,
    CAST(u.direction AS VARCHAR) AS direction,
    CAST(u.customer_group AS VARCHAR) AS customer_group,
    u.billed_kwh,
    u.year_before_kwh,
    CAST(ROUND(CAST(h.three_kwh AS DOUBLE) / 3, 2) AS DECIMAL(18, 2)) AS mean_before_kwh,
    CAST(u.ratio * 100 AS DECIMAL(8, 1)) AS limit_pct,
    CAST(
        CASE
            WHEN u.direction = 'plunge'
                THEN worth_yuan(
                    ROUND(CAST(h.three_kwh AS DOUBLE) / 3 - CAST(u.billed_kwh AS DOUBLE), 6),
                    CAST(ROUND(u.avg_price, 10) AS DECIMAL(18, 10))
                )
        END AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM unlike AS u
INNER JOIN history AS h ON u.customer_id = h.customer_id
WHERE
    (
        (u.direction = 'surge' AND 3 * u.billed_kwh > (1 + u.ratio) * CAST(h.three_kwh AS DECIMAL(20, 2)))
        OR (u.direction = 'plunge' AND 3 * u.billed_kwh < (1 - u.ratio) * CAST(h.three_kwh AS DECIMAL(20, 2)))
    )
    AND NOT EXISTS (
        SELECT o.order_id
        FROM known_order AS o
        WHERE
            o.customer_id = u.customer_id
            AND o.kind IN (
                'increase_capacity', 'reduce_capacity', 'resume_capacity', 'suspend', 'resume', 'change_class',
                'change_voltage', 'transfer_ownership'
            )
            AND (
                (o.effective_from >= months_later($p0, -12) AND o.effective_from < months_later($p0, 1))
                OR (o.archived_on >= months_later($p0, -12) AND o.archived_on < months_later($p0, 1))
            )
    )
    AND NOT EXISTS (
        SELECT g.generator_id
        FROM self_generator AS g
        WHERE
            g.customer_id = u.customer_id
            AND g.agreement_on >= months_later($p0, -12)
            AND g.agreement_on < months_later($p0, 1)
    )
    AND NOT EXISTS (
        SELECT i.inspection_id
        FROM usage_inspection AS i
        WHERE i.customer_id = u.customer_id AND i.inspected_on >= months_later($p0, 1)
    );

/*--- not judged ---*/
WITH lacking AS (
    SELECT
        b.customer_id,
        'billed_kwh' AS column_name
    FROM bill AS b
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -12) AND b.billed_kwh IS NULL
    UNION ALL
    SELECT
        c.customer_id,
        'voltage_v' AS column_name
    FROM mature_customer AS c
    WHERE c.voltage_v IS NULL AND c.usage_class <> 'residential'
),

-- few customers lack something; their bills alone are summed
candidate AS (
    SELECT
        c.customer_id,
        MAX(CASE WHEN l.column_name = 'voltage_v' THEN 1 ELSE 0 END) AS lacks_voltage
    FROM mature_customer AS c
    INNER JOIN lacking AS l ON c.customer_id = l.customer_id
    INNER JOIN customer AS f ON c.customer_id = f.customer_id
    WHERE f.opened_on IS NULL OR f.opened_on <= months_later($p0, -12)
    GROUP BY c.customer_id
),

billed AS (
    SELECT
        k.customer_id,
        k.lacks_voltage,
        b.period,
        SUM(b.billed_kwh) AS billed_kwh
    FROM bill AS b
    INNER JOIN candidate AS k ON b.customer_id = k.customer_id
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -12)
    GROUP BY k.customer_id, k.lacks_voltage, b.period
)

SELECT
    m.customer_id,
    CAST($p0 AS DATE) AS period,
    CAST(CASE WHEN COUNT(m.billed_kwh) < 13 THEN 'billed_kwh' ELSE 'voltage_v' END AS VARCHAR) AS missing
FROM billed AS m
GROUP BY m.customer_id, m.lacks_voltage
HAVING COUNT(*) = 13 AND (COUNT(m.billed_kwh) < 13 OR m.lacks_voltage = 1)
