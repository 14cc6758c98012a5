/*---
code: CF011
name: {zh: 营销台区与PMS台区档案不一致, en: Area file differs between CIS and PMS}
group: CF
subject: area
class: file
severity: medium
status: active
frequency: monthly
proof: state
tables: [area, pms_area, metering_point, customer]
not_empty: [pms_area]
key: [area_id]
parameters: []
evidence:
  problem:
    zh: 差异
    en: Differences
    codes:
      not_in_pms: {zh: PMS中没有该台区, en: not in PMS}
      not_running: {zh: PMS中已停运或拆除, en: stopped or removed in PMS}
      capacity: {zh: 配变容量不一致, en: different capacities}
  pms_status: {zh: PMS状态, en: Status in PMS, codes: {running: {zh: 运行, en: running}, stopped: {zh: 停运, en: stopped}, removed: {zh: 拆除, en: removed}}}
  pms_capacity_kva: {zh: PMS配变容量(kVA), en: Capacity in PMS (kVA)}
  points: {zh: 在用结算计量点数, en: Settlement points in use}
reason:
  zh: "台区有{points}个在用结算计量点，与PMS比较：{problem}[；营销容量{capacity_kva}kVA][，PMS容量{pms_capacity_kva}kVA][，PMS状态{pms_status}]"
  en: "The area has {points} settlement point(s) in use; against PMS: {problem}[; capacity here {capacity_kva} kVA][, in PMS {pms_capacity_kva} kVA][, status in PMS {pms_status}]"
basis: [{regulation: 线损制度, article: 营配贯通数据一致, verified: false}]
remedy: {zh: 营配双方现场核对配变，统一台区编号、容量与状态。, en: 'Check the transformer jointly and align identity, capacity and status.'}
near_miss:
  - {zh: 没有客户的台区, en: area without customers}
  - {zh: 两个系统容量写法不同而数值相同, en: capacity written differently but equal in both systems}
  - {zh: 没有提供PMS数据（不判断）, en: no PMS extract delivered (not judged)}
decisions:
  - {zh: 是否有结算计量点按计量点档案中的台区判断；只判断台区表中存在的台区。, en: Settlement points are those whose file names the area; only areas of the table area are judged.}
  - {zh: 相差恰为1kVA不报；PMS状态为空不报。, en: A difference of exactly 1 kVA is not reported; nor is an empty status in PMS.}
  - {zh: 两侧容量有一侧为空且没有其他差异时，列为未判定。, en: 'Not judged: a capacity is empty on either side and nothing else differs.'}
seed: 采集系统、营销系统、PMS系统等各系统之间数据不统一
---*/
-- the areas that differ first, so that the points of these few alone are met with their customers: with all of them it took
-- four times as long
WITH differing AS (
    SELECT
        a.area_id,
        kva(a.capacity_kva) AS capacity_kva,
        kva(p.capacity_kva) AS pms_capacity_kva,
        p.status AS pms_status,
        CONCAT_WS(
            ',',
            CASE WHEN p.area_id IS NULL THEN 'not_in_pms' END,
            CASE WHEN p.status IN ('stopped', 'removed') THEN 'not_running' END,
            CASE WHEN ABS(kva(a.capacity_kva) - kva(p.capacity_kva)) > 1 THEN 'capacity' END
        ) AS problem
    FROM area AS a
    LEFT JOIN pms_area AS p ON a.area_id = p.area_id
),

judged AS (
    SELECT
        d.area_id,
        d.problem,
        d.capacity_kva,
        d.pms_capacity_kva,
        d.pms_status
    FROM differing AS d
    WHERE LENGTH(d.problem) > 0
),

-- settlement points of mature customers, as `settlement_point` has them of all areas
used AS (
    SELECT
        j.area_id,
        COUNT(*) AS points
    FROM judged AS j
    INNER JOIN metering_point AS p ON j.area_id = p.area_id
    INNER JOIN customer AS c ON p.customer_id = c.customer_id
    WHERE is_settling(p.purpose, p.status) AND is_mature(c.status, c.opened_on, c.closed_on, $as_of)
    GROUP BY j.area_id
)

SELECT
    j.area_id,
    CAST(j.problem AS VARCHAR) AS problem,
    CAST(j.capacity_kva AS DECIMAL(18, 4)) AS capacity_kva,
    CAST(j.pms_capacity_kva AS DECIMAL(18, 4)) AS pms_capacity_kva,
    j.pms_status,
    CAST(u.points AS BIGINT) AS points
FROM judged AS j
INNER JOIN used AS u ON j.area_id = u.area_id;

/*--- not judged ---*/
WITH unknown AS (
    SELECT
        a.area_id,
        CONCAT_WS(
            ',',
            CASE WHEN kva(a.capacity_kva) IS NULL THEN 'capacity_kva' END,
            CASE WHEN kva(p.capacity_kva) IS NULL THEN 'pms_capacity_kva' END
        ) AS missing
    FROM area AS a
    INNER JOIN pms_area AS p ON a.area_id = p.area_id
    WHERE
        (p.status IS NULL OR p.status = 'running')
        AND (kva(a.capacity_kva) IS NULL OR kva(p.capacity_kva) IS NULL)
)

SELECT
    u.area_id,
    CAST(u.missing AS VARCHAR) AS missing
FROM unknown AS u
INNER JOIN metering_point AS p ON u.area_id = p.area_id
INNER JOIN customer AS c ON p.customer_id = c.customer_id
WHERE is_settling(p.purpose, p.status) AND is_mature(c.status, c.opened_on, c.closed_on, $as_of)
GROUP BY u.area_id, u.missing
