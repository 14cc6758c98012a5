/*---
name: pf_standard_wrong
zh: 功率因数标准不符的结算点
en: Point with a wrong standard of the power factor
note: >-
  Settlement points whose standard is not the one expected of the customer (a sub-point of another class may differ), is set where
  none is due, or does not occur in the delivered adjustment table. What TC017 reports.
  is_known_wrong: wrong whatever the adjustment table holds.
tables: [metering_point, customer]
columns:
  point_id: string
  contract_capacity_kva: decimal(18,4)
  set_standard: decimal(18,4)
  expected: decimal(3,2)
  problem: string
  is_known_wrong: bool
---*/
WITH known_standard AS (
    SELECT ROUND(exact4(a.pf_standard), 4) AS pf_standard
    FROM pf_adjustment AS a
    GROUP BY ROUND(exact4(a.pf_standard), 4)
),

tested AS (
    SELECT
        s.point_id,
        m.usage_class,
        m.contract_capacity_kva,
        exact4(p.pf_standard) AS set_standard,
        e.pf_standard AS expected,
        e.other_standard,
        k.pf_standard IS NULL AS is_unknown,
        CASE
            WHEN s.parent_point_id IS NOT NULL AND t.usage_class <> m.usage_class THEN FALSE
            ELSE exact4(p.pf_standard) <> e.pf_standard
        END AS is_other
    FROM settlement_point AS s
    INNER JOIN metering_point AS p ON s.point_id = p.point_id
    INNER JOIN mature_customer AS m ON s.customer_id = m.customer_id
    LEFT JOIN expected_pf_standard AS e ON s.customer_id = e.customer_id
    LEFT JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code
    LEFT JOIN known_standard AS k ON exact4(p.pf_standard) = k.pf_standard
    WHERE p.pf_standard IS NOT NULL
)

SELECT
    t.point_id,
    t.contract_capacity_kva,
    CAST(t.set_standard AS DECIMAL(18, 4)) AS set_standard,
    t.expected,
    CAST(
        CASE
            WHEN t.usage_class = 'residential' THEN 'residential'
            WHEN t.contract_capacity_kva < 100 THEN 'not_due'
            WHEN t.is_unknown THEN 'unknown'
            ELSE 'wrong'
        END AS VARCHAR
    ) AS problem,
    CAST(
        COALESCE(
            t.usage_class = 'residential'
            OR t.contract_capacity_kva < 100
            OR (t.is_other AND COALESCE(t.set_standard <> t.other_standard, TRUE)),
            FALSE
        ) AS BOOLEAN
    ) AS is_known_wrong
FROM tested AS t
WHERE
    t.usage_class = 'residential'
    OR t.contract_capacity_kva < 100
    OR t.is_unknown
    OR (t.is_other AND COALESCE(t.set_standard <> t.other_standard, TRUE))
