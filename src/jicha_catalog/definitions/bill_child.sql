/*---
name: bill_child
zh: 下级计量点扣减
en: What a sub-point takes from its main
note: >-
  Contract, section 5: per sub-point and period the kWh that its parent is billed less, band by band, and its own total. Ratio: a share
  of the parent's total; quantity: agreed kWh by days, at most what metered and ratio children leave, in order of point_id. The
  parent may be a sub-point, metered or allocated, in its turn. taken_kwh null: not known (allocation_missing, or no reading). The
  bands are those of a ratio child with time of use, else null.
columns:
  case_no: int
  parent_no: int
  allocation: string
  is_time_of_use: bool
  taken_kwh: decimal(14,2)
  tip_kwh: decimal(14,2)
  peak_kwh: decimal(14,2)
  valley_kwh: decimal(14,2)
  deep_valley_kwh: decimal(14,2)
  is_allocation_missing: bool
---*/
WITH RECURSIVE child AS (
    SELECT
        c.case_no,
        c.parent_no,
        m.allocation,
        CASE WHEN m.allocation_value > 0 THEN m.allocation_value END AS allocation_value,
        m.is_time_of_use,
        m.total_kwh,
        s.allocation_places,
        CASE
            WHEN m.allocation_value > 0 AND m.allocation = 'quantity'
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
        END AS agreed_kwh
    FROM bill_case AS c
    INNER JOIN bill_metered AS m ON c.case_no = m.case_no
    INNER JOIN bill_case_setting AS s ON c.case_no = s.case_no
    WHERE c.parent_no IS NOT NULL
),

-- metered_kwh: of the children with registers; asked_kwh: of the quantity children before this one
queued AS (
    SELECT
        c.case_no,
        c.parent_no,
        c.allocation,
        c.allocation_value,
        c.is_time_of_use,
        c.allocation_places,
        c.agreed_kwh,
        COALESCE(
            SUM(
                CASE WHEN c.allocation = 'metered' THEN c.total_kwh END
            ) OVER (PARTITION BY c.parent_no),
            0
        ) AS metered_kwh,
        COALESCE(
            SUM(c.agreed_kwh) OVER (
                PARTITION BY c.parent_no
                ORDER BY c.case_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            0
        ) AS asked_kwh
    FROM child AS c
),

root AS (
    SELECT q.parent_no AS case_no
    FROM queued AS q
    WHERE q.allocation <> 'metered'
    GROUP BY q.parent_no
),

-- from the metered points down, one level at a time: those behind them that are allocated
settled AS (
    SELECT
        m.case_no,
        m.total_kwh AS kwh,
        m.tip_kwh,
        m.peak_kwh,
        m.valley_kwh,
        m.deep_valley_kwh
    FROM bill_metered AS m
    INNER JOIN root AS r ON m.case_no = r.case_no
    WHERE m.allocation = 'metered'
    UNION ALL
    SELECT
        d.case_no,
        d.kwh,
        CASE WHEN d.has_bands THEN part_of(d.kwh, d.tip_kwh, d.whole_kwh) ELSE 0 END AS tip_kwh,
        CASE WHEN d.has_bands THEN part_of(d.kwh, d.peak_kwh, d.whole_kwh) ELSE 0 END AS peak_kwh,
        CASE WHEN d.has_bands THEN part_of(d.kwh, d.valley_kwh, d.whole_kwh) ELSE 0 END AS valley_kwh,
        CASE WHEN d.has_bands THEN part_of(d.kwh, d.deep_valley_kwh, d.whole_kwh) ELSE 0 END AS deep_valley_kwh
    FROM (
        SELECT
            q.case_no,
            p.kwh AS whole_kwh,
            p.tip_kwh,
            p.peak_kwh,
            p.valley_kwh,
            p.deep_valley_kwh,
            q.allocation = 'ratio' AND q.is_time_of_use AS has_bands,
            CAST(
                CASE
                    WHEN q.allocation = 'ratio' THEN ratio_kwh(p.kwh, q.allocation_value, q.allocation_places)
                    WHEN p.kwh IS NULL OR q.agreed_kwh IS NULL THEN NULL
                    ELSE
                        greater_known(
                            lesser_known(
                                q.agreed_kwh,
                                greater_known(
                                    p.kwh - q.metered_kwh - COALESCE(
                                        SUM(
                                            CASE
                                                WHEN q.allocation = 'ratio'
                                                    THEN ratio_kwh(p.kwh, q.allocation_value, q.allocation_places)
                                            END
                                        ) OVER (PARTITION BY q.parent_no),
                                        0
                                    ),
                                    0
                                ) - q.asked_kwh
                            ),
                            0
                        )
                END AS DECIMAL(14, 2)
            ) AS kwh
        FROM settled AS p
        INNER JOIN queued AS q ON p.case_no = q.parent_no
        WHERE q.allocation <> 'metered'
    ) AS d
)

SELECT
    c.case_no,
    c.parent_no,
    c.allocation,
    c.is_time_of_use,
    CAST(CASE WHEN c.allocation = 'metered' THEN c.total_kwh ELSE s.kwh END AS DECIMAL(14, 2)) AS taken_kwh,
    CAST(CASE WHEN c.allocation = 'ratio' AND c.is_time_of_use THEN s.tip_kwh END AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(CASE WHEN c.allocation = 'ratio' AND c.is_time_of_use THEN s.peak_kwh END AS DECIMAL(14, 2)) AS peak_kwh,
    CAST(CASE WHEN c.allocation = 'ratio' AND c.is_time_of_use THEN s.valley_kwh END AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(
        CASE WHEN c.allocation = 'ratio' AND c.is_time_of_use THEN s.deep_valley_kwh END AS DECIMAL(14, 2)
    ) AS deep_valley_kwh,
    CAST(c.allocation <> 'metered' AND c.allocation_value IS NULL AS BOOLEAN) AS is_allocation_missing
FROM child AS c
LEFT JOIN settled AS s ON c.case_no = s.case_no AND c.allocation <> 'metered'
