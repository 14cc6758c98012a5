/*---
code: TC015
name: {zh: 账单电价或计费容量变化无工单支撑, en: Price or capacity in the bill changed without an order}
group: TC
subject: metering_point
class: price
severity: high
status: active
frequency: on_bill_issue
proof: event
tables: [bill, metering_point, customer, service_order, tariff]
key: [point_id, period]
parameters:
  - {name: mass_share, label: {zh: 视为整类调价的户数占比, en: Share of points that makes a change a general one}, type: "decimal(8,6)", default: 0.2, min: 0, max: 1, unit: ratio, source: practice, verified: true}
evidence:
  problem:
    zh: 变化
    en: Change
    codes:
      tariff: {zh: 电价码变化, en: tariff code}
      capacity: {zh: 计费容量变化, en: billed capacity}
      standard: {zh: 功率因数标准变化, en: power-factor standard}
  tariff_before: {zh: 上期电价码, en: Tariff of the period before}
  tariff_now: {zh: 当期电价码, en: Tariff of the period}
  capacity_before: {zh: 上期计费容量(kVA), en: Capacity of the period before (kVA)}
  capacity_now: {zh: 当期计费容量(kVA), en: Capacity of the period (kVA)}
  standard_before: {zh: 上期功率因数标准, en: Standard of the period before}
  standard_now: {zh: 当期功率因数标准, en: Standard of the period}
reason:
  zh: "{period}账单{problem}而无工单[：电价{tariff_before}→{tariff_now}][；容量{capacity_before}→{capacity_now}kVA][；标准{standard_before}→{standard_now}]"
  en: "The bill of {period} changed without an order: {problem}[; tariff {tariff_before} → {tariff_now}][; capacity {capacity_before} → {capacity_now} kVA][; standard {standard_before} → {standard_now}]"
amount:
  zh: （原电价－现电价）×当期电量；容量为减少的容量×容量电价
  en: (price before - price now) x energy of the period; for the capacity, the kVA fewer x capacity price
basis: [{regulation: 内控规范, article: 第三十条（授权审批控制）, verified: false}]
remedy: {zh: 核查参数修改人与依据，无依据的恢复并追责。, en: 'Find who changed the parameter and why; restore and hold responsible if unfounded.'}
near_miss:
  - {zh: 整类客户的电价政策调整, en: price policy change for a whole class}
  - {zh: 当期生效的暂停工单, en: suspension order effective in the period}
  - {zh: 换表造成一期两张账单, en: two bills in one period for a meter change}
decisions:
  - {zh: 容量差按两期中较大值的1%；空值不比较。, en: The capacities are compared by 1 % of the greater one; nulls are not compared.}
  - {zh: 一期有多张账单时计费容量相加；电价码和标准取电量最大的一张（并列取编号小的）。, en: 'Of several bills of a period the billed capacities are summed; tariff code and standard are those of the bill with most energy, then the smallest bill_id.'}
  - {zh: 占比的范围为两期都有账单、上期为原电价码的结算计量点；原电价码在本账期首日已无有效版本即为失效。, en: 'The share is of the settlement points billed in both periods and by the old code before; the old code has expired when no row is in force on the first day of the period judged.'}
  - {zh: 金额正数为少计；只有标准变化的不估算。, en: A positive amount means under-billed; a changed standard alone has none.}
  - {zh: 未判定：当期有账单而上期没有可比较的电价码（只有一期账单的新用户不列）。, en: 'Not judged: billed in both periods and the tariff code of one is unknown; points billed once are not listed.'}
seed: 变更用电规范 / 修改流程的审核控制
---*/
WITH compared AS (
    SELECT
        s.point_id,
        s.customer_id,
        b.tariff_code AS tariff_before,
        n.tariff_code AS tariff_now,
        b.billed_capacity_kva AS kva_before,
        n.billed_capacity_kva AS kva_now,
        ROUND(exact4(b.pf_standard), 2) AS standard_before,
        ROUND(exact4(n.pf_standard), 2) AS standard_now,
        n.billed_kwh
    FROM settlement_point AS s
    INNER JOIN point_bill AS n ON s.point_id = n.point_id AND n.period = $p0
    INNER JOIN point_bill AS b ON s.point_id = b.point_id AND b.period = months_later($p0, -1)
),

moved AS (
    SELECT
        c.tariff_before,
        c.tariff_now,
        COUNT(*) AS points
    FROM compared AS c
    WHERE c.tariff_before <> c.tariff_now
    GROUP BY c.tariff_before, c.tariff_now
),

