/*---
name: operating_capacity_changing
zh: 运行容量正在变动的客户
en: Customer whose running capacity is changing
note: >-
  Customers with an order (cancelled ones aside) that suspends, resumes, reduces, restores or increases capacity and is in flight, or that
  takes or took effect, or ends, within 35 days of the screening date. What CF007 leaves out.
tables: [service_order]
columns:
  customer_id: string
---*/
SELECT k.customer_id
FROM known_order AS k
WHERE
    k.kind IN ('suspend', 'resume', 'reduce_capacity', 'resume_capacity', 'increase_capacity')
    AND (
        k.is_in_flight
        OR ABS(DATE_DIFF('day', k.effective_from, $as_of)) <= 35
        OR ABS(DATE_DIFF('day', k.effective_to, $as_of)) <= 35
    )
GROUP BY k.customer_id
