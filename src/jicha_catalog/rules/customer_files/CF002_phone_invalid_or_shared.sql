/*---
code: CF002
name: {zh: 联系电话无效或多户共用, en: Contact phone invalid or shared by many accounts}
group: CF
subject: customer
class: file
severity: low
status: active
frequency: monthly
proof: state
tables: [customer]
key: [customer_id]
parameters:
  - {name: share_limit, label: {zh: 共用同一电话的户数达到, en: 'Customers sharing one phone, from'}, type: int, default: 10, min: 2, max: 1000, unit: customers, source: practice, verified: true}
  - {name: distinct_names, label: {zh: 其中不同户名数达到, en: 'Different names among them, from'}, type: int, default: 6, min: 1, max: 1000, unit: names, source: practice, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      missing: {zh: 未登记电话, en: no phone on file}
      invalid: {zh: 不是有效号码, en: not a valid number}
      shared: {zh: 多户共用, en: shared by many accounts}
  phone_customers: {zh: 共用户数, en: Accounts with this phone}
  phone_names: {zh: 共用名称数, en: Names with this phone}
  limit_customers: {zh: 共用户数限值, en: Limit of accounts}
  limit_names: {zh: 共用名称数限值, en: Limit of names}
personal: [phone]
reason:
  zh: "联系电话[“{phone}”]：{problem}[，{phone_customers}户、{phone_names}个不同户名登记同一号码（限值{limit_customers}户、{limit_names}个）]"
  en: "Contact phone[ “{phone}”]: {problem}[; {phone_customers} accounts under {phone_names} different names give this number (limits {limit_customers} and {limit_names})]"
basis: [{regulation: 抄核收规则, article: 客户信息管理, verified: false}]
remedy: {zh: 联系客户核实并更新电话，排查是否由代办人或员工号码替代。, en: "Verify and replace the number; check whether an agent's or employee's number was entered."}
near_miss:
  - {zh: 一位房东以同一户名、同一电话登记多套住房, en: one landlord with several flats under one name and one phone}
  - {zh: 带区号的固定电话, en: fixed-line number with area code}
  - {zh: 立户多年、没有电话的居民, en: residential customer opened decades ago without a phone}
decisions:
  - {zh: 先把全角数字和全角加号转为半角，再去掉+86和其他字符；0086、无加号的86不去。, en: 'Full-width digits and plus sign become plain ones first; then +86 and all other characters are dropped. 0086 or 86 without a plus are not dropped.'}
  - {zh: 登记了文字但没有任何数字，视为无效号码，不视为空。, en: A text without any digit is an invalid number and not a missing one.}
  - {zh: 共用电话白名单按同样方法取数字比较；共用统计只看成熟客户，户名为空不计入不同户名数。, en: The list shared_phones is compared by digits too; only mature customers count as sharing; an empty name is no distinct name.}
seed: 检查客户档案相关信息
---*/
WITH held AS (
    SELECT
        m.customer_id,
        m.usage_class,
        c.phone,
        t.phone_digits,
        t.name_key
    FROM mature_customer AS m
    INNER JOIN customer AS c ON m.customer_id = c.customer_id
    INNER JOIN customer_text AS t ON m.customer_id = t.customer_id
),

exempt AS (
    SELECT phone_digits(r.phone) AS digits
    FROM run_shared_phones AS r
    GROUP BY phone_digits(r.phone)
),

shared AS (
    SELECT
        h.phone_digits,
        COUNT(*) AS customers,
        COUNT(DISTINCT h.name_key) AS names_held
    FROM held AS h
    LEFT JOIN exempt AS e ON h.phone_digits = e.digits
    WHERE h.phone_digits <> '' AND e.digits IS NULL
    GROUP BY h.phone_digits
    HAVING COUNT(*) >= $share_limit AND COUNT(DISTINCT h.name_key) >= $distinct_names
),

judged AS (
    SELECT
        h.customer_id,
        h.phone,
        s.customers,
        s.names_held,
        CONCAT_WS(
            ',',
            CASE WHEN h.phone_digits IS NULL AND h.usage_class <> 'residential' THEN 'missing' END,
            CASE WHEN NOT is_phone(h.phone_digits) THEN 'invalid' END,
            CASE WHEN s.phone_digits IS NOT NULL THEN 'shared' END
        ) AS problem
    FROM held AS h
    LEFT JOIN shared AS s ON h.phone_digits = s.phone_digits
)

SELECT
    j.customer_id,
    CAST(j.problem AS VARCHAR) AS problem,
    CAST(filled(j.phone) AS VARCHAR) AS phone,
    CAST(j.customers AS BIGINT) AS phone_customers,
    CAST(j.names_held AS BIGINT) AS phone_names,
    CAST(CASE WHEN j.customers IS NOT NULL THEN $share_limit END AS BIGINT) AS limit_customers,
    CAST(CASE WHEN j.customers IS NOT NULL THEN $distinct_names END AS BIGINT) AS limit_names
FROM judged AS j
WHERE LENGTH(j.problem) > 0
