/*---
name: bill_child
zh: 下级计量点扣减
en: What a sub-point takes from its main
note: >-
  Contract, section 5: per sub-point and period the kWh that its parent is billed less, band by band, and its own total. Ratio: a share
  of the parent's metered total; quantity: agreed kWh by days, at most what metered and ratio children leave, in order of point_id.
  taken_kwh null: not known (allocation_missing, or no reading).
columns:
  point_id: string
  period: date
  parent_point_id: string
  allocation: string
  is_time_of_use: bool
  taken_kwh: decimal(14,2)
  is_allocation_missing: bool
---*/
WITH child AS (
    SELECT
        c.point_id,
        c.period,
        c.parent_point_id,
        m.allocation,
        m.is_time_of_use,
        CASE
            WHEN m.allocation = 'metered' THEN m.total_kwh
            WHEN m.allocation_value > 0 AND m.allocation = 'ratio'
                THEN
                    CAST(
                        round_places(
                            exact6(CAST(p.total_kwh AS DOUBLE) * CAST(m.allocation_value AS DOUBLE) / 100),
                            s.allocation_places
                        ) AS DECIMAL(14, 2)
                    )
            WHEN m.allocation_value > 0
                THEN
                    CAST(
                        round_places(
                            exact6(
                                CAST(m.allocation_value AS DOUBLE) * CAST(c.cycle_months * c.days AS DOUBLE)
                                / NULLIF(CAST(c.uncut_days AS DOUBLE), 0)
                            ),
                            0
                        ) AS DECIMAL(14, 2)
                    )
        END AS wanted_kwh,
        p.total_kwh AS parent_kwh,
        m.allocation <> 'metered' AND NOT COALESCE(m.allocation_value > 0, FALSE) AS is_allocation_missing
    FROM bill_case AS c
    INNER JOIN bill_metered AS m ON c.point_id = m.point_id AND c.period = m.period
    INNER JOIN bill_case_setting AS s ON c.point_id = s.point_id AND c.period = s.period
    LEFT JOIN bill_metered AS p ON c.parent_point_id = p.point_id AND c.period = p.period
    WHERE c.parent_point_id IS NOT NULL
),

measured AS (
    SELECT
        c.parent_point_id,
        c.period,
        SUM(c.wanted_kwh) AS kwh
    FROM child AS c
    WHERE c.allocation IN ('metered', 'ratio')
    GROUP BY c.parent_point_id, c.period
),

-- what the quantity children before this one asked for: together they get no more than is left
queued AS (
    SELECT
        c.point_id,
        c.period,
        c.wanted_kwh,
        greater_known(c.parent_kwh - COALESCE(m.kwh, 0), 0) AS left_kwh,
        COALESCE(
            SUM(c.wanted_kwh) OVER (
                PARTITION BY c.parent_point_id, c.period
                ORDER BY c.point_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            0
        ) AS before_kwh
    FROM child AS c
    LEFT JOIN measured AS m ON c.parent_point_id = m.parent_point_id AND c.period = m.period
    WHERE c.allocation = 'quantity'
)

SELECT
    c.point_id,
    c.period,
    c.parent_point_id,
    c.allocation,
    c.is_time_of_use,
    CAST(
        CASE
            WHEN c.allocation = 'quantity' AND (c.wanted_kwh IS NULL OR c.parent_kwh IS NULL) THEN NULL
            WHEN c.allocation = 'quantity' THEN greater_known(lesser_known(q.wanted_kwh, q.left_kwh - q.before_kwh), 0)
            ELSE c.wanted_kwh
        END AS DECIMAL(14, 2)
    ) AS taken_kwh,
    CAST(c.is_allocation_missing AS BOOLEAN) AS is_allocation_missing
FROM child AS c
LEFT JOIN queued AS q ON c.point_id = q.point_id AND c.period = q.period
