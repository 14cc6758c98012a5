/*---
name: customer_text
zh: 客户名称、地址、证件、电话的比较形式
en: Texts of a customer in the form in which they are compared
note: >-
  name_key and address_key: NFKC, without separators, punctuation and symbols, capitals. site_key: address_key up to and with
  its first 号, all of it when there is none. id_key: NFKC, capitals, no blanks. phone_digits: digits without +86, empty when
  a filled phone has none. Texts that are in that form already are not sent through the slower Unicode functions.
tables: [customer]
columns:
  customer_id: string
  name_key: string
  address_key: string
  site_key: string
  id_key: string
  phone_digits: string
---*/
WITH keyed AS (
    SELECT
        c.customer_id,
        NULLIF(
            CASE WHEN REGEXP_MATCHES(c.name, '^[一-龥A-Z0-9]*$') THEN c.name ELSE text_key(c.name) END, ''
        ) AS name_key,
        NULLIF(
            CASE WHEN REGEXP_MATCHES(c.address, '^[一-龥A-Z0-9]*$') THEN c.address ELSE text_key(c.address) END, ''
        ) AS address_key,
        CASE
            WHEN REGEXP_MATCHES(c.id_number, '^[A-Z0-9]*$') THEN c.id_number ELSE text_nfkc(c.id_number)
        END AS id_text,
        phone_digits(c.phone) AS phone_digits
    FROM customer AS c
)

SELECT
    k.customer_id,
    CAST(k.name_key AS VARCHAR) AS name_key,
    CAST(k.address_key AS VARCHAR) AS address_key,
    CAST(
        CASE
            WHEN POSITION('号' IN k.address_key) > 0
                THEN SUBSTR(k.address_key, 1, POSITION('号' IN k.address_key))
            ELSE k.address_key
        END AS VARCHAR
    ) AS site_key,
    CAST(NULLIF(UPPER(REGEXP_REPLACE(k.id_text, '\s', '', 'g')), '') AS VARCHAR) AS id_key,
    k.phone_digits
FROM keyed AS k
