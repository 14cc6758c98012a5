/*---
name: known_order
zh: 有效工单
en: Order
note: >-
  Service orders with a status other than cancelled. In flight: open and applied for by the screening date. Finished: archived.
  Days are the dates of the timestamps.
tables: [service_order]
columns:
  order_id: string
  customer_id: string
  kind: string
  is_in_flight: bool
  is_finished: bool
  applied_on: date
  archived_on: date
  archived_at: timestamp
  effective_from: date
  effective_to: date
---*/
SELECT
    o.order_id,
    o.customer_id,
    o.kind,
    CAST(o.status = 'open' AND CAST(o.applied_at AS DATE) <= $as_of AS BOOLEAN) AS is_in_flight,
    CAST(o.status = 'archived' AS BOOLEAN) AS is_finished,
    CAST(o.applied_at AS DATE) AS applied_on,
    CAST(o.archived_at AS DATE) AS archived_on,
    o.archived_at,
    o.effective_from,
    o.effective_to
FROM service_order AS o
WHERE o.status <> 'cancelled'
