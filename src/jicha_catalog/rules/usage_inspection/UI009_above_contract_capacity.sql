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
  - {name: over, type: "decimal(8,4)", default: 1.1, min: 1, max: 10, unit: ratio, source: practice, verified: true}
  - {name: days, type: int, default: 3, min: 1, max: 60, unit: day, source: practice, verified: true}
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
  - {zh: 变压器一晚超载5%, en: transformer overloaded 5 % for one evening}
  - {zh: 按需量计收的客户（由TC008检查）, en: demand customers (TC008 charges the excess)}
  - {zh: 两台变压器有一台补录较晚（由CF006检查）, en: two transformers where one is filed late (CF006)}
decisions:
  - {zh: 各无上级的S点的计费方式都须为按容量、不计或为空。, en: 'All S points without parent must be charged by capacity, not at all or in an unknown way.'}
  - {zh: 近60天没有一个日最大需量的客户才用P0及上期的需量示数，按功率因数0.9折算，阈值为over加0.1，一期即可。, en: 'Only customers without a single daily demand in D(60) are tested by the demand registers of W(2), at a power factor of 0.9, against over + 0.1; once is enough.'}
  - {zh: 需量行的电量为空时取示数乘以倍率。UI007（部分暂停）的条件按其缺省参数判断。, en: 'A demand row without a quantity counts index x multiplier. The condition of UI007 (b) is taken with its default parameters.'}
  - {zh: 最大负荷不超过合同容量时无金额。月数为超容各日（期）所在的日历月数。, en: 'No amount where the greatest load is within the contract. Months: calendar months with a day, or periods, above.'}
  - {zh: 未判定：无日最大需量，也无需量示数。, en: 'Not judged: neither a daily demand nor a demand register.'}
seed: 实际用电量与变压器容量分析核实
---*/
WITH tested AS (
    SELECT
        m.customer_id,
        m.contract_capacity_kva,
        COALESCE(m.operating_capacity_kva, m.contract_capacity_kva) AS limit_kva
    FROM mature_customer AS m
    INNER JOIN settlement_point AS s ON m.customer_id = s.customer_id AND s.parent_point_id IS NULL
    WHERE m.usage_class <> 'residential' AND m.contract_capacity_kva >= 30
    GROUP BY m.customer_id, m.contract_capacity_kva, m.operating_capacity_kva
    HAVING MAX(CASE WHEN s.basic_charge_mode IN ('contract_demand', 'actual_demand') THEN 1 ELSE 0 END) = 0
),

point AS (
    SELECT
        s.point_id,
        s.customer_id
    FROM settlement_point AS s
    INNER JOIN tested AS t ON s.customer_id = t.customer_id
    WHERE s.parent_point_id IS NULL
),

daily AS (
    SELECT
        p.customer_id,
        e.day,
        SUM(
            CAST(
                ROUND(
                    CAST(e.max_demand_kw AS DOUBLE)
                    / NULLIF(
                        CAST(GREATEST(COALESCE(CAST(e.power_factor AS DOUBLE), 0.9), CAST(0.8 AS DOUBLE)) AS DOUBLE), 0
                    ),
                    6
                ) AS DECIMAL(24, 6)
            )
        ) AS load_kva
    FROM point AS p
    INNER JOIN daily_electrical AS e ON p.point_id = e.point_id
    WHERE e.day >= $as_of - 60 AND e.day < $as_of AND kva(e.max_demand_kw) IS NOT NULL
    GROUP BY p.customer_id, e.day
),

