/*---
code: BX021
name: {zh: 年内累计暂停超过六个月仍减免基本电费, en: Suspended more than six months in a calendar year}
group: BX
subject: customer
class: fee
severity: high
status: active
frequency: monthly
proof: recompute
tables: [service_order, customer, bill, metering_point, tariff]
key: [customer_id]
parameters:
  - {name: max_days, label: {zh: 一年内暂停天数上限, en: Most days suspended in a year}, type: int, default: 184, min: 1, max: 366, unit: day, source: {zh: 供电营业规则：六个月, en: 'Power supply rules: six months'}, verified: true}
evidence:
  suspended_year: {zh: 年度, en: Year}
  suspended_days: {zh: 年内暂停天数, en: Days suspended in the year}
  limit_on: {zh: 满限日期, en: Day on which the limit was reached}
  low_periods: {zh: 少计期数, en: Periods billed too low}
  first_low_period: {zh: 首个少计月份, en: First period billed too low}
  least_capacity_kva: {zh: 最小计费容量(kVA), en: Least capacity billed (kVA)}
  capacity_price: {zh: 容量电价(元/kVA·月), en: Capacity price (yuan per kVA and month)}
reason:
  zh: "{suspended_year}年累计暂停{suspended_days}天（{limit_on}满限），此后自{first_low_period}起{low_periods}期计费容量低于合同容量{contract_capacity_kva}kVA，最低{least_capacity_kva}kVA"
  en: "Suspended for {suspended_days} days in {suspended_year} (limit reached on {limit_on}); since {first_low_period} {low_periods} period(s) were billed below the contract capacity of {contract_capacity_kva} kVA, the least at {least_capacity_kva} kVA"
amount:
  zh: 满限后各期（合同容量－计费容量）×容量电价
  en: (contract capacity - capacity billed) x capacity price of the periods after the limit
basis:
  - {regulation: 营业规则, article: 第二十四条, verified: false}
  - {regulation: 基本电费, article: 第二部分, verified: false}
remedy: {zh: 自满六个月次日起按合同容量计收，或引导办理减容。, en: 'Bill contract capacity from the day after six months, or guide to a capacity reduction.'}
near_miss:
  - {zh: 不设期限的减容, en: reduction of capacity without limit of time}
  - {zh: 另有协议的季节性用电客户（列入白名单）, en: seasonal customers with a separate agreement (whitelist)}
  - {zh: 同一时段的两次部分暂停（天数只计一次）, en: 'two partial suspensions on the same days, counted once'}
decisions:
  - {zh: 满限后的账期指首日晚于达到上限的那个暂停日、属该年且不晚于本账期的月份；无计费容量的月份不判断。, en: 'Periods after the limit begin after suspended day number max_days, in that year and up to the period judged; a period without a billed capacity is not judged.'}
  - {zh: 恢复取该客户首个生效日更晚的恢复工单（作废除外）。, en: 'Resumption: the first order of kind resume with a later effective_from, cancelled ones left out.'}
  - {zh: 未判定：暂停（各次合计）超限而合同容量为空，或该年满限后没有一期有计费容量。, en: 'Not judged: beyond the limit, all suspensions of the year together, and the contract capacity or every billed capacity after it in that year is unknown.'}
seed: 变更用电 / 所有变更用电业务的用户逐一筛查
---*/
WITH beyond AS (
    SELECT
        s.customer_id,
        s.year_no,
        MAX(s.days_so_far) AS suspended_days,
        MIN(
            CASE
                WHEN s.days_so_far >= $max_days
                    THEN s.first_day + CAST($max_days - (s.days_so_far - s.days) - 1 AS INTEGER)
            END
        ) AS limit_on
    FROM suspended_days_of_year AS s
    GROUP BY s.customer_id, s.year_no
    HAVING MAX(s.days_so_far) > $max_days
),

