/*---
code: RC005
name: {zh: 连续多期抄见电量相同, en: Same quantity in consecutive periods}
group: RC
subject: metering_point
class: quantity
severity: medium
status: active
frequency: monthly
proof: state
tables: [reading, metering_point, customer]
key: [point_id, period]
parameters:
  - {name: periods, label: {zh: 连续电量相同的期数, en: Periods in a row with the same quantity}, type: int, default: 3, min: 2, max: 4, unit: periods, source: practice, verified: true}
evidence:
  equal_periods: {zh: 电量相同期数, en: Periods with the same quantity}
  by_hand_periods: {zh: 其中非远程抄表期数, en: Of these not read remotely}
reason:
  zh: "截至{period}连续{equal_periods}期抄见电量均为{quantity}kWh，其中{by_hand_periods}期为人工、现场或估抄"
  en: "{equal_periods} readings in a row up to {period} gave {quantity} kWh each; {by_hand_periods} of them were manual, local or estimated"
basis: [{regulation: 抄核收规则, article: 不得估抄, verified: false}]
remedy: {zh: 现场核抄，核查估抄责任。, en: 'Read on site, establish who estimated.'}
near_miss:
  - {zh: 零电量（由RC016检查）, en: zero quantity (RC016)}
  - {zh: 定量分摊的固定电量, en: allocated fixed quantity}
  - {zh: 远程抄表的小恒定负荷（如摄像头）, en: small constant load read remotely (a camera)}
decisions:
  - {zh: 最近periods次抄表（按抄表周期间隔）中最大与最小电量之差不超过0.01即为相同。, en: The quantities are equal when the greatest and the smallest of the latest readings (one reading cycle apart) differ by no more than 0.01.}
  - {zh: 恰有一期非远程抄表的不报（规则只写明至少两期，或一期都没有）。, en: 'With exactly one reading by hand it is not reported: the rule names at least two, or none at all.'}
  - {zh: 全部远程抄表时看最近4次；方式为空的既不算人工，也不算远程。, en: 'With none by hand all of the latest 4 readings must be remote; an unknown method counts as neither.'}
  - {zh: 未判定：本账期电量不小于10kWh，已知各期电量相同，但最近各期中有缺行或电量为空。, en: 'Not judged: at least 10 kWh in the period judged and equal where known, but of the latest readings a row or a quantity is missing and at least one other is known.'}
seed: 估抄 / 数据看抄表人员是否认真
---*/
WITH same AS (
    SELECT
        r.point_id,
        r.quantity,
        r.method,
        b.back,
        b.quantity AS other_kwh,
        b.method AS other_method
    FROM recent_reading AS r
    INNER JOIN recent_reading AS b ON r.point_id = b.point_id
    WHERE
        r.back = 0
        AND b.back > 0
        AND r.quantity >= 10
        AND b.quantity >= 10
        AND ABS(b.quantity - r.quantity) <= CAST(0.01 AS DECIMAL(3, 2))
),

counted AS (
    SELECT
        s.point_id,
        s.quantity,
        MAX(CASE WHEN s.method IN ('manual', 'local', 'estimated') THEN 1 ELSE 0 END)
        + SUM(
            CASE WHEN s.back < $periods AND s.other_method IN ('manual', 'local', 'estimated') THEN 1 ELSE 0 END
        ) AS by_hand_periods,
        SUM(CASE WHEN s.method = 'remote' AND s.other_method = 'remote' THEN 1 ELSE 0 END) AS remote_pairs,
        1 + SUM(CASE WHEN s.back < $periods THEN 1 ELSE 0 END) AS equal_periods,
        greater_of(s.quantity, MAX(CASE WHEN s.back < $periods THEN s.other_kwh ELSE s.quantity END))
        - lesser_of(s.quantity, MIN(CASE WHEN s.back < $periods THEN s.other_kwh ELSE s.quantity END)) AS spread_kwh,
        greater_of(s.quantity, MAX(s.other_kwh)) - lesser_of(s.quantity, MIN(s.other_kwh)) AS remote_spread_kwh,
        lesser_of(s.quantity, MIN(s.other_kwh)) AS least_kwh
    FROM same AS s
    GROUP BY s.point_id, s.quantity
)

SELECT
    c.point_id,
    CAST($p0 AS DATE) AS period,
    c.quantity,
    CAST(CASE WHEN c.by_hand_periods >= 2 THEN c.equal_periods ELSE 4 END AS BIGINT) AS equal_periods,
    CAST(c.by_hand_periods AS BIGINT) AS by_hand_periods
FROM counted AS c
WHERE
    (
        c.equal_periods = $periods
        AND c.by_hand_periods >= 2
        AND c.spread_kwh <= CAST(0.01 AS DECIMAL(3, 2))
    )
    OR (
        c.remote_pairs = 3
        AND c.least_kwh >= 100
        AND c.remote_spread_kwh <= CAST(0.01 AS DECIMAL(3, 2))
    );

/*--- not judged ---*/
WITH latest AS (
    SELECT
        r.point_id,
        r.quantity
    FROM recent_reading AS r
    WHERE r.back = 0 AND r.quantity >= 10
)

SELECT
    l.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(CASE WHEN COUNT(*) = $periods - 1 THEN 'quantity' ELSE 'reading' END AS VARCHAR) AS missing
FROM latest AS l
INNER JOIN recent_reading AS b ON l.point_id = b.point_id AND b.back > 0 AND b.back < $periods
GROUP BY l.point_id
HAVING
    COUNT(b.quantity) < $periods - 1
    AND COUNT(b.quantity) > 0
    AND SUM(
        CASE WHEN b.quantity < 10 OR ABS(b.quantity - l.quantity) > CAST(0.01 AS DECIMAL(3, 2)) THEN 1 ELSE 0 END
    ) = 0
