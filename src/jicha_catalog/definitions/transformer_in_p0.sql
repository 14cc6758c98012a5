/*---
name: transformer_in_p0
zh: 受电变压器P0状态
en: Transformer in P0
note: >-
  Every transformer on file with its status in P0: that of the transformer_status row covering the whole of it, else today's.
  is_changed: a row of its history begins or ends in P0.
tables: [customer_transformer]
columns:
  transformer_id: string
  customer_id: string
  capacity_kva: decimal(18,4)
  interlock_group: string
  installed_on: date
  status: string
  is_changed: bool
---*/
WITH history AS (
    SELECT
        s.transformer_id,
        MAX(
            CASE
                WHEN s.from_on <= $p0 AND (s.until_on IS NULL OR s.until_on >= months_later($p0, 1) - 1) THEN s.status
            END
        ) AS status,
        MAX(
            CASE
                WHEN
                    (s.from_on >= $p0 AND s.from_on < months_later($p0, 1))
                    OR (s.until_on >= $p0 AND s.until_on < months_later($p0, 1))
                    THEN 1
                ELSE 0
            END
        ) AS changes
    FROM transformer_status AS s
    GROUP BY s.transformer_id
)

SELECT
    t.transformer_id,
    t.customer_id,
    CAST(kva(t.capacity_kva) AS DECIMAL(18, 4)) AS capacity_kva,
    CAST(filled(t.interlock_group) AS VARCHAR) AS interlock_group,
    t.installed_on,
    CAST(COALESCE(h.status, t.status) AS VARCHAR) AS status,
    CAST(COALESCE(h.changes, 0) = 1 AS BOOLEAN) AS is_changed
FROM customer_transformer AS t
LEFT JOIN history AS h ON t.transformer_id = h.transformer_id
