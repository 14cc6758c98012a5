/*---
code: TC005
name: {zh: 不应执行两部制而执行, en: Two-part tariff applied without ground}
group: TC
subject: customer
class: price
severity: medium
status: active
frequency: monthly
proof: state
tables: [customer, metering_point, tariff]
key: [customer_id]
parameters:
  - {name: lower, label: {zh: 可执行两部制的容量下限, en: Smallest capacity that may have a two-part tariff}, type: "decimal(14,4)", default: 100, min: 0, max: 1000000, unit: kVA, source: {zh: 发改价格〔2023〕526号, en: Notice 2023-526}, verified: true}
  - {name: ev_exempt_until, label: {zh: 充换电设施免收容量电费截止日, en: Charging stations are free of the capacity charge until}, type: date, default: 2030-12-31, unit: date, source: {zh: 充换电设施免收需量（容量）电费政策, en: Charging stations are free of the capacity charge}, verified: false}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      usage_class: {zh: 该用电类别不执行两部制, en: a class without a two-part tariff}
      ev_exempt: {zh: 充换电设施在免收容量（需量）电费期内, en: EV charging is exempt from the capacity charge}
      small: {zh: 合同容量低于下限, en: contract capacity below the lower bound}
      temporary: {zh: 临时用电, en: temporary supply}
  two_part_points: {zh: 执行两部制的结算点数, en: Points on a two-part tariff}
  two_part_tariff: {zh: 执行的两部制电价, en: Two-part tariff executed}
reason:
  zh: "{usage_class}[，合同容量{contract_capacity_kva}kVA]，执行两部制电价{two_part_tariff}：{problem}[；近12期基本电费{amount_yuan}元]"
  en: "{usage_class}[, contract capacity {contract_capacity_kva} kVA], on the two-part tariff {two_part_tariff}: {problem}[; {amount_yuan} yuan of basic charge in 12 periods]"
amount:
  zh: 近12期基本电费
  en: capacity or demand charge of the last 12 periods
basis: [{regulation: 输配电价, article: 两部制电价执行范围, verified: false}]
remedy: {zh: 核实类别容量，更正为单一制并退还基本电费。, en: 'Check, move to single-part and refund the capacity charge.'}
near_miss:
  - {zh: 容量达到下限、自选两部制的客户, en: customer above the limit who chose two-part}
  - {zh: 不属集中式充换电免收范围的充电站（白名单）, en: EV station not under the concentrated-charging exemption (whitelist)}
  - {zh: 没有登记合同容量的客户, en: customer without a contract capacity on file}
decisions:
  - {zh: “本账期不晚于免收截止日”只针对充换电；其余三类任何时候都报。, en: 'The end of the exemption concerns EV charging only; the other three classes are reported at any time.'}
  - {zh: 一个客户一条，问题并列。, en: One finding per customer; several problems are listed.}
  - {zh: 金额为该客户近12期全部账单的基本电费之和，从未计过则无金额。, en: 'The amount sums basic_yuan of all bills of the customer; none where it was never charged.'}
  - {zh: 未判定：执行两部制、没有其他问题而合同容量为空的。, en: 'Not judged: on a two-part tariff, no other problem, contract capacity null.'}
seed: 销售电价政策执行
---*/
WITH two_part AS (
    SELECT
        s.customer_id,
        COUNT(*) AS points,
        MIN(s.tariff_code) AS tariff_code
    FROM settlement_point AS s
    INNER JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code
    WHERE t.parts = 2
    GROUP BY s.customer_id
),

suspect AS (
    SELECT
        m.customer_id,
        m.usage_class,
        m.contract_capacity_kva,
        c.is_temporary,
        w.points,
        w.tariff_code,
        NULLIF(
            CONCAT_WS(
                ',',
                CASE WHEN m.usage_class IN ('residential', 'agricultural', 'street_lighting') THEN 'usage_class' END,
                CASE WHEN m.usage_class = 'ev_charging' AND $p0 <= $ev_exempt_until THEN 'ev_exempt' END,
                CASE WHEN m.contract_capacity_kva < $lower THEN 'small' END,
                CASE WHEN c.is_temporary THEN 'temporary' END
            ), ''
        ) AS problem
    FROM two_part AS w
    INNER JOIN mature_customer AS m ON w.customer_id = m.customer_id
    INNER JOIN customer AS c ON m.customer_id = c.customer_id
),

billed AS (
    SELECT
        b.customer_id,
        SUM(b.basic_yuan) AS basic_yuan
    FROM bill AS b
    INNER JOIN suspect AS x ON b.customer_id = x.customer_id
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11)
    GROUP BY b.customer_id
)

SELECT
    x.customer_id,
    CAST(b.basic_yuan AS DECIMAL(18, 2)) AS amount_yuan,
    CAST(x.problem AS VARCHAR) AS problem,
    x.usage_class,
    x.contract_capacity_kva,
    x.is_temporary,
    CAST(x.points AS BIGINT) AS two_part_points,
    CAST(x.tariff_code AS VARCHAR) AS two_part_tariff
FROM suspect AS x
LEFT JOIN billed AS b ON x.customer_id = b.customer_id
WHERE x.problem IS NOT NULL;

/*--- not judged ---*/
SELECT
    m.customer_id,
    CAST('contract_capacity_kva' AS VARCHAR) AS missing
FROM mature_customer AS m
INNER JOIN customer AS c ON m.customer_id = c.customer_id
WHERE
    m.contract_capacity_kva IS NULL
    AND m.usage_class NOT IN ('residential', 'agricultural', 'street_lighting')
    AND NOT (m.usage_class = 'ev_charging' AND $p0 <= $ev_exempt_until)
    AND (c.is_temporary IS NULL OR NOT c.is_temporary)
    AND EXISTS (
        SELECT s.point_id
        FROM settlement_point AS s
        INNER JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code
        WHERE s.customer_id = m.customer_id AND t.parts = 2
    )
