/*---
code: RC004
name: {zh: 具备远程采集仍人工抄表, en: Read by hand although collection works}
group: RC
subject: metering_point
class: quantity
severity: medium
status: active
frequency: monthly
proof: state
tables: [reading, metering_point, customer, daily_energy]
key: [point_id, period]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      by_hand: {zh: 采集有冻结示数仍未远程抄表, en: a frozen index was collected and yet it was not read remotely}
      large_not_collected: {zh: 大用户抄表前10天没有任何采集示数, en: 'large customer: no index collected in the 10 days before the reading'}
  periods_by_hand: {zh: 近3期有采集而未远程抄表期数, en: Of 3 periods those with an index collected and not read remotely}
  read_on: {zh: 抄表日, en: Day of reading}
reason:
  zh: "{period}以“{method}”方式抄表（{read_on}），{problem}[，近3期中{periods_by_hand}期如此][，合同容量{contract_capacity_kva}kVA]"
  en: "{period} was read by method \"{method}\" on {read_on}: {problem}[; {periods_by_hand} of the last 3 periods][; contract capacity {contract_capacity_kva} kVA]"
basis: [{regulation: 抄核收规则, article: 远程自动抄表, verified: false}]
remedy: {zh: 改为远程抄表，核对人工示数与冻结示数。, en: 'Switch to remote reading, compare both indexes.'}
near_miss:
  - {zh: 抄表以后采集才恢复, en: collection repaired after the reading}
  - {zh: 一年一次的现场核抄, en: yearly on-site check reading (once)}
  - {zh: 抄表当天换表, en: meter changed that day}
decisions:
  - {zh: 抄表时间为空时取本账期次月的抄表例日（超过月末取月末）；例日也为空则未判定。其他各期同样推算。, en: 'Without read_at the day is the reading day in the month after the period, cut to its last day; without that either it is not judged.'}
  - {zh: “其他期也如此”指该期总示数同为人工、现场或估抄，且抄表日前后一天内有采集示数。, en: '"The same held" means: the total reading of that other period of the last 3 was by hand or estimated too and an index was collected within a day of it.'}
  - {zh: 抄表日或前后一天换表的那一期不计。, en: A period with a meter change within a day of the reading does not count.}
  - {zh: 大用户抄表前10天无示数，只在数据集当时确有日冻结数据时判断，避免把未提供的日期当作未采集。, en: Ten days without index are judged only where the data set holds daily rows from that time at all; days never delivered are not taken for days not collected.}
  - {zh: 未判定：本账期抄表方式为空；或抄表日无从得知；或未远程抄表而数据集没有抄表日前后的日冻结数据，大用户没有抄表前10天整段的（抄表日前后有采集示数的除外）。, en: 'Not judged: the method of the period judged is empty, or its day cannot be known; or it was not read remotely and the data set holds no daily rows around that day, of a large customer not of all ten days before (unless an index was collected within a day of it).'}
seed: For customers with large electricity consumption, ensure the quality of meter reading
---*/
WITH latest AS (
    SELECT
        r.point_id,
        r.method
    FROM reading AS r
    INNER JOIN metered_point AS p ON r.point_id = p.point_id
    WHERE r.period = $p0 AND r.register = 'total' AND r.method IN ('manual', 'local', 'estimated')
),

by_hand AS (
    SELECT
        r.point_id,
        r.period,
        COALESCE(
            CAST(r.read_at AS DATE),
            CASE
                WHEN c.reading_day BETWEEN 1 AND 31
                    THEN lesser_of(
                        CAST(months_later(r.period, 1) + CAST(c.reading_day AS INTEGER) - 1 AS DATE),
                        CAST(months_later(r.period, 2) - 1 AS DATE)
                    )
            END
        ) AS read_on
    FROM reading AS r
    INNER JOIN latest AS l ON r.point_id = l.point_id
    INNER JOIN metering_point AS p ON r.point_id = p.point_id
    INNER JOIN customer AS c ON p.customer_id = c.customer_id
    WHERE
        r.register = 'total'
        AND r.method IN ('manual', 'local', 'estimated')
        AND r.period <= $p0
        AND r.period >= months_later($p0, -2)
),

-- the three days on which an index shows that collection worked, and for P0 the ten days before
wanted AS (
    SELECT
        b.point_id,
        b.period,
        b.read_on
    FROM by_hand AS b
    WHERE
        b.read_on IS NOT NULL
        AND NOT EXISTS (
            SELECT d.point_id
            FROM meter_change_day AS d
            WHERE d.point_id = b.point_id AND d.changed_on >= b.read_on - 1 AND d.changed_on <= b.read_on + 1
        )
),

found AS (
    SELECT
        w.point_id,
        w.period,
        SUM(CASE WHEN e.day >= w.read_on - 1 THEN 1 ELSE 0 END) AS near_indexes,
        SUM(CASE WHEN e.day < w.read_on THEN 1 ELSE 0 END) AS earlier_indexes
    FROM daily_energy AS e
    INNER JOIN wanted AS w ON e.point_id = w.point_id AND e.day >= w.read_on - 10 AND e.day <= w.read_on + 1
    WHERE e.index_kwh IS NOT NULL AND e.day >= months_later($p0, -4) AND e.day <= $as_of
    GROUP BY w.point_id, w.period
),

