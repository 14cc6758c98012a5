/*---
name: bill_band
zh: 计量点各时段电量
en: Bands of a point over the whole interval
note: >-
  Contract, sections 3 to 5: own_* is the gross band of the point, taken_* what sub-points take off it, loss_* the part of its own loss
  that the band bears. Without time of use all stands under flat.
columns:
  point_id: string
  period: date
  tip_kwh: decimal(14,2)
  peak_kwh: decimal(14,2)
  flat_kwh: decimal(14,2)
  valley_kwh: decimal(14,2)
  deep_valley_kwh: decimal(14,2)
  taken_tip_kwh: decimal(14,2)
  taken_peak_kwh: decimal(14,2)
  taken_flat_kwh: decimal(14,2)
  taken_valley_kwh: decimal(14,2)
  taken_deep_valley_kwh: decimal(14,2)
  loss_tip_kwh: decimal(14,2)
  loss_peak_kwh: decimal(14,2)
  loss_flat_kwh: decimal(14,2)
  loss_valley_kwh: decimal(14,2)
  loss_deep_valley_kwh: decimal(14,2)
---*/
WITH gross AS (
    SELECT
        o.point_id,
        o.period,
        o.loss_kwh,
        m.is_time_of_use,
        m.allocation,
        k.parent_point_id,
        s.loss_band,
        o.gross_kwh AS total,
        CASE WHEN m.allocation = 'metered' THEN m.tip_kwh ELSE COALESCE(k.tip_kwh, 0) END AS tip,
        CASE WHEN m.allocation = 'metered' THEN m.peak_kwh ELSE COALESCE(k.peak_kwh, 0) END AS peak,
        CASE WHEN m.allocation = 'metered' THEN m.valley_kwh ELSE COALESCE(k.valley_kwh, 0) END AS valley,
        CASE WHEN m.allocation = 'metered' THEN m.deep_valley_kwh ELSE COALESCE(k.deep_valley_kwh, 0) END AS deep_valley
    FROM bill_own AS o
    INNER JOIN bill_metered AS m ON o.point_id = m.point_id AND o.period = m.period
    INNER JOIN bill_case_setting AS s ON o.point_id = s.point_id AND o.period = s.period
    LEFT JOIN bill_child AS k ON o.point_id = k.point_id AND o.period = k.period
),

asked AS (
    SELECT
        g.parent_point_id,
        g.period,
        SUM(CASE WHEN g.is_time_of_use AND g.allocation <> 'quantity' THEN g.tip ELSE 0 END) AS tip,
        SUM(CASE WHEN g.is_time_of_use AND g.allocation <> 'quantity' THEN g.peak ELSE 0 END) AS peak,
        SUM(CASE WHEN g.is_time_of_use AND g.allocation <> 'quantity' THEN g.valley ELSE 0 END) AS valley,
        SUM(CASE WHEN g.is_time_of_use AND g.allocation <> 'quantity' THEN g.deep_valley ELSE 0 END) AS deep_valley,
        SUM(g.total) AS total
    FROM gross AS g
    WHERE g.parent_point_id IS NOT NULL AND g.total IS NOT NULL
    GROUP BY g.parent_point_id, g.period
),

-- a band gives no more than it has; what lacks (seldom) is looked for in flat, peak, tip, valley, deep valley
capped AS (
    SELECT
        g.point_id,
        g.period,
        g.loss_kwh,
        g.is_time_of_use,
        g.loss_band,
        g.total,
        g.tip,
        g.peak,
        g.valley,
        g.deep_valley,
        g.total - g.tip - g.peak - g.valley - g.deep_valley AS flat,
        COALESCE(a.total, 0) AS asked,
        lesser_known(COALESCE(a.tip, 0), g.tip) AS taken_tip,
        lesser_known(COALESCE(a.peak, 0), g.peak) AS taken_peak,
        lesser_known(COALESCE(a.valley, 0), g.valley) AS taken_valley,
        lesser_known(COALESCE(a.deep_valley, 0), g.deep_valley) AS taken_deep_valley,
        lesser_known(
            COALESCE(a.total - a.tip - a.peak - a.valley - a.deep_valley, 0),
            g.total - g.tip - g.peak - g.valley - g.deep_valley
        ) AS taken_flat
    FROM gross AS g
    LEFT JOIN asked AS a ON g.point_id = a.parent_point_id AND g.period = a.period
),

flat_gives AS (
    SELECT
        c.point_id,
        c.period,
        lesser_known(
            c.asked - c.taken_tip - c.taken_peak - c.taken_valley - c.taken_deep_valley - c.taken_flat,
            c.flat - c.taken_flat
        ) AS more_flat,
        c.asked - c.taken_tip - c.taken_peak - c.taken_valley - c.taken_deep_valley - c.taken_flat AS lacking
    FROM capped AS c
    WHERE c.asked <> c.taken_tip + c.taken_peak + c.taken_valley + c.taken_deep_valley + c.taken_flat
),

