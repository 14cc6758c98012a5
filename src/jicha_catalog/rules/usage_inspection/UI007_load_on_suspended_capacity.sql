/*---
code: UI007
name: {zh: 暂停减容设备仍在用电, en: Load on suspended capacity}
group: UI
subject: customer
class: fee
severity: high
status: active
frequency: monthly
proof: state
tables: [customer, customer_transformer, metering_point, daily_energy, daily_electrical, service_order]
key: [customer_id]
parameters:
  - {name: min_kwh, label: {zh: 暂停期间允许电量, en: Energy allowed while suspended}, type: "decimal(14,4)", default: 30, min: 0, max: 100000, unit: kWh, source: {zh: 业务经验值（空载损耗、保安用电）, en: 'Practice (standing losses, protection supply)'}, verified: true}
  - {name: over, label: {zh: 需量超过运行容量的倍数, en: 'Demand above the running capacity, times'}, type: "decimal(8,4)", default: 1.1, min: 1, max: 10, unit: times, source: practice, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      used_while_suspended: {zh: 全部暂停仍有电量, en: energy while fully suspended}
      above_running: {zh: 部分暂停而需量超过在运容量, en: demand above the running capacity while partly suspended}
  used_days: {zh: 异常天数, en: Days}
  used_kwh: {zh: 电量(kWh), en: Energy (kWh)}
  greatest_kw: {zh: 最大需量(kW), en: Greatest demand (kW)}
  running_capacity_kva: {zh: 在运容量(kVA), en: Running capacity (kVA)}
  suspended_kva: {zh: 停用容量(kVA), en: Capacity suspended (kVA)}
reason:
  zh: "{problem}：近30天有{used_days}天[，共{used_kwh}kWh][，最大需量{greatest_kw}kW，在运容量{running_capacity_kva}kVA][，停用{suspended_kva}kVA]"
  en: "{problem}: on {used_days} of the last 30 days[, {used_kwh} kWh together][, greatest demand {greatest_kw} kW against {running_capacity_kva} kVA running][; {suspended_kva} kVA are suspended]"
amount:
  zh: 两部制：停用容量×容量电价×异常天数÷30（违约使用电费最高另计二倍）；其他：停用容量×30元/kVA
  en: 'two-part: capacity suspended x capacity price x days / 30 (penalty of up to twice on top); else 30 yuan per kVA suspended'
basis: [{regulation: 营业规则, article: 第一百零一条, verified: true}]
remedy: {zh: 现场检查封印与负荷，擅自启用的按违约用电处理。, en: Check seals and load; treat unpermitted use as breach.}
near_miss:
  - {zh: 很小的保护用电或空载损耗, en: small protection supply or standing losses}
  - {zh: 加封当日, en: day of sealing}
  - {zh: 当周生效的恢复工单, en: resume order effective that week}
decisions:
  - {zh: 全部暂停：有暂停（减容）工单的，自最早工单首日的次日起计，末日不计；恢复工单生效前一日起（其后未再暂停）不计。没有暂停（减容）工单的30天都计；此前没有暂停工单的恢复，只看近30天内生效的。, en: 'Full suspension: with orders the days after the first day of one count, without its last day, and none from the day before a resumption on unless suspended again; without such orders all 30 days. A resumption with no earlier suspension on file counts only within the last 30 days.'}
  - {zh: 电量为各计量点之和；某日任一计量点超过1kWh即为用电日。部分暂停取各计量点日最大需量中最大的。, en: 'Energy is summed over the points; a day counts when a point has more than 1 kWh. Partly suspended: the greatest demand of any point.'}
  - {zh: 停用容量：全部暂停为未拆除变压器之和（无则合同容量），互锁组只计最大一台；部分暂停为状态为暂停的变压器之和。, en: 'Capacity suspended: of a full suspension all transformers not removed (none: contract capacity), one of an interlock group; else those of status suspended.'}
  - {zh: 容量电价取客户计量点现行两部制电价中最高的；没有的按单一制。, en: The capacity price is the greatest of the two-part tariffs of its points; without one the single-part rate counts.}
  - {zh: 未判定：全部暂停而其在用的装表结算计量点近30天一天采集也没有；部分暂停而无在暂停期内的需量数据。, en: 'Not judged: fully suspended and no energy collected in 30 days at its metered settlement points in use, or partly suspended with no demand collected within a suspension.'}
seed: 用户违规用电 / 变压器暂停稽查
---*/
WITH used AS (
    SELECT
        p.customer_id,
        e.day,
        SUM(kwh(e.energy_kwh)) AS energy_kwh,
        MAX(kwh(e.energy_kwh)) AS greatest_kwh
    FROM daily_energy AS e
    INNER JOIN suspended_point AS p ON e.point_id = p.point_id
    WHERE
        e.day >= $as_of - 30
        AND e.day < $as_of
        AND (
            EXISTS (
                SELECT s.order_id
                FROM suspension AS s
                WHERE s.customer_id = p.customer_id AND s.first_day < e.day
            )
            OR NOT EXISTS (
                SELECT s.order_id
                FROM suspension AS s
                WHERE s.customer_id = p.customer_id
            )
        )
        AND NOT EXISTS (
            SELECT s.order_id
            FROM suspension AS s
            WHERE s.customer_id = p.customer_id AND (s.first_day = e.day OR s.last_day = e.day)
        )
        -- resumed, and not suspended again since
        AND NOT EXISTS (
            SELECT r.order_id
            FROM known_order AS r
            WHERE
                r.customer_id = p.customer_id
                AND r.kind IN ('resume', 'resume_capacity')
                AND r.effective_from - 1 <= e.day
                -- one that ended no suspension on file says nothing of today's state, unless it is of these weeks
                AND (
                    r.effective_from >= $as_of - 30
                    OR EXISTS (
                        SELECT s.order_id
                        FROM suspension AS s
                        WHERE s.customer_id = p.customer_id AND s.first_day < r.effective_from
                    )
                )
                AND NOT EXISTS (
                    SELECT s.order_id
                    FROM suspension AS s
                    WHERE s.customer_id = p.customer_id AND s.first_day >= r.effective_from AND s.first_day < e.day
                )
        )
    GROUP BY p.customer_id, e.day
),

