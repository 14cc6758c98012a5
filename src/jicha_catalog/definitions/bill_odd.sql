/*---
name: bill_odd
zh: 需逐段复算的计量点账期
en: Point and period with more than one reading times one price
note: >-
  Points of bill_point whose bill of a period needs more than one reading times one price. is_long: several bills, an index that fell,
  a value beyond measure, segments, or a change order of the customer, which take the long way; more than needed is no error: both ways give the same. Else
  only a reactive register of a plain point without time of use, which bill_plain tells.
columns:
  point_id: string
  period: date
  is_long: bool
---*/
WITH several AS (
    SELECT
        b.point_id,
        b.period
    FROM bill AS b
    INNER JOIN bill_year_use AS u ON b.point_id = u.point_id AND YEAR(b.period) = u.use_year AND u.is_several
    WHERE b.period <= $p0 AND b.period >= months_later($p0, 1 - $recompute_months)
    GROUP BY b.point_id, b.period
    HAVING COUNT(*) > 1
),

-- days of segments and of the last change order; an interval begins up to 36 months before its period
dated AS (
    SELECT
        s.point_id,
        CAST(s.from_at AS DATE) AS day,
        FALSE AS is_change
    FROM reading_segment AS s
    WHERE s.from_at >= months_later($p0, -37 - $recompute_months)
    GROUP BY s.point_id, CAST(s.from_at AS DATE)
    UNION ALL
    SELECT
        p.point_id,
        MAX(c.effective_on) AS day,
        TRUE AS is_change
    FROM bill_point AS p
    INNER JOIN bill_change AS c ON p.customer_id = c.customer_id
    WHERE c.is_file AND c.effective_on <= $as_of AND c.effective_on >= months_later($p0, -37 - $recompute_months)
    GROUP BY p.point_id
),

found AS (
    SELECT
        s.point_id,
        s.period,
        1 AS is_long
    FROM several AS s
    UNION ALL
    -- a value beyond measure: nothing is computed
    SELECT
        p.point_id,
        x.period,
        1 AS is_long
    FROM bill_beyond AS x
    INNER JOIN bill_point AS p ON x.customer_id = p.customer_id
    UNION ALL
    -- a segment matters to the interval that it begins in, a change order to every interval that began before
    SELECT
        d.point_id,
        b.period,
        1 AS is_long
    FROM dated AS d
    INNER JOIN bill_point AS p ON d.point_id = p.point_id
    CROSS JOIN bill_period AS b
    WHERE
        d.day >= interval_first(b.period, p.cycle_months, p.reading_day)
        AND (d.is_change OR d.day <= interval_last(b.period, p.reading_day))
    UNION ALL
    SELECT
        r.point_id,
        r.period,
        CASE WHEN r.current_index < r.previous_index THEN 1 ELSE 0 END AS is_long
    FROM reading AS r
    LEFT JOIN bill_plain_point AS p ON r.point_id = p.point_id AND r.register IN ('reactive', 'reactive_lead')
    LEFT JOIN bill_plain_kind AS k ON p.kind_no = k.kind_no
    WHERE
        (r.current_index < r.previous_index OR r.register IN ('reactive', 'reactive_lead'))
        AND (r.current_index < r.previous_index OR NOT k.is_time_of_use)
        AND r.period <= $p0
        AND r.period >= months_later($p0, 1 - $recompute_months)
)

SELECT
    f.point_id,
    f.period,
    CAST(MAX(f.is_long) = 1 AS BOOLEAN) AS is_long
FROM found AS f
GROUP BY f.point_id, f.period
