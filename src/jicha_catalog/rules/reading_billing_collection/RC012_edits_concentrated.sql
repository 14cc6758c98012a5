/*---
code: RC012
name: {zh: 示数修改集中于个别人员, en: Index edits concentrated on one person}
group: RC
subject: staff
class: quantity
severity: medium
status: active
frequency: monthly
proof: event
tables: [reading, staff, metering_point]
key: [index_changed_by]
parameters:
  - {name: factor, label: {zh: 修改笔数超过同县中位数的倍数, en: 'Edits above the county''s median, times'}, type: "decimal(8,3)", default: 5, min: 1, max: 1000, unit: times, source: practice, verified: true}
  - {name: county_share, label: {zh: 修改人少于4名时占全县抄表笔数的限值, en: 'With fewer than 4 editors: share of the county''s readings'}, type: "decimal(8,6)", default: 0.01, min: 0, max: 1, unit: ratio, source: {zh: '县内抄表笔数的1%', en: '1 % of the county''s readings'}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      above_peers: {zh: 远多于同县其他修改人, en: far more than the other editors of the county}
      above_share: {zh: 超过全县抄表行的规定比例（缺省1%）, en: 'more than the set share (1 % by default) of the county''s readings'}
      one_customer: {zh: 集中于一个客户, en: concentrated on one customer}
      one_reader: {zh: 集中于一名抄表员的示数, en: 'concentrated on one reader''s indexes'}
  edits: {zh: 修改次数, en: Edits}
  median_edits: {zh: 同县修改人次数中位数, en: Median over the editors of the county}
  county_readings: {zh: 全县抄表行数, en: Readings of the county}
  top_customer_id: {zh: 修改最多的客户, en: Customer with most edits}
  customer_edits: {zh: 该客户修改次数, en: Edits of that customer}
  top_reader_id: {zh: 修改最多的抄表员, en: Reader with most edits}
  reader_edits: {zh: 该抄表员示数修改次数, en: Edits of that reader's indexes}
reason:
  zh: "近6期修改示数{edits}次，{problem}[（同县修改人中位数{median_edits}次）][（全县抄表{county_readings}行）][；客户{top_customer_id}被修改{customer_edits}次][；抄表员{top_reader_id}的示数{reader_edits}次]"
  en: "{edits} index edits in 6 periods: {problem}[ (median of the county's editors {median_edits})][ (county: {county_readings} readings)][; customer {top_customer_id} edited {customer_edits} times][; indexes of reader {top_reader_id} edited {reader_edits} times]"
basis: [{regulation: 内控规范, article: 第三十四条（运营分析控制）, verified: false}]
remedy: {zh: 逐条复核该员修改依据。, en: Review the edits one by one.}
near_miss:
  - {zh: 小县唯一的修改人，修改量在占比限值以内, en: 'only editor of a small county, within the share allowed'}
  - {zh: 一夜采集故障后的批量更正（计一次）, en: mass correction after a collection fault in one night (counts once)}
  - {zh: 修改次数很少的人员, en: member of staff with few edits}
decisions:
  - {zh: 一个计量点一期的多个示数计一次；同一人同一钟点内的修改计一次；没有修改时间的各计一次。, en: 'The registers of one point and period count once; edits of one person within the same clock hour count once; edits without a time count each.'}
  - {zh: “一夜批量更正计一次”按钟点执行：跨几个钟点的更正计几次。, en: 'A mass correction counts once per clock hour that it touches.'}
  - {zh: 对一个客户、一名抄表员的集中，分别对该客户、该抄表员按钟点计次；占比的分母为总次数。, en: 'Edits of one customer, of one reader''s indexes are counted by clock hour too; the share is of all edits so counted.'}
  - {zh: 修改人的县取其所在单位的县公司；不在人员档案或单位未知的，只按客户、抄表员集中判断。全县抄表行为近6期该县客户的总示数行，没有客户表时不按1%判断。, en: 'The county is that of the editor''s unit; of editors not on file only the concentration is judged. County readings are the total rows of the last 6 periods of its customers; without the customer table the 1 % is not judged.'}
  - {zh: 县内修改人至少4人（含本人）时用中位数，否则用1%。, en: 'With at least 4 editors in the county (this one included) the median counts, else the 1 %.'}
seed: 修改指针 (beyond in detail)
---*/
WITH edited AS (
    -- one row per point and period; its first edit stands for all registers
    SELECT
        r.index_changed_by,
        r.point_id,
        r.period,
        MIN(r.index_changed_at) AS changed_at,
        MIN(r.reader_id) AS reader_id
    FROM reading AS r
    WHERE
        NOT is_blank(r.index_changed_by)
        AND r.period <= $p0
        AND r.period >= months_later($p0, -5)
    GROUP BY r.index_changed_by, r.point_id, r.period
),

placed AS (
    SELECT
        e.index_changed_by,
        e.reader_id,
        p.customer_id,
        COALESCE(
            STRFTIME(e.changed_at, '%Y-%m-%d %H'), e.point_id || ' ' || STRFTIME(e.period, '%Y-%m-%d')
        ) AS clock_hour
    FROM edited AS e
    LEFT JOIN metering_point AS p ON e.point_id = p.point_id
),

