/*---
name: bill_price
zh: 电价版本各时段价格
en: Price of an edition by band
note: >-
  Contract, section 6: per edition and band the published price, the purchase component (the band's own, else that of all bands) and
  the part that the power-factor base leaves out: components so marked (null: government_funds), without components the surcharge.
columns:
  tariff_code: string
  effective_from: date
  band: string
  band_no: int
  price: decimal(10,6)
  purchase_price: decimal(10,6)
  outside_price: decimal(10,6)
  is_composed: bool
---*/
WITH priced AS (
    SELECT
        t.tariff_code,
        t.effective_from,
        'tip' AS band,
        1 AS band_no,
        t.tip_price AS price,
        t.surcharge_price
    FROM tariff AS t
    UNION ALL
    SELECT
        t.tariff_code,
        t.effective_from,
        'peak' AS band,
        2 AS band_no,
        t.peak_price AS price,
        t.surcharge_price
    FROM tariff AS t
    UNION ALL
    SELECT
        t.tariff_code,
        t.effective_from,
        'flat' AS band,
        3 AS band_no,
        t.energy_price AS price,
        t.surcharge_price
    FROM tariff AS t
    UNION ALL
    SELECT
        t.tariff_code,
        t.effective_from,
        'valley' AS band,
        4 AS band_no,
        t.valley_price AS price,
        t.surcharge_price
    FROM tariff AS t
    UNION ALL
    SELECT
        t.tariff_code,
        t.effective_from,
        'deep_valley' AS band,
        5 AS band_no,
        t.deep_valley_price AS price,
        t.surcharge_price
    FROM tariff AS t
),

-- of each component the row of the band, else that of all bands
component AS (
    SELECT
        p.tariff_code,
        p.effective_from,
        p.band,
        c.component,
        c.price,
        COALESCE(c.in_pf_base, c.component <> 'government_funds') AS in_pf_base
    FROM priced AS p
    INNER JOIN tariff_component AS c
        ON p.tariff_code = c.tariff_code AND p.effective_from = c.effective_from AND c.time_band IN (p.band, 'all')
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY p.tariff_code, p.effective_from, p.band, c.component
            ORDER BY CASE WHEN c.time_band = 'all' THEN 1 ELSE 0 END
        ) = 1
),

composed AS (
    SELECT
        c.tariff_code,
        c.effective_from,
        c.band,
        SUM(CASE WHEN c.component = 'purchase' THEN c.price END) AS purchase_price,
        SUM(CASE WHEN c.in_pf_base THEN 0 ELSE c.price END) AS outside_price
    FROM component AS c
    GROUP BY c.tariff_code, c.effective_from, c.band
),

composite AS (
    SELECT
        c.tariff_code,
        c.effective_from
    FROM tariff_component AS c
    GROUP BY c.tariff_code, c.effective_from
)

SELECT
    p.tariff_code,
    p.effective_from,
    p.band,
    CAST(p.band_no AS INTEGER) AS band_no,
    p.price,
    CAST(c.purchase_price AS DECIMAL(10, 6)) AS purchase_price,
    CAST(
        CASE WHEN x.tariff_code IS NULL THEN COALESCE(p.surcharge_price, 0) ELSE COALESCE(c.outside_price, 0) END
        AS DECIMAL(10, 6)
    ) AS outside_price,
    CAST(x.tariff_code IS NOT NULL AS BOOLEAN) AS is_composed
FROM priced AS p
LEFT JOIN composed AS c
    ON p.tariff_code = c.tariff_code AND p.effective_from = c.effective_from AND p.band = c.band
LEFT JOIN composite AS x ON p.tariff_code = x.tariff_code AND p.effective_from = x.effective_from
