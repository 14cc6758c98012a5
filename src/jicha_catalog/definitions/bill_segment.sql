/*---
name: bill_segment
zh: 分段电量
en: Energy of a price segment
note: >-
  Contract, sections 3 to 5: own metered energy (after sub-points), own loss and, in the last segment, the adjusted kWh that are
  priced, by band and price segment; without time of use all stands under flat. Only where the quantity is known.
columns:
  case_no: int
  segment_no: int
  file_no: int
  tariff_code: string
  effective_from: date
  is_time_of_use: bool
  missing: string
  tip_kwh: decimal(14,2)
  peak_kwh: decimal(14,2)
  flat_kwh: decimal(14,2)
  valley_kwh: decimal(14,2)
  deep_valley_kwh: decimal(14,2)
---*/
WITH clear AS (
    SELECT
        c.case_no,
        c.priced_adjustment_kwh
    FROM bill_case AS c
    LEFT JOIN bill_quantity_reason AS r ON c.case_no = r.case_no
    WHERE c.days > 0 AND r.case_no IS NULL
),

segment AS (
    SELECT
        s.case_no,
        s.segment_no,
        s.file_no,
        s.from_day,
        s.until_day,
        s.tariff_code,
        s.effective_from,
        s.missing,
        s.is_time_of_use,
        s.passed_days AS passed,
        s.passed_days - s.days AS passed_before,
        s.whole_days AS whole,
        s.segments,
        c.priced_adjustment_kwh
    FROM bill_price_segment AS s
    INNER JOIN clear AS c ON s.case_no = c.case_no
),

whole_register AS (
    SELECT
        q.case_no,
        q.register,
        SUM(q.quantity) AS quantity
    FROM bill_register_part AS q
    GROUP BY q.case_no, q.register
),

-- registers whose reading segments begin at every cut
cut AS (
    SELECT
        r.case_no,
        r.register,
        r.quantity
    FROM whole_register AS r
    INNER JOIN segment AS s ON r.case_no = s.case_no AND s.segment_no > 1
    LEFT JOIN bill_register_part AS p
        ON r.case_no = p.case_no AND r.register = p.register AND s.from_day = p.from_on
    GROUP BY r.case_no, r.register, r.quantity
    HAVING COUNT(*) = COUNT(p.from_on)
),

cut_bill AS (
    SELECT
        c.case_no,
        MAX(CASE WHEN c.register = 'total' THEN c.quantity END) AS total,
        MAX(CASE WHEN c.register = 'tip' THEN c.quantity END) AS tip,
        MAX(CASE WHEN c.register = 'peak' THEN c.quantity END) AS peak,
        MAX(CASE WHEN c.register = 'valley' THEN c.quantity END) AS valley,
        MAX(CASE WHEN c.register = 'deep_valley' THEN c.quantity END) AS deep_valley
    FROM cut AS c
    GROUP BY c.case_no
),

parted AS (
    SELECT
        s.case_no,
        s.segment_no,
        SUM(CASE WHEN p.register = 'total' THEN p.quantity END) AS total,
        SUM(CASE WHEN p.register = 'tip' THEN p.quantity END) AS tip,
        SUM(CASE WHEN p.register = 'peak' THEN p.quantity END) AS peak,
        SUM(CASE WHEN p.register = 'valley' THEN p.quantity END) AS valley,
        SUM(CASE WHEN p.register = 'deep_valley' THEN p.quantity END) AS deep_valley
    FROM segment AS s
    INNER JOIN cut AS c ON s.case_no = c.case_no
    INNER JOIN bill_register_part AS p
        ON
            s.case_no = p.case_no AND c.register = p.register AND s.from_day <= p.from_on
            AND s.until_day >= p.from_on
    GROUP BY s.case_no, s.segment_no
),

