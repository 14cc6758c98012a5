/*---
name: business_name
zh: 名称含经营字样的客户
en: Customer whose name holds a business word
note: >-
  Mature residential and agricultural customers with a word of business_word in their name. is_farm: only words that a farm may bear too.
tables: [customer]
columns:
  customer_id: string
  is_farm: bool
---*/
SELECT
    m.customer_id,
    CAST(MIN(CASE WHEN w.is_farm THEN 1 ELSE 0 END) = 1 AS BOOLEAN) AS is_farm
FROM mature_customer AS m
INNER JOIN customer_text AS x ON m.customer_id = x.customer_id
INNER JOIN business_word AS w ON POSITION(w.word IN x.name_key) > 0
WHERE m.usage_class IN ('residential', 'agricultural')
GROUP BY m.customer_id
