/*---
code: RC014
name: {zh: 抄表例日偏差或随意调整, en: Reading far from the reading day}
group: RC
subject: metering_point
class: service
severity: low
status: active
frequency: monthly
proof: event
tables: [reading, metering_point, customer]
key: [point_id, period]
parameters:
  - {name: days, label: {zh: 偏离抄表例日的允许天数（远程抄表加2天）, en: Days off the scheduled day allowed (2 more for remote readings)}, type: int, default: 3, min: 0, max: 31, unit: day, source: practice, verified: true}
evidence:
  read_on: {zh: 抄表日, en: Day of reading}
  due_on: {zh: 应抄日, en: Day due}
  deviation_days: {zh: 偏差天数, en: Days of deviation}
  limit_days: {zh: 允许天数, en: Days allowed}
  shifted_points: {zh: 同日偏移户数, en: Points shifted alike}
reason:
  zh: "抄表例日{reading_day}日，应于{due_on}抄表，实际{read_on}以“{method}”方式抄表，偏差{deviation_days}天（允许{limit_days}天）[；该抄表员{shifted_points}个计量点同样偏移，疑为计划整体调整，只报此一点]"
  en: "Reading day {reading_day}, due on {due_on}, read on {read_on} by method \"{method}\": {deviation_days} days off ({limit_days} allowed)[; {shifted_points} points of the reader are shifted alike, probably a changed plan; this one stands for all]"
basis: [{regulation: 营业规则, article: 第八十三条, verified: false}]
remedy: {zh: 核实例日变更审批，恢复例日抄表。, en: 'Check approval of the change, return to the day.'}
near_miss:
  - {zh: 例日31日、次月1日零点远程冻结, en: month-end remote freeze on the 1st for a reading day of 31}
  - {zh: 节假日全单位整体顺延, en: holiday shift of the whole unit}
  - {zh: 销户时的最终抄表, en: final reading at closing}
decisions:
  - {zh: 应抄日取本账期当月和次月例日（超过月末取月末）中离抄表日较近者，等距取当月。, en: 'The day due is the nearer of the reading day in the month judged and in the next month, each cut to its month''s last day; of equal distance the former.'}
  - {zh: 抄表员取抄表行的；为空取客户档案的抄表员；再为空按客户所属单位合并。, en: 'The reader is that of the row, else of the customer''s file; without either the points of a unit count as one reader''s.'}
  - {zh: 偏移方向不同视为不同天数；恰为20%仍逐点报。, en: Days early and days late are different numbers; at exactly 20 % every point is reported.}
  - {zh: 未判定：人工、现场或远程抄表而例日或抄表时间为空；抄表方式为空。, en: 'Not judged: read manually, locally or remotely without a reading day or time; method unknown.'}
seed: 抄表数据准备
---*/
WITH dated AS (
    SELECT
        r.point_id,
        r.method,
        c.reading_day,
        CAST(r.read_at AS DATE) AS read_on,
        COALESCE(filled(r.reader_id), filled(c.reader_id)) AS reader_id,
        c.org_id,
        lesser_of(
            CAST($p0 + CAST(c.reading_day AS INTEGER) - 1 AS DATE), CAST(months_later($p0, 1) - 1 AS DATE)
        ) AS due_first,
        lesser_of(
            CAST(months_later($p0, 1) + CAST(c.reading_day AS INTEGER) - 1 AS DATE),
            CAST(months_later($p0, 2) - 1 AS DATE)
        ) AS due_second
    FROM reading AS r
    INNER JOIN metered_point AS p ON r.point_id = p.point_id
    INNER JOIN customer AS c ON p.customer_id = c.customer_id
    LEFT JOIN meter_change AS m ON r.point_id = m.point_id AND m.period = $p0
    WHERE
        r.period = $p0
        AND r.register = 'total'
        AND r.method IN ('manual', 'local', 'remote')
        AND r.read_at IS NOT NULL
        AND c.reading_day BETWEEN 1 AND 31
        AND m.point_id IS NULL
),

measured AS (
    SELECT
        d.point_id,
        d.method,
        d.reading_day,
        d.read_on,
        CASE
            WHEN d.reader_id IS NOT NULL THEN 'reader ' || d.reader_id ELSE 'unit ' || COALESCE(d.org_id, '')
        END AS reader,
        CASE
            WHEN ABS(DATE_DIFF('day', d.due_first, d.read_on)) <= ABS(DATE_DIFF('day', d.due_second, d.read_on))
                THEN d.due_first
            ELSE d.due_second
        END AS due_on,
        CASE WHEN d.method = 'remote' THEN $days + 2 ELSE $days END AS limit_days
    FROM dated AS d
),

reader_total AS (
    SELECT
        m.reader,
        COUNT(*) AS tested
    FROM measured AS m
    GROUP BY m.reader
),

off AS (
    SELECT
        m.point_id,
        m.method,
        m.reading_day,
        m.read_on,
        m.due_on,
        m.limit_days,
        m.reader,
        DATE_DIFF('day', m.due_on, m.read_on) AS deviation_days,
        ROW_NUMBER() OVER (
            PARTITION BY m.reader, DATE_DIFF('day', m.due_on, m.read_on) ORDER BY m.point_id
        ) AS place,
        COUNT(*) OVER (PARTITION BY m.reader, DATE_DIFF('day', m.due_on, m.read_on)) AS alike
    FROM measured AS m
    WHERE ABS(DATE_DIFF('day', m.due_on, m.read_on)) > m.limit_days
)

SELECT
    o.point_id,
    CAST($p0 AS DATE) AS period,
    o.method,
    CAST(o.reading_day AS BIGINT) AS reading_day,
    o.read_on,
    CAST(o.due_on AS DATE) AS due_on,
    CAST(ABS(o.deviation_days) AS BIGINT) AS deviation_days,
    CAST(o.limit_days AS BIGINT) AS limit_days,
    CAST(CASE WHEN 5 * o.alike > t.tested AND o.alike > 1 THEN o.alike END AS BIGINT) AS shifted_points
FROM off AS o
INNER JOIN reader_total AS t ON o.reader = t.reader
WHERE o.place = 1 OR 5 * o.alike <= t.tested;

/*--- not judged ---*/
SELECT
    r.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN NOT COALESCE(c.reading_day BETWEEN 1 AND 31, FALSE) THEN 'reading_day' END,
            CASE WHEN r.read_at IS NULL THEN 'read_at' END,
            CASE WHEN r.method IS NULL THEN 'method' END
        ) AS VARCHAR
    ) AS missing
FROM reading AS r
INNER JOIN metered_point AS p ON r.point_id = p.point_id
INNER JOIN customer AS c ON p.customer_id = c.customer_id
LEFT JOIN meter_change AS m ON r.point_id = m.point_id AND m.period = $p0
WHERE
    r.period = $p0
    AND r.register = 'total'
    AND (r.method IS NULL OR r.method IN ('manual', 'local', 'remote'))
    AND m.point_id IS NULL
    AND (
        r.method IS NULL
        OR r.read_at IS NULL
        OR NOT COALESCE(c.reading_day BETWEEN 1 AND 31, FALSE)
    )
