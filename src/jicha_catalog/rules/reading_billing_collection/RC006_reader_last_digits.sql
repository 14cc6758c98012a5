/*---
code: RC006
name: {zh: 抄表员示数尾数分布异常, en: 'Last digits of a reader''s manual readings not random'}
group: RC
subject: staff
class: quantity
severity: medium
status: active
frequency: monthly
proof: state
tables: [reading, staff]
key: [reader_id]
parameters:
  - {name: min_n, label: {zh: 参与统计的最少示数个数, en: Fewest readings for the statistics}, type: int, default: 200, min: 30, max: 1000000, unit: readings, source: statistics, verified: true}
  - {name: chi2, label: {zh: 尾数分布的卡方限值, en: Limit of chi-square of the last digits}, type: "decimal(10,4)", default: 27.88, min: 0, max: 10000, source: {zh: 卡方分布，自由度9，显著性水平0.001, en: 'Chi-square, 9 degrees of freedom, p = 0.001'}, verified: true}
evidence:
  readings: {zh: 人工抄表示数个数, en: Indexes read by hand}
  chi_square: {zh: 卡方值, en: Chi-square}
  chi_square_limit: {zh: 卡方限值, en: Limit of chi-square}
  share_0_5_pct: {zh: 尾数0和5占比(%), en: Share of digits 0 and 5 (%)}
  top_digit: {zh: 最多的尾数, en: Most frequent digit}
  top_share_pct: {zh: 最多尾数占比(%), en: Share of that digit (%)}
reason:
  zh: "近6期人工、现场抄表示数{readings}个，个位尾数{top_digit}占{top_share_pct}%，0和5合计占{share_0_5_pct}%，卡方值{chi_square}超过{chi_square_limit}"
  en: "{readings} indexes read by hand in 6 periods: units digit {top_digit} makes up {top_share_pct} %, 0 and 5 together {share_0_5_pct} %; chi-square {chi_square} exceeds {chi_square_limit}"
basis: [{regulation: 抄核收规则, article: 抄表质量, verified: false}]
remedy: {zh: 抽样现场核抄该员用户，落实估抄责任。, en: 'Re-read a sample of the reader''s customers.'}
near_miss:
  - {zh: 示数太少、不足以统计的抄表员, en: reader with too few readings for statistics}
  - {zh: 大多为远程、人工示数很少的抄表员, en: reader with mostly remote and few manual readings}
  - {zh: 远程抄表示数, en: remote readings}
decisions:
  - {zh: 同一抄表员在同一计量点的相同示数计一次。, en: Equal indexes of one reader on one point count once.}
  - {zh: 尾数占比恰为30%、20%不报；最多的尾数并列时取较小者。, en: Shares of exactly 30 % and 20 % are not reported; of equally frequent digits the smaller is named.}
  - {zh: 人员档案中没有的抄表员工号也报。, en: A reader_id that the staff file does not know is reported too.}
seed: randomly check the statistical meter readers to see whether they are conscientious
---*/
WITH read_by_hand AS (
    SELECT
        r.reader_id,
        r.point_id,
        r.current_index
    FROM reading AS r
    WHERE
        r.register = 'total'
        AND r.method IN ('manual', 'local')
        AND r.reader_id IS NOT NULL
        AND r.current_index >= 100
        AND r.quantity > 0
        AND r.period <= $p0
        AND r.period >= months_later($p0, -5)
    GROUP BY r.reader_id, r.point_id, r.current_index
),

digits AS (
    SELECT
        h.reader_id,
        CAST(FLOOR(h.current_index) AS BIGINT) % 10 AS digit,
        COUNT(*) AS readings
    FROM read_by_hand AS h
    GROUP BY h.reader_id, CAST(FLOOR(h.current_index) AS BIGINT) % 10
),

top AS (
    SELECT
        d.reader_id,
        d.digit,
        d.readings,
        ROW_NUMBER() OVER (PARTITION BY d.reader_id ORDER BY d.readings DESC, d.digit ASC) AS place
    FROM digits AS d
),

summed AS (
    SELECT
        t.reader_id,
        SUM(t.readings) AS n,
        -- n x chi-square, a whole number
        10 * SUM(t.readings * t.readings) - SUM(t.readings) * SUM(t.readings) AS n_chi_square,
        SUM(CASE WHEN t.digit IN (0, 5) THEN t.readings ELSE 0 END) AS round_readings,
        MAX(CASE WHEN t.place = 1 THEN t.digit END) AS top_digit,
        MAX(t.readings) AS top_readings
    FROM top AS t
    GROUP BY t.reader_id
)

SELECT
    s.reader_id,
    CAST(s.n AS BIGINT) AS readings,
    CAST(
        ROUND(CAST(s.n_chi_square AS DOUBLE) / NULLIF(CAST(s.n AS DOUBLE), 0), 2) AS DECIMAL(18, 2)
    ) AS chi_square,
    CAST($chi2 AS DECIMAL(10, 4)) AS chi_square_limit,
    CAST(
        ROUND(CAST(s.round_readings * 100 AS DOUBLE) / NULLIF(CAST(s.n AS DOUBLE), 0), 1) AS DECIMAL(6, 1)
    ) AS share_0_5_pct,
    CAST(s.top_digit AS BIGINT) AS top_digit,
    CAST(
        ROUND(CAST(s.top_readings * 100 AS DOUBLE) / NULLIF(CAST(s.n AS DOUBLE), 0), 1) AS DECIMAL(6, 1)
    ) AS top_share_pct
FROM summed AS s
WHERE
    s.n >= $min_n
    AND s.n_chi_square > $chi2 * CAST(s.n AS DECIMAL(14, 0))
    AND (10 * s.round_readings > 3 * s.n OR 5 * s.top_readings > s.n)