peak_gives AS (
    SELECT
        c.point_id,
        c.period,
        f.more_flat,
        lesser_known(f.lacking - f.more_flat, c.peak - c.taken_peak) AS more_peak,
        f.lacking - f.more_flat AS lacking
    FROM capped AS c
    INNER JOIN flat_gives AS f ON c.point_id = f.point_id AND c.period = f.period
),

tip_gives AS (
    SELECT
        c.point_id,
        c.period,
        p.more_flat,
        p.more_peak,
        lesser_known(p.lacking - p.more_peak, c.tip - c.taken_tip) AS more_tip,
        p.lacking - p.more_peak AS lacking
    FROM capped AS c
    INNER JOIN peak_gives AS p ON c.point_id = p.point_id AND c.period = p.period
),

valley_gives AS (
    SELECT
        c.point_id,
        c.period,
        t.more_flat,
        t.more_peak,
        t.more_tip,
        lesser_known(t.lacking - t.more_tip, c.valley - c.taken_valley) AS more_valley,
        t.lacking - t.more_tip AS lacking
    FROM capped AS c
    INNER JOIN tip_gives AS t ON c.point_id = t.point_id AND c.period = t.period
),

taken AS (
    SELECT
        c.point_id,
        c.period,
        c.loss_kwh,
        c.is_time_of_use,
        c.loss_band,
        c.total,
        c.tip,
        c.peak,
        c.flat,
        c.valley,
        c.deep_valley,
        c.taken_tip + COALESCE(v.more_tip, 0) AS taken_tip,
        c.taken_peak + COALESCE(v.more_peak, 0) AS taken_peak,
        c.taken_flat + COALESCE(v.more_flat, 0) AS taken_flat,
        c.taken_valley + COALESCE(v.more_valley, 0) AS taken_valley,
        c.taken_deep_valley
        + CASE
            WHEN v.point_id IS NULL THEN 0
            ELSE lesser_known(v.lacking - v.more_valley, c.deep_valley - c.taken_deep_valley)
        END AS taken_deep_valley,
        c.asked
    FROM capped AS c
    LEFT JOIN valley_gives AS v ON c.point_id = v.point_id AND c.period = v.period
),

borne AS (
    SELECT
        t.point_id,
        t.period,
        t.loss_kwh,
        t.tip,
        t.peak,
        t.flat,
        t.valley,
        t.deep_valley,
        t.taken_tip,
        t.taken_peak,
        t.taken_flat,
        t.taken_valley,
        t.taken_deep_valley,
        CASE
            WHEN t.is_time_of_use AND t.loss_band = 'share' AND t.total <> t.asked
                THEN part_of(t.loss_kwh, t.tip - t.taken_tip, t.total - t.asked)
            ELSE 0
        END AS loss_tip,
        CASE
            WHEN t.is_time_of_use AND t.loss_band = 'share' AND t.total <> t.asked
                THEN part_of(t.loss_kwh, t.peak - t.taken_peak, t.total - t.asked)
            ELSE 0
        END AS loss_peak,
        CASE
            WHEN t.is_time_of_use AND t.loss_band = 'share' AND t.total <> t.asked
                THEN part_of(t.loss_kwh, t.valley - t.taken_valley, t.total - t.asked)
            ELSE 0
        END AS loss_valley,
        CASE
            WHEN t.is_time_of_use AND t.loss_band = 'share' AND t.total <> t.asked
                THEN part_of(t.loss_kwh, t.deep_valley - t.taken_deep_valley, t.total - t.asked)
            ELSE 0
        END AS loss_deep_valley
    FROM taken AS t
)

SELECT
    b.point_id,
    b.period,
    CAST(b.tip AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(b.peak AS DECIMAL(14, 2)) AS peak_kwh,
    CAST(b.flat AS DECIMAL(14, 2)) AS flat_kwh,
    CAST(b.valley AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(b.deep_valley AS DECIMAL(14, 2)) AS deep_valley_kwh,
    CAST(b.taken_tip AS DECIMAL(14, 2)) AS taken_tip_kwh,
    CAST(b.taken_peak AS DECIMAL(14, 2)) AS taken_peak_kwh,
    CAST(b.taken_flat AS DECIMAL(14, 2)) AS taken_flat_kwh,
    CAST(b.taken_valley AS DECIMAL(14, 2)) AS taken_valley_kwh,
    CAST(b.taken_deep_valley AS DECIMAL(14, 2)) AS taken_deep_valley_kwh,
    CAST(b.loss_tip AS DECIMAL(14, 2)) AS loss_tip_kwh,
    CAST(b.loss_peak AS DECIMAL(14, 2)) AS loss_peak_kwh,
    CAST(
        b.loss_kwh - b.loss_tip - b.loss_peak - b.loss_valley - b.loss_deep_valley AS DECIMAL(14, 2)
    ) AS loss_flat_kwh,
    CAST(b.loss_valley AS DECIMAL(14, 2)) AS loss_valley_kwh,
    CAST(b.loss_deep_valley AS DECIMAL(14, 2)) AS loss_deep_valley_kwh
FROM borne AS b
