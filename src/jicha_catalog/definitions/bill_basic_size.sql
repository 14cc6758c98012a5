/*---
name: bill_basic_size
zh: 基本电费计费容量与需量
en: Capacity or demand of a run of days
note: >-
  Contract, section 8: the kVA or kW that each piece of bill_basic_piece is charged for. missing: change_order, capacity_missing,
  demand_missing or contract_demand_missing of the charge; size is null then. Charging stations within their exemption have no row.
columns:
  case_no: int
  kind: string
  from_day: date
  days: int
  run_no: int
  month_no: int
  month_days: int
  tariff_code: string
  effective_from: date
  size: double
  missing: string
---*/
WITH grouped AS (
    SELECT
        m.carrier_no AS case_no,
        m.customer_no,
        m.customer_id,
        m.kind,
        m.group_key,
        MIN(m.case_no) AS first_no
    FROM bill_basic_member AS m
    GROUP BY m.carrier_no, m.customer_no, m.customer_id, m.kind, m.group_key
),

-- direct motors belong to the group without a named transformer, else to that of the smallest point
bearer AS (
    SELECT
        g.case_no,
        g.group_key,
        ROW_NUMBER() OVER (
            PARTITION BY g.customer_no
            ORDER BY CASE WHEN g.group_key IS NULL THEN 0 ELSE 1 END, g.first_no
        ) AS place
    FROM grouped AS g
    WHERE g.kind = 'capacity'
),

charge AS (
    SELECT
        g.case_no,
        g.customer_no,
        g.customer_id,
        g.kind,
        g.group_key,
        x.suspended_charge_share,
        x.suspended_charge_months,
        x.demand_over_ratio,
        x.demand_over_multiple,
        x.demand_over_base,
        x.demand_over_start,
        exact4(u.operating_capacity_kva) AS operating_capacity_kva,
        exact4(u.contract_capacity_kva) AS contract_capacity_kva,
        CASE WHEN b.place = 1 THEN COALESCE(exact4(u.direct_motor_kva), 0) ELSE 0 END AS motor_kva
    FROM grouped AS g
    INNER JOIN bill_case AS c ON g.case_no = c.case_no
    INNER JOIN bill_case_setting AS x ON g.case_no = x.case_no
    INNER JOIN customer AS u ON g.customer_id = u.customer_id
    LEFT JOIN bearer AS b ON g.case_no = b.case_no AND g.kind = 'capacity'
    WHERE
        NOT COALESCE(u.usage_class = 'ev_charging' AND c.first_day <= x.ev_basic_exempt_until, FALSE)
),

-- transformers behind a group: the named one, else all that no other candidate names
unit AS (
    SELECT
        h.case_no,
        h.suspended_charge_share,
        h.suspended_charge_months,
        t.transformer_id,
        exact4(t.capacity_kva) AS capacity_kva,
        t.interlock_group,
        t.installed_on
    FROM charge AS h
    INNER JOIN customer_transformer AS t ON h.customer_id = t.customer_id
    WHERE
        h.kind = 'capacity'
        AND (
            h.group_key = t.transformer_id
            OR (
                h.group_key IS NULL
                AND NOT EXISTS (
                    SELECT 1 AS one
                    FROM bill_basic_member AS m
                    WHERE
                        m.customer_no = h.customer_no
                        AND m.kind = 'capacity'
                        AND m.group_key = t.transformer_id
                )
            )
        )
),

state AS (
    SELECT
        p.case_no,
        p.from_day,
        u.transformer_id,
        u.capacity_kva,
        u.interlock_group,
        s.status,
        CASE
            WHEN s.status = 'suspended' AND p.from_day < month_anniversary(u.installed_on, u.suspended_charge_months)
                THEN CAST(u.capacity_kva AS DOUBLE) * CAST(u.suspended_charge_share AS DOUBLE)
            ELSE 0
        END AS suspended_kva
    FROM bill_basic_piece AS p
    INNER JOIN unit AS u ON p.case_no = u.case_no
    INNER JOIN bill_transformer_state AS s
        -- day differences, not two comparisons: by these alone the optimiser may join every piece with every state
        ON
            u.transformer_id = s.transformer_id
            AND DATE_DIFF('day', s.from_on, p.from_day) >= 0
            AND DATE_DIFF('day', p.from_day, s.until_on) >= 0
    WHERE p.kind = 'capacity'
),

interlocked AS (
    SELECT
        s.case_no,
        s.from_day,
        MAX(
            CASE WHEN s.status IN ('running', 'hot_standby', 'cold_standby') THEN CAST(s.capacity_kva AS DOUBLE) END
        ) AS greatest_kva,
        MAX(CASE WHEN s.status IN ('running', 'hot_standby') THEN 1 ELSE 0 END) AS live,
        SUM(s.suspended_kva) AS suspended_kva
    FROM state AS s
    GROUP BY
        s.case_no,
        s.from_day,
        s.interlock_group,
        CASE WHEN s.interlock_group IS NULL THEN s.transformer_id END
),

capacity AS (
    SELECT
        i.case_no,
        i.from_day,
        SUM(CASE WHEN i.live = 1 THEN i.greatest_kva ELSE 0 END + i.suspended_kva) AS kva
    FROM interlocked AS i
    GROUP BY i.case_no, i.from_day
),

owned AS (
    SELECT
        t.customer_id,
        COUNT(*) AS transformers
    FROM customer_transformer AS t
    GROUP BY t.customer_id
),

behind AS (
    SELECT
        u.case_no,
        COUNT(*) AS transformers
    FROM unit AS u
    GROUP BY u.case_no
),

