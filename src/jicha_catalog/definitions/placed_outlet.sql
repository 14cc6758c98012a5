/*---
name: placed_outlet
zh: 有坐标的缴费网点
en: Outlet with coordinates
note: Halls, banks, agencies and self-service outlets whose coordinates lie within 73 to 136 E and 3 to 54 N.
tables: [outlet]
columns:
  outlet_id: string
  longitude: decimal(18,6)
  latitude: decimal(18,6)
---*/
SELECT
    o.outlet_id,
    CAST(degrees_exact(o.longitude) AS DECIMAL(18, 6)) AS longitude,
    CAST(degrees_exact(o.latitude) AS DECIMAL(18, 6)) AS latitude
FROM outlet AS o
WHERE
    o.kind IN ('hall', 'bank', 'agency', 'self_service')
    AND degrees_exact(o.longitude) BETWEEN 73 AND 136
    AND degrees_exact(o.latitude) BETWEEN 3 AND 54
