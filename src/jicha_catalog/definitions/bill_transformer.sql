/*---
name: bill_transformer
zh: 变压器损耗参数
en: Loss figures of a transformer
note: >-
  Contract, section 4: the transformer's own figures, each one missing from the shipped table by series (model up to the first '-')
  and capacity. has_table: the utility's loss table has rows for it.
columns:
  transformer_id: string
  customer_id: string
  model_series: string
  capacity_kva: decimal(18,4)
  no_load_loss_kw: decimal(18,4)
  load_loss_kw: decimal(18,4)
  no_load_current_pct: decimal(18,4)
  impedance_pct: decimal(18,4)
  is_complete: bool
  has_table: bool
---*/
WITH unit AS (
    SELECT
        t.transformer_id,
        t.customer_id,
        UPPER(TRIM(REGEXP_EXTRACT(t.model, '^[^-]*'))) AS model_series,
        exact4(t.capacity_kva) AS capacity_kva,
        exact4(t.no_load_loss_kw) AS no_load_loss_kw,
        exact4(t.load_loss_kw) AS load_loss_kw,
        exact4(t.no_load_current_pct) AS no_load_current_pct,
        exact4(t.impedance_pct) AS impedance_pct
    FROM customer_transformer AS t
),

listed AS (
    SELECT
        l.model_series,
        exact4(l.capacity_kva) AS capacity_kva
    FROM transformer_loss AS l
    GROUP BY l.model_series, exact4(l.capacity_kva)
)

SELECT
    u.transformer_id,
    u.customer_id,
    u.model_series,
    u.capacity_kva,
    CAST(COALESCE(u.no_load_loss_kw, n.no_load_loss_kw) AS DECIMAL(18, 4)) AS no_load_loss_kw,
    CAST(COALESCE(u.load_loss_kw, n.load_loss_kw) AS DECIMAL(18, 4)) AS load_loss_kw,
    CAST(COALESCE(u.no_load_current_pct, n.no_load_current_pct) AS DECIMAL(18, 4)) AS no_load_current_pct,
    CAST(COALESCE(u.impedance_pct, n.impedance_pct) AS DECIMAL(18, 4)) AS impedance_pct,
    CAST(
        COALESCE(u.no_load_loss_kw, n.no_load_loss_kw) IS NOT NULL
        AND COALESCE(u.load_loss_kw, n.load_loss_kw) IS NOT NULL
        AND COALESCE(u.no_load_current_pct, n.no_load_current_pct) IS NOT NULL
        AND COALESCE(u.impedance_pct, n.impedance_pct) IS NOT NULL AS BOOLEAN
    ) AS is_complete,
    CAST(l.model_series IS NOT NULL AS BOOLEAN) AS has_table
FROM unit AS u
LEFT JOIN catalog_nameplate AS n ON u.model_series = n.model_series AND u.capacity_kva = n.capacity_kva
LEFT JOIN listed AS l ON u.model_series = l.model_series AND u.capacity_kva = l.capacity_kva
