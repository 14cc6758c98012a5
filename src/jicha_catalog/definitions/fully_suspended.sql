/*---
name: fully_suspended
zh: 全部暂停的客户
en: Fully suspended customer
note: >-
  Customers with status suspended, and those whose transformers that are not removed (there is at least one) are all suspended
  or on cold standby. Without the table of transformers only the status counts.
tables: [customer]
columns:
  customer_id: string
---*/
SELECT c.customer_id
FROM customer AS c
WHERE c.status = 'suspended'
UNION
SELECT t.customer_id
FROM customer_transformer AS t
WHERE t.status <> 'removed'
GROUP BY t.customer_id
HAVING MAX(CASE WHEN t.status IN ('suspended', 'cold_standby') THEN 0 ELSE 1 END) = 0
