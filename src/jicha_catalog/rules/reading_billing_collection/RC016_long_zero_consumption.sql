/*---
code: RC016
name: {zh: 长期零电量未核查, en: Long zero consumption not checked}
group: RC
subject: customer
class: quantity
severity: medium
status: active
frequency: monthly
proof: event
tables: [customer, customer_monthly, metering_point, usage_inspection, daily_electrical]
key: [customer_id]
parameters:
  - name: n
    label: {zh: 连续零电量期数, en: Periods in a row without energy}
    type: table
    unit: periods
    columns: {customer_group: string, periods: int}
    heads:
      periods: {zh: 期数, en: Periods}
    default:
      - [high_voltage, 2]
      - [low_voltage, 6]
      - [residential, 12]
    source: {zh: 业务经验值：高低压2～3个月，居民放宽, en: 'Practice: 2 to 3 months, longer for homes'}
    verified: true
evidence:
  customer_group:
    zh: 客户分组
    en: Group
    codes:
      high_voltage: {zh: 高压客户, en: high voltage}
      low_voltage: {zh: 低压非居民, en: 'low voltage, non-residential'}
      residential: {zh: 居民, en: residential}
  zero_periods: {zh: 零电量期数, en: Periods at zero}
  latest_use: {zh: 最近有电量年月, en: Latest period with consumption}
  usual_kwh: {zh: 最近12个非零期平均电量(kWh), en: Mean of the last 12 non-zero periods (kWh)}
  area_zero: {zh: 台区此类户数, en: Such accounts in the area}
  area_customers: {zh: 台区户数, en: Accounts of the area}
reason:
  zh: "{customer_group}连续{zero_periods}期结算电量为零，最近一次有电量在{latest_use}（此前月均{usual_kwh}kWh）[，运行容量{operating_capacity_kva}kVA]，期间没有用电检查[；台区{area_id}此类{area_zero}户，共{area_customers}户]"
  en: "{customer_group}: {zero_periods} periods at zero, last consumption in {latest_use} (mean before {usual_kwh} kWh)[, running capacity {operating_capacity_kva} kVA], no inspection since[; {area_zero} such accounts of {area_customers} in area {area_id}]"
amount:
  zh: 高压：最近12个非零期平均电量×n×其平均电价；低压无金额
  en: 'high voltage: mean of the last 12 non-zero periods x n x their average price; low voltage: none'
basis:
  - {regulation: 抄核收规则, article: 零电量核查, verified: false}
  - {regulation: 营业规则, article: 第三十三条, verified: false}
remedy: {zh: 现场核查表计、接线与用电情况，长期不用的办理销户。, en: 'Check meter, wiring and occupancy; close accounts not used.'}
near_miss:
  - {zh: 已暂停的工厂, en: suspended plant}
  - {zh: 从未入住的新房, en: never occupied new flats}
  - {zh: 两个月前检查过, en: inspected two months ago}
decisions:
  - {zh: 电压不低于1000V为高压（含居民）；其余居民12期，非居民6期；非居民电压为空未判定。, en: 'From 1000 V on high voltage, residents included; else residents and others; a non-resident of unknown voltage is not judged.'}
  - {zh: 高压还要求运行容量大于0且变压器没有全部暂停。, en: A high-voltage customer must have a running capacity and transformers that are not all suspended.}
  - {zh: “此前24期”为零电量各期之前的24个月；台区占比的分母为该台区（有结算计量点）的低压成熟客户，占比恰为30%不报；台区未知的低压客户照报。, en: 'The 24 periods are the months before the periods without energy. The share is of the low-voltage mature customers of the area; at exactly 30 % it is not reported; a customer without a known area is.'}
  - {zh: 平均电价为最近12个非零期的总电费除以总电量。, en: The average price is that of the last 12 non-zero periods together.}
  - {zh: 未判定：零电量各期都有账单而某期电量为空、其余为零的，且此前有电量；高压运行容量为空而为零电量的；非居民电压为空且2期为零。, en: 'Not judged: a null among zeros of the periods looked at; a high-voltage customer at zero of unknown running capacity; a non-resident of unknown voltage at zero for two periods.'}
seed: 零电量用户
---*/
WITH grouped AS (
    SELECT
        c.customer_id,
        c.operating_capacity_kva,
        supply_group(c.voltage_v, c.usage_class) AS customer_group
    FROM mature_customer AS c
),

