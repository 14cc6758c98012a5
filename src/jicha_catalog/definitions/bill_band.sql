/*---
name: bill_band
zh: 计量点各时段电量
en: Bands of a point over the whole interval
note: >-
  Contract, sections 3 to 5: own_* is the gross band of the point, taken_* what sub-points take off it, loss_* the part of its own loss
  that the band bears. Without time of use all stands under flat.
columns:
  case_no: int
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
        o.case_no,
        o.loss_kwh,
        m.is_time_of_use,
        m.allocation,
        k.parent_no,
        s.loss_band,
        o.gross_kwh AS total,
        CASE WHEN m.allocation = 'metered' THEN m.tip_kwh ELSE COALESCE(k.tip_kwh, 0) END AS tip,
        CASE WHEN m.allocation = 'metered' THEN m.peak_kwh ELSE COALESCE(k.peak_kwh, 0) END AS peak,
        CASE WHEN m.allocation = 'metered' THEN m.valley_kwh ELSE COALESCE(k.valley_kwh, 0) END AS valley,
        CASE WHEN m.allocation = 'metered' THEN m.deep_valley_kwh ELSE COALESCE(k.deep_valley_kwh, 0) END AS deep_valley
    FROM bill_own AS o
    INNER JOIN bill_metered AS m ON o.case_no = m.case_no
    INNER JOIN bill_case_setting AS s ON o.case_no = s.case_no
    LEFT JOIN bill_child AS k ON o.case_no = k.case_no
),

asked AS (
    SELECT
        g.parent_no,
        SUM(CASE WHEN g.is_time_of_use AND g.allocation <> 'quantity' THEN g.tip ELSE 0 END) AS tip,
        SUM(CASE WHEN g.is_time_of_use AND g.allocation <> 'quantity' THEN g.peak ELSE 0 END) AS peak,
        SUM(CASE WHEN g.is_time_of_use AND g.allocation <> 'quantity' THEN g.valley ELSE 0 END) AS valley,
        SUM(CASE WHEN g.is_time_of_use AND g.allocation <> 'quantity' THEN g.deep_valley ELSE 0 END) AS deep_valley,
        SUM(g.total) AS total
    FROM gross AS g
    WHERE g.parent_no IS NOT NULL AND g.total IS NOT NULL
    GROUP BY g.parent_no
),

-- without children nothing is taken, not even the little by which tolerated rounding puts a band below 0;
-- a band gives no more than it has; what lacks (seldom) is looked for in flat, peak, tip, valley, deep valley
capped AS (
    SELECT
        g.case_no,
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
        CASE WHEN a.parent_no IS NULL THEN 0 ELSE lesser_known(a.tip, g.tip) END AS taken_tip,
        CASE WHEN a.parent_no IS NULL THEN 0 ELSE lesser_known(a.peak, g.peak) END AS taken_peak,
        CASE WHEN a.parent_no IS NULL THEN 0 ELSE lesser_known(a.valley, g.valley) END AS taken_valley,
        CASE WHEN a.parent_no IS NULL THEN 0 ELSE lesser_known(a.deep_valley, g.deep_valley) END AS taken_deep_valley,
        CASE
            WHEN a.parent_no IS NULL THEN 0
            ELSE
                lesser_known(
                    a.total - a.tip - a.peak - a.valley - a.deep_valley,
                    g.total - g.tip - g.peak - g.valley - g.deep_valley
                )
        END AS taken_flat
    FROM gross AS g
    LEFT JOIN asked AS a ON g.case_no = a.parent_no
),

flat_gives AS (
    SELECT
        c.case_no,
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
        c.case_no,
        f.more_flat,
        lesser_known(f.lacking - f.more_flat, c.peak - c.taken_peak) AS more_peak,
        f.lacking - f.more_flat AS lacking
    FROM capped AS c
    INNER JOIN flat_gives AS f ON c.case_no = f.case_no
),

tip_gives AS (
    SELECT
        c.case_no,
        p.more_flat,
        p.more_peak,
        lesser_known(p.lacking - p.more_peak, c.tip - c.taken_tip) AS more_tip,
        p.lacking - p.more_peak AS lacking
    FROM capped AS c
    INNER JOIN peak_gives AS p ON c.case_no = p.case_no
),

valley_gives AS (
    SELECT
        c.case_no,
        t.more_flat,
        t.more_peak,
        t.more_tip,
        lesser_known(t.lacking - t.more_tip, c.valley - c.taken_valley) AS more_valley,
        t.lacking - t.more_tip AS lacking
    FROM capped AS c
    INNER JOIN tip_gives AS t ON c.case_no = t.case_no
),

taken AS (
    SELECT
        c.case_no,
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
            WHEN v.case_no IS NULL THEN 0
            ELSE lesser_known(v.lacking - v.more_valley, c.deep_valley - c.taken_deep_valley)
        END AS taken_deep_valley,
        c.asked
    FROM capped AS c
    LEFT JOIN valley_gives AS v ON c.case_no = v.case_no
),

borne AS (
    SELECT
        t.case_no,
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
            WHEN t.loss_kwh <> 0 AND t.is_time_of_use AND t.loss_band = 'share' AND t.total <> t.asked
                THEN part_of(t.loss_kwh, t.tip - t.taken_tip, t.total - t.asked)
            ELSE 0
        END AS loss_tip,
        CASE
            WHEN t.loss_kwh <> 0 AND t.is_time_of_use AND t.loss_band = 'share' AND t.total <> t.asked
                THEN part_of(t.loss_kwh, t.peak - t.taken_peak, t.total - t.asked)
            ELSE 0
        END AS loss_peak,
        CASE
            WHEN t.loss_kwh <> 0 AND t.is_time_of_use AND t.loss_band = 'share' AND t.total <> t.asked
                THEN part_of(t.loss_kwh, t.valley - t.taken_valley, t.total - t.asked)
            ELSE 0
        END AS loss_valley,
        CASE
            WHEN t.loss_kwh <> 0 AND t.is_time_of_use AND t.loss_band = 'share' AND t.total <> t.asked
                THEN part_of(t.loss_kwh, t.deep_valley - t.taken_deep_valley, t.total - t.asked)
            ELSE 0
        END AS loss_deep_valley
    FROM taken AS t
)

SELECT
    b.case_no,
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
