/*---
code: MT006
name: {zh: 营销与采集系统表户关系不一致, en: Meter-to-customer relation differs between CIS and AMI}
group: MT
subject: meter
class: file
severity: medium
status: active
frequency: monthly
proof: state
tables: [ami_meter, meter, metering_point]
key: [meter_id]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      point: {zh: 计量点不同, en: another metering point}
      customer: {zh: 用户不同, en: another customer}
  cis_point_id: {zh: 营销计量点, en: Point in CIS}
  ami_point_id: {zh: 采集计量点, en: Point in AMI}
  cis_customer_id: {zh: 营销用户, en: Customer in CIS}
  ami_customer_id: {zh: 采集用户, en: Customer in AMI}
reason:
  zh: "两系统{problem}：营销为计量点{cis_point_id}[ 用户{cis_customer_id}]，采集为[计量点{ami_point_id}][ 用户{ami_customer_id}]"
  en: "AMI names {problem}: CIS has point {cis_point_id}[ of customer {cis_customer_id}], AMI[ point {ami_point_id}][ of customer {ami_customer_id}]"
basis: [{regulation: 抄核收规则, article: 采集档案同步, verified: false}]
remedy: {zh: 现场核对表户关系，纠正串户。, en: Check which meter serves which customer; correct crossed meters.}
near_miss:
  - {zh: 本周换装的电表, en: meter swapped this week}
  - {zh: 其中一个系统没有记录, en: one system has a null}
  - {zh: 台区考核表（没有用户）, en: supply meters of areas (no customer)}
decisions:
  - {zh: “近10天内装表”为筛查日前10天，不含当天。, en: 'Installed in the ten days before: on one of the ten days before the screening date, which itself is not among them.'}
  - {zh: 未判定：计量点和用户两项都因为空值无法比较，且计量点一项有空值。, en: 'Not judged: neither points nor customers can be compared, because one system has none.'}
seed: 采集系统、营销系统、PMS系统等各系统之间数据不统一
---*/
WITH compared AS (
    SELECT
        t.meter_id,
        t.point_id,
        a.point_id AS ami_point_id,
        p.customer_id,
        a.customer_id AS ami_customer_id,
        CONCAT_WS(
            ',',
            CASE WHEN a.point_id <> t.point_id THEN 'point' END,
            CASE WHEN a.customer_id <> p.customer_id THEN 'customer' END
        ) AS problem
    FROM meter AS t
    INNER JOIN ami_meter AS a ON t.meter_id = a.meter_id
    LEFT JOIN metering_point AS p ON t.point_id = p.point_id
    WHERE
        t.status = 'installed'
        AND (t.installed_on IS NULL OR t.installed_on < $as_of - 10 OR t.installed_on >= $as_of)
        AND (a.point_id <> t.point_id OR a.customer_id <> p.customer_id)
)

SELECT
    c.meter_id,
    CAST(c.problem AS VARCHAR) AS problem,
    CAST(c.point_id AS VARCHAR) AS cis_point_id,
    c.ami_point_id,
    CAST(c.customer_id AS VARCHAR) AS cis_customer_id,
    c.ami_customer_id
FROM compared AS c;

/*--- not judged ---*/
SELECT
    t.meter_id,
    CAST('point_id' AS VARCHAR) AS missing
FROM meter AS t
INNER JOIN ami_meter AS a ON t.meter_id = a.meter_id
LEFT JOIN metering_point AS p ON t.point_id = p.point_id
WHERE
    t.status = 'installed'
    AND (t.installed_on IS NULL OR t.installed_on < $as_of - 10 OR t.installed_on >= $as_of)
    AND (a.point_id IS NULL OR t.point_id IS NULL)
    AND (a.customer_id IS NULL OR p.customer_id IS NULL)