-- most are not at zero in P0; only the rest meets the periods before
at_zero AS (
    SELECT
        g.customer_id,
        g.customer_group,
        g.operating_capacity_kva,
        n.periods
    FROM billed_month AS m
    INNER JOIN grouped AS g ON m.customer_id = g.customer_id
    INNER JOIN parameter_n AS n ON g.customer_group = n.customer_group
    INNER JOIN customer AS c ON g.customer_id = c.customer_id
    LEFT JOIN fully_suspended AS f ON g.customer_id = f.customer_id
    WHERE
        m.period = $p0
        AND m.billed_kwh = 0
        AND (g.customer_group <> 'high_voltage' OR (g.operating_capacity_kva > 0 AND f.customer_id IS NULL))
        AND (c.opened_on IS NULL OR c.opened_on < months_later($p0, 1 - CAST(n.periods AS INTEGER)))
        AND EXISTS (
            SELECT s.point_id
            FROM metered_point AS s
            WHERE s.customer_id = g.customer_id
        )
),

billed AS (
    SELECT
        b.customer_id,
        b.period,
        SUM(b.billed_kwh) AS billed_kwh,
        SUM(b.total_yuan) AS total_yuan
    FROM bill AS b
    INNER JOIN at_zero AS z ON b.customer_id = z.customer_id
    WHERE b.period <= $p0
    GROUP BY b.customer_id, b.period
),

history AS (
    SELECT
        z.customer_id,
        m.period,
        m.billed_kwh,
        m.total_yuan,
        ROW_NUMBER() OVER (
            PARTITION BY z.customer_id ORDER BY CASE WHEN m.billed_kwh > 0 THEN 0 ELSE 1 END, m.period DESC
        ) AS place,
        CASE
            WHEN month_number($p0) - month_number(m.period) < z.periods THEN 'window' ELSE 'before'
        END AS part
    FROM billed AS m
    INNER JOIN at_zero AS z ON m.customer_id = z.customer_id
    WHERE month_number($p0) - month_number(m.period) < z.periods + 24
),

summed AS (
    SELECT
        h.customer_id,
        SUM(CASE WHEN h.part = 'window' AND h.billed_kwh = 0 THEN 1 ELSE 0 END) AS zero_periods,
        MAX(CASE WHEN h.part = 'before' AND h.billed_kwh > 0 THEN h.period END) AS latest_use,
        SUM(CASE WHEN h.billed_kwh > 0 AND h.place <= 12 THEN h.billed_kwh END) AS used_kwh,
        SUM(CASE WHEN h.billed_kwh > 0 AND h.place <= 12 THEN h.total_yuan END) AS used_yuan,
        SUM(CASE WHEN h.billed_kwh > 0 AND h.place <= 12 THEN 1 ELSE 0 END) AS used_periods
    FROM history AS h
    GROUP BY h.customer_id
),

suspect AS (
    SELECT
        z.customer_id,
        z.customer_group,
        z.operating_capacity_kva,
        z.periods,
        s.latest_use,
        s.used_kwh,
        s.used_yuan,
        s.used_periods,
        a.area_id
    FROM at_zero AS z
    INNER JOIN summed AS s ON z.customer_id = s.customer_id
    LEFT JOIN customer_area AS a ON z.customer_id = a.customer_id
    WHERE
        s.zero_periods = z.periods
        AND s.latest_use IS NOT NULL
        AND NOT EXISTS (
            SELECT i.inspection_id
            FROM usage_inspection AS i
            WHERE
                i.customer_id = z.customer_id
                AND i.inspected_on >= months_later($p0, 1 - CAST(z.periods AS INTEGER))
        )
),

suspect_area AS (
    SELECT
        s.area_id,
        COUNT(*) AS zero_customers
    FROM suspect AS s
    WHERE s.customer_group <> 'high_voltage' AND s.area_id IS NOT NULL
    GROUP BY s.area_id
),

area_total AS (
    SELECT
        u.area_id,
        COUNT(*) AS customers
    FROM customer_area AS u
    INNER JOIN suspect_area AS a ON u.area_id = a.area_id
    INNER JOIN grouped AS g ON u.customer_id = g.customer_id
    WHERE g.customer_group IS NULL OR g.customer_group <> 'high_voltage'
    GROUP BY u.area_id
)

