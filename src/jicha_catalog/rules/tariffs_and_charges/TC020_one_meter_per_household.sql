/*---
code: TC020
name: {zh: 居民一户多表或一表多户套用阶梯, en: One-meter-per-household rule broken}
group: TC
subject: customer
class: price
severity: medium
status: active
frequency: quarterly
proof: state
tables: [customer, metering_point, tariff_tier, customer_monthly]
key: [customer_id]
parameters:
  - {name: many_kwh, label: {zh: 一表多户的月均电量界限, en: Mean energy above which one meter may serve several homes}, type: "decimal(14,2)", default: 2500, min: 0, max: 1000000, unit: kWh/month, source: practice, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      several_accounts: {zh: 一户多表, en: several accounts of one household}
      several_households: {zh: 疑似一表多户, en: several households behind one meter suspected}
  first_customer_id: {zh: 首个户号, en: First account}
  account_count: {zh: 同户户数, en: Accounts of the household}
  yearly_kwh: {zh: 近12期电量(kWh), en: Energy of 12 periods (kWh)}
  mean_kwh: {zh: 月均电量(kWh), en: Mean a month (kWh)}
reason:
  zh: "{problem}：近12期电量{yearly_kwh}kWh，月均{mean_kwh}kWh[；同址同名（证）{account_count}户，首户{first_customer_id}]"
  en: "{problem}: {yearly_kwh} kWh in 12 periods, {mean_kwh} kWh a month[; {account_count} accounts of one address and holder, the first is {first_customer_id}]"
amount:
  zh: 一户多表：该户近12期电量×合并后所达阶梯的加价
  en: of several accounts, the energy of the extra account in 12 periods x price add of the tier reached together
basis: [{regulation: 阶梯电价, article: 一户一表, verified: false}]
remedy: {zh: 核实房产与户籍，合并阶梯或改合表电价。, en: 'Verify property and households; merge tiers or apply the shared-meter price.'}
near_miss:
  - {zh: 一人两套房、房号不同, en: two flats of one owner with different room numbers}
  - {zh: 有独立产权、无电量的车库表, en: garage meter with its own title deed and no usage}
  - {zh: 只在冬季用热泵的别墅, en: villa with heat pump in winter only}
decisions:
  - {zh: 立户日期为空的排在最后。同时按证件、按名称成组的报一次，首户取按证件的组。, en: 'An unknown opening day comes last; of an account in a group by number and one by name the first is that of the number.'}
  - {zh: 一表多户只看不在一户多表组内的户。月均为近12期有电量记录各期的平均。, en: 'Several households are suspected only of accounts in no group; the mean is over the known periods of the last 12.'}
  - {zh: 合并后所达阶梯：按月周期的限额乘12，与组内近12期电量合计比较。, en: 'The tier reached together: limits of a monthly cycle times 12 against the energy of the group in 12 periods.'}
  - {zh: 未判定：居民阶梯户近12期没有一期电量的不列；地址不足8字的不成组。, en: 'Accounts without energy in 12 periods are not listed; addresses under 8 characters form no group.'}
seed: 居民一表一户
---*/
WITH account AS (
    SELECT
        c.customer_id,
        c.opened_on,
        c.household_size,
        t.address_key,
        t.id_key,
        t.name_key,
        y.billed_kwh,
        y.mean_kwh,
        y.used_periods,
        MIN(p.tariff_code) AS tariff_code
    FROM mature_customer AS m
    INNER JOIN customer AS c ON m.customer_id = c.customer_id
    INNER JOIN tiered_point AS p ON c.customer_id = p.customer_id
    INNER JOIN customer_text AS t ON c.customer_id = t.customer_id
    INNER JOIN customer_year AS y ON c.customer_id = y.customer_id
    WHERE m.usage_class = 'residential'
    GROUP BY
        c.customer_id,
        c.opened_on,
        c.household_size,
        t.address_key,
        t.id_key,
        t.name_key,
        y.billed_kwh,
        y.mean_kwh,
        y.used_periods
),