fully AS (
    SELECT
        u.customer_id,
        SUM(CASE WHEN u.greatest_kwh > 1 THEN 1 ELSE 0 END) AS days,
        SUM(u.energy_kwh) AS energy_kwh
    FROM used AS u
    GROUP BY u.customer_id
    HAVING SUM(u.energy_kwh) > $min_kwh AND SUM(CASE WHEN u.greatest_kwh > 1 THEN 1 ELSE 0 END) >= 3
),

partly AS (
    SELECT
        d.customer_id,
        COUNT(*) AS days,
        MAX(d.max_demand_kw) AS greatest_kw,
        MAX(d.running_capacity_kva) AS running_kva
    FROM suspended_part_day AS d
    WHERE d.max_demand_kw > $over * d.running_capacity_kva
    GROUP BY d.customer_id
    HAVING COUNT(*) >= 3
),

suspect AS (
    SELECT
        f.customer_id,
        'used_while_suspended' AS problem,
        f.days,
        f.energy_kwh,
        CAST(NULL AS DECIMAL(18, 4)) AS greatest_kw,
        CAST(NULL AS DECIMAL(18, 4)) AS running_kva
    FROM fully AS f
    UNION ALL
    SELECT
        y.customer_id,
        'above_running' AS problem,
        y.days,
        CAST(NULL AS DECIMAL(18, 4)) AS energy_kwh,
        y.greatest_kw,
        y.running_kva
    FROM partly AS y
),

unit AS (
    SELECT
        t.customer_id,
        MAX(kva(t.capacity_kva)) AS all_kva,
        MAX(CASE WHEN t.status = 'suspended' THEN kva(t.capacity_kva) END) AS suspended_kva
    FROM customer_transformer AS t
    WHERE t.status <> 'removed'
    GROUP BY
        t.customer_id,
        filled(t.interlock_group),
        CASE WHEN is_blank(t.interlock_group) THEN t.transformer_id END
),

