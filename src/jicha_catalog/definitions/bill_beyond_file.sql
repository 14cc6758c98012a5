/*---
name: bill_beyond_file
zh: 档案或电价数值不可能的用户
en: Customer whose file or prices hold an impossible value
note: >-
  Contract, section 0: customers with a figure in the file (points and their history, transformers, the customer's own), or a tariff,
  that lies beyond measure. None of their bills is judged. Nearly always without a row.
columns:
  customer_id: string
---*/
WITH tariff_beyond AS (
    SELECT t.tariff_code
    FROM tariff AS t
    WHERE
        is_beyond_price(t.energy_price)
        OR is_beyond_price(t.tip_price)
        OR is_beyond_price(t.peak_price)
        OR is_beyond_price(t.valley_price)
        OR is_beyond_price(t.deep_valley_price)
        OR is_beyond_price(t.surcharge_price)
        OR is_beyond_size_price(t.capacity_price)
        OR is_beyond_size_price(t.demand_price)
        OR is_beyond_share(t.demand_discount_factor)
        OR is_beyond_share(t.demand_discount_kwh_per_kva)
    UNION
    SELECT c.tariff_code
    FROM tariff_component AS c
    WHERE is_beyond_price(c.price)
    UNION
    SELECT r.tariff_code
    FROM tariff_tier AS r
    WHERE
        is_beyond_price(r.price_add)
        OR is_beyond_kwh(r.upper_kwh)
        OR is_beyond_share(r.extra_person_kwh)
        OR is_beyond_share(r.base_household)
),

found AS (
    SELECT p.customer_id
    FROM metering_point AS p
    LEFT JOIN tariff_beyond AS t ON p.tariff_code = t.tariff_code
    WHERE
        p.purpose = 'settlement'
        AND (
            t.tariff_code IS NOT NULL
            OR is_beyond_size(p.multiplier)
            OR is_beyond_size(p.contract_demand_kw)
            OR is_beyond_share(p.pf_standard)
            OR is_beyond_pct(p.line_loss_pct)
            OR is_beyond_kwh(p.loss_value)
            OR (p.allocation = 'ratio' AND is_beyond_share(p.allocation_value))
            OR is_beyond_kwh(p.allocation_value)
        )
    UNION
    SELECT p.customer_id
    FROM metering_point_history AS h
    INNER JOIN metering_point AS p ON h.point_id = p.point_id
    LEFT JOIN tariff_beyond AS t ON h.tariff_code = t.tariff_code
    WHERE
        p.purpose = 'settlement'
        AND (
            t.tariff_code IS NOT NULL
            OR is_beyond_size(h.multiplier)
            OR is_beyond_size(h.contract_demand_kw)
            OR is_beyond_share(h.pf_standard)
            OR (h.allocation = 'ratio' AND is_beyond_share(h.allocation_value))
            OR is_beyond_kwh(h.allocation_value)
        )
    UNION
    SELECT c.customer_id
    FROM customer AS c
    WHERE
        is_beyond_size(c.contract_capacity_kva)
        OR is_beyond_size(c.operating_capacity_kva)
        OR is_beyond_size(c.direct_motor_kva)
        OR is_beyond_share(c.household_size)
    UNION
    SELECT u.customer_id
    FROM customer_transformer AS u
    WHERE
        is_beyond_size(u.capacity_kva)
        OR is_beyond_size(u.no_load_loss_kw)
        OR is_beyond_size(u.load_loss_kw)
        OR is_beyond_size(u.no_load_current_pct)
        OR is_beyond_size(u.impedance_pct)
)

SELECT f.customer_id
FROM found AS f
WHERE f.customer_id IS NOT NULL
