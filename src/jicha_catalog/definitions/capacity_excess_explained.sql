/*---
name: capacity_excess_explained
zh: 超容另有说明的客户
en: Customer whose use above the capacity is dealt with elsewhere
note: >-
  Customers with an increase of capacity in flight, and those that UI007 (b) reports with its default parameters: partly suspended, on three
  days above 1.1 times the running capacity. What UI009 leaves out.
tables: [service_order, customer, customer_transformer, metering_point, daily_electrical]
columns:
  customer_id: string
---*/
SELECT k.customer_id
FROM known_order AS k
WHERE k.kind = 'increase_capacity' AND k.is_in_flight
UNION
SELECT d.customer_id
FROM suspended_part_day AS d
WHERE d.max_demand_kw > CAST(1.1 AS DECIMAL(2, 1)) * d.running_capacity_kva
GROUP BY d.customer_id
HAVING COUNT(*) >= 3
