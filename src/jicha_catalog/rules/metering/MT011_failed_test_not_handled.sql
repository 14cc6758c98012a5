/*---
code: MT011
name: {zh: 现场检验不合格未处理, en: Failed on-site test not handled}
group: MT
subject: metering_point
class: quantity
severity: high
status: active
frequency: daily
proof: state
tables: [field_test, metering_point, adjustment]
key: [test_id]
parameters:
  - {name: limit, label: {zh: 现场检验误差限值, en: Limit of the error in a field test}, type: "decimal(10,4)", default: 2, min: 0, max: 100, unit: '%', source: {zh: 计量点准确度等级（已知时）, en: 'Accuracy class of the point, where known'}, verified: false}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      unhandled: {zh: 超过三个工作日仍未处理, en: not handled within three work days}
      late: {zh: 超过三个工作日且30天以后才处理, en: handled only after more than three work days and 30 days}
      unsettled: {zh: 已处理但没有退补, en: handled without an adjustment}
  work_days: {zh: 检验后工作日数, en: Work days since the test}
  limit_pct: {zh: 误差限(%), en: Error limit (%)}
  error_days_kwh: {zh: 误差期抄见电量(kWh), en: Quantity in the span of the error (kWh)}
reason:
  zh: "{tested_on}现场检验不合格[，误差{error_pct}%（限值{limit_pct}%）]：{problem}（{work_days}个工作日）[，{handled_on}处理]"
  en: "Failed the on-site test of {tested_on}[ with an error of {error_pct} % (limit {limit_pct} %)]: {problem} ({work_days} work days)[; handled on {handled_on}]"
amount:
  zh: 误差÷（1＋误差）× 自上次检验（没有则装表）至本次检验后半段的抄见电量 × 参考电价；正为多计
  en: error ÷ (1 + error) × quantity in the second half of the time since the previous test (without one the installation of the meter) × reference price; positive is over-billed
basis:
  - {regulation: 营业规则, article: 第八十一条, verified: false}
  - {regulation: DL448, article: 现场检验超差处理, verified: false}
remedy: {zh: 三个工作日内换表，按误差退补电量。, en: Replace within three work days and settle the energy.}
near_miss:
  - {zh: 误差在等级以内, en: error within class}
  - {zh: 次日换表并退补, en: replaced next day and settled}
  - {zh: 电表后来因其他原因拆除（检验合格）, en: test of a meter removed later for another reason}
decisions:
  - {zh: 误差期的抄见电量取首日在上次检验与本次检验的中点之后、至本次检验日的各期总示数电量。, en: 'The quantity is that of the periods whose first day lies after the middle of the span between the two tests and up to the test.'}
  - {zh: 没有客户的考核点、不在档案中的计量点，其检验照常判断，只不判断是否退补。, en: 'Tests of a point without a customer, or of one that is not on file, are judged, but not for the adjustment.'}
  - {zh: 工作日为周一至周五，除去并加上运行清单中的节假日与调休日。, en: Work days are Monday to Friday less the holidays and plus the extra work days of the run.}
  - {zh: 未判定：没有结论也没有误差；或不合格、已处理、没有退补而误差为空（未被其他条款报出）。, en: 'Not judged: neither a verdict nor an error; or failed, handled and not adjusted while the error is unknown and nothing else is reported.'}
seed: 结合试验的最终结果 / 现场计量装置故障查处不及时
---*/
WITH failed AS (
    SELECT
        f.test_id,
        f.point_id,
        f.tested_on,
        f.handled_on,
        TRY_CAST(f.error_pct AS DECIMAL(10, 4)) AS error_pct,
        p.customer_id
    FROM field_test AS f
    LEFT JOIN metering_point AS p ON f.point_id = p.point_id
    WHERE
        f.tested_on >= $as_of - 730
        AND f.tested_on < $as_of
        AND (NOT f.passed OR (f.passed IS NULL AND ABS(TRY_CAST(f.error_pct AS DECIMAL(10, 4))) > $limit))
),

excepted AS (
    SELECT
        f.test_id,
        SUM(x.work_days) AS work_days
    FROM failed AS f
    INNER JOIN workday_exception AS x ON f.tested_on < x.day AND COALESCE(f.handled_on, $as_of) >= x.day
    GROUP BY f.test_id
),

adjusted AS (
    SELECT f.test_id
    FROM failed AS f
    INNER JOIN adjustment AS a
        ON
            f.customer_id = a.customer_id
            AND f.tested_on <= CAST(a.requested_at AS DATE)
            AND f.tested_on + 90 >= CAST(a.requested_at AS DATE)
    GROUP BY f.test_id
),

