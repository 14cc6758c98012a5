/*---
name: bill_line_component
zh: 按电价构成的电费明细
en: Energy charge line of a component
note: >-
  Contract, section 6, where the setting says `component` and the edition has components: a line per component, for the bands that it
  has a price of its own, and one on the rest where it has one for all. A line outside the power-factor base is outside as a whole.
columns:
  case_no: int
  segment_no: int
  file_no: int
  kwh: decimal(14,2)
  price: decimal(10,6)
  yuan: decimal(18,2)
  outside_yuan: decimal(18,2)
  missing: string
---*/
WITH item AS (
    SELECT
        s.case_no,
        s.segment_no,
        s.file_no,
        s.tariff_code,
        s.effective_from,
        c.customer_id,
        c.period,
        c.market_mode,
        x.agency_extra_share,
        p.band,
        p.price,
        CASE p.band
            WHEN 'tip' THEN s.tip_kwh
            WHEN 'peak' THEN s.peak_kwh
            WHEN 'valley' THEN s.valley_kwh
            WHEN 'deep_valley' THEN s.deep_valley_kwh
            ELSE s.flat_kwh
        END AS kwh
    FROM bill_segment AS s
    INNER JOIN bill_price AS p
        ON s.tariff_code = p.tariff_code AND s.effective_from = p.effective_from AND p.is_composed
    INNER JOIN bill_case_setting AS x
        ON s.case_no = x.case_no AND x.energy_line_basis = 'component'
    INNER JOIN bill_case AS c ON s.case_no = c.case_no
),

-- each band's energy goes to the component's own band, else to its price for all
placed AS (
    SELECT
        i.case_no,
        i.segment_no,
        i.file_no,
        i.customer_id,
        i.period,
        i.market_mode,
        i.agency_extra_share,
        c.component,
        c.time_band,
        c.price,
        COALESCE(c.in_pf_base, c.component <> 'government_funds') AS in_pf_base,
        SUM(i.kwh) AS kwh
    FROM item AS i
    INNER JOIN tariff_component AS c
        ON i.tariff_code = c.tariff_code AND i.effective_from = c.effective_from AND c.time_band IN (i.band, 'all')
    LEFT JOIN tariff_component AS own
        ON
            c.time_band = 'all' AND i.tariff_code = own.tariff_code AND i.effective_from = own.effective_from
            AND c.component = own.component AND i.band = own.time_band
    WHERE i.kwh <> 0 AND own.tariff_code IS NULL
    GROUP BY
        i.case_no, i.segment_no, i.file_no, i.customer_id, i.period, i.market_mode, i.agency_extra_share, c.component,
        c.time_band, c.price, COALESCE(c.in_pf_base, c.component <> 'government_funds')
),

bought AS (
    SELECT
        p.case_no,
        p.segment_no,
        p.file_no,
        p.component,
        p.in_pf_base,
        CAST(p.kwh AS DECIMAL(14, 2)) AS kwh,
        CASE
            WHEN p.component <> 'purchase' THEN p.price
            WHEN p.market_mode IN ('market_retail', 'fallback') THEN COALESCE(own.price, whole.price)
            WHEN p.market_mode = 'agency_1_5'
                THEN CAST(ROUND(p.price * CAST(1 + p.agency_extra_share AS DECIMAL(7, 4)), 6) AS DECIMAL(10, 6))
            ELSE p.price
        END AS price
    FROM placed AS p
    LEFT JOIN customer_price AS own
        ON p.customer_id = own.customer_id AND p.period = own.period AND p.time_band = own.time_band
    LEFT JOIN customer_price AS whole
        ON p.customer_id = whole.customer_id AND p.period = whole.period AND whole.time_band = 'all'
    WHERE p.kwh <> 0
),

priced AS (
    SELECT
        i.case_no,
        i.segment_no,
        i.file_no,
        MAX(CASE WHEN i.kwh <> 0 AND i.price IS NULL THEN 1 ELSE 0 END) AS unpriced,
        MAX(CASE WHEN i.market_mode IN ('market_retail', 'fallback', 'agency_1_5') THEN 1 ELSE 0 END) AS bought
    FROM item AS i
    GROUP BY i.case_no, i.segment_no, i.file_no
),

purchased AS (
    SELECT
        b.case_no,
        b.segment_no,
        SUM(CASE WHEN b.component = 'purchase' THEN 1 ELSE 0 END) AS purchases,
        SUM(CASE WHEN b.component = 'purchase' AND b.price IS NULL THEN 1 ELSE 0 END) AS unpriced_purchases
    FROM bought AS b
    GROUP BY b.case_no, b.segment_no
),

lacking AS (
    SELECT
        p.case_no,
        p.segment_no,
        p.file_no,
        CASE
            WHEN p.unpriced = 1 THEN 'price_missing'
            WHEN q.unpriced_purchases > 0 THEN 'customer_price_missing'
            WHEN p.bought = 1 AND COALESCE(q.purchases, 0) = 0 THEN 'component_missing'
        END AS missing
    FROM priced AS p
    LEFT JOIN purchased AS q ON p.case_no = q.case_no AND p.segment_no = q.segment_no
)

SELECT
    b.case_no,
    b.segment_no,
    b.file_no,
    b.kwh,
    CAST(b.price AS DECIMAL(10, 6)) AS price,
    CAST(line_yuan(b.kwh, b.price) AS DECIMAL(18, 2)) AS yuan,
    CAST(CASE WHEN b.in_pf_base THEN 0 ELSE line_yuan(b.kwh, b.price) END AS DECIMAL(18, 2)) AS outside_yuan,
    CAST(NULL AS VARCHAR) AS missing
FROM bought AS b
UNION ALL
SELECT
    l.case_no,
    l.segment_no,
    l.file_no,
    CAST(0 AS DECIMAL(14, 2)) AS kwh,
    CAST(NULL AS DECIMAL(10, 6)) AS price,
    CAST(0 AS DECIMAL(18, 2)) AS yuan,
    CAST(0 AS DECIMAL(18, 2)) AS outside_yuan,
    CAST(l.missing AS VARCHAR) AS missing
FROM lacking AS l
WHERE l.missing IS NOT NULL
