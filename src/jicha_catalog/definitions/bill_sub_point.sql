/*---
name: bill_sub_point
zh: 参与扣减的分表
en: Sub-point that takes part without a bill
note: >-
  Contract, section 5: active settlement points behind a settlement point; they take part in every period, billed or not.
columns:
  point_id: string
---*/
SELECT p.point_id
FROM metering_point AS p
INNER JOIN bill_involved AS i ON p.customer_id = i.customer_id
INNER JOIN metering_point AS m ON p.parent_point_id = m.point_id
WHERE p.purpose = 'settlement' AND m.purpose = 'settlement' AND (p.status IS NULL OR p.status = 'active')
