/*---
code: MT015
name: {zh: 计量互感器容量配置不当或超载, en: CT far too large or overloaded}
group: MT
subject: metering_point
class: quantity
severity: medium
status: active
frequency: quarterly
proof: state
tables: [metering_point, instrument_transformer, meter, daily_electrical, customer]
key: [point_id]
parameters:
  - {name: low_ratio, label: {zh: 轻载界限，一次电流占额定值, en: Under-loaded below this share of the rated current}, type: "decimal(10,6)", default: 0.2, min: 0, max: 1, unit: ratio, source: {zh: 'DL/T 448：约60%，不低于30%（S级20%）', en: 'DL/T 448: about 60 %, not below 30 % (20 % for S class)'}, verified: true}
  - {name: high_ratio, label: {zh: 过载界限，一次电流占额定值, en: Overloaded above this share of the rated current}, type: "decimal(10,6)", default: 1.2, min: 1, max: 10, unit: ratio, source: {zh: DL/T 448、GB/T 20840, en: 'DL/T 448, GB/T 20840'}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      too_large: {zh: 电流互感器变比过大，长期轻载, en: current transformers far too large for the load}
      overloaded: {zh: 超过额定电流运行, en: loaded above the rated current}
  rated_a: {zh: 额定电流(A), en: Rated current (A)}
  measured_days: {zh: 有电流数据天数, en: Days with a current}
  p95_current_a: {zh: 日最大电流95百分位(A), en: 95th percentile of the daily maximum (A)}
  max_current_of_year_a: {zh: 近365天最大电流(A), en: Greatest current of 365 days (A)}
  overload_days: {zh: 超载天数, en: Days above the limit}
  limit_a: {zh: 电流限值(A), en: Limit (A)}
reason:
  zh: "{problem}：额定{rated_a}A，近90天（{measured_days}天有数据）日最大电流95百分位{p95_current_a}A，近365天最大{max_current_of_year_a}A[，超过{limit_a}A的有{overload_days}天]"
  en: "{problem}: rated {rated_a} A; over 90 days ({measured_days} with data) the 95th percentile of the daily maximum is {p95_current_a} A, the greatest of 365 days {max_current_of_year_a} A[; above {limit_a} A on {overload_days} days]"
basis: [{regulation: DL448, article: 电流互感器选择, verified: false}]
remedy: {zh: 更换合适变比的互感器或表计，核查超容。, en: Replace with a fitting ratio and check for over-capacity.}
near_miss:
  - {zh: 灌溉季节以外的排灌泵, en: irrigation pump outside the season}
  - {zh: 暂停客户, en: suspended customer}
  - {zh: 按一次侧上报的电流（在数据映射中换算）, en: currents reported on the primary side (set side in the data profile)}
decisions:
  - {zh: 电流按二次侧；按一次侧上报的由数据映射换算。, en: 'Currents are those of the secondary side; sources that report the primary side are converted by their mapping.'}
  - {zh: 百分位取序号为0.95×天数向上取整的值；“低于”按至少95%的天数低于限值判断，两者等价。, en: 'The percentile is the value of rank ceil(0.95 × days); it is below the limit when at least 95 % of the days are.'}
  - {zh: 未判定：近90天有电流数据（装互感器的和直接接入的一样），但有数据的不足60天，或额定电流不明。, en: 'Not judged: some currents in the last 90 days, with current transformers or without, but on fewer than 60 days, or no rated current.'}
seed: 大容量客户计量 (beyond in detail)
---*/
WITH rated AS (
    SELECT
        p.point_id,
        CASE WHEN r.currents > 0 THEN 1 ELSE 0 END AS has_ct,
        CASE WHEN r.currents > 0 THEN r.secondary_a ELSE m.max_current_a END AS rated_a
    FROM metered_point AS p
    LEFT JOIN transformer_ratio AS r ON p.point_id = r.point_id
    LEFT JOIN current_meter AS m ON p.point_id = m.point_id
    WHERE CASE WHEN r.currents > 0 THEN r.secondary_a ELSE m.max_current_a END > 0
),

daily AS (
    SELECT
        e.point_id,
        e.day,
        greatest_known(
            amperes(e.max_current_a_a), amperes(e.max_current_b_a), amperes(e.max_current_c_a)
        ) AS current_a
    FROM daily_electrical AS e
    WHERE e.day >= $as_of - 365 AND e.day < $as_of
),

