/*---
code: MT001
name: {zh: 未入系统或状态不符的在用电表, en: Meter in use that the files do not know as installed}
group: MT
subject: meter
class: quantity
severity: high
status: active
frequency: monthly
proof: state
tables: [ami_meter, meter, reading]
not_empty: [meter]
key: [meter_id]
parameters:
  - {name: lag_days, label: {zh: 拆表后采集档案同步期限, en: Days for the collection file to follow a removal}, type: int, default: 30, min: 0, max: 365, unit: day, source: {zh: 业务经验值（采集档案同步）, en: Practice (files of the collection system follow later)}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      no_file: {zh: 电表档案中没有此表, en: the files hold no such meter}
      in_stock: {zh: 档案状态为库存, en: the file says in stock}
      scrapped: {zh: 档案状态为报废, en: the file says scrapped}
      removed: {zh: 档案状态为已拆, en: the file says removed}
  seen_by:
    zh: 在用依据
    en: Seen in use by
    codes:
      ami: {zh: 采集系统, en: the collection system}
      reading: {zh: 抄表数据, en: readings}
  meter_point_id: {zh: 计量点, en: Metering point}
reason:
  zh: "{seen_by}显示此表在用[（计量点{meter_point_id}）]，但{problem}[（{removed_on}拆除）]"
  en: "In use according to {seen_by}[ (point {meter_point_id})], but {problem}[ (on {removed_on})]"
basis:
  - {regulation: DL448, article: 资产管理, verified: false}
  - {regulation: 营业规则, article: 第七十二条, verified: false}
remedy: {zh: 现场核对表号与封印，补录资产或查处私装表计。, en: 'Check number and seals on site; register the asset or treat it as a private meter.'}
near_miss:
  - {zh: 本月拆除、采集系统尚未同步的电表, en: 'meter removed this month, AMI not yet synchronised'}
  - {zh: 状态为故障、仍在装的电表, en: faulty meter still installed}
  - {zh: 抄表数据没有表号, en: reading without a meter number}
decisions:
  - {zh: 已拆电表的“本账期有抄表数据”看任何方式、任何电量的总示数；上月抄表日取该数据所在计量点的，没有则取本账期首日。, en: 'For a removed meter any total reading of the period judged counts, whatever its method and quantity; the earlier reading date is that of the point of this reading, the period judged itself where there is none.'}
  - {zh: 一块表在多个计量点有抄表数据时取编号最小的计量点。, en: 'A meter with readings at several points is shown with the smallest point_id.'}
  - {zh: 未判定：在采集档案或近两期抄表数据中出现而档案状态为空的电表；状态为已拆、没有拆表日期，而有采集档案，或近两期有抄见电量且本账期有抄表数据的电表。, en: 'Not judged: meters in AMI or in readings of the last two periods whose status is unknown, and removed ones without a date that are in AMI, or have energy read in the last two periods and a reading of the period judged.'}
seed: 现场是否存在未入系统的电能计量装置
---*/
WITH suspect_reading AS (
    SELECT
        r.meter_id,
        r.point_id,
        r.period,
        CASE WHEN r.quantity > 0 AND r.method IN ('remote', 'local', 'manual') THEN 1 ELSE 0 END AS is_use
    FROM reading AS r
    LEFT JOIN meter AS t ON r.meter_id = t.meter_id
    WHERE
        r.register = 'total'
        AND r.period >= months_later($p0, -1)
        AND r.period <= $p0
        AND r.meter_id IS NOT NULL
        AND TRIM(r.meter_id) <> ''
        AND (t.meter_id IS NULL OR t.status IN ('in_stock', 'scrapped', 'removed'))
),

