/*---
name: bill_basic_member
zh: 基本电费计费组成员
en: Candidate for a basic charge
note: >-
  Contract, section 8: per main with a bill and days charged by capacity or demand under a two-part edition its groups: kind capacity
  (group_key: transformer_id) or demand (demand_group), the group's first member by point_id, and the carrier of the charge.
columns:
  point_id: string
  period: date
  customer_id: string
  kind: string
  group_key: string
  carrier_id: string
---*/
WITH candidate AS (
    SELECT
        c.point_id,
        c.period,
        c.customer_id,
        CASE WHEN f.basic_charge_mode = 'capacity' THEN 'capacity' ELSE 'demand' END AS kind,
        CASE WHEN f.basic_charge_mode = 'capacity' THEN c.transformer_id ELSE c.demand_group END AS group_key,
        COALESCE(b.billed_basic_yuan, 0) AS basic_yuan
    FROM bill_case AS c
    INNER JOIN bill_status AS b ON c.bill_id = b.bill_id
    INNER JOIN bill_price_segment AS s ON c.point_id = s.point_id AND c.period = s.period
    INNER JOIN bill_file_segment AS f ON s.point_id = f.point_id AND s.period = f.period AND s.file_no = f.file_no
    INNER JOIN tariff AS t ON s.tariff_code = t.tariff_code AND s.effective_from = t.effective_from
    WHERE
        c.parent_point_id IS NULL
        AND f.basic_charge_mode IN ('capacity', 'contract_demand', 'actual_demand')
        AND t.parts = 2
    GROUP BY
        c.point_id,
        c.period,
        c.customer_id,
        CASE WHEN f.basic_charge_mode = 'capacity' THEN 'capacity' ELSE 'demand' END,
        CASE WHEN f.basic_charge_mode = 'capacity' THEN c.transformer_id ELSE c.demand_group END,
        COALESCE(b.billed_basic_yuan, 0)
),

-- the one member that is charged, else the first
counted AS (
    SELECT
        c.point_id,
        c.period,
        c.customer_id,
        c.kind,
        c.group_key,
        MIN(c.point_id) OVER (PARTITION BY c.customer_id, c.period, c.kind, c.group_key) AS first_id,
        SUM(CASE WHEN c.basic_yuan <> 0 THEN 1 ELSE 0 END) OVER (
            PARTITION BY c.customer_id, c.period, c.kind, c.group_key
        ) AS charged,
        MIN(CASE WHEN c.basic_yuan <> 0 THEN c.point_id END) OVER (
            PARTITION BY c.customer_id, c.period, c.kind, c.group_key
        ) AS charged_id
    FROM candidate AS c
)

SELECT
    c.point_id,
    c.period,
    c.customer_id,
    CAST(c.kind AS VARCHAR) AS kind,
    c.group_key,
    CAST(CASE WHEN c.charged = 1 THEN c.charged_id ELSE c.first_id END AS VARCHAR) AS carrier_id
FROM counted AS c