installed AS (
    SELECT
        u.customer_id,
        SUM(u.all_kva) AS all_kva,
        SUM(u.suspended_kva) AS suspended_kva
    FROM unit AS u
    GROUP BY u.customer_id
),

priced AS (
    SELECT
        p.customer_id,
        MAX(t.capacity_price) AS capacity_price
    FROM metering_point AS p
    INNER JOIN tariff_at_as_of AS t ON p.tariff_code = t.tariff_code
    WHERE t.parts = 2
    GROUP BY p.customer_id
),

sized AS (
    SELECT
        s.customer_id,
        s.problem,
        s.days,
        s.energy_kwh,
        s.greatest_kw,
        s.running_kva,
        r.capacity_price,
        CASE
            WHEN s.problem = 'above_running' THEN i.suspended_kva
            ELSE COALESCE(i.all_kva, kva(c.contract_capacity_kva))
        END AS suspended_kva
    FROM suspect AS s
    INNER JOIN customer AS c ON s.customer_id = c.customer_id
    LEFT JOIN installed AS i ON s.customer_id = i.customer_id
    LEFT JOIN priced AS r ON s.customer_id = r.customer_id
)

SELECT
    z.customer_id,
    CAST(z.problem AS VARCHAR) AS problem,
    CAST(z.days AS BIGINT) AS used_days,
    CAST(z.energy_kwh AS DECIMAL(18, 2)) AS used_kwh,
    CAST(z.greatest_kw AS DECIMAL(18, 4)) AS greatest_kw,
    CAST(z.running_kva AS DECIMAL(18, 4)) AS running_capacity_kva,
    CAST(z.suspended_kva AS DECIMAL(18, 4)) AS suspended_kva,
    CAST(
        ROUND(
            exact6(
                CAST(z.suspended_kva AS DOUBLE)
                * CASE
                    WHEN z.capacity_price IS NULL THEN CAST(30 AS DOUBLE)
                    ELSE CAST(z.capacity_price AS DOUBLE) * CAST(z.days AS DOUBLE) / 30
                END
            ),
            2
        ) AS DECIMAL(18, 2)
    ) AS amount_yuan,
    TRY_CAST(z.energy_kwh AS DECIMAL(14, 2)) AS energy_kwh
FROM sized AS z;

/*--- not judged ---*/
WITH collected AS (
    SELECT p.customer_id
    FROM daily_energy AS e
    INNER JOIN suspended_point AS p ON e.point_id = p.point_id
    WHERE e.day >= $as_of - 30 AND e.day < $as_of AND e.energy_kwh IS NOT NULL
    GROUP BY p.customer_id
),

part AS (
    SELECT t.customer_id
    FROM customer_transformer AS t
    INNER JOIN customer AS c ON t.customer_id = c.customer_id
    INNER JOIN running_capacity AS r ON t.customer_id = r.customer_id
    WHERE t.status <> 'removed' AND c.status = 'active' AND r.capacity_kva > 0
    GROUP BY t.customer_id
    HAVING
        MAX(CASE WHEN t.status = 'suspended' THEN 1 ELSE 0 END) = 1
        AND MIN(CASE WHEN t.status IN ('suspended', 'cold_standby') THEN 1 ELSE 0 END) = 0
)

SELECT
    p.customer_id,
    CAST('energy_kwh' AS VARCHAR) AS missing
FROM suspended_point AS p
LEFT JOIN collected AS e ON p.customer_id = e.customer_id
WHERE e.customer_id IS NULL
GROUP BY p.customer_id
UNION ALL
SELECT
    t.customer_id,
    CAST('max_demand_kw' AS VARCHAR) AS missing
FROM part AS t
LEFT JOIN suspended_part_day AS d ON t.customer_id = d.customer_id
WHERE d.customer_id IS NULL
