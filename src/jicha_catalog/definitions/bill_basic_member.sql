/*---
name: bill_basic_member
zh: 基本电费计费组成员
en: Candidate for a basic charge
note: >-
  Contract, section 8: per main with a bill and days charged by capacity or demand under a two-part edition its groups: kind capacity
  (group_key: transformer_id) or demand (demand_group), the group's first member by point_id, and the carrier of the charge.
columns:
  case_no: int
  customer_no: int
  customer_id: string
  kind: string
  group_key: string
  carrier_no: int
---*/
WITH candidate AS (
    SELECT
        c.case_no,
        c.customer_no,
        c.customer_id,
        CASE WHEN f.basic_charge_mode = 'capacity' THEN 'capacity' ELSE 'demand' END AS kind,
        CASE WHEN f.basic_charge_mode = 'capacity' THEN c.transformer_id ELSE c.demand_group END AS group_key,
        COALESCE(b.billed_basic_yuan, 0) AS basic_yuan
    FROM bill_case AS c
    INNER JOIN bill_status AS b ON c.bill_id = b.bill_id
    INNER JOIN bill_price_segment AS s ON c.case_no = s.case_no
    INNER JOIN bill_file_segment AS f ON s.case_no = f.case_no AND s.file_no = f.file_no
    INNER JOIN tariff AS t ON s.tariff_code = t.tariff_code AND s.effective_from = t.effective_from
    WHERE
        c.parent_point_id IS NULL
        AND f.basic_charge_mode IN ('capacity', 'contract_demand', 'actual_demand')
        AND t.parts = 2
    GROUP BY
        c.case_no,
        c.customer_no,
        c.customer_id,
        CASE WHEN f.basic_charge_mode = 'capacity' THEN 'capacity' ELSE 'demand' END,
        CASE WHEN f.basic_charge_mode = 'capacity' THEN c.transformer_id ELSE c.demand_group END,
        COALESCE(b.billed_basic_yuan, 0)
),

-- the one member that is charged, else the first
counted AS (
    SELECT
        c.case_no,
        c.customer_no,
        c.customer_id,
        c.kind,
        c.group_key,
        MIN(c.case_no) OVER (PARTITION BY c.customer_no, c.kind, c.group_key) AS first_no,
        SUM(CASE WHEN c.basic_yuan <> 0 THEN 1 ELSE 0 END) OVER (
            PARTITION BY c.customer_no, c.kind, c.group_key
        ) AS charged,
        MIN(CASE WHEN c.basic_yuan <> 0 THEN c.case_no END) OVER (
            PARTITION BY c.customer_no, c.kind, c.group_key
        ) AS charged_no
    FROM candidate AS c
)

SELECT
    c.case_no,
    c.customer_no,
    c.customer_id,
    CAST(c.kind AS VARCHAR) AS kind,
    c.group_key,
    CAST(CASE WHEN c.charged = 1 THEN c.charged_no ELSE c.first_no END AS INTEGER) AS carrier_no
FROM counted AS c
