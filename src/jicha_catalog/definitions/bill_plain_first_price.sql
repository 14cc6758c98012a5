/*---
name: bill_plain_first_price
zh: 期内调价前的计费要素
en: Price before the change within an interval
note: >-
  Contract, sections 3 and 6: of the rows of bill_plain_price with two editions the days and the prices of the first, prepared alike.
columns:
  price_no: int
  first_days: int
  tip_price: decimal(10,6)
  peak_price: decimal(10,6)
  flat_price: decimal(10,6)
  valley_price: decimal(10,6)
  deep_valley_price: decimal(10,6)
  is_priced: bool
---*/
SELECT
    p.price_no,
    p.first_days,
    CAST(band_price(t.tip_price, p.is_time_of_use, p.tou_price_places) AS DECIMAL(10, 6)) AS tip_price,
    CAST(band_price(t.peak_price, p.is_time_of_use, p.tou_price_places) AS DECIMAL(10, 6)) AS peak_price,
    CAST(band_price(t.energy_price, p.is_time_of_use, p.tou_price_places) AS DECIMAL(10, 6)) AS flat_price,
    CAST(band_price(t.valley_price, p.is_time_of_use, p.tou_price_places) AS DECIMAL(10, 6)) AS valley_price,
    CAST(band_price(t.deep_valley_price, p.is_time_of_use, p.tou_price_places) AS DECIMAL(10, 6)) AS deep_valley_price,
    CAST(
        t.energy_price IS NOT NULL
        AND (
            NOT p.is_time_of_use
            OR (
                t.tip_price IS NOT NULL AND t.peak_price IS NOT NULL AND t.valley_price IS NOT NULL
                AND t.deep_valley_price IS NOT NULL
            )
        ) AS BOOLEAN
    ) AS is_priced
FROM bill_plain_price AS p
INNER JOIN tariff AS t ON p.tariff_code = t.tariff_code AND p.first_effective_from = t.effective_from
