/*---
name: bill_beyond
zh: 数值不可能而不复算的用户账期
en: Customer and period not recomputed for an impossible value
note: >-
  Contract, section 0: customers and periods with a value beyond measure in file, prices, readings, reading segments or bills, and the
  customers whose meters stand before or behind theirs. Their bills are not judged (beyond_measure), and nothing is computed of them: a
  broken register would overflow the numbers in which everybody's bills are computed. Nearly always without a row. A register
  counts by the greatest multiplier that any file or reading of it names.
columns:
  customer_id: string
  period: date
---*/
WITH RECURSIVE large_step AS (
    SELECT
        r.point_id,
        r.period,
        r.register,
        r.quantity,
        r.current_index,
        r.multiplier,
        r.current_index - r.previous_index AS step
    FROM reading AS r
    WHERE
        r.period <= $p0
        AND r.period >= months_later($p0, 1 - $recompute_months)
        AND is_suspect_reading(r.register, r.previous_index, r.current_index, r.quantity, r.multiplier)
),

-- multipliers that make a small step a large quantity are few
large_factor AS (
    SELECT p.point_id
    FROM metering_point AS p
    WHERE is_suspect_factor(p.multiplier)
    UNION
    SELECT h.point_id
    FROM metering_point_history AS h
    WHERE is_suspect_factor(h.multiplier)
),

suspect AS (
    SELECT
        s.point_id,
        s.period,
        s.register,
        s.quantity,
        s.current_index,
        s.multiplier,
        s.step
    FROM large_step AS s
    UNION
    SELECT
        r.point_id,
        r.period,
        r.register,
        r.quantity,
        r.current_index,
        r.multiplier,
        r.current_index - r.previous_index AS step
    FROM reading AS r
    INNER JOIN large_factor AS f ON r.point_id = f.point_id
    WHERE r.period <= $p0 AND r.period >= months_later($p0, 1 - $recompute_months)
),

parted AS (
    SELECT
        p.customer_id,
        p.point_id,
        b.period,
        s.from_index,
        s.to_index,
        s.multiplier
    FROM reading_segment AS s
    INNER JOIN bill_point AS p ON s.point_id = p.point_id
    INNER JOIN bill_period AS b
        ON
            CAST(s.from_at AS DATE) >= interval_first(b.period, p.cycle_months, p.reading_day)
            AND CAST(s.from_at AS DATE) <= interval_last(b.period, p.reading_day)
    WHERE s.from_at >= months_later($p0, -37 - $recompute_months)
),

-- greatest multiplier of the file of a point in question
asked AS (
    SELECT s.point_id
    FROM suspect AS s
    UNION
    SELECT s.point_id
    FROM parted AS s
),

factor AS (
    SELECT
        x.point_id,
        MAX(x.multiplier) AS multiplier
    FROM (
        SELECT
            p.point_id,
            ABS(COALESCE(exact4(p.multiplier), 1)) AS multiplier
        FROM metering_point AS p
        INNER JOIN asked AS a ON p.point_id = a.point_id
        UNION ALL
        SELECT
            h.point_id,
            ABS(COALESCE(exact4(h.multiplier), 1)) AS multiplier
        FROM metering_point_history AS h
        INNER JOIN asked AS a ON h.point_id = a.point_id
    ) AS x
    GROUP BY x.point_id
),

found AS (
    SELECT
        f.customer_id,
        b.period
    FROM bill_beyond_file AS f
    CROSS JOIN bill_period AS b
    UNION
    SELECT
        p.customer_id,
        s.period
    FROM suspect AS s
    INNER JOIN bill_point AS p ON s.point_id = p.point_id
    INNER JOIN factor AS f ON s.point_id = f.point_id
    WHERE
        is_beyond_size(s.multiplier)
        OR is_beyond_register(
            s.register, s.step, s.current_index, s.quantity, greater_known(f.multiplier, ABS(exact4(s.multiplier)))
        )
    UNION
    SELECT
        s.customer_id,
        s.period
    FROM parted AS s
    INNER JOIN factor AS f ON s.point_id = f.point_id
    WHERE
        is_beyond_size(s.multiplier)
        OR is_beyond_register(
            'total', s.to_index - s.from_index, NULL, NULL, greater_known(f.multiplier, ABS(exact4(s.multiplier)))
        )
    UNION
    SELECT
        p.customer_id,
        b.period
    FROM bill AS b
    INNER JOIN bill_point AS p ON b.point_id = p.point_id
    WHERE
        b.period <= $p0
        AND b.period >= months_later($p0, 1 - $recompute_months)
        AND (
            is_beyond_adjustment(b.adjusted_kwh)
            OR is_beyond_yuan(b.adjusted_yuan)
            OR is_beyond_yuan(b.other_yuan)
            OR is_beyond_yuan(b.energy_yuan)
            OR is_beyond_yuan(b.tier_yuan)
            OR is_beyond_yuan(b.basic_yuan)
            OR is_beyond_yuan(b.pf_yuan)
            OR is_beyond_yuan(b.total_yuan)
        )
    UNION
    SELECT
        c.customer_id,
        c.period
    FROM customer_price AS c
    WHERE c.period <= $p0 AND c.period >= months_later($p0, 1 - $recompute_months) AND is_beyond_price(c.price)
),

-- meters of one customer behind those of another
linked AS (
    SELECT
        p.customer_id,
        m.customer_id AS other_id
    FROM bill_point AS p
    INNER JOIN bill_point AS m ON p.parent_point_id = m.point_id
    WHERE p.parent_point_id IS NOT NULL AND p.customer_id <> m.customer_id
),

joined AS (
    SELECT
        l.customer_id,
        l.other_id
    FROM linked AS l
    UNION
    SELECT
        l.other_id AS customer_id,
        l.customer_id AS other_id
    FROM linked AS l
),

spread AS (
    SELECT
        f.customer_id,
        f.period
    FROM found AS f
    UNION
    SELECT
        j.other_id AS customer_id,
        s.period
    FROM spread AS s
    INNER JOIN joined AS j ON s.customer_id = j.customer_id
)

SELECT
    s.customer_id,
    s.period
FROM spread AS s