SELECT
    s.customer_id,
    CAST(s.customer_group AS VARCHAR) AS customer_group,
    CAST(s.periods AS BIGINT) AS zero_periods,
    CAST(month_text(s.latest_use) AS VARCHAR) AS latest_use,
    CAST(
        ROUND(CAST(s.used_kwh AS DOUBLE) / NULLIF(CAST(s.used_periods AS DOUBLE), 0), 2) AS DECIMAL(18, 2)
    ) AS usual_kwh,
    CAST(
        CASE WHEN s.customer_group = 'high_voltage' THEN s.operating_capacity_kva END AS DECIMAL(18, 4)
    ) AS operating_capacity_kva,
    CAST(CASE WHEN s.customer_group <> 'high_voltage' THEN s.area_id END AS VARCHAR) AS area_id,
    CAST(CASE WHEN s.customer_group <> 'high_voltage' THEN a.zero_customers END AS BIGINT) AS area_zero,
    CAST(CASE WHEN s.customer_group <> 'high_voltage' THEN t.customers END AS BIGINT) AS area_customers,
    -- mean energy x periods x (yuan / energy): the energies cancel
    CAST(
        CASE
            WHEN s.customer_group = 'high_voltage'
                THEN ROUND(
                    CAST(
                        ROUND(
                            CAST(s.used_yuan * s.periods AS DOUBLE) / NULLIF(CAST(s.used_periods AS DOUBLE), 0), 6
                        ) AS DECIMAL(24, 6)
                    ), 2
                )
        END AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM suspect AS s
LEFT JOIN suspect_area AS a ON s.area_id = a.area_id
LEFT JOIN area_total AS t ON s.area_id = t.area_id
WHERE
    s.customer_group = 'high_voltage'
    OR s.area_id IS NULL
    OR 10 * a.zero_customers < 3 * t.customers;

/*--- not judged ---*/
WITH candidate AS (
    SELECT
        c.customer_id,
        c.voltage_v,
        c.operating_capacity_kva,
        CAST(
            CASE
                WHEN is_high_voltage(c.voltage_v) OR c.voltage_v IS NULL THEN h.periods
                WHEN c.usage_class = 'residential' THEN r.periods
                ELSE l.periods
            END AS INTEGER
        ) AS periods
    FROM mature_customer AS c
    INNER JOIN billed_month AS m ON c.customer_id = m.customer_id
    LEFT JOIN parameter_n AS h ON h.customer_group = 'high_voltage'
    LEFT JOIN parameter_n AS l ON l.customer_group = 'low_voltage'
    LEFT JOIN parameter_n AS r ON r.customer_group = 'residential'
    LEFT JOIN fully_suspended AS f ON c.customer_id = f.customer_id
    WHERE
        m.period = $p0
        AND (m.billed_kwh IS NULL OR m.billed_kwh = 0)
        AND (c.voltage_v IS NOT NULL OR c.usage_class <> 'residential')
        AND NOT COALESCE(
            is_high_voltage(c.voltage_v) AND (c.operating_capacity_kva <= 0 OR f.customer_id IS NOT NULL), FALSE
        )
        AND EXISTS (
            SELECT s.point_id
            FROM metered_point AS s
            WHERE s.customer_id = c.customer_id
        )
),

billed AS (
    SELECT
        b.customer_id,
        b.period,
        SUM(b.billed_kwh) AS billed_kwh
    FROM bill AS b
    INNER JOIN candidate AS k ON b.customer_id = k.customer_id
    WHERE b.period <= $p0
    GROUP BY b.customer_id, b.period
),

counted AS (
    SELECT
        k.customer_id,
        k.voltage_v,
        k.operating_capacity_kva,
        k.periods,
        SUM(
            CASE
                WHEN
                    month_number($p0) - month_number(m.period) < k.periods
                    AND (m.billed_kwh IS NULL OR m.billed_kwh = 0)
                    THEN 1
                ELSE 0
            END
        ) AS idle_periods,
        SUM(
            CASE
                WHEN month_number($p0) - month_number(m.period) < k.periods AND m.billed_kwh = 0 THEN 1 ELSE 0
            END
        ) AS zero_periods,
        SUM(
            CASE
                WHEN month_number($p0) - month_number(m.period) >= k.periods AND m.billed_kwh > 0 THEN 1 ELSE 0
            END
        ) AS used_periods
    FROM candidate AS k
    INNER JOIN billed AS m ON k.customer_id = m.customer_id
    WHERE month_number($p0) - month_number(m.period) < k.periods + 24
    GROUP BY k.customer_id, k.voltage_v, k.operating_capacity_kva, k.periods
)

SELECT
    d.customer_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN d.zero_periods < d.idle_periods THEN 'billed_kwh' END,
            CASE WHEN d.voltage_v IS NULL THEN 'voltage_v' END,
            CASE
                WHEN is_high_voltage(d.voltage_v) AND d.operating_capacity_kva IS NULL THEN 'operating_capacity_kva'
            END
        ) AS VARCHAR
    ) AS missing
FROM counted AS d
INNER JOIN customer AS c ON d.customer_id = c.customer_id
WHERE
    d.idle_periods = d.periods
    AND d.used_periods > 0
    AND (c.opened_on IS NULL OR c.opened_on < months_later($p0, 1 - d.periods))
    AND NOT EXISTS (
        SELECT i.inspection_id
        FROM usage_inspection AS i
        WHERE i.customer_id = d.customer_id AND i.inspected_on >= months_later($p0, 1 - d.periods)
    )
    AND (
        d.zero_periods < d.idle_periods
        OR d.voltage_v IS NULL
        OR (is_high_voltage(d.voltage_v) AND d.operating_capacity_kva IS NULL)
    )