-- per meter: whether it is in use by a reading, by the collection system, and where
seen AS (
    SELECT
        u.meter_id,
        MAX(u.is_use) AS by_reading,
        MAX(u.by_ami) AS by_ami,
        COALESCE(MIN(u.p0_point_id), MIN(u.point_id), MIN(u.ami_point_id)) AS meter_point_id,
        MIN(u.p0_point_id) AS p0_point_id,
        MIN(u.ami_customer_id) AS ami_customer_id
    FROM (
        SELECT
            r.meter_id,
            r.point_id,
            CASE WHEN r.period = $p0 THEN r.point_id END AS p0_point_id,
            CAST(NULL AS VARCHAR) AS ami_point_id,
            CAST(NULL AS VARCHAR) AS ami_customer_id,
            r.is_use,
            0 AS by_ami
        FROM suspect_reading AS r
        UNION ALL
        SELECT
            a.meter_id,
            CAST(NULL AS VARCHAR) AS point_id,
            CAST(NULL AS VARCHAR) AS p0_point_id,
            a.point_id AS ami_point_id,
            a.customer_id AS ami_customer_id,
            0 AS is_use,
            1 AS by_ami
        FROM ami_meter AS a
        LEFT JOIN meter AS t ON a.meter_id = t.meter_id
        WHERE t.meter_id IS NULL OR t.status IN ('in_stock', 'scrapped', 'removed')
    ) AS u
    GROUP BY u.meter_id
),

judged AS (
    SELECT
        s.meter_id,
        s.meter_point_id,
        s.ami_customer_id,
        s.by_ami,
        s.by_reading,
        t.removed_on,
        COALESCE(t.status, 'no_file') AS problem,
        CASE
            WHEN t.status IS NULL OR t.status <> 'removed' THEN 1
            WHEN s.p0_point_id IS NOT NULL AND t.removed_on < COALESCE(CAST(e.read_at AS DATE), $p0) THEN 1
            WHEN s.by_ami = 1 AND t.removed_on < $as_of - CAST($lag_days AS INTEGER) THEN 1
            ELSE 0
        END AS is_suspect
    FROM seen AS s
    LEFT JOIN meter AS t ON s.meter_id = t.meter_id
    LEFT JOIN reading AS e
        ON s.p0_point_id = e.point_id AND e.period = months_later($p0, -1) AND e.register = 'total'
    WHERE s.by_ami = 1 OR s.by_reading = 1
)

SELECT
    j.meter_id,
    CAST(j.problem AS VARCHAR) AS problem,
    CAST(
        CONCAT_WS(
            ',', CASE WHEN j.by_ami = 1 THEN 'ami' END, CASE WHEN j.by_reading = 1 THEN 'reading' END
        ) AS VARCHAR
    ) AS seen_by,
    CAST(j.meter_point_id AS VARCHAR) AS meter_point_id,
    CAST(CASE WHEN j.problem = 'removed' THEN j.removed_on END AS DATE) AS removed_on,
    CAST(COALESCE(p.customer_id, j.ami_customer_id) AS VARCHAR) AS customer_id,
    c.org_id
FROM judged AS j
LEFT JOIN metering_point AS p ON j.meter_point_id = p.point_id
LEFT JOIN customer AS c ON c.customer_id = COALESCE(p.customer_id, j.ami_customer_id)
WHERE j.is_suspect = 1;

/*--- not judged ---*/
SELECT
    t.meter_id,
    CAST(CASE WHEN t.status IS NULL THEN 'status' ELSE 'removed_on' END AS VARCHAR) AS missing
FROM meter AS t
WHERE
    (t.status IS NULL OR (t.status = 'removed' AND t.removed_on IS NULL))
    AND (
        EXISTS (
            SELECT a.meter_id
            FROM ami_meter AS a
            WHERE a.meter_id = t.meter_id
        )
        OR (
            EXISTS (
                SELECT r.meter_id
                FROM reading AS r
                WHERE
                    r.meter_id = t.meter_id
                    AND r.register = 'total'
                    AND r.period >= months_later($p0, -1)
                    AND r.period <= $p0
                    AND r.quantity > 0
                    AND r.method IN ('remote', 'local', 'manual')
            )
            AND (
                t.status IS NULL
                OR EXISTS (
                    SELECT r.meter_id
                    FROM reading AS r
                    WHERE r.meter_id = t.meter_id AND r.period = $p0 AND r.register = 'total'
                )
            )
        )
    )