policy AS (
    SELECT
        m.tariff_before,
        m.tariff_now
    FROM moved AS m
    INNER JOIN compared AS c ON m.tariff_before = c.tariff_before
    GROUP BY m.tariff_before, m.tariff_now, m.points
    HAVING CAST(m.points AS DECIMAL(18, 0)) >= $mass_share * CAST(COUNT(*) AS DECIMAL(18, 0))
),

changed AS (
    SELECT
        c.point_id,
        c.customer_id,
        c.tariff_before,
        c.tariff_now,
        c.kva_before,
        c.kva_now,
        c.standard_before,
        c.standard_now,
        c.billed_kwh,
        COALESCE(c.tariff_before <> c.tariff_now, FALSE) AND p.tariff_now IS NULL AND o.tariff_code IS NOT NULL
            AS has_tariff,
        COALESCE(
            ABS(c.kva_now - c.kva_before)
            > greater_known(ABS(c.kva_now), ABS(c.kva_before)) * CAST(0.01 AS DECIMAL(3, 2)),
            FALSE
        ) AS has_capacity,
        COALESCE(c.standard_before <> c.standard_now, FALSE) AS has_standard
    FROM compared AS c
    LEFT JOIN policy AS p ON c.tariff_before = p.tariff_before AND c.tariff_now = p.tariff_now
    LEFT JOIN tariff_at_p0 AS o ON c.tariff_before = o.tariff_code
    LEFT JOIN charge_changing_order AS k ON c.customer_id = k.customer_id
    WHERE k.customer_id IS NULL
),

priced AS (
    SELECT
        a.tariff_code,
        t.energy_price,
        a.capacity_price
    FROM tariff_at_p0 AS a
    INNER JOIN tariff AS t ON a.tariff_code = t.tariff_code AND a.effective_from = t.effective_from
)

SELECT
    c.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN c.has_tariff THEN 'tariff' END,
            CASE WHEN c.has_capacity THEN 'capacity' END,
            CASE WHEN c.has_standard THEN 'standard' END
        ) AS VARCHAR
    ) AS problem,
    CAST(CASE WHEN c.has_tariff THEN c.tariff_before END AS VARCHAR) AS tariff_before,
    CAST(CASE WHEN c.has_tariff THEN c.tariff_now END AS VARCHAR) AS tariff_now,
    CAST(CASE WHEN c.has_capacity THEN c.kva_before END AS DECIMAL(18, 2)) AS capacity_before,
    CAST(CASE WHEN c.has_capacity THEN c.kva_now END AS DECIMAL(18, 2)) AS capacity_now,
    CAST(CASE WHEN c.has_standard THEN c.standard_before END AS DECIMAL(5, 2)) AS standard_before,
    CAST(CASE WHEN c.has_standard THEN c.standard_now END AS DECIMAL(5, 2)) AS standard_now,
    CAST(
        ROUND(
            CASE
                WHEN c.has_tariff AND c.has_capacity
                    THEN
                        c.billed_kwh * (b.energy_price - n.energy_price)
                        + (c.kva_before - c.kva_now) * n.capacity_price
                WHEN c.has_tariff THEN c.billed_kwh * (b.energy_price - n.energy_price)
                WHEN c.has_capacity THEN (c.kva_before - c.kva_now) * n.capacity_price
            END,
            2
        ) AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM changed AS c
LEFT JOIN priced AS b ON c.tariff_before = b.tariff_code
LEFT JOIN priced AS n ON c.tariff_now = n.tariff_code
WHERE c.has_tariff OR c.has_capacity OR c.has_standard;

/*--- not judged ---*/
SELECT
    s.point_id,
    CAST($p0 AS DATE) AS period,
    CAST('tariff_code' AS VARCHAR) AS missing
FROM settlement_point AS s
INNER JOIN point_bill AS n ON s.point_id = n.point_id AND n.period = $p0
INNER JOIN point_bill AS b ON s.point_id = b.point_id AND b.period = months_later($p0, -1)
LEFT JOIN charge_changing_order AS k ON s.customer_id = k.customer_id
WHERE
    (n.tariff_code IS NULL OR b.tariff_code IS NULL)
    AND k.customer_id IS NULL
    -- changed in something else it is reported
    AND NOT COALESCE(
        ABS(n.billed_capacity_kva - b.billed_capacity_kva)
        > greater_known(ABS(n.billed_capacity_kva), ABS(b.billed_capacity_kva)) * CAST(0.01 AS DECIMAL(3, 2)),
        FALSE
    )
    AND NOT COALESCE(ROUND(exact4(n.pf_standard), 2) <> ROUND(exact4(b.pf_standard), 2), FALSE)