editor AS (
    SELECT
        l.index_changed_by,
        s.county_id,
        COUNT(DISTINCT l.clock_hour) AS edits
    FROM placed AS l
    LEFT JOIN staff_county AS s ON l.index_changed_by = s.staff_id
    GROUP BY l.index_changed_by, s.county_id
),

ranked AS (
    SELECT
        e.county_id,
        e.edits,
        ROW_NUMBER() OVER (PARTITION BY e.county_id ORDER BY e.edits, e.index_changed_by) AS place,
        COUNT(*) OVER (PARTITION BY e.county_id) AS editors
    FROM editor AS e
    WHERE e.county_id IS NOT NULL
),

county AS (
    SELECT
        k.county_id,
        MAX(k.editors) AS editors,
        CAST((MIN(k.edits) + MAX(k.edits)) * CAST(0.5 AS DECIMAL(2, 1)) AS DECIMAL(12, 1)) AS median_edits
    FROM ranked AS k
    WHERE 2 * k.place BETWEEN k.editors AND k.editors + 2
    GROUP BY k.county_id
),

-- counted only for counties with too few editors to compare
small_county AS (
    SELECT
        u.county_id,
        u.org_id
    FROM county_of_organization AS u
    INNER JOIN county AS c ON u.county_id = c.county_id
    WHERE c.editors < 4
),

county_reading AS (
    SELECT
        o.county_id,
        COUNT(*) AS readings
    FROM reading AS r
    INNER JOIN metering_point AS p ON r.point_id = p.point_id
    INNER JOIN customer AS c ON p.customer_id = c.customer_id
    INNER JOIN small_county AS o ON c.org_id = o.org_id
    WHERE r.register = 'total' AND r.period <= $p0 AND r.period >= months_later($p0, -5)
    GROUP BY o.county_id
),

counterpart AS (
    SELECT
        l.index_changed_by,
        'customer' AS kind,
        l.customer_id AS counterpart_id,
        l.clock_hour
    FROM placed AS l
    WHERE l.customer_id IS NOT NULL
    UNION ALL
    SELECT
        l.index_changed_by,
        'reader' AS kind,
        l.reader_id AS counterpart_id,
        l.clock_hour
    FROM placed AS l
    WHERE l.reader_id IS NOT NULL
),

-- the customer, and the reader, with most edits
most AS (
    SELECT
        k.index_changed_by,
        k.kind,
        k.counterpart_id,
        COUNT(DISTINCT k.clock_hour) AS edits
    FROM counterpart AS k
    GROUP BY k.index_changed_by, k.kind, k.counterpart_id
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY k.index_changed_by, k.kind
            ORDER BY COUNT(DISTINCT k.clock_hour) DESC, k.counterpart_id ASC
        ) = 1
),

judged AS (
    SELECT
        e.index_changed_by,
        e.edits,
        c.median_edits,
        r.readings,
        b.counterpart_id AS customer_id,
        b.edits AS customer_edits,
        d.counterpart_id AS reader_id,
        d.edits AS reader_edits,
        COALESCE(
            e.edits >= 20 AND c.editors >= 4 AND CAST(e.edits AS DECIMAL(12, 0)) > $factor * c.median_edits, FALSE
        ) AS is_above_peers,
        COALESCE(
            e.edits >= 20
            AND c.editors < 4
            AND CAST(e.edits AS DECIMAL(12, 0)) > $county_share * CAST(r.readings AS DECIMAL(12, 0)), FALSE
        ) AS is_above_share,
        COALESCE(e.edits >= 10 AND b.edits >= 10, FALSE) AS is_one_customer,
        COALESCE(e.edits >= 10 AND 5 * d.edits >= 4 * e.edits, FALSE) AS is_one_reader
    FROM editor AS e
    LEFT JOIN county AS c ON e.county_id = c.county_id
    LEFT JOIN county_reading AS r ON e.county_id = r.county_id
    LEFT JOIN most AS b ON e.index_changed_by = b.index_changed_by AND b.kind = 'customer'
    LEFT JOIN most AS d ON e.index_changed_by = d.index_changed_by AND d.kind = 'reader'
)

SELECT
    j.index_changed_by,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN j.is_above_peers THEN 'above_peers' END,
            CASE WHEN j.is_above_share THEN 'above_share' END,
            CASE WHEN j.is_one_customer THEN 'one_customer' END,
            CASE WHEN j.is_one_reader THEN 'one_reader' END
        ) AS VARCHAR
    ) AS problem,
    CAST(j.edits AS BIGINT) AS edits,
    CAST(CASE WHEN j.is_above_peers THEN j.median_edits END AS DECIMAL(12, 1)) AS median_edits,
    CAST(CASE WHEN j.is_above_share THEN j.readings END AS BIGINT) AS county_readings,
    CAST(CASE WHEN j.is_one_customer THEN j.customer_id END AS VARCHAR) AS top_customer_id,
    CAST(CASE WHEN j.is_one_customer THEN j.customer_edits END AS BIGINT) AS customer_edits,
    CAST(CASE WHEN j.is_one_reader THEN j.reader_id END AS VARCHAR) AS top_reader_id,
    CAST(CASE WHEN j.is_one_reader THEN j.reader_edits END AS BIGINT) AS reader_edits,
    t.org_id
FROM judged AS j
LEFT JOIN staff AS t ON j.index_changed_by = t.staff_id
WHERE j.is_above_peers OR j.is_above_share OR j.is_one_customer OR j.is_one_reader
