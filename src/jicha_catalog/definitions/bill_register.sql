/*---
name: bill_register
zh: 抄见电量（按示数类型）
en: Quantity of a register
note: >-
  Contract, section 3: per point, period and register of metered points the quantity, from reading segments (is_parted, then its
  parts stand in bill_register_part) or, not yet rounded, from the reading row. A null quantity of a row: nothing was delivered
  for it.
stored: false
columns:
  case_no: int
  register: string
  quantity: decimal(18,6)
  is_parted: bool
  is_backwards: bool
---*/
WITH metered AS (
    SELECT
        f.case_no,
        c.point_id,
        c.period,
        f.multiplier
    FROM bill_file_segment AS f
    INNER JOIN bill_case AS c ON f.case_no = c.case_no
    WHERE f.file_no = 1 AND COALESCE(f.allocation, 'metered') = 'metered'
),

parted AS (
    SELECT
        q.case_no,
        q.register,
        SUM(q.quantity) AS quantity,
        MAX(CASE WHEN q.is_backwards THEN 1 ELSE 0 END) AS backwards
    FROM bill_register_part AS q
    GROUP BY q.case_no, q.register
),

found AS (
    SELECT
        m.case_no,
        m.point_id,
        m.multiplier,
        r.register,
        r.previous_index,
        r.current_index,
        r.quantity,
        r.method,
        r.multiplier AS reading_multiplier,
        r.meter_id,
        r.current_index < r.previous_index AS is_fallen
    FROM metered AS m
    INNER JOIN reading AS r
        ON
            m.point_id = r.point_id AND m.period = r.period AND r.period <= $p0
            AND r.period >= months_later($p0, 1 - $recompute_months)
    LEFT JOIN parted AS q ON m.case_no = q.case_no AND r.register = q.register
    WHERE
        r.register IN ('total', 'tip', 'peak', 'flat', 'valley', 'deep_valley', 'reactive', 'reactive_lead')
        AND q.case_no IS NULL
),

-- of the few indexes that fell: what the meter cannot show any more, where it went over its last digit
fallen AS (
    SELECT
        f.case_no,
        f.register,
        f.previous_index,
        f.current_index,
        CASE WHEN t.meter_id IS NULL THEN u.index_digits ELSE t.index_digits END AS index_digits
    FROM found AS f
    LEFT JOIN meter AS t ON f.meter_id = t.meter_id
    LEFT JOIN current_meter AS u ON f.point_id = u.point_id
    WHERE f.is_fallen
),

rolled AS (
    SELECT
        f.case_no,
        f.register,
        index_range(f.index_digits) AS roll
    FROM fallen AS f
    WHERE is_rolled_over(f.previous_index, f.current_index, f.index_digits)
)

SELECT
    f.case_no,
    f.register,
    CAST(
        register_quantity(
            f.previous_index,
            f.current_index,
            f.quantity,
            f.method,
            COALESCE(f.multiplier, exact4(f.reading_multiplier), 1),
            COALESCE(o.roll, 0)
        ) AS DECIMAL(18, 6)
    ) AS quantity,
    CAST(FALSE AS BOOLEAN) AS is_parted,
    CAST(
        COALESCE(
            f.is_fallen AND COALESCE(f.method, '') <> 'estimated' AND o.case_no IS NULL,
            FALSE
        ) AS BOOLEAN
    ) AS is_backwards
FROM found AS f
LEFT JOIN rolled AS o ON f.case_no = o.case_no AND f.register = o.register
UNION ALL
SELECT
    q.case_no,
    q.register,
    CAST(q.quantity AS DECIMAL(18, 6)) AS quantity,
    CAST(TRUE AS BOOLEAN) AS is_parted,
    CAST(q.backwards = 1 AS BOOLEAN) AS is_backwards
FROM parted AS q
