/*---
name: bill_involved
zh: 需按客户合并复算的客户
en: Customer whose points are recomputed together
note: >-
  Contract, sections 2 to 9: customers with a point that has a parent or children, is allocated, may bear losses, a basic charge or
  a power-factor standard, has file history, is priced by components, or with a value beyond measure on file. All others take the short way.
columns:
  customer_id: string
---*/
WITH special AS (
    SELECT p.customer_id
    FROM metering_point AS p
    WHERE
        p.purpose = 'settlement'
        AND (
            p.parent_point_id IS NOT NULL
            OR p.allocation IN ('ratio', 'quantity')
            OR p.loss_method <> 'none'
            OR (p.loss_method IS NULL AND p.mode = 'hv_supply_lv_metering')
            OR p.line_loss_pct <> 0
            OR p.basic_charge_mode IN ('capacity', 'contract_demand', 'actual_demand')
            OR p.pf_standard IS NOT NULL
        )
    UNION ALL
    SELECT p.customer_id
    FROM metering_point AS s
    INNER JOIN metering_point AS p ON s.parent_point_id = p.point_id
    WHERE s.purpose = 'settlement'
    UNION ALL
    SELECT p.customer_id
    FROM metering_point_history AS h
    INNER JOIN metering_point AS p ON h.point_id = p.point_id
    UNION ALL
    SELECT f.customer_id
    FROM bill_beyond_file AS f
    UNION ALL
    SELECT c.customer_id
    FROM customer AS c
    WHERE c.market_mode IN ('market_retail', 'fallback', 'agency_1_5')
)

SELECT s.customer_id
FROM special AS s
WHERE s.customer_id IS NOT NULL
GROUP BY s.customer_id
