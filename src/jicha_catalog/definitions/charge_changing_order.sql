/*---
name: charge_changing_order
zh: 有变更计费工单的客户
en: Customer with an order that may change what is billed
note: >-
  Customers with an order (cancelled ones aside) of a kind that may change tariff, billed capacity or power-factor standard, effective or
  archived from the first day of P0 less two months to the last day of P0. What TC015 takes as the ground of a change.
tables: [service_order]
columns:
  customer_id: string
---*/
SELECT k.customer_id
FROM known_order AS k
WHERE
    k.kind IN (
        'change_class', 'change_price_strategy', 'change_voltage', 'increase_capacity', 'reduce_capacity',
        'resume_capacity', 'suspend', 'resume', 'change_demand', 'transfer_ownership', 'split_account',
        'merge_account', 'temporary'
    )
    AND (
        (k.effective_from >= months_later($p0, -2) AND k.effective_from < months_later($p0, 1))
        OR (k.archived_on >= months_later($p0, -2) AND k.archived_on < months_later($p0, 1))
    )
GROUP BY k.customer_id
