/*---
code: RC015
name: {zh: 有抄表无账单、重复账单或新户长期未计费, en: 'Reading without bill, double bill or new account never billed'}
group: RC
subject: metering_point
class: fee
severity: high
status: active
frequency: monthly
proof: recompute
tables: [metering_point, customer, reading, bill]
key: [point_id, period]
parameters:
  - {name: days, label: {zh: 立户后应有账单的天数, en: Days from opening to the first bill}, type: int, default: 75, min: 1, max: 365, unit: day, source: {zh: 业务经验值（两个抄表周期加余量）, en: Practice (two cycles and a margin)}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      unbilled: {zh: 有抄见电量而三期内没有账单, en: 'a quantity was read, no bill in three periods'}
      double: {zh: 重复账单, en: billed twice}
      never_billed: {zh: 新户从未计费, en: new account never billed}
  read_kwh: {zh: 抄见电量(kWh), en: Quantity read (kWh)}
  bills: {zh: 重复账单张数, en: Equal bills}
  bill_ids: {zh: 应收编号, en: Bills}
reason:
  zh: "{period}{problem}[：抄见电量{read_kwh}kWh][；{bills}张账单（{bill_ids}）抄见电量均为{metered_kwh}kWh][；立户日期{opened_on}]"
  en: "{period}: {problem}[; {read_kwh} kWh read][; {bills} bills ({bill_ids}) with {metered_kwh} kWh each][; account opened on {opened_on}]"
amount:
  zh: 无账单、未计费：抄见电量×参考电价；重复账单：较小一张的应收电费
  en: 'without bill, never billed: quantity x reference price; billed twice: the smaller total'
basis: [{regulation: 抄核收规则, article: 电费发行, verified: false}]
remedy: {zh: 补发行或冲销重复账单，核查发行流程。, en: Issue or cancel the bill and check the process.}
near_miss:
  - {zh: 换表形成的两张电量不同的账单, en: two rows for a meter change with different kWh}
  - {zh: 双月计费, en: bimonthly billing}
  - {zh: 立户不久、尚未到首期账单的新户, en: new customer before its first bill}
decisions:
  - {zh: 重复账单只看常规账单；电价码或抄见电量为空的不比较；三张及以上时金额为除最大一张外各张之和。, en: 'Only regular bills count as double; bills without tariff code or energy are not compared; of three or more the amount is all but the greatest.'}
  - {zh: “该期没有负数账单”指该计量点该期没有任何应收或结算电量为负的账单。, en: '"No negative row" means no bill of the point and period with a negative total or billed energy.'}
  - {zh: 新户从未计费按其结算计量点逐点报，电量为本账期及以前各期总示数正电量之和；只有在位电能表（筛查日60天以前装出，装表日期为空算是）而没有电量时无金额。, en: 'A new account is reported for each of its settlement points; the quantity is the sum of its positive total quantities up to the period judged; with only a meter in place (installed by as_of - 60, unknown counts) there is no amount.'}
  - {zh: 没有表格meter时，新户只凭抄见电量判断。, en: Without the table of meters a new account is judged by its readings only.}
  - {zh: 未判定：本账期前一期总示数电量为空且三期内没有账单。, en: 'Not judged: the total reading of the period before the period judged has no quantity and there is no bill in the three periods.'}
seed: 从申请到抄表、核算、收费全过程跟踪
---*/
WITH read_before AS (
    SELECT
        r.point_id,
        r.quantity,
        s.parent_point_id
    FROM reading AS r
    INNER JOIN settlement_point AS s ON r.point_id = s.point_id
    WHERE r.period = months_later($p0, -1) AND r.register = 'total' AND r.quantity > 0
),

billed_point AS (
    SELECT
        b.point_id,
        MIN(b.period) AS first_period
    FROM bill AS b
    WHERE b.period >= months_later($p0, -1) AND b.period <= months_later($p0, 1)
    GROUP BY b.point_id
),

