/*---
code: MT014
name: {zh: 总分表电量倒挂, en: Sub-meters exceed their main meter}
group: MT
subject: metering_point
class: quantity
severity: high
status: active
frequency: on_bill_issue
proof: recompute
tables: [metering_point, reading, customer]
key: [point_id, period]
parameters:
  - {name: tolerance, label: {zh: 分表之和超过总表的允许比例, en: 'Sub-meters above the main meter: share allowed'}, type: "decimal(10,6)", default: 0.02, min: 0, max: 1, unit: ratio, source: {zh: 电能表误差, en: Errors of the meters}, verified: true}
evidence:
  main_kwh: {zh: 总表电量(kWh), en: Main meter (kWh)}
  sub_kwh: {zh: 分表电量合计(kWh), en: Sub-meters (kWh)}
  sub_meters: {zh: 分表数, en: Sub-meters}
  exceeding_periods: {zh: 近三期倒挂期数, en: Periods of the last three in which they exceed}
  tolerance_pct: {zh: 允许误差(%), en: Tolerance (%)}
reason:
  zh: "{period}总表{main_kwh}kWh，{sub_meters}只分表合计{sub_kwh}kWh，超过总表加{tolerance_pct}%与10kWh的允许误差；近三期有{exceeding_periods}期倒挂"
  en: "In {period} the main meter shows {main_kwh} kWh and its {sub_meters} sub-meters {sub_kwh} kWh, beyond the tolerance of {tolerance_pct} % and 10 kWh; so in {exceeding_periods} of the last three periods"
amount:
  zh: （分表合计－总表）× 总表参考电价
  en: (sub-meters − main meter) × reference price of the main point
basis: [{regulation: 营业规则, article: 第七十一条, verified: false}]
remedy: {zh: 核对总分关系、倍率与接线，现场检验总表。, en: 'Check relation, multipliers and wiring; test the main meter.'}
near_miss:
  - {zh: 总表与分表抄表日不同，只有一期倒挂, en: 'main and sub read on different days: one period only'}
  - {zh: 有分表当期没有抄表数据（该期不比较）, en: a child without a reading in the period (period skipped)}
  - {zh: 定比定量的下级计量点, en: allocated children}
decisions:
  - {zh: 有抄表数据但电量为空的分表或总表，该期同样不比较。, en: 'A reading without a quantity makes its period incomparable, as a missing one does.'}
  - {zh: 总表可为任何用途的在用计量点；分表为在用、装表、非发电的下级点，不看其客户状态。, en: 'The main point may be of any purpose; children are active, metered and not for generation, whatever the state of their customers.'}
  - {zh: 未判定：本账期不能比较；或本账期倒挂而近三期内另一期不能比较、其余未倒挂。, en: 'Not judged: the period judged cannot be compared, or it exceeds and, of the other two periods, none exceeds and one cannot be compared.'}
seed: 定比用户与总分计量 (beyond)
---*/
WITH compared AS (
    SELECT
        q.point_id,
        q.tariff_code,
        q.sub_meters,
        q.period,
        q.main_kwh,
        q.sub_kwh,
        CASE
            WHEN q.sub_kwh > CAST(q.main_kwh AS DECIMAL(20, 2)) * (1 + CAST($tolerance AS DECIMAL(12, 6))) + 10 THEN 1
            ELSE 0
        END AS exceeds
    FROM sub_meter_quantity AS q
    WHERE q.period IS NOT NULL
),

counted AS (
    SELECT
        c.point_id,
        SUM(c.exceeds) AS periods
    FROM compared AS c
    GROUP BY c.point_id
),

suspect AS (
    SELECT
        c.point_id,
        c.tariff_code,
        c.period,
        c.main_kwh,
        c.sub_kwh,
        c.sub_meters,
        n.periods
    FROM compared AS c
    INNER JOIN counted AS n ON c.point_id = n.point_id
    WHERE c.period = $p0 AND c.exceeds = 1 AND n.periods >= 2
),

priced AS (
    SELECT s.point_id
    FROM suspect AS s
    UNION ALL
    -- no point: it spreads the keys, see `still_point`
    SELECT CAST('' AS VARCHAR) AS point_id
),

-- the reference price of these points alone: as `reference_price` has it of all
billed_period AS (
    SELECT
        b.point_id,
        SUM(b.billed_kwh) AS billed_kwh,
        SUM(b.total_yuan) AS total_yuan
    FROM bill AS b
    INNER JOIN priced AS s ON b.point_id = s.point_id
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11)
    GROUP BY b.point_id, b.period
    HAVING SUM(b.billed_kwh) > 0 AND SUM(b.total_yuan) IS NOT NULL
),

billed AS (
    SELECT
        m.point_id,
        average_price(SUM(m.total_yuan), SUM(m.billed_kwh)) AS price
    FROM billed_period AS m
    GROUP BY m.point_id
)

SELECT
    s.point_id,
    s.period,
    CAST(worth_yuan(s.sub_kwh - s.main_kwh, COALESCE(b.price, t.energy_price)) AS DECIMAL(18, 2)) AS amount_yuan,
    s.main_kwh,
    s.sub_kwh,
    CAST(s.sub_meters AS BIGINT) AS sub_meters,
    CAST(s.periods AS BIGINT) AS exceeding_periods,
    CAST(CAST($tolerance AS DECIMAL(12, 6)) * 100 AS DECIMAL(14, 4)) AS tolerance_pct
FROM suspect AS s
LEFT JOIN billed AS b ON s.point_id = b.point_id
LEFT JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code;

/*--- not judged ---*/
WITH compared AS (
    SELECT
        q.point_id,
        q.period,
        CASE
            WHEN q.sub_kwh > CAST(q.main_kwh AS DECIMAL(20, 2)) * (1 + CAST($tolerance AS DECIMAL(12, 6))) + 10 THEN 1
            ELSE 0
        END AS exceeds
    FROM sub_meter_quantity AS q
)

SELECT
    c.point_id,
    CAST($p0 AS DATE) AS period,
    CAST('quantity' AS VARCHAR) AS missing
FROM compared AS c
GROUP BY c.point_id
HAVING
    SUM(CASE WHEN c.period = $p0 THEN 1 ELSE 0 END) = 0
    OR (
        SUM(CASE WHEN c.period = $p0 THEN c.exceeds ELSE 0 END) = 1
        AND SUM(c.exceeds) = 1
        AND COUNT(c.period) < 3
    )
