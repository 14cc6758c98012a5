/*---
name: bill_register_part
zh: 分段示数电量
en: Quantity of a register by reading segments
note: >-
  Contract, section 3: per point, period, register and first day of its reading segments, where all of them have both indexes. The
  parts are differences of the rounded running sum, so that they sum to the rounded whole.
columns:
  case_no: int
  register: string
  from_on: date
  quantity: decimal(14,2)
  is_backwards: bool
---*/
WITH segmented AS (
    SELECT
        c.case_no,
        c.point_id,
        c.period,
        s.register,
        CAST(s.from_at AS DATE) AS from_on,
        s.from_index,
        s.to_index,
        COALESCE(
            exact4(s.multiplier), f.multiplier, CASE WHEN f.case_no IS NULL THEN b.multiplier END
        ) AS multiplier,
        CASE WHEN t.meter_id IS NULL THEN u.index_digits ELSE t.index_digits END AS index_digits
    FROM bill_case AS c
    INNER JOIN reading_segment AS s
        ON c.point_id = s.point_id AND CAST(s.from_at AS DATE) >= c.first_day AND CAST(s.from_at AS DATE) <= c.last_day
    INNER JOIN bill_file_segment AS b ON c.case_no = b.case_no AND b.file_no = 1
    LEFT JOIN bill_file_segment AS f
        ON
            c.case_no = f.case_no AND CAST(s.from_at AS DATE) >= f.from_day
            AND CAST(s.from_at AS DATE) <= f.until_day
    LEFT JOIN meter AS t ON s.meter_id = t.meter_id
    LEFT JOIN current_meter AS u ON s.point_id = u.point_id
    WHERE
        COALESCE(b.allocation, 'metered') = 'metered'
        AND s.register IN ('total', 'tip', 'peak', 'flat', 'valley', 'deep_valley', 'reactive', 'reactive_lead')
),

-- what the multiplier of the reading is asked for where segment and file have none
multiplied AS (
    SELECT
        g.case_no,
        g.register,
        MAX(exact4(r.multiplier)) AS multiplier
    FROM segmented AS g
    INNER JOIN reading AS r
        ON
            g.point_id = r.point_id AND g.period = r.period AND g.register = r.register AND r.period <= $p0
            AND r.period >= months_later($p0, 1 - $recompute_months)
    WHERE g.multiplier IS NULL
    GROUP BY g.case_no, g.register
),

piece AS (
    SELECT
        g.case_no,
        g.register,
        g.from_on,
        g.from_index,
        g.to_index,
        COALESCE(g.multiplier, r.multiplier, 1) AS multiplier,
        g.index_digits
    FROM segmented AS g
    LEFT JOIN multiplied AS r ON g.case_no = r.case_no AND g.register = r.register
),

usable AS (
    SELECT
        p.case_no,
        p.register
    FROM piece AS p
    GROUP BY p.case_no, p.register
    HAVING SUM(CASE WHEN p.from_index IS NULL OR p.to_index IS NULL THEN 1 ELSE 0 END) = 0
),

daily AS (
    SELECT
        p.case_no,
        p.register,
        p.from_on,
        SUM(
            register_quantity(
                p.from_index,
                p.to_index,
                0,
                NULL,
                p.multiplier,
                CASE
                    WHEN is_rolled_over(p.from_index, p.to_index, p.index_digits) THEN index_range(p.index_digits)
                    ELSE 0
                END
            )
        ) AS quantity,
        MAX(
            CASE
                WHEN
                    p.to_index < p.from_index
                    AND NOT COALESCE(is_rolled_over(p.from_index, p.to_index, p.index_digits), FALSE)
                    THEN 1
                ELSE 0
            END
        ) AS backwards
    FROM piece AS p
    INNER JOIN usable AS u ON p.case_no = u.case_no AND p.register = u.register
    GROUP BY p.case_no, p.register, p.from_on
),

running AS (
    SELECT
        d.case_no,
        d.register,
        d.from_on,
        d.backwards,
        s.kwh_places,
        CAST(
            SUM(d.quantity) OVER (
                PARTITION BY d.case_no, d.register
                ORDER BY d.from_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS DECIMAL(18, 6)
        ) AS up_to
    FROM daily AS d
    INNER JOIN bill_case_setting AS s ON d.case_no = s.case_no
),

rounded AS (
    SELECT
        r.case_no,
        r.register,
        r.from_on,
        r.backwards,
        CAST(round_places(r.up_to, r.kwh_places) AS DECIMAL(14, 2)) AS up_to
    FROM running AS r
)

SELECT
    r.case_no,
    r.register,
    r.from_on,
    CAST(
        r.up_to - COALESCE(
            LAG(r.up_to) OVER (PARTITION BY r.case_no, r.register ORDER BY r.from_on), 0
        ) AS DECIMAL(14, 2)
    ) AS quantity,
    CAST(r.backwards = 1 AS BOOLEAN) AS is_backwards
FROM rounded AS r
