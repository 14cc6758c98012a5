/*---
code: UI009
name: {zh: 超合同容量用电, en: Use above the contract capacity}
group: UI
subject: customer
class: fee
severity: high
status: active
frequency: monthly
proof: state
tables: [customer, metering_point, daily_electrical, reading, service_order]
key: [customer_id]
parameters:
  - {name: over, label: {zh: 负荷超过合同容量的倍数, en: 'Load above the contract capacity, times'}, type: "decimal(8,4)", default: 1.1, min: 1, max: 10, unit: times, source: practice, verified: true}
  - {name: days, label: {zh: 超容天数达到, en: 'Days above capacity, from'}, type: int, default: 3, min: 1, max: 60, unit: day, source: practice, verified: true}
evidence:
  basis_of_load:
    zh: 依据
    en: Source
    codes:
      daily: {zh: 日最大需量, en: daily maximum demand}
      register: {zh: 需量示数, en: demand register}
  limit_kva: {zh: 比较容量(kVA), en: Capacity compared with (kVA)}
  exceeding_days: {zh: 超容天数, en: Days above}
  greatest_kva: {zh: 最大视在负荷(kVA), en: Greatest load (kVA)}
  months: {zh: 超容月数, en: Months above}
reason:
  zh: "运行容量{limit_kva}kVA（合同{contract_capacity_kva}kVA），按{basis_of_load}最大负荷{greatest_kva}kVA[，近60天有{exceeding_days}天超容]"
  en: "Operating capacity {limit_kva} kVA (contract {contract_capacity_kva} kVA); by the {basis_of_load} the greatest load was {greatest_kva} kVA[, above on {exceeding_days} of 60 days]"
amount:
  zh: 两部制：（最大负荷－合同容量）×容量电价×超容月数（违约使用电费最高另计三倍）；单一制：超出容量×50元/kVA
  en: 'two-part: (greatest load - contract) x capacity price x months above (penalty of up to three times on top); single-part: 50 yuan per kVA of the excess'
basis: [{regulation: 营业规则, article: 第一百零一条, verified: true}]
remedy: {zh: 现场核对设备容量，办理增容或拆除并追补。, en: 'Check the equipment, process an increase or removal, recover.'}
near_miss:
  - {zh: 偶尔一次的轻微超载, en: one slight overload}
  - {zh: 按需量计收的客户（由TC008检查）, en: demand customers (TC008 charges the excess)}
  - {zh: 两台变压器有一台补录较晚（由CF006检查）, en: two transformers where one is filed late (CF006)}
decisions:
  - {zh: 各无上级的结算计量点的计费方式都须为按容量、不计或为空。, en: 'All settlement points without parent must be charged by capacity, not at all or in an unknown way.'}
  - {zh: 近60天没有一个日最大需量的客户才用本账期及上期的需量示数，按功率因数0.9折算，限值为参数倍数加0.1，一期即可。, en: 'Only customers without a single daily demand in the last 60 days are tested by the demand registers of the last 2 periods, at a power factor of 0.9, against over + 0.1; once is enough.'}
  - {zh: 需量行的电量为空时取示数乘以倍率（抄表行的，为空用计量点的，再为空按1）。UI007（部分暂停）的条件按其缺省参数判断。, en: 'A demand row without a quantity counts index x multiplier (of the row, else of the point, else 1). The condition of UI007 (b) is taken with its default parameters.'}
  - {zh: 最大负荷不超过合同容量时无金额；没有现行电价、或电价未注明单一制两部制的按单一制估算。月数为超容各日（期）所在的日历月数。, en: 'No amount where the greatest load is within the contract; a tariff that is unknown, or not known to have two parts, counts as single-part. Months: calendar months with a day, or periods, above.'}
  - {zh: 未判定：无日最大需量，也无需量示数；或合同容量为空，而按运行容量（也为空的按30kVA）已超容。, en: 'Not judged: neither a daily demand nor a demand register; or an unknown contract capacity where the load is above the operating capacity (30 kVA where that is unknown too).'}
seed: 实际用电量与变压器容量分析核实
---*/
WITH exceeded AS (
    SELECT
        l.customer_id,
        l.contract_capacity_kva,
        l.limit_kva,
        l.basis_of_load,
        CASE WHEN l.basis_of_load = 'daily' THEN COUNT(*) END AS days,
        MAX(l.load_kva) AS greatest_kva,
        COUNT(DISTINCT month_of(l.day)) AS months
    FROM capacity_load AS l
    WHERE
        l.contract_capacity_kva IS NOT NULL
        AND is_above_capacity(l.basis_of_load, l.load_kva, l.limit_kva, $over)
    GROUP BY l.customer_id, l.contract_capacity_kva, l.limit_kva, l.basis_of_load
    HAVING l.basis_of_load = 'register' OR COUNT(*) >= $days
)

SELECT
    x.customer_id,
    x.contract_capacity_kva,
    CAST(x.limit_kva AS DECIMAL(18, 4)) AS limit_kva,
    CAST(x.basis_of_load AS VARCHAR) AS basis_of_load,
    CAST(x.days AS BIGINT) AS exceeding_days,
    CAST(x.greatest_kva AS DECIMAL(18, 4)) AS greatest_kva,
    CAST(x.months AS BIGINT) AS months,
    CAST(
        CASE
            WHEN x.greatest_kva > x.contract_capacity_kva
                THEN
                    ROUND(
                        CAST(x.greatest_kva - x.contract_capacity_kva AS DECIMAL(18, 4))
                        * CASE
                            WHEN a.parts = 2
                                THEN CAST(t.capacity_price * CAST(x.months AS DECIMAL(3, 0)) AS DECIMAL(16, 4))
                            ELSE CAST(50 AS DECIMAL(16, 4))
                        END,
                        2
                    )
        END AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM exceeded AS x
LEFT JOIN capacity_tariff AS t ON x.customer_id = t.customer_id
LEFT JOIN tariff_at_as_of AS a ON t.tariff_code = a.tariff_code
LEFT JOIN capacity_excess_explained AS n ON x.customer_id = n.customer_id
WHERE n.customer_id IS NULL;

/*--- not judged ---*/
SELECT
    l.customer_id,
    CAST(CASE WHEN l.basis_of_load IS NULL THEN 'max_demand_kw' ELSE 'contract_capacity_kva' END AS VARCHAR) AS missing
FROM capacity_load AS l
LEFT JOIN capacity_excess_explained AS n ON l.customer_id = n.customer_id
WHERE
    n.customer_id IS NULL
    AND (
        (l.basis_of_load IS NULL AND l.contract_capacity_kva IS NOT NULL)
        OR (
            l.contract_capacity_kva IS NULL
            AND is_above_capacity(l.basis_of_load, l.load_kva, l.limit_kva, $over)
        )
    )
GROUP BY l.customer_id, l.basis_of_load
HAVING COALESCE(l.basis_of_load, 'register') = 'register' OR COUNT(*) >= $days