unbilled AS (
    SELECT
        r.point_id,
        r.quantity
    FROM read_before AS r
    LEFT JOIN billed_point AS b ON r.point_id = b.point_id
    LEFT JOIN billed_point AS u ON r.parent_point_id = u.point_id AND u.first_period = months_later($p0, -1)
    WHERE b.point_id IS NULL AND u.point_id IS NULL
),

-- periods with several equal bills; only these meet the points and the reversals
several AS (
    SELECT
        b.point_id,
        b.period,
        b.tariff_code,
        b.metered_kwh
    FROM bill AS b
    WHERE
        b.period <= $p0
        AND b.period >= months_later($p0, -2)
        AND (b.kind IS NULL OR b.kind IN ('normal', 'part'))
        AND b.tariff_code IS NOT NULL
        AND b.metered_kwh > 0
        AND b.total_yuan > 0
    GROUP BY b.point_id, b.period, b.tariff_code, b.metered_kwh
    HAVING COUNT(*) > 1
),

equal_bill AS (
    SELECT
        v.point_id,
        v.period,
        v.tariff_code,
        v.metered_kwh
    FROM several AS v
    INNER JOIN settlement_point AS s ON v.point_id = s.point_id
),

negative_period AS (
    SELECT
        e.point_id,
        e.period
    FROM bill AS b
    INNER JOIN equal_bill AS e ON b.point_id = e.point_id AND b.period = e.period
    WHERE
        b.period <= $p0
        AND b.period >= months_later($p0, -2)
        AND (b.total_yuan < 0 OR b.billed_kwh < 0)
    GROUP BY e.point_id, e.period
),

repeated AS (
    SELECT
        b.point_id,
        b.period,
        b.bill_id,
        b.metered_kwh,
        b.total_yuan,
        ROW_NUMBER() OVER (
            PARTITION BY b.point_id, b.period, b.tariff_code, b.metered_kwh ORDER BY b.total_yuan DESC, b.bill_id ASC
        ) AS place,
        COUNT(*) OVER (PARTITION BY b.point_id, b.period, b.tariff_code, b.metered_kwh) AS bills
    FROM bill AS b
    INNER JOIN equal_bill AS e
        ON
            b.point_id = e.point_id
            AND b.period = e.period
            AND b.tariff_code = e.tariff_code
            AND b.metered_kwh = e.metered_kwh
    LEFT JOIN negative_period AS n ON b.point_id = n.point_id AND b.period = n.period
    LEFT JOIN cancelled_bill AS x ON b.bill_id = x.bill_id
    WHERE
        b.period <= $p0
        AND b.period >= months_later($p0, -2)
        AND (b.kind IS NULL OR b.kind IN ('normal', 'part'))
        AND b.total_yuan > 0
        AND n.point_id IS NULL
        AND x.bill_id IS NULL
),

doubled AS (
    SELECT
        d.point_id,
        d.period,
        COUNT(*) AS bills,
        STRING_AGG(d.bill_id, ',' ORDER BY d.bill_id) AS bill_ids,
        MAX(d.metered_kwh) AS metered_kwh,
        SUM(CASE WHEN d.place > 1 THEN d.total_yuan END) AS surplus_yuan
    FROM repeated AS d
    WHERE d.bills > 1
    GROUP BY d.point_id, d.period
),

new_customer AS (
    SELECT
        m.customer_id,
        c.opened_on
    FROM mature_customer AS m
    INNER JOIN customer AS c ON m.customer_id = c.customer_id
    WHERE c.opened_on >= $as_of - 365 AND c.opened_on <= $as_of - CAST($days AS INTEGER)
),

billed_new AS (
    SELECT b.customer_id
    FROM bill AS b
    INNER JOIN new_customer AS n ON b.customer_id = n.customer_id
    GROUP BY b.customer_id
),

new_point AS (
    SELECT
        s.point_id,
        n.opened_on
    FROM new_customer AS n
    INNER JOIN settlement_point AS s ON n.customer_id = s.customer_id
    LEFT JOIN billed_new AS b ON n.customer_id = b.customer_id
    WHERE b.customer_id IS NULL
),

