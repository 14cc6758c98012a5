/*---
name: bill_change
zh: 影响计费的变更工单
en: Order that changes what a bill stands on
note: >-
  Contract, section 2: orders in flight or finished of the kinds that matter, with the day of their effect (effective_from, null: the
  day they were archived). An order whose status was not delivered counts as one in flight: it may have changed the file. is_file:
  they change the point's file; is_capacity: what runs.
tables: [service_order]
columns:
  customer_id: string
  kind: string
  effective_on: date
  effective_to: date
  is_file: bool
  is_capacity: bool
---*/
SELECT
    o.customer_id,
    o.kind,
    CAST(COALESCE(o.effective_from, CAST(o.archived_at AS DATE)) AS DATE) AS effective_on,
    o.effective_to,
    CAST(
        o.kind IN (
            'change_class',
            'change_price_strategy',
            'change_voltage',
            'change_demand',
            'transfer_ownership',
            'split_account',
            'merge_account', 'increase_capacity', 'reduce_capacity', 'resume_capacity'
        ) AS BOOLEAN
    ) AS is_file,
    CAST(
        o.kind IN ('suspend', 'resume', 'reduce_capacity', 'resume_capacity', 'increase_capacity', 'new_hv') AS BOOLEAN
    ) AS is_capacity
FROM service_order AS o
WHERE
    (
        o.status = 'archived'
        OR ((o.status IS NULL OR o.status = 'open') AND CAST(o.applied_at AS DATE) <= $as_of)
    )
    AND o.kind IN (
        'change_class',
        'change_price_strategy',
        'change_voltage',
        'change_demand',
        'transfer_ownership',
        'split_account',
        'merge_account', 'increase_capacity', 'reduce_capacity', 'resume_capacity', 'suspend', 'resume', 'new_hv'
    )
