/*---
code: CF015
name: {zh: 客户坐标偏离所属台区, en: Customer location far from its area}
group: CF
subject: customer
class: file
severity: low
status: active
frequency: monthly
proof: state
tables: [customer, metering_point, area]
key: [customer_id]
parameters:
  - {name: max_km, label: {zh: 客户到台区的距离上限, en: Greatest distance from customer to area}, type: "decimal(8,3)", default: 3, min: 0.1, max: 1000, unit: km, source: {zh: 业务经验值：低压供电半径，留有较大余量, en: 'Practice: radius of low-voltage supply with a wide margin'}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      invalid: {zh: 坐标不在中国范围内, en: coordinate outside China}
      far: {zh: 距台区过远, en: too far from its area}
  distance_km: {zh: 距台区(km), en: Distance to the area (km)}
  limit_km: {zh: 距离限值(km), en: Limit of the distance (km)}
reason:
  zh: "客户坐标（{longitude}，{latitude}）：{problem}，距台区{area_id}有{distance_km}km，限值{limit_km}km"
  en: "Customer coordinate ({longitude}, {latitude}): {problem}; {distance_km} km from area {area_id}, limit {limit_km} km"
basis: [{regulation: 线损制度, article: 户变关系维护, verified: false}]
remedy: {zh: 现场定位核对户变关系，更正坐标或台区。, en: 'Locate on site, then correct the coordinate or the area.'}
near_miss:
  - {zh: 山区较长但在限值内的低压线路, en: 'long low-voltage line in the mountains, within the limit'}
  - {zh: 台区自身坐标有误, en: area with a wrong coordinate of its own}
  - {zh: 专线供电的高压客户, en: high-voltage customer on a feeder}
decisions:
  - {zh: 范围指客户坐标，东经73至136度、北纬3至54度，含边界；坐标无效的客户按其实际距离计入台区超限比例。, en: 'The range is that of the customer''s coordinate, 73 to 136 E and 3 to 54 N, bounds included; a customer with an invalid coordinate counts in the share of its area by its computed distance.'}
  - {zh: 超限比例恰为20%时仍报。, en: At exactly 20 % of an area's customers its customers are still reported.}
  - {zh: 坐标取到0.000001度；距离取到0.000001km后与限值比较。, en: 'Coordinates are exact to 0.000001 degree, distances to 0.000001 km before they meet the limit.'}
  - {zh: 未判定：低压成熟客户所属台区已知，但客户或台区坐标为空。, en: 'Not judged: low-voltage mature customers with a known area whose own or whose area''s coordinate is empty.'}
seed: 现场与系统之间信息不一致
---*/
WITH tested AS (
    SELECT
        p.customer_id,
        p.area_id,
        p.longitude,
        p.latitude,
        CASE
            WHEN p.longitude BETWEEN 73 AND 136 AND p.latitude BETWEEN 3 AND 54 THEN 'far'
            ELSE 'invalid'
        END AS problem,
        CAST(
            ROUND(great_circle_km(p.longitude, p.latitude, p.area_longitude, p.area_latitude), 6) AS DECIMAL(12, 6)
        ) AS distance_km
    FROM located_customer AS p
),

-- of an area beyond one fifth of its customers its own coordinate is suspect
trusted_area AS (
    SELECT t.area_id
    FROM tested AS t
    WHERE t.distance_km IS NOT NULL
    GROUP BY t.area_id
    HAVING 5 * SUM(CASE WHEN t.distance_km > $max_km THEN 1 ELSE 0 END) <= COUNT(*)
)

SELECT
    t.customer_id,
    t.area_id,
    CAST(t.problem AS VARCHAR) AS problem,
    CAST(ROUND(t.distance_km, 3) AS DECIMAL(12, 3)) AS distance_km,
    CAST($max_km AS DECIMAL(8, 3)) AS limit_km,
    CAST(t.longitude AS DECIMAL(18, 6)) AS longitude,
    CAST(t.latitude AS DECIMAL(18, 6)) AS latitude
FROM tested AS t
INNER JOIN trusted_area AS r ON t.area_id = r.area_id
-- without one of the four coordinates there is no distance, and no test
WHERE t.distance_km > $max_km OR (t.problem = 'invalid' AND t.distance_km IS NOT NULL);

/*--- not judged ---*/
WITH lacking AS (
    SELECT
        p.customer_id,
        CONCAT_WS(
            ',',
            CASE WHEN p.longitude IS NULL OR p.latitude IS NULL THEN 'customer.longitude,customer.latitude' END,
            CASE WHEN p.area_longitude IS NULL OR p.area_latitude IS NULL THEN 'area.longitude,area.latitude' END
        ) AS missing
    FROM located_customer AS p
)

SELECT
    k.customer_id,
    CAST(k.missing AS VARCHAR) AS missing
FROM lacking AS k
WHERE LENGTH(k.missing) > 0
