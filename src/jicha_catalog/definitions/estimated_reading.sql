/*---
name: estimated_reading
zh: 本期估抄的计量点应抄各期
en: Periods in which points estimated in P0 were due
note: >-
  Metered settlement points of mature customers that are not fully suspended, whose total register was read in P0 by estimate or by an unknown
  method: P0 (back is 0) and the eleven periods before it in which they were due, one every reading_cycle months (1 where the file says
  none). method: the one of P0, null when unknown. What RC001 tests.
tables: [reading, metering_point, customer]
columns:
  point_id: string
  method: string
  reading_cycle: int
  back: int
  period: date
---*/
WITH latest AS (
    SELECT
        r.point_id,
        r.method,
        CAST(COALESCE(p.reading_cycle_months, 1) AS INTEGER) AS reading_cycle
    FROM reading AS r
    INNER JOIN metering_point AS p ON r.point_id = p.point_id
    INNER JOIN mature_customer AS c ON p.customer_id = c.customer_id
    LEFT JOIN fully_suspended AS f ON p.customer_id = f.customer_id
    WHERE
        r.register = 'total'
        AND r.period = $p0
        AND (r.method IS NULL OR r.method = 'estimated')
        AND is_settling(p.purpose, p.status)
        AND is_metered_allocation(p.allocation)
        AND f.customer_id IS NULL
)

SELECT
    l.point_id,
    l.method,
    l.reading_cycle,
    CAST(n.back AS INTEGER) AS back,
    CAST(months_later($p0, -n.back * l.reading_cycle) AS DATE) AS period
FROM latest AS l
INNER JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)) AS n (back)
    ON n.back = 0 OR l.reading_cycle BETWEEN 1 AND 12
