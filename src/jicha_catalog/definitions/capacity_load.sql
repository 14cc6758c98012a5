/*---
name: capacity_load
zh: 按容量计费客户的负荷
en: Load of customers charged by capacity
note: >-
  Mature non-residential customers of 30 kVA or more (or of unknown contract capacity) none of whose settlement points without parent is
  charged by demand: the load of those points by day of D(60); for customers without a single daily demand by period of W(2) from their demand
  registers, at a power factor of 0.9; without either one row that names no source. limit_kva: operating capacity, else that of the
  contract, else 30. What UI009 tests.
tables: [customer, metering_point, daily_electrical, reading]
columns:
  customer_id: string
  contract_capacity_kva: decimal(18,4)
  limit_kva: decimal(18,4)
  basis_of_load: string
  day: date
  load_kva: decimal(24,6)
---*/
WITH tested AS (
    SELECT
        m.customer_id,
        m.contract_capacity_kva,
        COALESCE(m.operating_capacity_kva, m.contract_capacity_kva, 30) AS limit_kva
    FROM mature_customer AS m
    INNER JOIN settlement_point AS s ON m.customer_id = s.customer_id AND s.parent_point_id IS NULL
    WHERE m.usage_class <> 'residential' AND (m.contract_capacity_kva >= 30 OR m.contract_capacity_kva IS NULL)
    GROUP BY m.customer_id, m.contract_capacity_kva, m.operating_capacity_kva
    HAVING MAX(CASE WHEN s.basic_charge_mode IN ('contract_demand', 'actual_demand') THEN 1 ELSE 0 END) = 0
),

point AS (
    SELECT
        s.point_id,
        s.customer_id
    FROM settlement_point AS s
    INNER JOIN tested AS t ON s.customer_id = t.customer_id
    WHERE s.parent_point_id IS NULL
),

daily AS (
    SELECT
        p.customer_id,
        e.day,
        SUM(
            CAST(
                ROUND(
                    CAST(e.max_demand_kw AS DOUBLE)
                    / NULLIF(
                        CAST(GREATEST(COALESCE(CAST(e.power_factor AS DOUBLE), 0.9), CAST(0.8 AS DOUBLE)) AS DOUBLE), 0
                    ),
                    6
                ) AS DECIMAL(24, 6)
            )
        ) AS load_kva
    FROM point AS p
    INNER JOIN daily_electrical AS e ON p.point_id = e.point_id
    WHERE e.day >= $as_of - 60 AND e.day < $as_of AND kva(e.max_demand_kw) IS NOT NULL
    GROUP BY p.customer_id, e.day
),

registered AS (
    SELECT
        p.customer_id,
        r.period,
        SUM(
            CAST(
                ROUND(
                    CAST(
                        COALESCE(
                            CAST(r.quantity AS DOUBLE),
                            CAST(r.current_index AS DOUBLE)
                            * COALESCE(CAST(r.multiplier AS DOUBLE), CAST(q.multiplier AS DOUBLE), 1)
                        ) AS DOUBLE
                    ) / 0.9,
                    6
                ) AS DECIMAL(24, 6)
            )
        ) AS load_kva
    FROM point AS p
    INNER JOIN metering_point AS q ON p.point_id = q.point_id
    INNER JOIN reading AS r ON p.point_id = r.point_id
    WHERE
        r.register = 'demand'
        AND r.period <= $p0
        AND r.period >= months_later($p0, -1)
        AND (r.quantity IS NOT NULL OR r.current_index IS NOT NULL)
        AND NOT EXISTS (
            SELECT d.customer_id
            FROM daily AS d
            WHERE d.customer_id = p.customer_id
        )
    GROUP BY p.customer_id, r.period
),

measured AS (
    SELECT
        d.customer_id,
        'daily' AS basis_of_load,
        d.day,
        d.load_kva
    FROM daily AS d
    UNION ALL
    SELECT
        g.customer_id,
        'register' AS basis_of_load,
        g.period AS day,
        g.load_kva
    FROM registered AS g
)

SELECT
    t.customer_id,
    t.contract_capacity_kva,
    CAST(t.limit_kva AS DECIMAL(18, 4)) AS limit_kva,
    CAST(m.basis_of_load AS VARCHAR) AS basis_of_load,
    m.day,
    CAST(m.load_kva AS DECIMAL(24, 6)) AS load_kva
FROM tested AS t
LEFT JOIN measured AS m ON t.customer_id = m.customer_id