registered AS (
    SELECT
        p.customer_id,
        r.period,
        SUM(
            CAST(
                ROUND(
                    CAST(
                        COALESCE(
                            CAST(r.quantity AS DOUBLE),
                            CAST(r.current_index AS DOUBLE)
                            * COALESCE(CAST(q.multiplier AS DOUBLE), CAST(r.multiplier AS DOUBLE), 1)
                        ) AS DOUBLE
                    ) / 0.9,
                    6
                ) AS DECIMAL(24, 6)
            )
        ) AS load_kva
    FROM point AS p
    INNER JOIN metering_point AS q ON p.point_id = q.point_id
    INNER JOIN reading AS r ON p.point_id = r.point_id
    WHERE
        r.register = 'demand'
        AND r.period <= $p0
        AND r.period >= months_later($p0, -1)
        AND NOT EXISTS (
            SELECT d.customer_id
            FROM daily AS d
            WHERE d.customer_id = p.customer_id
        )
    GROUP BY p.customer_id, r.period
),

exceeded AS (
    SELECT
        t.customer_id,
        t.contract_capacity_kva,
        t.limit_kva,
        'daily' AS basis_of_load,
        COUNT(*) AS days,
        MAX(d.load_kva) AS greatest_kva,
        COUNT(DISTINCT month_of(d.day)) AS months
    FROM tested AS t
    INNER JOIN daily AS d ON t.customer_id = d.customer_id
    WHERE d.load_kva > $over * t.limit_kva
    GROUP BY t.customer_id, t.contract_capacity_kva, t.limit_kva
    HAVING COUNT(*) >= $days
    UNION ALL
    SELECT
        t.customer_id,
        t.contract_capacity_kva,
        t.limit_kva,
        'register' AS basis_of_load,
        CAST(NULL AS BIGINT) AS days,
        MAX(g.load_kva) AS greatest_kva,
        COUNT(*) AS months
    FROM tested AS t
    INNER JOIN registered AS g ON t.customer_id = g.customer_id
    WHERE g.load_kva > ($over + CAST(0.1 AS DECIMAL(2, 1))) * t.limit_kva
    GROUP BY t.customer_id, t.contract_capacity_kva, t.limit_kva
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
WHERE
    NOT EXISTS (
        SELECT o.order_id
        FROM known_order AS o
        WHERE o.customer_id = x.customer_id AND o.kind = 'increase_capacity' AND o.is_in_flight
    )
    -- UI007 (b)
    AND NOT EXISTS (
        SELECT y.customer_id
        FROM suspended_part_day AS y
        WHERE
            y.customer_id = x.customer_id
            AND y.max_demand_kw > CAST(1.1 AS DECIMAL(2, 1)) * y.running_capacity_kva
        GROUP BY y.customer_id
        HAVING COUNT(*) >= 3
    );

/*--- not judged ---*/
WITH point AS (
    SELECT
        s.point_id,
        s.customer_id
    FROM settlement_point AS s
    WHERE s.parent_point_id IS NULL
),

measured AS (
    SELECT p.customer_id
    FROM point AS p
    INNER JOIN daily_electrical AS e ON p.point_id = e.point_id
    WHERE e.day >= $as_of - 60 AND e.day < $as_of AND e.max_demand_kw IS NOT NULL
    UNION
    SELECT p.customer_id
    FROM point AS p
    INNER JOIN reading AS r ON p.point_id = r.point_id
    WHERE
        r.register = 'demand'
        AND r.period <= $p0
        AND r.period >= months_later($p0, -1)
        AND (r.quantity IS NOT NULL OR r.current_index IS NOT NULL)
)

SELECT
    m.customer_id,
    CAST('max_demand_kw' AS VARCHAR) AS missing
FROM mature_customer AS m
INNER JOIN settlement_point AS s ON m.customer_id = s.customer_id AND s.parent_point_id IS NULL
LEFT JOIN measured AS d ON m.customer_id = d.customer_id
WHERE
    m.usage_class <> 'residential'
    AND m.contract_capacity_kva >= 30
    AND d.customer_id IS NULL
    AND NOT EXISTS (
        SELECT o.order_id
        FROM known_order AS o
        WHERE o.customer_id = m.customer_id AND o.kind = 'increase_capacity' AND o.is_in_flight
    )
GROUP BY m.customer_id
HAVING MAX(CASE WHEN s.basic_charge_mode IN ('contract_demand', 'actual_demand') THEN 1 ELSE 0 END) = 0
