/*---
name: located_customer
zh: 低压客户及其台区的坐标
en: Coordinates of a low-voltage customer and of its area
note: >-
  Mature customers below 1000 V with a known area; coordinates exact to 0.000001 degree, null where the customer's or the area's is
  unknown or the area is not on file.
tables: [customer, metering_point]
columns:
  customer_id: string
  area_id: string
  longitude: decimal(18,6)
  latitude: decimal(18,6)
  area_longitude: decimal(18,6)
  area_latitude: decimal(18,6)
---*/
SELECT
    m.customer_id,
    u.area_id,
    CAST(degrees_exact(c.longitude) AS DECIMAL(18, 6)) AS longitude,
    CAST(degrees_exact(c.latitude) AS DECIMAL(18, 6)) AS latitude,
    CAST(degrees_exact(a.longitude) AS DECIMAL(18, 6)) AS area_longitude,
    CAST(degrees_exact(a.latitude) AS DECIMAL(18, 6)) AS area_latitude
FROM mature_customer AS m
INNER JOIN customer AS c ON m.customer_id = c.customer_id
INNER JOIN customer_area AS u ON m.customer_id = u.customer_id
LEFT JOIN area AS a ON u.area_id = a.area_id
WHERE NOT is_high_voltage(m.voltage_v)