new_reading AS (
    SELECT
        r.point_id,
        SUM(r.quantity) AS quantity
    FROM reading AS r
    INNER JOIN new_point AS n ON r.point_id = n.point_id
    WHERE r.register = 'total' AND r.quantity > 0 AND r.period <= $p0 AND r.period >= months_later($p0, -14)
    GROUP BY r.point_id
),

new_meter AS (
    SELECT m.point_id
    FROM meter_in_place_today AS m
    INNER JOIN new_point AS n ON m.point_id = n.point_id
    WHERE m.installed_on IS NULL OR m.installed_on <= $as_of - 60
    GROUP BY m.point_id
),

found AS (
    SELECT
        u.point_id,
        months_later($p0, -1) AS period,
        'unbilled' AS problem,
        u.quantity AS read_kwh,
        CAST(NULL AS BIGINT) AS bills,
        CAST(NULL AS VARCHAR) AS bill_ids,
        CAST(NULL AS DECIMAL(14, 2)) AS metered_kwh,
        CAST(NULL AS DECIMAL(18, 2)) AS surplus_yuan,
        CAST(NULL AS DATE) AS opened_on
    FROM unbilled AS u
    UNION ALL
    SELECT
        d.point_id,
        d.period,
        'double' AS problem,
        CAST(NULL AS DECIMAL(14, 2)) AS read_kwh,
        d.bills,
        d.bill_ids,
        d.metered_kwh,
        CAST(d.surplus_yuan AS DECIMAL(18, 2)) AS surplus_yuan,
        CAST(NULL AS DATE) AS opened_on
    FROM doubled AS d
    UNION ALL
    SELECT
        n.point_id,
        CAST($p0 AS DATE) AS period,
        'never_billed' AS problem,
        r.quantity AS read_kwh,
        CAST(NULL AS BIGINT) AS bills,
        CAST(NULL AS VARCHAR) AS bill_ids,
        CAST(NULL AS DECIMAL(14, 2)) AS metered_kwh,
        CAST(NULL AS DECIMAL(18, 2)) AS surplus_yuan,
        n.opened_on
    FROM new_point AS n
    LEFT JOIN new_reading AS r ON n.point_id = r.point_id
    LEFT JOIN new_meter AS m ON n.point_id = m.point_id
    WHERE r.point_id IS NOT NULL OR m.point_id IS NOT NULL
)

SELECT
    f.point_id,
    CAST(f.period AS DATE) AS period,
    CAST(f.problem AS VARCHAR) AS problem,
    CAST(f.read_kwh AS DECIMAL(18, 2)) AS read_kwh,
    CAST(f.bills AS BIGINT) AS bills,
    CAST(f.bill_ids AS VARCHAR) AS bill_ids,
    CAST(f.metered_kwh AS DECIMAL(14, 2)) AS metered_kwh,
    CAST(f.opened_on AS DATE) AS opened_on,
    CAST(COALESCE(f.surplus_yuan, worth_yuan(f.read_kwh, q.price)) AS DECIMAL(18, 2)) AS amount_yuan,
    TRY_CAST(f.read_kwh AS DECIMAL(14, 2)) AS energy_kwh
FROM found AS f
LEFT JOIN reference_price AS q ON f.point_id = q.point_id;

/*--- not judged ---*/
SELECT
    r.point_id,
    CAST(months_later($p0, -1) AS DATE) AS period,
    CAST('quantity' AS VARCHAR) AS missing
FROM reading AS r
INNER JOIN settlement_point AS s ON r.point_id = s.point_id
WHERE
    r.period = months_later($p0, -1)
    AND r.register = 'total'
    AND r.quantity IS NULL
    AND NOT EXISTS (
        SELECT b.bill_id
        FROM bill AS b
        WHERE
            b.point_id = r.point_id
            AND b.period >= months_later($p0, -1)
            AND b.period <= months_later($p0, 1)
    )
