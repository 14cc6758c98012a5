/*---
name: supplied_point
zh: 参与线损统计的售电计量点
en: Point whose energy counts as sold
note: >-
  Metered settlement points in use without a parent, and the days on which their customer is supplied: from its opening day
  (unknown: always) while it is not closed, a closed one up to and with its closing day (unknown: never). Mature or not.
  is_suspended: the customer is suspended today.
tables: [metering_point, customer]
columns:
  point_id: string
  customer_id: string
  area_id: string
  feeder_id: string
  voltage_v: int
  is_suspended: bool
  from_on: date
  until_on: date
---*/
SELECT
    p.point_id,
    p.customer_id,
    p.area_id,
    p.feeder_id,
    CAST(c.voltage_v AS INTEGER) AS voltage_v,
    CAST(c.status = 'suspended' AS BOOLEAN) AS is_suspended,
    CAST(COALESCE(c.opened_on, DATE '1900-01-01') AS DATE) AS from_on,
    CAST(CASE WHEN c.status = 'closed' THEN c.closed_on ELSE DATE '9999-12-31' END AS DATE) AS until_on
FROM metering_point AS p
INNER JOIN customer AS c ON p.customer_id = c.customer_id
WHERE
    p.purpose = 'settlement'
    AND (p.status IS NULL OR p.status = 'active')
    AND (p.allocation IS NULL OR p.allocation = 'metered')
    AND p.parent_point_id IS NULL
    AND (c.status <> 'closed' OR c.closed_on IS NOT NULL)
