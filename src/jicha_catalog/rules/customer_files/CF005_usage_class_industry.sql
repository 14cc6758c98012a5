/*---
code: CF005
name: {zh: 用电类别与行业分类不匹配, en: Usage class contradicts the industry code}
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
  - name: allowed_pairs
    label: {zh: 允许的用电类别与行业组合, en: Usage class and industry that may go together}
    type: table
    unit: code prefix
    columns: {usage_class: string, code_prefix: string}
    heads:
      code_prefix: {zh: 行业代码开头, en: Industry code begins with}
    default:
      - [residential, '83']
      - [residential, '85']
    source: {zh: 各省电价规定：学校（83）、养老院（85）执行居民电价, en: 'Provincial price rules: schools (83) and nursing homes (85) at the residential price'}
    verified: true
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      residential_business: {zh: 居民用电类别配非居民行业, en: residential class with the industry of a business}
      business_residential: {zh: 非居民用电类别配居民行业（99）, en: business class with the residential industry (99)}
      not_farming: {zh: 农业用电类别配非农业行业, en: agricultural class with an industry that does not farm}
      not_industry: {zh: 大工业用电类别配非工业行业, en: large industrial class with an industry that does not produce}
reason:
  zh: "用电类别为{usage_class}，行业分类为{industry_code}：{problem}"
  en: "Usage class {usage_class}, industry code {industry_code}: {problem}"
basis: [{regulation: 营业规则, article: 第九十二条, verified: false}]
remedy: {zh: 现场核实主要用电性质，更正行业分类或办理改类。, en: 'Verify the main use on site, then correct the industry code or process a change of class.'}
near_miss:
  - {zh: 按政策执行居民电价的学校、养老院, en: school or nursing home billed at the residential price by policy}
  - {zh: 执行农业电价的粮食烘干（13类）, en: grain dryer (13xx) on the agricultural price}
  - {zh: 执行农业电价的排灌工程（76类）, en: irrigation works (76xx) on the agricultural price}
decisions:
  - {zh: 行业代码前带一个门类字母的（C3011）去掉字母再判断；不以两位数字开头的代码无法判断。, en: 'One section letter before the code (C3011) is dropped; a code that does not begin with two digits cannot be judged.'}
  - {zh: 未判定：大工业、一般工商业、农业客户的代码为空或无法识别，居民客户有代码但无法识别。居民没有代码是常态，不列出。, en: 'Not judged: large industrial, general and agricultural customers whose code is empty or unreadable, residents whose code is unreadable. Residents without a code are normal and not listed.'}
  - {zh: 农业客户配99按“非居民类别配居民行业”报一条。, en: An agricultural customer with code 99 is reported once as business class with the residential industry.}
seed: 用电属性和行业分类的匹配情况
---*/
WITH coded AS (
    SELECT
        m.customer_id,
        m.usage_class,
        c.industry_code,
        industry_digits(c.industry_code) AS digits,
        TRY_CAST(SUBSTR(industry_digits(c.industry_code), 1, 2) AS INTEGER) AS division
    FROM mature_customer AS m
    INNER JOIN customer AS c ON m.customer_id = c.customer_id
),

judged AS (
    SELECT
        k.customer_id,
        k.usage_class,
        k.industry_code,
        k.digits,
        CASE
            WHEN k.usage_class = 'residential' AND k.division <> 99 THEN 'residential_business'
            WHEN
                k.usage_class IN ('large_industrial', 'general_industrial_commercial', 'agricultural')
                AND k.division = 99
                THEN 'business_residential'
            WHEN
                k.usage_class = 'agricultural'
                AND NOT (k.division BETWEEN 1 AND 5 OR k.division IN (13, 76))
                THEN 'not_farming'
            WHEN
                k.usage_class = 'large_industrial'
                AND (
                    k.division BETWEEN 1 AND 5
                    OR k.division BETWEEN 50 AND 52
                    OR k.division BETWEEN 61 AND 62
                    OR k.division BETWEEN 66 AND 75
                    OR k.division BETWEEN 79 AND 98
                )
                THEN 'not_industry'
        END AS problem
    FROM coded AS k
    WHERE k.division IS NOT NULL
)

SELECT
    j.customer_id,
    j.usage_class,
    j.industry_code,
    CAST(j.problem AS VARCHAR) AS problem
FROM judged AS j
WHERE
    j.problem IS NOT NULL
    AND NOT EXISTS (
        SELECT a.usage_class
        FROM parameter_allowed_pairs AS a
        WHERE a.usage_class = j.usage_class AND STARTS_WITH(j.digits, a.code_prefix)
    );

/*--- not judged ---*/
SELECT
    m.customer_id,
    CAST('industry_code' AS VARCHAR) AS missing
FROM mature_customer AS m
INNER JOIN customer AS c ON m.customer_id = c.customer_id
WHERE
    industry_digits(c.industry_code) IS NULL
    AND (
        m.usage_class IN ('large_industrial', 'general_industrial_commercial', 'agricultural')
        OR (m.usage_class = 'residential' AND NOT is_blank(c.industry_code))
    )
