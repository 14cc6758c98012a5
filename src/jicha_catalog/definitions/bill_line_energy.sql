/*---
name: bill_line_energy
zh: 电度电费明细
en: Energy charge line
note: >-
  Contract, section 6: charges of a price segment and the part outside the power-factor base: at the published price one row for all
  bands, of who buys on the market one per band with energy at the price so formed, by component those of bill_line_component.
  missing: why there is no price.
columns:
  case_no: int
  segment_no: int
  file_no: int
  yuan: decimal(18,2)
  outside_yuan: decimal(18,2)
  missing: string
---*/
WITH priced AS (
    SELECT
        p.tariff_code,
        p.effective_from,
        p.is_composed,
        MAX(CASE WHEN p.band = 'tip' THEN p.price END) AS tip_price,
        MAX(CASE WHEN p.band = 'peak' THEN p.price END) AS peak_price,
        MAX(CASE WHEN p.band = 'flat' THEN p.price END) AS flat_price,
        MAX(CASE WHEN p.band = 'valley' THEN p.price END) AS valley_price,
        MAX(CASE WHEN p.band = 'deep_valley' THEN p.price END) AS deep_valley_price,
        MAX(CASE WHEN p.band = 'tip' THEN p.outside_price END) AS tip_outside,
        MAX(CASE WHEN p.band = 'peak' THEN p.outside_price END) AS peak_outside,
        MAX(CASE WHEN p.band = 'flat' THEN p.outside_price END) AS flat_outside,
        MAX(CASE WHEN p.band = 'valley' THEN p.outside_price END) AS valley_outside,
        MAX(CASE WHEN p.band = 'deep_valley' THEN p.outside_price END) AS deep_valley_outside
    FROM bill_price AS p
    GROUP BY p.tariff_code, p.effective_from, p.is_composed
),

item AS (
    SELECT
        s.case_no,
        s.segment_no,
        s.file_no,
        s.is_time_of_use,
        c.market_mode,
        x.tou_price_places,
        x.agency_extra_share,
        p.band,
        p.price,
        p.purchase_price,
        p.outside_price,
        CASE p.band
            WHEN 'tip' THEN s.tip_kwh
            WHEN 'peak' THEN s.peak_kwh
            WHEN 'valley' THEN s.valley_kwh
            WHEN 'deep_valley' THEN s.deep_valley_kwh
            ELSE s.flat_kwh
        END AS kwh
    FROM bill_segment AS s
    INNER JOIN bill_case AS c ON s.case_no = c.case_no
    INNER JOIN bill_case_setting AS x ON s.case_no = x.case_no
    INNER JOIN bill_price AS p ON s.tariff_code = p.tariff_code AND s.effective_from = p.effective_from
    WHERE
        (x.energy_line_basis = 'price' OR NOT p.is_composed)
        AND c.market_mode IN ('market_retail', 'fallback', 'agency_1_5')
),

-- what customers on the market pay
agreed AS (
    SELECT
        c.case_no,
        a.time_band,
        a.price
    FROM bill_case AS c
    INNER JOIN customer_price AS a ON c.customer_id = a.customer_id AND c.period = a.period
    WHERE
        c.market_mode IN ('market_retail', 'fallback')
        AND a.period <= $p0
        AND a.period >= months_later($p0, 1 - $recompute_months)
),

bought AS (
    SELECT
        i.case_no,
        i.segment_no,
        i.file_no,
        i.kwh,
        i.is_time_of_use,
        i.price,
        i.outside_price,
        i.purchase_price,
        i.tou_price_places,
        i.agency_extra_share,
        i.market_mode,
        COALESCE(own.price, whole.price) AS customer_price
    FROM item AS i
    LEFT JOIN agreed AS own ON i.case_no = own.case_no AND i.band = own.time_band
    LEFT JOIN agreed AS whole ON i.case_no = whole.case_no AND whole.time_band = 'all'
    WHERE i.kwh <> 0
),

formed AS (
    SELECT
        b.case_no,
        b.segment_no,
        b.file_no,
        b.kwh,
        b.outside_price,
        CASE WHEN b.is_time_of_use THEN b.tou_price_places END AS places,
        CASE
            WHEN b.market_mode IN ('market_retail', 'fallback') THEN b.price - b.purchase_price + b.customer_price
            WHEN b.market_mode = 'agency_1_5' THEN b.price + ROUND(b.agency_extra_share * b.purchase_price, 6)
            ELSE b.price
        END AS price,
        CASE
            WHEN b.price IS NULL THEN 'price_missing'
            WHEN
                b.market_mode IN ('market_retail', 'fallback')
                AND b.purchase_price IS NULL
                AND b.customer_price IS NULL
                THEN 'component_missing,customer_price_missing'
            WHEN
                b.market_mode IN ('market_retail', 'fallback') AND b.customer_price IS NULL
                THEN 'customer_price_missing'
            WHEN b.market_mode IN ('market_retail', 'fallback', 'agency_1_5') AND b.purchase_price IS NULL
                THEN 'component_missing'
        END AS missing
    FROM bought AS b
)

SELECT
    s.case_no,
    s.segment_no,
    s.file_no,
    CAST(
        bands_yuan(
            s.tip_kwh, s.peak_kwh, s.flat_kwh, s.valley_kwh, s.deep_valley_kwh,
            band_price(p.tip_price, s.is_time_of_use, x.tou_price_places),
            band_price(p.peak_price, s.is_time_of_use, x.tou_price_places),
            band_price(p.flat_price, s.is_time_of_use, x.tou_price_places),
            band_price(p.valley_price, s.is_time_of_use, x.tou_price_places),
            band_price(p.deep_valley_price, s.is_time_of_use, x.tou_price_places)
        ) AS DECIMAL(18, 2)
    ) AS yuan,
    CAST(
        bands_yuan(
            s.tip_kwh, s.peak_kwh, s.flat_kwh, s.valley_kwh, s.deep_valley_kwh,
            p.tip_outside, p.peak_outside, p.flat_outside, p.valley_outside, p.deep_valley_outside
        ) AS DECIMAL(18, 2)
    ) AS outside_yuan,
    CAST(
        CASE
            WHEN
                is_unpriced(
                    s.tip_kwh, s.peak_kwh, s.flat_kwh, s.valley_kwh, s.deep_valley_kwh,
                    p.tip_price, p.peak_price, p.flat_price, p.valley_price, p.deep_valley_price
                )
                THEN 'price_missing'
        END AS VARCHAR
    ) AS missing
FROM bill_segment AS s
INNER JOIN bill_case AS c ON s.case_no = c.case_no
INNER JOIN bill_case_setting AS x ON s.case_no = x.case_no
INNER JOIN priced AS p ON s.tariff_code = p.tariff_code AND s.effective_from = p.effective_from
WHERE
    (x.energy_line_basis = 'price' OR NOT p.is_composed)
    AND (c.market_mode IS NULL OR c.market_mode NOT IN ('market_retail', 'fallback', 'agency_1_5'))
UNION ALL
SELECT
    f.case_no,
    f.segment_no,
    f.file_no,
    CAST(line_yuan(f.kwh, round_places(f.price, f.places)) AS DECIMAL(18, 2)) AS yuan,
    CAST(line_yuan(f.kwh, f.outside_price) AS DECIMAL(18, 2)) AS outside_yuan,
    CAST(f.missing AS VARCHAR) AS missing
FROM formed AS f
UNION ALL
SELECT
    c.case_no,
    c.segment_no,
    c.file_no,
    c.yuan,
    c.outside_yuan,
    c.missing
FROM bill_line_component AS c
