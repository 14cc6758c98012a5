/*---
name: bill_plain_point
zh: 普通计量点
en: Plain point
note: >-
  Of the plain points of bill_point (is_plain) what every bill of theirs asks: a narrow relation, as all bills are joined with it.
  ordinary_from: from this period on the tier limits are those of any customer; before it, or with more persons than a tier is made
  for, they are worked out for the bill.
columns:
  point_id: string
  customer_id: string
  kind_no: int
  multiplier: decimal(18,4)
  household_size: int
  household_size_from: date
  household_size_until: date
  opened_on: date
  until_on: date
  ordinary_from: date
---*/
SELECT
    p.point_id,
    p.customer_id,
    k.kind_no,
    p.multiplier,
    p.household_size,
    p.household_size_from,
    p.household_size_until,
    CAST(COALESCE(p.opened_on, DATE '0001-01-01') AS DATE) AS opened_on,
    CAST(COALESCE(p.closed_on, DATE '9999-12-31') AS DATE) AS until_on,
    CAST(
        CASE
            WHEN p.household_size > k.least_household THEN DATE '9999-12-31'
            WHEN p.opened_on IS NULL THEN DATE '0001-01-01'
            ELSE MAKE_DATE(YEAR(p.opened_on) + 1, 1, 1)
        END AS DATE
    ) AS ordinary_from
FROM bill_point AS p
INNER JOIN bill_plain_kind AS k
    ON
        p.org_id = k.org_id AND p.tariff_code = k.tariff_code AND p.cycle_months = k.cycle_months
        AND p.reading_day = k.reading_day AND p.is_time_of_use = k.is_time_of_use
WHERE p.is_plain
