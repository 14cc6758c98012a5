/*---
code: CF001
name: {zh: 客户档案关键字段缺失, en: Essential customer file fields missing}
group: CF
subject: customer
class: file
severity: low
status: active
frequency: monthly
proof: state
tables: [customer]
key: [customer_id]
parameters: []
evidence:
  missing_fields: {zh: 缺失字段, en: Missing fields, codes: schema}
reason:
  zh: "{usage_class}客户档案缺少：{missing_fields}[（供电电压{voltage_v}V）]"
  en: "The file of this customer ({usage_class}) lacks: {missing_fields}[ (supplied at {voltage_v} V)]"
basis: [{regulation: 营业规则, article: 第九十二条, verified: false}]
remedy: {zh: 调阅纸质档案并现场核对后补录缺失字段。, en: Check the paper file and the site and enter the missing fields.}
near_miss:
  - {zh: 立户不足两个月、档案仍在补录的客户, en: customer opened less than 2 months ago whose file is still being completed}
  - {zh: 居民客户没有行业分类, en: residential customer without an industry code}
  - {zh: 低压客户没有运行容量, en: low-voltage customer without an operating capacity}
decisions:
  - {zh: 仅含空白的文字视为缺失；容量为0不算缺失。, en: A text of blanks only counts as missing; a capacity of 0 does not.}
seed: 检查客户档案记录是否齐全
---*/
-- The table of customers itself: the names of a million are not joined to the relation of the mature ones. What is missing is
-- asked of each, and put into words for the few that lack something.
WITH checked AS (
    SELECT
        c.customer_id,
        c.usage_class,
        c.voltage_v,
        is_blank(c.name) AS lacks_name,
        is_blank(c.address) AS lacks_address,
        c.voltage_v IS NULL AS lacks_voltage,
        c.opened_on IS NULL AS lacks_opening,
        c.usage_class <> 'residential' AND is_blank(c.industry_code) AS lacks_industry,
        c.voltage_v IS NULL OR is_high_voltage(c.voltage_v) AS may_be_high,
        kva(c.contract_capacity_kva) IS NULL AS lacks_contract,
        kva(c.operating_capacity_kva) IS NULL AS lacks_operating
    FROM customer AS c
    WHERE is_mature(c.status, c.opened_on, c.closed_on, $as_of)
)

SELECT
    k.customer_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN k.lacks_name THEN 'name' END,
            CASE WHEN k.lacks_address THEN 'address' END,
            CASE WHEN k.lacks_voltage THEN 'voltage_v' END,
            CASE WHEN k.lacks_opening THEN 'opened_on' END,
            CASE WHEN k.lacks_industry THEN 'industry_code' END,
            CASE WHEN k.may_be_high AND k.lacks_contract THEN 'contract_capacity_kva' END,
            CASE WHEN k.may_be_high AND k.lacks_operating THEN 'operating_capacity_kva' END
        ) AS VARCHAR
    ) AS missing_fields,
    k.usage_class,
    CAST(k.voltage_v AS INTEGER) AS voltage_v
FROM checked AS k
WHERE
    k.lacks_name
    OR k.lacks_address
    OR k.lacks_voltage
    OR k.lacks_opening
    OR k.lacks_industry
    OR (k.may_be_high AND (k.lacks_contract OR k.lacks_operating))