counted AS (
    SELECT
        f.test_id,
        f.point_id,
        f.tested_on,
        f.handled_on,
        f.error_pct,
        CASE WHEN f.customer_id IS NOT NULL AND a.test_id IS NULL THEN 1 ELSE 0 END AS is_unadjusted,
        weekdays_until(COALESCE(f.handled_on, $as_of)) - weekdays_until(f.tested_on)
        + COALESCE(x.work_days, 0) AS work_days
    FROM failed AS f
    LEFT JOIN excepted AS x ON f.test_id = x.test_id
    LEFT JOIN adjusted AS a ON f.test_id = a.test_id
),

judged AS (
    SELECT
        c.test_id,
        c.point_id,
        c.tested_on,
        c.handled_on,
        c.error_pct,
        c.work_days,
        CONCAT_WS(
            ',',
            CASE WHEN c.handled_on IS NULL AND c.work_days > 3 THEN 'unhandled' END,
            CASE WHEN c.work_days > 3 AND DATE_DIFF('day', c.tested_on, c.handled_on) > 30 THEN 'late' END,
            CASE
                WHEN c.handled_on IS NOT NULL AND c.is_unadjusted = 1 AND ABS(c.error_pct) > $limit THEN 'unsettled'
            END
        ) AS problem
    FROM counted AS c
),

suspect AS (
    SELECT
        j.test_id,
        j.point_id,
        j.tested_on,
        j.handled_on,
        j.error_pct,
        j.work_days,
        j.problem,
        COALESCE(MAX(e.tested_on), MAX(m.installed_on)) AS previous_on
    FROM judged AS j
    LEFT JOIN field_test AS e ON j.point_id = e.point_id AND j.tested_on > e.tested_on
    LEFT JOIN meter AS m ON j.point_id = m.point_id AND j.tested_on >= m.installed_on
    WHERE LENGTH(j.problem) > 0
    GROUP BY j.test_id, j.point_id, j.tested_on, j.handled_on, j.error_pct, j.work_days, j.problem
),

-- the points are few: asked for by themselves, so that the engine knows it
failed_point AS (
    SELECT f.point_id
    FROM failed AS f
    GROUP BY f.point_id
),

metered AS (
    SELECT
        r.point_id,
        r.period,
        r.quantity
    FROM reading AS r
    INNER JOIN failed_point AS p ON r.point_id = p.point_id
    WHERE r.register = 'total'
),

used AS (
    SELECT
        s.test_id,
        SUM(r.quantity) AS kwh
    FROM suspect AS s
    INNER JOIN metered AS r
        ON
            s.point_id = r.point_id
            AND s.tested_on >= r.period
            AND s.previous_on
            + CAST(FLOOR(CAST(DATE_DIFF('day', s.previous_on, s.tested_on) AS DOUBLE) / 2) AS INTEGER) < r.period
    GROUP BY s.test_id
)

SELECT
    s.test_id,
    CAST(
        worth_yuan(
            ROUND(
                CAST(u.kwh AS DOUBLE) * CAST(s.error_pct AS DOUBLE)
                / NULLIF(CAST(s.error_pct + 100 AS DOUBLE), 0), 6
            ),
            p.price
        ) AS DECIMAL(18, 2)
    ) AS amount_yuan,
    s.point_id,
    CAST(s.problem AS VARCHAR) AS problem,
    s.tested_on,
    CAST(s.error_pct AS DECIMAL(10, 4)) AS error_pct,
    CAST(CASE WHEN s.error_pct IS NOT NULL THEN $limit END AS DECIMAL(10, 4)) AS limit_pct,
    s.handled_on,
    CAST(s.work_days AS BIGINT) AS work_days,
    CAST(u.kwh AS DECIMAL(18, 2)) AS error_days_kwh
FROM suspect AS s
LEFT JOIN used AS u ON s.test_id = u.test_id
LEFT JOIN reference_price AS p ON s.point_id = p.point_id;

/*--- not judged ---*/
SELECT
    f.test_id,
    CAST(CASE WHEN f.passed IS NULL THEN 'passed,error_pct' ELSE 'error_pct' END AS VARCHAR) AS missing
FROM field_test AS f
LEFT JOIN metering_point AS p ON f.point_id = p.point_id
WHERE
    f.tested_on >= $as_of - 730
    AND f.tested_on < $as_of
    AND TRY_CAST(f.error_pct AS DECIMAL(10, 4)) IS NULL
    AND (
        f.passed IS NULL
        OR (
            NOT f.passed
            AND f.handled_on <= f.tested_on + 30
            AND p.customer_id IS NOT NULL
            AND NOT EXISTS (
                SELECT a.adjustment_id
                FROM adjustment AS a
                WHERE
                    a.customer_id = p.customer_id
                    AND CAST(a.requested_at AS DATE) >= f.tested_on
                    AND CAST(a.requested_at AS DATE) <= f.tested_on + 90
            )
        )
    )
