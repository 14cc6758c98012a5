/*---
name: bill_doubt
zh: 变更工单影响的账单
en: Bill that a change order makes doubtful
note: >-
  Contract, section 2: points and periods of bill_case with an order effective after the first day of the interval, while no history
  says what held before: is_file without any history row of the point, is_capacity without any status row of the customer's
  transformers.
columns:
  case_no: int
  is_file: bool
  is_capacity: bool
---*/
WITH filed AS (
    SELECT h.point_id
    FROM metering_point_history AS h
    GROUP BY h.point_id
),

stated AS (
    SELECT t.customer_id
    FROM transformer_status AS s
    INNER JOIN customer_transformer AS t ON s.transformer_id = t.transformer_id
    GROUP BY t.customer_id
)

SELECT
    c.case_no,
    CAST(
        MAX(
            CASE
                WHEN
                    o.is_file AND f.point_id IS NULL AND o.effective_on > c.first_day AND o.effective_on <= $as_of
                    THEN 1
                ELSE 0
            END
        ) = 1 AS BOOLEAN
    ) AS is_file,
    CAST(
        MAX(
            CASE
                WHEN NOT o.is_capacity OR s.customer_id IS NOT NULL THEN 0
                WHEN o.effective_on > c.first_day AND o.effective_on <= $as_of THEN 1
                WHEN
                    o.kind IN ('suspend', 'reduce_capacity')
                    AND o.effective_to >= c.first_day
                    AND o.effective_to < $as_of
                    THEN 1
                ELSE 0
            END
        ) = 1 AS BOOLEAN
    ) AS is_capacity
FROM bill_case AS c
INNER JOIN bill_change AS o ON c.customer_id = o.customer_id
LEFT JOIN filed AS f ON c.point_id = f.point_id
LEFT JOIN stated AS s ON c.customer_id = s.customer_id
WHERE c.days > 0
GROUP BY c.case_no
