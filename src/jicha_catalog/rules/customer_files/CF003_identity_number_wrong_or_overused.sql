/*---
code: CF003
name: {zh: 证件号码校验不通过或一证多户异常, en: Identity number fails its check digit or covers too many homes}
group: CF
subject: customer
class: file
severity: medium
status: active
frequency: monthly
proof: state
tables: [customer]
key: [customer_id]
parameters:
  - {name: many_homes, label: {zh: 同一证件的居民户数达到, en: 'Homes under one identity number, from'}, type: int, default: 6, min: 2, max: 1000, unit: customers, source: {zh: 业务经验值：超过五户, en: 'Practice: more than five'}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      check_digit: {zh: 身份证校验码不符, en: wrong check digit of a resident identity number}
      birth_date: {zh: 出生日期不存在, en: birth date that is no day of the calendar}
      credit_code: {zh: 统一社会信用代码校验码不符, en: wrong check character of a unified social credit code}
      many_homes: {zh: 一证多户, en: one number for many homes}
  is_credit_code: {zh: 是否为校验正确的统一社会信用代码, en: Valid as a unified social credit code}
  id_customers: {zh: 同证件居民户数, en: Residential accounts with this number}
  id_homes: {zh: 同证件不同地址数, en: Addresses with this number}
  limit_homes: {zh: 一证多户限值, en: Limit of homes}
personal: [id_number]
reason:
  zh: "证件号码“{id_number}”：{problem}[，{id_customers}户居民、{id_homes}个不同地址登记同一证件（限值{limit_homes}户）]"
  en: "Identity number “{id_number}”: {problem}[; {id_customers} residential accounts at {id_homes} addresses give this number (limit {limit_homes})]"
basis: [{regulation: 营业规则, article: 第十八条, verified: false}]
remedy: {zh: 核对证件原件，更正号码；一证多户的核实是否借名立户。, en: 'Check the original document, correct the number, and verify whether accounts stand in a borrowed name.'}
near_miss:
  - {zh: 15位的旧身份证号码, en: 15-digit old identity number}
  - {zh: 隐私处理后带*的号码, en: masked number delivered by the privacy layer}
  - {zh: 名下三套住房的业主, en: owner with three flats}
decisions:
  - {zh: 17位数字加数字或X的号码一律按身份证校验；全为数字的统一社会信用代码因此也会报出，证据“是否为校验正确的统一社会信用代码”为“是”的多为此类，可直接排除。, en: 'Every number of 17 digits and a digit or X is tested as a resident identity number. A unified social credit code that happens to be all digits is therefore reported too; the evidence "valid as a unified social credit code" then says yes.'}
  - {zh: 出生日期只看是否为日历上的日期，不判断年龄或是否晚于筛查日。, en: 'The birth date only has to be a day of the calendar; age and future dates are not judged.'}
  - {zh: 统一社会信用代码含字母表以外的字符（I、O、S、V、Z、汉字等）即为不符。, en: 'A character outside the 31 of GB 32100 (I, O, S, V, Z, Chinese) makes a credit code wrong.'}
  - {zh: 一证多户要求居民户数与不同地址数都达到限值；空地址不计入不同地址数。, en: 'Both the accounts and the distinct addresses must reach the limit; an empty address is no distinct address.'}
seed: 客户原始档案的准确性
---*/
WITH held AS (
    SELECT
        m.customer_id,
        m.usage_class,
        c.id_number,
        t.id_key,
        t.address_key,
        LENGTH(t.id_key) = 18 AS is_long,
        REGEXP_MATCHES(t.id_key, '^[0-9]{17}[0-9X]$') AS is_resident_number
    FROM mature_customer AS m
    INNER JOIN customer AS c ON m.customer_id = c.customer_id
    INNER JOIN customer_text AS t ON m.customer_id = t.customer_id
    WHERE POSITION('*' IN t.id_key) = 0
),

overused AS (
    SELECT
        h.id_key,
        COUNT(*) AS customers,
        COUNT(DISTINCT h.address_key) AS homes
    FROM held AS h
    WHERE h.usage_class = 'residential'
    GROUP BY h.id_key
    -- as many addresses, hence at least as many customers
    HAVING COUNT(DISTINCT h.address_key) >= $many_homes
),

judged AS (
    SELECT
        h.customer_id,
        h.id_number,
        h.id_key,
        h.is_resident_number,
        o.customers,
        o.homes,
        CONCAT_WS(
            ',',
            CASE
                WHEN h.is_resident_number AND resident_check_character(h.id_key) <> SUBSTR(h.id_key, 18, 1)
                    THEN 'check_digit'
            END,
            CASE WHEN h.is_resident_number AND birth_date(h.id_key) IS NULL THEN 'birth_date' END,
            CASE
                WHEN h.is_long AND NOT h.is_resident_number AND NOT is_credit_code(h.id_key) THEN 'credit_code'
            END,
            CASE WHEN o.id_key IS NOT NULL THEN 'many_homes' END
        ) AS problem
    FROM held AS h
    LEFT JOIN overused AS o ON h.id_key = o.id_key AND h.usage_class = 'residential'
)

SELECT
    j.customer_id,
    j.id_number,
    CAST(j.problem AS VARCHAR) AS problem,
    CAST(CASE WHEN j.is_resident_number THEN is_credit_code(j.id_key) END AS BOOLEAN) AS is_credit_code,
    CAST(j.customers AS BIGINT) AS id_customers,
    CAST(j.homes AS BIGINT) AS id_homes,
    CAST(CASE WHEN j.customers IS NOT NULL THEN $many_homes END AS BIGINT) AS limit_homes
FROM judged AS j
WHERE LENGTH(j.problem) > 0
