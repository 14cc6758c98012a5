/*---
name: discount_by_use
zh: 需量电价打折资格
en: Entitlement to the discounted demand price
note: >-
  Per customer with settlement points charged by demand the tariff at P0 that gives a discount (of several points the smallest
  point_id), the kWh per kVA of P0 (billed energy of all bills over contract capacity, to 6 places) and whether they reach the
  threshold; null where one of the two is unknown.
tables: [customer, metering_point, tariff, bill]
columns:
  customer_id: string
  tariff_code: string
  demand_price: decimal(12,4)
  threshold_kwh_per_kva: decimal(18,4)
  discount_factor: decimal(18,6)
  kwh_per_kva: decimal(18,6)
  is_entitled: bool
---*/
WITH offered AS (
    SELECT
        s.customer_id,
        s.tariff_code,
        t.demand_price,
        t.demand_discount_kwh_per_kva,
        t.demand_discount_factor
    FROM settlement_point AS s
    INNER JOIN tariff_at_p0 AS t ON s.tariff_code = t.tariff_code
    WHERE
        s.basic_charge_mode IN ('contract_demand', 'actual_demand')
        AND t.demand_discount_kwh_per_kva IS NOT NULL
        AND t.demand_discount_factor IS NOT NULL
    QUALIFY ROW_NUMBER() OVER (PARTITION BY s.customer_id ORDER BY s.point_id) = 1
),

billed AS (
    SELECT
        b.customer_id,
        SUM(b.billed_kwh) AS billed_kwh
    FROM bill AS b
    INNER JOIN offered AS f ON b.customer_id = f.customer_id
    WHERE b.period = $p0
    GROUP BY b.customer_id
)

SELECT
    f.customer_id,
    f.tariff_code,
    f.demand_price,
    f.demand_discount_kwh_per_kva AS threshold_kwh_per_kva,
    f.demand_discount_factor AS discount_factor,
    CAST(
        quotient6(CAST(b.billed_kwh AS DOUBLE) / NULLIF(CAST(m.contract_capacity_kva AS DOUBLE), 0)) AS DECIMAL(18, 6)
    ) AS kwh_per_kva,
    -- compared as a product, so that the threshold itself is reached exactly
    CAST(
        CASE
            WHEN m.contract_capacity_kva > 0
                THEN
                    CAST(b.billed_kwh AS DECIMAL(20, 4))
                    >= CAST(f.demand_discount_kwh_per_kva AS DECIMAL(20, 4)) * m.contract_capacity_kva
        END AS BOOLEAN
    ) AS is_entitled
FROM offered AS f
INNER JOIN mature_customer AS m ON f.customer_id = m.customer_id
LEFT JOIN billed AS b ON f.customer_id = b.customer_id
