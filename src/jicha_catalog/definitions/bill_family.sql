/*---
name: bill_family
zh: 变损分摊组
en: Mains that share transformer losses
note: >-
  Contract, section 4: per main that may bear losses its family (the smallest point_id of the mains of the customer with the same
  transformer_id) and the method that family goes by; an agreed loss is each main's own. method `unknown`: the mode says that it
  bears losses and no figures are known.
columns:
  case_no: int
  family_no: int
  customer_id: string
  transformer_id: string
  method: string
---*/
WITH behind AS (
    SELECT
        t.customer_id,
        t.transformer_id,
        t.is_complete,
        t.has_table
    FROM bill_transformer AS t
),

main AS (
    SELECT
        c.case_no,
        c.customer_no,
        c.customer_id,
        c.transformer_id,
        c.loss_method,
        COUNT(t.transformer_id) AS transformers,
        SUM(CASE WHEN t.is_complete THEN 1 ELSE 0 END) AS complete,
        SUM(CASE WHEN t.has_table THEN 1 ELSE 0 END) AS tabled
    FROM bill_case AS c
    INNER JOIN bill_file_segment AS f ON c.case_no = f.case_no AND f.file_no = 1
    LEFT JOIN behind AS t
        ON c.customer_id = t.customer_id AND (c.transformer_id IS NULL OR c.transformer_id = t.transformer_id)
    WHERE
        c.parent_point_id IS NULL
        AND (c.loss_method <> 'none' OR (c.loss_method IS NULL AND f.mode = 'hv_supply_lv_metering'))
    GROUP BY c.case_no, c.customer_no, c.customer_id, c.transformer_id, c.loss_method
),

told AS (
    SELECT
        m.case_no,
        m.customer_no,
        m.customer_id,
        m.transformer_id,
        CASE
            WHEN m.loss_method IN ('agreed_share', 'agreed_kwh') THEN m.loss_method
            WHEN m.loss_method IS NOT NULL THEN m.loss_method
            WHEN m.transformers = 0 THEN 'unknown'
            WHEN m.complete = m.transformers THEN 'formula'
            WHEN m.tabled = m.transformers THEN 'table'
            ELSE 'unknown'
        END AS method
    FROM main AS m
),

chosen AS (
    SELECT
        m.case_no,
        m.customer_id,
        m.transformer_id,
        m.method,
        MIN(m.case_no) OVER (
            PARTITION BY
                m.customer_no,
                m.transformer_id,
                CASE WHEN m.method NOT IN ('formula', 'table') THEN m.case_no END
        ) AS family_no
    FROM told AS m
)

SELECT
    c.case_no,
    c.family_no,
    c.customer_id,
    c.transformer_id,
    f.method
FROM chosen AS c
INNER JOIN chosen AS f ON c.family_no = f.case_no
