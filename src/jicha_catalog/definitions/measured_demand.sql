/*---
name: measured_demand
zh: 需量计费点P0实测需量
en: Measured and billed demand in P0
note: >-
  Metered settlement points charged by demand, those of one customer and demand_group (not null) together under the smallest
  point_id: measured demand (register demand of P0, else the greatest of at least 25 days of daily data; null where a member's is
  unknown), billed demand and basic charge of P0, contract demand, mode and tariff of that point. factor: the discount on the
  demand price where the customer is entitled, else 1; null where that is unknown.
tables: [customer, metering_point, bill, reading, daily_electrical, tariff]
columns:
  point_id: string
  customer_id: string
  basic_charge_mode: string
  points: int
  measured_kw: decimal(18,4)
  billed_kw: decimal(18,2)
  contract_kw: decimal(18,4)
  basic_yuan: decimal(18,2)
  demand_price: decimal(12,4)
  factor: decimal(18,6)
---*/
WITH charged AS (
    SELECT
        s.point_id,
        s.customer_id,
        s.basic_charge_mode,
        s.tariff_code,
        kva(p.contract_demand_kw) AS contract_kw,
        MIN(s.point_id) OVER (
            PARTITION BY
                s.customer_id,
                filled(p.demand_group),
                CASE WHEN is_blank(p.demand_group) THEN s.point_id END
        ) AS lead_id
    FROM settlement_point AS s
    INNER JOIN metering_point AS p ON s.point_id = p.point_id
    WHERE s.is_metered AND s.basic_charge_mode IN ('contract_demand', 'actual_demand')
),

registered AS (
    SELECT
        c.point_id,
        r.quantity
    FROM charged AS c
    INNER JOIN reading AS r ON c.point_id = r.point_id
    WHERE r.period = $p0 AND r.register = 'demand' AND r.quantity IS NOT NULL
),

daily AS (
    SELECT
        c.point_id,
        MAX(kva(e.max_demand_kw)) AS demand_kw
    FROM charged AS c
    INNER JOIN daily_electrical AS e ON c.point_id = e.point_id
    WHERE e.day >= $p0 AND e.day < months_later($p0, 1) AND e.max_demand_kw IS NOT NULL
    GROUP BY c.point_id
    HAVING COUNT(*) >= 25
),

summed AS (
    SELECT
        c.lead_id,
        COUNT(*) AS points,
        COUNT(COALESCE(CAST(r.quantity AS DECIMAL(18, 4)), d.demand_kw)) AS measured_points,
        SUM(COALESCE(CAST(r.quantity AS DECIMAL(18, 4)), d.demand_kw)) AS measured_kw,
        SUM(c.contract_kw) AS contract_kw,
        SUM(b.billed_demand_kw) AS billed_kw,
        SUM(b.basic_yuan) AS basic_yuan
    FROM charged AS c
    LEFT JOIN registered AS r ON c.point_id = r.point_id
    LEFT JOIN daily AS d ON c.point_id = d.point_id
    LEFT JOIN point_bill AS b ON c.point_id = b.point_id AND b.period = $p0
    GROUP BY c.lead_id
)

SELECT
    s.lead_id AS point_id,
    c.customer_id,
    c.basic_charge_mode,
    CAST(s.points AS INTEGER) AS points,
    CAST(CASE WHEN s.measured_points = s.points THEN s.measured_kw END AS DECIMAL(18, 4)) AS measured_kw,
    CAST(s.billed_kw AS DECIMAL(18, 2)) AS billed_kw,
    CAST(s.contract_kw AS DECIMAL(18, 4)) AS contract_kw,
    CAST(s.basic_yuan AS DECIMAL(18, 2)) AS basic_yuan,
    t.demand_price,
    CAST(
        CASE WHEN f.customer_id IS NULL OR NOT f.is_entitled THEN 1 WHEN f.is_entitled THEN f.discount_factor END
        AS DECIMAL(18, 6)
    ) AS factor
FROM summed AS s
INNER JOIN charged AS c ON s.lead_id = c.point_id
LEFT JOIN tariff_at_p0 AS t ON c.tariff_code = t.tariff_code
LEFT JOIN discount_by_use AS f ON c.customer_id = f.customer_id