member AS (
    SELECT
        a.customer_id,
        a.opened_on,
        a.address_key,
        'id' AS kind,
        a.id_key AS holder,
        a.billed_kwh
    FROM account AS a
    WHERE a.used_periods >= 6 AND LENGTH(a.address_key) >= 8 AND a.id_key IS NOT NULL
    UNION ALL
    SELECT
        a.customer_id,
        a.opened_on,
        a.address_key,
        'name' AS kind,
        a.name_key AS holder,
        a.billed_kwh
    FROM account AS a
    WHERE a.used_periods >= 6 AND LENGTH(a.address_key) >= 8 AND a.name_key IS NOT NULL
),

grouped AS (
    SELECT
        m.customer_id,
        m.kind,
        FIRST_VALUE(m.customer_id) OVER (
            PARTITION BY m.kind, m.address_key, m.holder
            ORDER BY m.opened_on ASC NULLS LAST, m.customer_id ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS first_customer_id,
        COUNT(*) OVER (PARTITION BY m.kind, m.address_key, m.holder) AS account_count,
        SUM(m.billed_kwh) OVER (PARTITION BY m.kind, m.address_key, m.holder) AS group_kwh
    FROM member AS m
    WHERE
        NOT EXISTS (
            SELECT s.address_key
            FROM shared_address AS s
            WHERE s.address_key = m.address_key
        )
),

extra AS (
    SELECT
        g.customer_id,
        g.first_customer_id,
        g.account_count,
        g.group_kwh
    FROM grouped AS g
    WHERE g.account_count >= 2 AND g.first_customer_id <> g.customer_id
    QUALIFY ROW_NUMBER() OVER (PARTITION BY g.customer_id ORDER BY g.kind) = 1
),

reached AS (
    SELECT
        e.customer_id,
        MAX(b.price_add) AS price_add
    FROM extra AS e
    INNER JOIN account AS a ON e.customer_id = a.customer_id
    INNER JOIN tier_band AS b ON a.tariff_code = b.tariff_code
    WHERE
        e.group_kwh > b.lower_kwh * CASE WHEN b.is_yearly THEN 1 ELSE 12 END
        AND (b.upper_kwh IS NULL OR e.group_kwh <= b.upper_kwh * CASE WHEN b.is_yearly THEN 1 ELSE 12 END)
    GROUP BY e.customer_id
),

suspect AS (
    SELECT
        e.customer_id,
        'several_accounts' AS problem,
        e.first_customer_id,
        e.account_count,
        r.price_add
    FROM extra AS e
    LEFT JOIN reached AS r ON e.customer_id = r.customer_id
    UNION ALL
    SELECT
        a.customer_id,
        'several_households' AS problem,
        CAST(NULL AS VARCHAR) AS first_customer_id,
        CAST(NULL AS BIGINT) AS account_count,
        CAST(NULL AS DECIMAL(10, 6)) AS price_add
    FROM account AS a
    WHERE
        a.mean_kwh > $many_kwh
        AND a.household_size IS NULL
        AND NOT EXISTS (
            SELECT g.customer_id
            FROM grouped AS g
            WHERE g.customer_id = a.customer_id AND g.account_count >= 2
        )
)

SELECT
    s.customer_id,
    CAST(s.problem AS VARCHAR) AS problem,
    CAST(s.first_customer_id AS VARCHAR) AS first_customer_id,
    CAST(s.account_count AS BIGINT) AS account_count,
    CAST(a.billed_kwh AS DECIMAL(18, 2)) AS yearly_kwh,
    CAST(ROUND(a.mean_kwh, 2) AS DECIMAL(18, 2)) AS mean_kwh,
    CAST(ROUND(a.billed_kwh * s.price_add, 2) AS DECIMAL(18, 2)) AS amount_yuan
FROM suspect AS s
INNER JOIN account AS a ON s.customer_id = a.customer_id