delivered AS (
    SELECT
        MIN(e.day) AS first_day,
        MAX(e.day) AS last_day
    FROM daily_energy AS e
    WHERE e.day >= months_later($p0, -4) AND e.day <= $as_of
),

counted AS (
    SELECT
        w.point_id,
        MAX(CASE WHEN w.period = $p0 THEN w.read_on END) AS read_on,
        MAX(CASE WHEN w.period = $p0 AND f.near_indexes > 0 THEN 1 ELSE 0 END) AS is_by_hand,
        SUM(CASE WHEN f.near_indexes > 0 THEN 1 ELSE 0 END) AS periods_by_hand,
        MAX(
            CASE WHEN w.period = $p0 AND COALESCE(f.earlier_indexes, 0) = 0 THEN 1 ELSE 0 END
        ) AS is_uncollected
    FROM wanted AS w
    LEFT JOIN found AS f ON w.point_id = f.point_id AND w.period = f.period
    GROUP BY w.point_id
)

SELECT
    k.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(CASE WHEN k.is_by_hand = 1 THEN 'by_hand' ELSE 'large_not_collected' END AS VARCHAR) AS problem,
    l.method,
    CAST(k.read_on AS DATE) AS read_on,
    CAST(CASE WHEN k.is_by_hand = 1 THEN k.periods_by_hand END AS BIGINT) AS periods_by_hand,
    p.contract_capacity_kva
FROM counted AS k
INNER JOIN latest AS l ON k.point_id = l.point_id
INNER JOIN metered_point AS p ON k.point_id = p.point_id
CROSS JOIN delivered AS d
WHERE
    (k.is_by_hand = 1 AND (k.periods_by_hand >= 2 OR p.contract_capacity_kva >= 315))
    OR (
        k.is_uncollected = 1
        AND p.contract_capacity_kva >= 315
        AND d.first_day <= k.read_on - 10
        AND d.last_day >= k.read_on - 1
    );

/*--- not judged ---*/
WITH latest AS (
    SELECT
        r.point_id,
        r.method,
        r.method IN ('manual', 'local', 'estimated') AS is_by_hand,
        p.contract_capacity_kva,
        COALESCE(
            CAST(r.read_at AS DATE),
            CASE
                WHEN c.reading_day BETWEEN 1 AND 31
                    THEN lesser_of(
                        CAST(months_later(r.period, 1) + CAST(c.reading_day AS INTEGER) - 1 AS DATE),
                        CAST(months_later(r.period, 2) - 1 AS DATE)
                    )
            END
        ) AS read_on
    FROM reading AS r
    INNER JOIN metered_point AS p ON r.point_id = p.point_id
    INNER JOIN customer AS c ON p.customer_id = c.customer_id
    WHERE
        r.period = $p0
        AND r.register = 'total'
        AND (r.method IS NULL OR r.method IN ('manual', 'local', 'estimated'))
),

delivered AS (
    SELECT
        MIN(e.day) AS first_day,
        MAX(e.day) AS last_day
    FROM daily_energy AS e
    WHERE e.day >= months_later($p0, -4) AND e.day <= $as_of
),

-- days that the data set does not hold: around the reading, of a large customer also before it
undelivered AS (
    SELECT
        l.point_id,
        l.read_on
    FROM latest AS l
    CROSS JOIN delivered AS d
    WHERE
        l.is_by_hand
        AND l.read_on IS NOT NULL
        AND (
            d.first_day IS NULL
            OR d.first_day > l.read_on + 1
            OR d.last_day < l.read_on - 1
            OR (l.contract_capacity_kva >= 315 AND (d.first_day > l.read_on - 10 OR d.last_day < l.read_on - 1))
        )
        AND NOT EXISTS (
            SELECT m.point_id
            FROM meter_change_day AS m
            WHERE m.point_id = l.point_id AND m.changed_on >= l.read_on - 1 AND m.changed_on <= l.read_on + 1
        )
),

near AS (
    SELECT u.point_id
    FROM daily_energy AS e
    INNER JOIN undelivered AS u ON e.point_id = u.point_id
    WHERE
        e.index_kwh IS NOT NULL
        AND e.day >= months_later($p0, -4)
        AND e.day <= $as_of
        AND e.day >= u.read_on - 1
        AND e.day <= u.read_on + 1
    GROUP BY u.point_id
)

SELECT
    l.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(
        CASE
            WHEN l.method IS NULL THEN 'method'
            WHEN l.read_on IS NULL THEN 'read_at,reading_day'
            ELSE 'index_kwh'
        END AS VARCHAR
    ) AS missing
FROM latest AS l
LEFT JOIN undelivered AS u ON l.point_id = u.point_id
LEFT JOIN near AS n ON l.point_id = n.point_id
WHERE l.method IS NULL OR l.read_on IS NULL OR (u.point_id IS NOT NULL AND n.point_id IS NULL)
