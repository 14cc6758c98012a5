/*---
name: demand_discount_wrong
zh: P0需量电价打折执行错误
en: Demand-price discount wrongly applied in P0
note: >-
  Customers charged by demand on a tariff with a discount, whose bills of P0 come to the full demand price (within 1 %) though
  the kWh per kVA reach the threshold, or to the discounted one though they do not. Not where an order changed the capacity in
  P0. bill_id: of the regular bills of these points that with the greatest basic charge, then the smallest. What TC010 reports.
tables: [bill, metering_point, customer, tariff]
columns:
  customer_id: string
  bill_id: string
  tariff_code: string
  kwh_per_kva: decimal(18,6)
  threshold_kwh_per_kva: decimal(18,4)
  is_entitled: bool
  billed_kw: decimal(18,2)
  basic_yuan: decimal(18,2)
  unit_yuan: decimal(18,6)
  right_yuan: decimal(18,6)
---*/
WITH demand_bill AS (
    SELECT
        f.customer_id,
        b.bill_id,
        b.billed_demand_kw,
        b.basic_yuan
    FROM discount_by_use AS f
    INNER JOIN settlement_point AS s ON f.customer_id = s.customer_id
    INNER JOIN bill AS b ON s.point_id = b.point_id
    WHERE b.period = $p0 AND s.basic_charge_mode IN ('contract_demand', 'actual_demand')
),

summed AS (
    SELECT
        d.customer_id,
        SUM(d.billed_demand_kw) AS billed_kw,
        SUM(d.basic_yuan) AS basic_yuan
    FROM demand_bill AS d
    GROUP BY d.customer_id
),

priced AS (
    SELECT
        s.customer_id,
        s.billed_kw,
        s.basic_yuan,
        quotient6(CAST(s.basic_yuan AS DOUBLE) / NULLIF(CAST(s.billed_kw AS DOUBLE), 0)) AS unit_yuan
    FROM summed AS s
),

first_bill AS (
    SELECT
        d.customer_id,
        d.bill_id
    FROM demand_bill AS d
    INNER JOIN regular_bill AS r ON d.bill_id = r.bill_id
    QUALIFY
        ROW_NUMBER() OVER (PARTITION BY d.customer_id ORDER BY d.basic_yuan DESC NULLS LAST, d.bill_id ASC) = 1
),

changed AS (
    SELECT o.customer_id
    FROM known_order AS o
    WHERE
        o.kind IN ('new_hv', 'increase_capacity', 'reduce_capacity', 'resume_capacity')
        AND (
            (o.effective_from >= $p0 AND o.effective_from < months_later($p0, 1))
            OR (o.effective_to >= $p0 AND o.effective_to < months_later($p0, 1))
        )
    GROUP BY o.customer_id
)

SELECT
    f.customer_id,
    l.bill_id,
    f.tariff_code,
    f.kwh_per_kva,
    f.threshold_kwh_per_kva,
    f.is_entitled,
    CAST(p.billed_kw AS DECIMAL(18, 2)) AS billed_kw,
    CAST(p.basic_yuan AS DECIMAL(18, 2)) AS basic_yuan,
    CAST(p.unit_yuan AS DECIMAL(18, 6)) AS unit_yuan,
    CAST(
        CASE WHEN f.is_entitled THEN f.demand_price * CAST(f.discount_factor AS DECIMAL(8, 6)) ELSE f.demand_price END
        AS DECIMAL(18, 6)
    ) AS right_yuan
FROM discount_by_use AS f
INNER JOIN priced AS p ON f.customer_id = p.customer_id
INNER JOIN first_bill AS l ON f.customer_id = l.customer_id
LEFT JOIN changed AS c ON f.customer_id = c.customer_id
WHERE
    c.customer_id IS NULL
    AND (
        (f.is_entitled AND is_near_price(p.unit_yuan, f.demand_price))
        OR (
            NOT f.is_entitled
            AND is_near_price(
                p.unit_yuan, CAST(f.demand_price * CAST(f.discount_factor AS DECIMAL(8, 6)) AS DECIMAL(18, 6))
            )
        )
    )