billed AS (
    SELECT
        y.customer_id,
        y.year_no,
        y.suspended_days,
        y.limit_on,
        b.period,
        SUM(b.billed_capacity_kva) AS billed_kva
    FROM beyond AS y
    INNER JOIN bill AS b ON y.customer_id = b.customer_id
    WHERE b.period > y.limit_on AND b.period <= $p0 AND YEAR(b.period) = y.year_no
    GROUP BY y.customer_id, y.year_no, y.suspended_days, y.limit_on, b.period
),

low AS (
    SELECT
        b.customer_id,
        b.year_no,
        b.suspended_days,
        b.limit_on,
        m.contract_capacity_kva,
        COUNT(*) AS periods,
        MIN(b.period) AS first_period,
        MIN(b.billed_kva) AS least_kva,
        SUM(m.contract_capacity_kva - b.billed_kva) AS missing_kva
    FROM billed AS b
    INNER JOIN mature_customer AS m ON b.customer_id = m.customer_id
    WHERE b.billed_kva < m.contract_capacity_kva - CAST(0.5 AS DECIMAL(2, 1))
    GROUP BY b.customer_id, b.year_no, b.suspended_days, b.limit_on, m.contract_capacity_kva
    QUALIFY ROW_NUMBER() OVER (PARTITION BY b.customer_id ORDER BY b.year_no DESC) = 1
)

SELECT
    l.customer_id,
    CAST(l.year_no AS BIGINT) AS suspended_year,
    CAST(l.suspended_days AS BIGINT) AS suspended_days,
    CAST(l.limit_on AS DATE) AS limit_on,
    l.contract_capacity_kva,
    CAST(l.periods AS BIGINT) AS low_periods,
    CAST(month_text(l.first_period) AS VARCHAR) AS first_low_period,
    CAST(l.least_kva AS DECIMAL(18, 2)) AS least_capacity_kva,
    t.capacity_price,
    CAST(ROUND(CAST(l.missing_kva AS DECIMAL(24, 4)) * t.capacity_price, 2) AS DECIMAL(18, 2)) AS amount_yuan
FROM low AS l
LEFT JOIN capacity_tariff AS t ON l.customer_id = t.customer_id;

/*--- not judged ---*/
WITH beyond AS (
    SELECT
        s.customer_id,
        s.year_no,
        MIN(
            CASE
                WHEN s.days_so_far >= $max_days
                    THEN s.first_day + CAST($max_days - (s.days_so_far - s.days) - 1 AS INTEGER)
            END
        ) AS limit_on
    FROM suspended_days_of_year AS s
    GROUP BY s.customer_id, s.year_no
    HAVING MAX(s.days_so_far) > $max_days
),

lacking AS (
    SELECT
        y.customer_id,
        CASE WHEN m.contract_capacity_kva IS NULL THEN 1 ELSE 0 END AS lacks_contract,
        CASE WHEN COUNT(b.billed_capacity_kva) = 0 THEN 1 ELSE 0 END AS lacks_billed
    FROM beyond AS y
    INNER JOIN mature_customer AS m ON y.customer_id = m.customer_id
    LEFT JOIN bill AS b
        ON
            y.customer_id = b.customer_id
            AND y.limit_on < b.period
            AND b.period <= $p0
            AND y.year_no = YEAR(b.period)
    -- some period lies behind the limit
    WHERE y.limit_on < $p0 AND MONTH(y.limit_on) < 12
    GROUP BY y.customer_id, y.year_no, m.contract_capacity_kva
    HAVING m.contract_capacity_kva IS NULL OR COUNT(b.billed_capacity_kva) = 0
)

SELECT
    l.customer_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN MAX(l.lacks_contract) = 1 THEN 'contract_capacity_kva' END,
            CASE WHEN MAX(l.lacks_billed) = 1 THEN 'billed_capacity_kva' END
        ) AS VARCHAR
    ) AS missing
FROM lacking AS l
GROUP BY l.customer_id
