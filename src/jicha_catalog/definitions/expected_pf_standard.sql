/*---
name: expected_pf_standard
zh: 应执行的功率因数标准
en: Standard of the power factor that should apply
note: >-
  Per mature customer that is not residential, of 100 kVA and more, the standard of the 1983 notice by the first that fits:
  irrigation stations (industry 76) 0.90 from 3200 kVA, else 0.85; agriculture and resale 0.80; industry (06 to 46) at high
  voltage above 160 kVA 0.90; others 0.85. other_standard: what may apply as well where industry or voltage is unknown.
tables: [customer]
columns:
  customer_id: string
  pf_standard: decimal(3,2)
  other_standard: decimal(3,2)
---*/
WITH known AS (
    SELECT
        m.customer_id,
        m.usage_class,
        m.voltage_v,
        m.contract_capacity_kva,
        SUBSTR(industry_digits(c.industry_code), 1, 2) AS division
    FROM mature_customer AS m
    INNER JOIN customer AS c ON m.customer_id = c.customer_id
    WHERE m.usage_class <> 'residential' AND m.contract_capacity_kva >= 100
)

SELECT
    k.customer_id,
    CAST(
        CASE
            WHEN k.division = '76' AND k.contract_capacity_kva >= 3200 THEN 0.90
            WHEN k.division = '76' THEN 0.85
            WHEN k.usage_class IN ('agricultural', 'resale') THEN 0.80
            WHEN
                is_high_voltage(k.voltage_v) AND k.division BETWEEN '06' AND '46' AND k.contract_capacity_kva > 160
                THEN 0.90
            ELSE 0.85
        END AS DECIMAL(3, 2)
    ) AS pf_standard,
    CAST(
        CASE
            WHEN k.usage_class IN ('agricultural', 'resale') THEN NULL
            WHEN k.division IS NULL THEN 0.90
            WHEN k.voltage_v IS NULL AND k.division BETWEEN '06' AND '46' AND k.contract_capacity_kva > 160 THEN 0.90
        END AS DECIMAL(3, 2)
    ) AS other_standard
FROM known AS k