counted AS (
    SELECT
        r.point_id,
        r.has_ct,
        r.rated_a,
        MAX(d.current_a) AS max_current_a,
        SUM(CASE WHEN d.day >= $as_of - 90 THEN 1 ELSE 0 END) AS measured,
        SUM(
            CASE
                WHEN d.day >= $as_of - 90 AND d.current_a < $low_ratio * CAST(r.rated_a AS DECIMAL(20, 4)) THEN 1
                ELSE 0
            END
        ) AS low_days,
        SUM(
            CASE
                WHEN d.day >= $as_of - 90 AND d.current_a > $high_ratio * CAST(r.rated_a AS DECIMAL(20, 4)) THEN 1
                ELSE 0
            END
        ) AS high_days
    FROM daily AS d
    INNER JOIN rated AS r ON d.point_id = r.point_id
    WHERE d.current_a IS NOT NULL
    GROUP BY r.point_id, r.has_ct, r.rated_a
),

suspect AS (
    SELECT
        c.point_id,
        c.rated_a,
        c.max_current_a,
        c.measured,
        c.high_days,
        CASE WHEN c.high_days >= 5 THEN 'overloaded' ELSE 'too_large' END AS problem
    FROM counted AS c
    WHERE
        c.measured >= 60
        AND (
            c.high_days >= 5
            OR (
                c.has_ct = 1
                AND c.low_days * 100 >= c.measured * 95
                AND c.max_current_a < CAST(0.3 AS DECIMAL(2, 1)) * CAST(c.rated_a AS DECIMAL(20, 4))
            )
        )
),

ranked AS (
    SELECT
        s.point_id,
        d.current_a,
        s.measured,
        ROW_NUMBER() OVER (PARTITION BY s.point_id ORDER BY d.current_a, d.day) AS place
    FROM suspect AS s
    INNER JOIN daily AS d ON s.point_id = d.point_id
    WHERE d.day >= $as_of - 90 AND d.current_a IS NOT NULL
)

SELECT
    s.point_id,
    CAST(s.problem AS VARCHAR) AS problem,
    CAST(s.rated_a AS DECIMAL(18, 4)) AS rated_a,
    CAST(s.measured AS BIGINT) AS measured_days,
    CAST(r.current_a AS DECIMAL(18, 4)) AS p95_current_a,
    CAST(s.max_current_a AS DECIMAL(18, 4)) AS max_current_of_year_a,
    CAST(CASE WHEN s.problem = 'overloaded' THEN s.high_days END AS BIGINT) AS overload_days,
    CAST(
        CASE WHEN s.problem = 'overloaded' THEN $high_ratio * CAST(s.rated_a AS DECIMAL(20, 4)) END AS DECIMAL(18, 4)
    ) AS limit_a
FROM suspect AS s
INNER JOIN ranked AS r
    ON s.point_id = r.point_id AND r.place * 100 >= r.measured * 95 AND (r.place - 1) * 100 < r.measured * 95;

/*--- not judged ---*/
WITH rated AS (
    SELECT
        p.point_id,
        CASE WHEN r.currents > 0 THEN 'secondary_rating' ELSE 'max_current_a' END AS rating,
        CASE WHEN r.currents > 0 THEN r.secondary_a ELSE m.max_current_a END AS rated_a
    FROM metered_point AS p
    LEFT JOIN transformer_ratio AS r ON p.point_id = r.point_id
    LEFT JOIN current_meter AS m ON p.point_id = m.point_id
)

SELECT
    r.point_id,
    CAST(
        CASE WHEN r.rated_a > 0 THEN 'max_current_a_a,max_current_b_a,max_current_c_a' ELSE r.rating END AS VARCHAR
    ) AS missing
FROM rated AS r
INNER JOIN daily_electrical AS e ON r.point_id = e.point_id
WHERE
    e.day >= $as_of - 90
    AND e.day < $as_of
    AND COALESCE(amperes(e.max_current_a_a), amperes(e.max_current_b_a), amperes(e.max_current_c_a)) IS NOT NULL
GROUP BY r.point_id, r.rating, r.rated_a
HAVING COUNT(*) < 60 OR COALESCE(r.rated_a, 0) <= 0
