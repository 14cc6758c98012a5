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
WITH estimated AS (
    SELECT
        r.point_id,
        r.method
    FROM reading AS r
    WHERE r.register = 'total' AND r.period = $p0 AND (r.method IS NULL OR r.method = 'estimated')
    UNION ALL
    -- no point: it spreads the keys, see `still_point`, and lets the engine meet points and customers with these few
    SELECT
        CAST('' AS VARCHAR) AS point_id,
        CAST(NULL AS VARCHAR) AS method
),

filed AS (
    SELECT
        e.point_id,
        e.method,
        p.customer_id,
        p.reading_cycle_months
    FROM estimated AS e
    INNER JOIN metering_point AS p ON e.point_id = p.point_id
    WHERE is_settling(p.purpose, p.status) AND is_metered_allocation(p.allocation)
    UNION ALL
    -- no customer, as above
    SELECT
        CAST('' AS VARCHAR) AS point_id,
        CAST(NULL AS VARCHAR) AS method,
        CAST('' AS VARCHAR) AS customer_id,
        CAST(NULL AS INTEGER) AS reading_cycle_months
),

latest AS (
    SELECT
        i.point_id,
        i.method,
        CAST(COALESCE(i.reading_cycle_months, 1) AS INTEGER) AS reading_cycle
    FROM filed AS i
    INNER JOIN mature_customer AS c ON i.customer_id = c.customer_id
    LEFT JOIN fully_suspended AS f ON i.customer_id = f.customer_id
    WHERE f.customer_id IS NULL
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
