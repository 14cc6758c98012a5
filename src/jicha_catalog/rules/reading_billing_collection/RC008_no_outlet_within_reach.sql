/*---
code: RC008
name: {zh: 缴费网点覆盖盲区, en: No payment outlet within reach}
group: RC
subject: area
class: service
severity: low
status: active
frequency: quarterly
proof: state
tables: [area, metering_point, customer, outlet, payment]
key: [area_id]
parameters:
  - {name: km, label: {zh: 网点服务半径, en: Reach of an outlet}, type: "decimal(8,3)", default: 5, min: 0.1, max: 500, unit: km, source: {zh: 业务经验值（村村有网点）, en: Practice (an outlet in every village)}, verified: true}
  - {name: online_share, label: {zh: 线上缴费户数占比，低于才报, en: 'Share of customers paying online, below which is reported'}, type: "decimal(6,4)", default: 0.8, min: 0, max: 1, unit: ratio, source: practice, verified: true}
evidence:
  outlet_id: {zh: 最近网点, en: Nearest outlet}
  distance_km: {zh: 最近网点距离(km), en: Distance to the nearest outlet (km)}
  small_customers: {zh: 居民与小用户数, en: Residential and small customers}
  paying_customers: {zh: 近180天缴费户数, en: Of these paid within 180 days}
  online_pct: {zh: 全部线上缴费占比(%), en: Share paying online only (%)}
reason:
  zh: "台区有{small_customers}户居民和小用户，最近网点{outlet_id}在{distance_km}km外；近180天缴费的{paying_customers}户中只有{online_pct}%全部线上缴费"
  en: "{small_customers} residential and small customers; the nearest outlet {outlet_id} is {distance_km} km away; of {paying_customers} that paid within 180 days only {online_pct} % pay online throughout"
basis:
  - {regulation: 监管办法, article: 第十一条, verified: false}
  - {regulation: GB28583, article: 服务渠道, verified: false}
remedy: {zh: 增设代收点或推广线上缴费。, en: Add an agency point or promote online payment.}
near_miss:
  - {zh: 村民大多线上缴费, en: most of the village pays online}
  - {zh: 台区坐标有误, en: area with a wrong coordinate (CF015 pattern)}
  - {zh: 工业台区, en: industrial area}
decisions:
  - {zh: 线上占比以近180天有有效缴费的户为分母；没有缴费的户不计。, en: The share is of the customers with a valid payment in the last 180 days; those without one do not count.}
  - {zh: 居民不论容量；其他客户合同容量小于50kVA，容量为空不算小用户。客户所属台区取其结算计量点的台区。, en: Residents of any capacity and other customers below 50 kVA (unknown is not small); the area is that of their settlement points.}
  - {zh: 坐标须在东经73至136度、北纬3至54度（含），台区和网点都如此。, en: 'Coordinates must lie within 73 to 136 E and 3 to 54 N, bounds included, of areas and outlets alike.'}
  - {zh: 收费方式为空的不能断定为线下，占比中按线上计。, en: 'A payment of unknown method is not known to be off line; the share counts it as online.'}
  - {zh: 未判定：有30户以上而坐标为空的台区；没有一个网点有坐标；服务半径内没有网点，而近180天没有人缴费，或占比取决于收费方式为空的收费。, en: 'Not judged: areas of 30 such customers without a coordinate; all of them while no outlet has a coordinate; those out of reach where nobody paid, or where payments of unknown method decide.'}
seed: 覆盖收费盲区，缩短客户缴费半径
---*/
WITH located AS (
    SELECT
        a.area_id,
        p.small_customers,
        degrees_exact(a.longitude) AS longitude,
        degrees_exact(a.latitude) AS latitude
    FROM area AS a
    INNER JOIN populated_area AS p ON a.area_id = p.area_id
    WHERE degrees_exact(a.longitude) BETWEEN 73 AND 136 AND degrees_exact(a.latitude) BETWEEN 3 AND 54
),

-- most areas have an outlet within reach; outlets are looked for within a band, a degree of latitude being 111 km
near AS (
    SELECT a.area_id
    FROM located AS a
    INNER JOIN placed_outlet AS o
        ON
            a.latitude - CAST($km AS DECIMAL(18, 6)) * CAST(0.01 AS DECIMAL(3, 2)) <= o.latitude
            AND a.latitude + CAST($km AS DECIMAL(18, 6)) * CAST(0.01 AS DECIMAL(3, 2)) >= o.latitude
    WHERE
        CAST(
            ROUND(great_circle_km(a.longitude, a.latitude, o.longitude, o.latitude), 6) AS DECIMAL(12, 6)
        ) <= $km
    GROUP BY a.area_id
),

measured AS (
    SELECT
        a.area_id,
        a.small_customers,
        o.outlet_id,
        CAST(
            ROUND(great_circle_km(a.longitude, a.latitude, o.longitude, o.latitude), 6) AS DECIMAL(12, 6)
        ) AS distance_km
    FROM located AS a
    LEFT JOIN near AS n ON a.area_id = n.area_id
    CROSS JOIN placed_outlet AS o
    WHERE n.area_id IS NULL
),

least AS (
    SELECT
        m.area_id,
        MIN(m.distance_km) AS distance_km
    FROM measured AS m
    GROUP BY m.area_id
),

nearest AS (
    SELECT
        m.area_id,
        m.small_customers,
        m.distance_km,
        MIN(m.outlet_id) AS outlet_id
    FROM measured AS m
    INNER JOIN least AS l ON m.area_id = l.area_id AND m.distance_km = l.distance_km
    GROUP BY m.area_id, m.small_customers, m.distance_km
),

far AS (
    SELECT
        s.customer_id,
        s.area_id
    FROM small_customer AS s
    INNER JOIN nearest AS n ON s.area_id = n.area_id
),

