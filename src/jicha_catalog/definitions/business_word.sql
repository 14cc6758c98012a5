/*---
name: business_word
zh: 经营字样
en: Business words
note: >-
  Words of a customer's name that speak of a business: the run's list business_words, or where it is empty the usual ones; in
  the form of name_key. is_farm: words that a farm may bear too.
tables: []
columns:
  word: string
  is_farm: bool
---*/
WITH given AS (
    SELECT text_key(w.word) AS word
    FROM run_business_words AS w
    WHERE text_key(w.word) <> ''
),

usual AS (
    SELECT '公司' AS word
    UNION ALL
    SELECT '厂' AS word
    UNION ALL
    SELECT '店' AS word
    UNION ALL
    SELECT '酒店' AS word
    UNION ALL
    SELECT '宾馆' AS word
    UNION ALL
    SELECT '超市' AS word
    UNION ALL
    SELECT '网吧' AS word
    UNION ALL
    SELECT '饭店' AS word
    UNION ALL
    SELECT '养殖' AS word
    UNION ALL
    SELECT '加工' AS word
    UNION ALL
    SELECT '合作社' AS word
    UNION ALL
    SELECT '工程' AS word
),

word AS (
    SELECT g.word
    FROM given AS g
    UNION
    SELECT u.word
    FROM usual AS u
    WHERE NOT EXISTS (SELECT g.word FROM given AS g)
)

SELECT
    CAST(w.word AS VARCHAR) AS word,
    CAST(w.word IN ('养殖', '合作社', '农场', '水利') AS BOOLEAN) AS is_farm
FROM word AS w