with_loss AS (
    SELECT
        s.case_no,
        s.segment_no,
        s.file_no,
        s.tariff_code,
        s.effective_from,
        s.missing,
        s.is_time_of_use,
        CASE WHEN s.segment_no = s.segments THEN s.priced_adjustment_kwh ELSE 0 END AS adjusted,
        CASE
            WHEN s.segments > 1
                THEN
                    segment_kwh(
                        o.gross_kwh, o.taken_kwh, c.total, x.total, s.passed_before, s.passed, s.whole
                    )
                    + share_of(o.loss_kwh, s.passed, s.whole)
                    - share_of(o.loss_kwh, s.passed_before, s.whole)
            ELSE o.gross_kwh - o.taken_kwh + o.loss_kwh
        END AS total,
        CASE
            WHEN NOT s.is_time_of_use THEN 0 -- not asked for
            WHEN s.segments > 1
                THEN
                    segment_kwh(
                        b.tip_kwh, b.taken_tip_kwh, c.tip, x.tip, s.passed_before, s.passed, s.whole
                    )
                    + share_of(b.loss_tip_kwh, s.passed, s.whole)
                    - share_of(b.loss_tip_kwh, s.passed_before, s.whole)
            ELSE b.tip_kwh - b.taken_tip_kwh + b.loss_tip_kwh
        END AS tip,
        CASE
            WHEN NOT s.is_time_of_use THEN 0 -- not asked for
            WHEN s.segments > 1
                THEN
                    segment_kwh(
                        b.peak_kwh, b.taken_peak_kwh, c.peak, x.peak, s.passed_before, s.passed, s.whole
                    )
                    + share_of(b.loss_peak_kwh, s.passed, s.whole)
                    - share_of(b.loss_peak_kwh, s.passed_before, s.whole)
            ELSE b.peak_kwh - b.taken_peak_kwh + b.loss_peak_kwh
        END AS peak,
        CASE
            WHEN NOT s.is_time_of_use THEN 0 -- not asked for
            WHEN s.segments > 1
                THEN
                    segment_kwh(
                        b.valley_kwh, b.taken_valley_kwh, c.valley, x.valley, s.passed_before, s.passed, s.whole
                    )
                    + share_of(b.loss_valley_kwh, s.passed, s.whole)
                    - share_of(b.loss_valley_kwh, s.passed_before, s.whole)
            ELSE b.valley_kwh - b.taken_valley_kwh + b.loss_valley_kwh
        END AS valley,
        CASE
            WHEN NOT s.is_time_of_use THEN 0 -- not asked for
            WHEN s.segments > 1
                THEN
                    segment_kwh(
                        b.deep_valley_kwh, b.taken_deep_valley_kwh, c.deep_valley,
                        x.deep_valley, s.passed_before, s.passed, s.whole
                    )
                    + share_of(b.loss_deep_valley_kwh, s.passed, s.whole)
                    - share_of(b.loss_deep_valley_kwh, s.passed_before, s.whole)
            ELSE b.deep_valley_kwh - b.taken_deep_valley_kwh + b.loss_deep_valley_kwh
        END AS deep_valley
    FROM segment AS s
    LEFT JOIN cut_bill AS c ON s.case_no = c.case_no
    LEFT JOIN parted AS x ON s.case_no = x.case_no AND s.segment_no = x.segment_no
    INNER JOIN bill_own AS o ON s.case_no = o.case_no
    INNER JOIN bill_band AS b ON s.case_no = b.case_no
    WHERE o.gross_kwh IS NOT NULL
)

SELECT
    w.case_no,
    w.segment_no,
    w.file_no,
    w.tariff_code,
    w.effective_from,
    w.is_time_of_use,
    w.missing,
    CAST(CASE WHEN w.is_time_of_use THEN w.tip ELSE 0 END AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(CASE WHEN w.is_time_of_use THEN w.peak ELSE 0 END AS DECIMAL(14, 2)) AS peak_kwh,
    CAST(
        w.total + w.adjusted
        - CASE WHEN w.is_time_of_use THEN w.tip + w.peak + w.valley + w.deep_valley ELSE 0 END AS DECIMAL(14, 2)
    ) AS flat_kwh,
    CAST(CASE WHEN w.is_time_of_use THEN w.valley ELSE 0 END AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(CASE WHEN w.is_time_of_use THEN w.deep_valley ELSE 0 END AS DECIMAL(14, 2)) AS deep_valley_kwh
FROM with_loss AS w