payer AS (
    SELECT
        p.customer_id,
        s.area_id,
        -- an unknown method is not known to be off line
        MIN(
            CASE
                WHEN p.method IS NULL OR p.method IN ('mobile', 'bank_withholding', 'bank_transfer') THEN 1 ELSE 0
            END
        ) AS is_online
    FROM payment AS p
    INNER JOIN far AS s ON p.customer_id = s.customer_id
    WHERE
        -- compared as instants: files of other months are not opened
        p.received_at >= CAST($as_of - 180 AS TIMESTAMP)
        AND p.received_at < CAST($as_of AS TIMESTAMP)
        AND (p.reversed_at IS NULL OR CAST(p.reversed_at AS DATE) > $as_of)
    GROUP BY p.customer_id, s.area_id
),

paying AS (
    SELECT
        y.area_id,
        COUNT(*) AS paying_customers,
        SUM(y.is_online) AS online_customers
    FROM payer AS y
    GROUP BY y.area_id
)

SELECT
    n.area_id,
    n.outlet_id,
    CAST(ROUND(n.distance_km, 3) AS DECIMAL(12, 3)) AS distance_km,
    CAST(n.small_customers AS BIGINT) AS small_customers,
    CAST(y.paying_customers AS BIGINT) AS paying_customers,
    CAST(
        ROUND(CAST(y.online_customers * 100 AS DOUBLE) / NULLIF(CAST(y.paying_customers AS DOUBLE), 0), 1)
        AS DECIMAL(6, 1)
    ) AS online_pct
FROM nearest AS n
INNER JOIN paying AS y ON n.area_id = y.area_id
WHERE y.online_customers < $online_share * CAST(y.paying_customers AS DECIMAL(12, 0));

/*--- not judged ---*/
WITH placed AS (
    SELECT COUNT(*) AS outlets
    FROM placed_outlet
),

recent AS (
    SELECT
        p.customer_id,
        p.method
    FROM payment AS p
    WHERE
        p.received_at >= CAST($as_of - 180 AS TIMESTAMP)
        AND p.received_at < CAST($as_of AS TIMESTAMP)
        AND (p.reversed_at IS NULL OR CAST(p.reversed_at AS DATE) > $as_of)
),

paid AS (
    SELECT
        s.area_id,
        MAX(CASE WHEN p.method IS NULL THEN 1 ELSE 0 END) AS lacks_method
    FROM recent AS p
    INNER JOIN small_customer AS s ON p.customer_id = s.customer_id
    GROUP BY s.area_id
),

-- few areas have payments of unknown method: those of their customers alone are told apart
payer AS (
    SELECT
        p.customer_id,
        s.area_id,
        MIN(
            CASE
                WHEN p.method IS NULL OR p.method IN ('mobile', 'bank_withholding', 'bank_transfer') THEN 1 ELSE 0
            END
        ) AS may_be_online,
        MIN(
            CASE WHEN p.method IN ('mobile', 'bank_withholding', 'bank_transfer') THEN 1 ELSE 0 END
        ) AS is_online
    FROM recent AS p
    INNER JOIN small_customer AS s ON p.customer_id = s.customer_id
    INNER JOIN paid AS y ON s.area_id = y.area_id
    WHERE y.lacks_method = 1
    GROUP BY p.customer_id, s.area_id
),

undecided AS (
    SELECT r.area_id
    FROM payer AS r
    GROUP BY r.area_id
    HAVING
        SUM(r.may_be_online) >= $online_share * CAST(COUNT(*) AS DECIMAL(12, 0))
        AND SUM(r.is_online) < $online_share * CAST(COUNT(*) AS DECIMAL(12, 0))
),

lacking AS (
    SELECT
        a.area_id,
        degrees_exact(a.longitude) AS longitude,
        degrees_exact(a.latitude) AS latitude,
        o.outlets,
        CASE WHEN y.area_id IS NULL THEN 'payment' ELSE 'payment.method' END AS missing
    FROM area AS a
    INNER JOIN populated_area AS p ON a.area_id = p.area_id
    CROSS JOIN placed AS o
    LEFT JOIN paid AS y ON a.area_id = y.area_id
    LEFT JOIN undecided AS u ON a.area_id = u.area_id
    WHERE
        degrees_exact(a.longitude) IS NULL
        OR degrees_exact(a.latitude) IS NULL
        OR (
            degrees_exact(a.longitude) BETWEEN 73 AND 136
            AND degrees_exact(a.latitude) BETWEEN 3 AND 54
            AND (o.outlets = 0 OR y.area_id IS NULL OR u.area_id IS NOT NULL)
        )
),

near AS (
    SELECT l.area_id
    FROM lacking AS l
    INNER JOIN placed_outlet AS o
        ON
            l.latitude - CAST($km AS DECIMAL(18, 6)) * CAST(0.01 AS DECIMAL(3, 2)) <= o.latitude
            AND l.latitude + CAST($km AS DECIMAL(18, 6)) * CAST(0.01 AS DECIMAL(3, 2)) >= o.latitude
    WHERE
        CAST(
            ROUND(great_circle_km(l.longitude, l.latitude, o.longitude, o.latitude), 6) AS DECIMAL(12, 6)
        ) <= $km
    GROUP BY l.area_id
)

SELECT
    l.area_id,
    CAST(
        CASE
            WHEN l.longitude IS NULL OR l.latitude IS NULL THEN 'area.longitude,area.latitude'
            WHEN l.outlets = 0 THEN 'outlet.longitude,outlet.latitude'
            ELSE l.missing
        END AS VARCHAR
    ) AS missing
FROM lacking AS l
LEFT JOIN near AS n ON l.area_id = n.area_id
WHERE n.area_id IS NULL