by_capacity AS (
    SELECT
        p.case_no,
        p.kind,
        p.from_day,
        CASE
            WHEN o.customer_id IS NULL
                THEN CAST(COALESCE(h.operating_capacity_kva, h.contract_capacity_kva) AS DOUBLE)
            ELSE COALESCE(k.kva, 0) + CAST(h.motor_kva AS DOUBLE)
        END AS size,
        CASE
            WHEN d.is_capacity THEN 'change_order'
            WHEN o.customer_id IS NULL AND h.operating_capacity_kva IS NULL AND h.contract_capacity_kva IS NULL
                THEN 'capacity_missing'
            WHEN o.customer_id IS NOT NULL AND h.group_key IS NOT NULL AND b.case_no IS NULL THEN 'capacity_missing'
        END AS missing
    FROM bill_basic_piece AS p
    INNER JOIN charge AS h ON p.case_no = h.case_no AND p.kind = h.kind
    LEFT JOIN capacity AS k ON p.case_no = k.case_no AND p.from_day = k.from_day
    LEFT JOIN owned AS o ON h.customer_id = o.customer_id
    LEFT JOIN behind AS b ON p.case_no = b.case_no
    LEFT JOIN bill_doubt AS d ON p.case_no = d.case_no
    WHERE p.kind = 'capacity'
),

read_demand AS (
    SELECT
        c.case_no,
        COALESCE(
            r.quantity,
            CAST(ROUND(r.current_index * COALESCE(f.multiplier, exact4(r.multiplier), 1), 2) AS DECIMAL(14, 2))
        ) AS demand_kw
    FROM bill_case AS c
    INNER JOIN bill_file_segment AS f
        ON
            c.case_no = f.case_no AND f.file_no = 1
            AND COALESCE(f.allocation, 'metered') = 'metered'
    INNER JOIN reading AS r
        ON
            c.point_id = r.point_id AND c.period = r.period AND r.register = 'demand' AND r.period <= $p0
            AND r.period >= months_later($p0, 1 - $recompute_months)
),

metered_demand AS (
    SELECT
        m.carrier_no AS case_no,
        SUM(d.demand_kw) AS demand_kw
    FROM bill_basic_member AS m
    INNER JOIN read_demand AS d ON m.case_no = d.case_no
    WHERE m.kind = 'demand'
    GROUP BY m.carrier_no
),

-- the contract of a member on the day: of the file segment covering it, else of its first
contracted AS (
    SELECT
        p.case_no,
        p.from_day,
        SUM(CASE WHEN f.case_no IS NULL THEN g.contract_demand_kw ELSE f.contract_demand_kw END) AS contract_kw
    FROM bill_basic_piece AS p
    INNER JOIN bill_basic_member AS m ON p.case_no = m.carrier_no AND p.kind = m.kind
    INNER JOIN bill_file_segment AS g ON m.case_no = g.case_no AND g.file_no = 1
    LEFT JOIN bill_file_segment AS f
        ON m.case_no = f.case_no AND p.from_day >= f.from_day AND p.from_day <= f.until_day
    WHERE p.kind = 'demand'
    GROUP BY p.case_no, p.from_day
),

limited AS (
    SELECT
        p.case_no,
        p.kind,
        p.from_day,
        p.mode,
        CAST(d.demand_kw AS DECIMAL(18, 2)) AS actual_kw,
        CAST(c.contract_kw AS DECIMAL(18, 4)) AS contract_kw,
        CAST(CAST(c.contract_kw AS DECIMAL(18, 4)) * h.demand_over_ratio AS DECIMAL(18, 8)) AS allowed_kw,
        h.demand_over_multiple,
        h.demand_over_base,
        h.demand_over_start
    FROM bill_basic_piece AS p
    INNER JOIN charge AS h ON p.case_no = h.case_no AND p.kind = h.kind
    LEFT JOIN metered_demand AS d ON p.case_no = d.case_no
    LEFT JOIN contracted AS c ON p.case_no = c.case_no AND p.from_day = c.from_day
    WHERE p.kind = 'demand'
),

by_demand AS (
    SELECT
        l.case_no,
        l.kind,
        l.from_day,
        CASE
            WHEN l.mode = 'actual_demand' THEN CAST(l.actual_kw AS DOUBLE)
            WHEN l.actual_kw <= l.allowed_kw THEN CAST(l.contract_kw AS DOUBLE)
            ELSE
                CAST(CASE WHEN l.demand_over_base = 'contract' THEN l.contract_kw ELSE l.allowed_kw END AS DOUBLE)
                + CAST(l.demand_over_multiple AS DOUBLE)
                * CAST(
                    l.actual_kw
                    - CASE WHEN l.demand_over_start = 'allowed' THEN l.allowed_kw ELSE l.contract_kw END AS DOUBLE
                )
        END AS size,
        CASE
            WHEN l.actual_kw IS NULL THEN 'demand_missing'
            WHEN l.mode = 'contract_demand' AND l.contract_kw IS NULL THEN 'contract_demand_missing'
        END AS missing
    FROM limited AS l
),

sized AS (
    SELECT
        b.case_no,
        b.kind,
        b.from_day,
        b.size,
        b.missing
    FROM by_capacity AS b
    UNION ALL
    SELECT
        b.case_no,
        b.kind,
        b.from_day,
        b.size,
        b.missing
    FROM by_demand AS b
)

SELECT
    p.case_no,
    p.kind,
    p.from_day,
    p.days,
    p.run_no,
    p.month_no,
    p.month_days,
    p.tariff_code,
    p.effective_from,
    CAST(s.size AS DOUBLE) AS size,
    CAST(s.missing AS VARCHAR) AS missing
FROM bill_basic_piece AS p
INNER JOIN sized AS s
    ON p.case_no = s.case_no AND p.kind = s.kind AND p.from_day = s.from_day
