/*---
name: capacity_tariff
zh: 计收基本电费的计量点及电价
en: Point and tariff of the basic charge
note: >-
  Per customer the one settlement point whose tariff prices the customer's capacity: a point charged by capacity before
  others, one whose tariff in force has a capacity price, one without parent, then the smallest point_id.
tables: [metering_point, customer, tariff]
columns:
  customer_id: string
  point_id: string
  tariff_code: string
  basic_charge_mode: string
  capacity_price: decimal(12,4)
---*/
SELECT
    s.customer_id,
    s.point_id,
    s.tariff_code,
    s.basic_charge_mode,
    t.capacity_price
FROM settlement_point AS s
LEFT JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY s.customer_id
        ORDER BY
            CASE WHEN s.basic_charge_mode = 'capacity' THEN 0 ELSE 1 END,
            CASE WHEN t.capacity_price IS NULL THEN 1 ELSE 0 END,
            CASE WHEN s.parent_point_id IS NULL THEN 0 ELSE 1 END,
            s.point_id
    ) = 1
