/*---
name: transformer_ratio
zh: 计量点互感器变比
en: Instrument transformers of a point
note: >-
  Per point the installed current and voltage transformers: how many, how many of them without usable ratings (null, not
  above 0 or of a ratio beyond all measure), the smallest and greatest ratio of those with ratings, and the greatest secondary
  rating of the current ones.
tables: [instrument_transformer]
columns:
  point_id: string
  currents: int
  voltages: int
  unrated: int
  min_current: decimal(18,6)
  max_current: decimal(18,6)
  min_voltage: decimal(18,6)
  max_voltage: decimal(18,6)
  secondary_a: decimal(18,4)
---*/
WITH installed AS (
    SELECT
        t.point_id,
        t.kind,
        amperes(t.secondary_rating) AS secondary_rating,
        CASE
            WHEN t.primary_rating > 0 AND t.secondary_rating > 0
                THEN
                    TRY_CAST(
                        ROUND(CAST(t.primary_rating AS DOUBLE) / NULLIF(CAST(t.secondary_rating AS DOUBLE), 0), 6)
                        AS DECIMAL(18, 6)
                    )
        END AS ratio
    FROM instrument_transformer AS t
    WHERE t.status = 'installed' AND t.point_id IS NOT NULL
)

SELECT
    i.point_id,
    CAST(SUM(CASE WHEN i.kind = 'current' THEN 1 ELSE 0 END) AS INTEGER) AS currents,
    CAST(SUM(CASE WHEN i.kind = 'voltage' THEN 1 ELSE 0 END) AS INTEGER) AS voltages,
    CAST(SUM(CASE WHEN i.ratio IS NULL THEN 1 ELSE 0 END) AS INTEGER) AS unrated,
    CAST(MIN(CASE WHEN i.kind = 'current' THEN i.ratio END) AS DECIMAL(18, 6)) AS min_current,
    CAST(MAX(CASE WHEN i.kind = 'current' THEN i.ratio END) AS DECIMAL(18, 6)) AS max_current,
    CAST(MIN(CASE WHEN i.kind = 'voltage' THEN i.ratio END) AS DECIMAL(18, 6)) AS min_voltage,
    CAST(MAX(CASE WHEN i.kind = 'voltage' THEN i.ratio END) AS DECIMAL(18, 6)) AS max_voltage,
    CAST(MAX(CASE WHEN i.kind = 'current' THEN i.secondary_rating END) AS DECIMAL(18, 4)) AS secondary_a
FROM installed AS i
GROUP BY i.point_id
