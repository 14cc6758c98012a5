/*---
code: AC014
name: {zh: 退费经办人员集中, en: Refunds concentrated on one clerk}
group: AC
subject: staff
class: fee
severity: medium
status: active
frequency: quarterly
proof: event
tables: [adjustment, staff]
key: [requested_by]
parameters:
  - {name: factor, label: {zh: 退费笔数超过同岗位中位数的倍数, en: 'Refunds above the median of the same post, times'}, type: "decimal(8,3)", default: 4, min: 1, max: 1000, unit: times, source: practice, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      above_peers: {zh: 远多于同县同岗位人员, en: far more than the peers}
      one_approver: {zh: 几乎均由一人审批, en: nearly all approved by one person}
      one_customer: {zh: 集中于一个客户, en: concentrated on one customer}
  refunds: {zh: 退费笔数, en: Refunds}
  refund_yuan: {zh: 退费合计(元), en: Refunds together (yuan)}
  median_refunds: {zh: 同岗位笔数中位数, en: Median of the peers}
  top_approver_id: {zh: 主要审批人, en: Main approver}
  approver_refunds: {zh: 该审批人审批笔数, en: Approved by that person}
  top_customer_id: {zh: 退费最多的客户, en: Customer with most money}
  customer_yuan: {zh: 该客户退费(元), en: Refunds to that customer (yuan)}
reason:
  zh: "近一年经办退费{refunds}笔共{refund_yuan}元：{problem}[（同岗位中位数{median_refunds}笔）][；{top_approver_id}审批{approver_refunds}笔][；客户{top_customer_id}得{customer_yuan}元]"
  en: "{refunds} refunds of {refund_yuan} yuan together in a year: {problem}[ (median of the peers {median_refunds})][; {top_approver_id} approved {approver_refunds} of them][; customer {top_customer_id} received {customer_yuan} yuan]"
amount: {zh: 近一年经办退费合计, en: the refunds of the year together}
basis: [{regulation: 内控规范, article: 第三十四条（运营分析控制）, verified: false}]
remedy: {zh: 抽查该员经手退费的真实性，轮岗。, en: Sample the refunds; rotate.}
near_miss:
  - {zh: 县内唯一的退补经办人（无可比人员）, en: the only adjustment clerk of a county (no peers)}
  - {zh: 电价更正专项后的经办人（原因为政策）, en: clerk after a tariff correction campaign (reason policy)}
  - {zh: 退费笔数很少的小县, en: small county with few refunds}
decisions:
  - {zh: 可比人员为同县同岗位、近一年经办过退费的其他人员，至少5名；岗位为空的无可比人员。, en: 'Peers: others of the same post and county with a refund in the year, at least 5; without a post there are none.'}
  - {zh: 其他审批人为同县、近365天审批过退补的人员，不含经办人本人和该审批人。, en: 'The other approvers are staff of the county who approved an adjustment in the last 365 days, without the clerk and that approver.'}
  - {zh: 未判定：原因已知（非政策）的退费不足10笔，加上原因为空的达到10笔。已知达到10笔的按已知的判断。, en: 'Not judged: fewer than 10 refunds of a known reason (policy aside) that are 10 with those of unknown reason. With 10 known ones these are judged.'}
seed: 控制退补
---*/
WITH refund AS (
    SELECT
        a.requested_by,
        a.approved_by,
        a.customer_id,
        CAST(-a.yuan AS DECIMAL(18, 2)) AS refund_yuan
    FROM yearly_adjustment AS a
    WHERE a.is_refund AND a.requested_by IS NOT NULL
),

clerk AS (
    SELECT
        r.requested_by,
        s.county_id,
        s.post,
        COUNT(*) AS refunds,
        SUM(r.refund_yuan) AS refund_yuan
    FROM refund AS r
    LEFT JOIN staff_county AS s ON r.requested_by = s.staff_id
    GROUP BY r.requested_by, s.county_id, s.post
),

ranked AS (
    SELECT
        c.requested_by,
        p.refunds,
        ROW_NUMBER() OVER (PARTITION BY c.requested_by ORDER BY p.refunds, p.requested_by) AS place,
        COUNT(*) OVER (PARTITION BY c.requested_by) AS peers
    FROM clerk AS c
    INNER JOIN clerk AS p ON c.county_id = p.county_id AND c.post = p.post AND c.requested_by <> p.requested_by
    WHERE c.refunds >= 10
),

median AS (
    SELECT
        k.requested_by,
        CAST((MIN(k.refunds) + MAX(k.refunds)) * CAST(0.5 AS DECIMAL(2, 1)) AS DECIMAL(12, 1)) AS median_refunds
    FROM ranked AS k
    WHERE k.peers >= 5 AND 2 * k.place BETWEEN k.peers AND k.peers + 2
    GROUP BY k.requested_by
),

by_approver AS (
    SELECT
        r.requested_by,
        r.approved_by,
        COUNT(*) AS refunds
    FROM refund AS r
    WHERE r.approved_by IS NOT NULL
    GROUP BY r.requested_by, r.approved_by
    QUALIFY ROW_NUMBER() OVER (PARTITION BY r.requested_by ORDER BY COUNT(*) DESC, r.approved_by ASC) = 1
),

by_customer AS (
    SELECT
        r.requested_by,
        r.customer_id,
        SUM(r.refund_yuan) AS refund_yuan
    FROM refund AS r
    GROUP BY r.requested_by, r.customer_id
    QUALIFY ROW_NUMBER() OVER (PARTITION BY r.requested_by ORDER BY SUM(r.refund_yuan) DESC, r.customer_id ASC) = 1
),

approver AS (
    SELECT
        filled(a.approved_by) AS approved_by,
        s.county_id
    FROM adjustment AS a
    INNER JOIN staff_county AS s ON filled(a.approved_by) = s.staff_id
    WHERE CAST(a.approved_at AS DATE) >= $as_of - 365 AND CAST(a.approved_at AS DATE) < $as_of
    GROUP BY filled(a.approved_by), s.county_id
),

other_approvers AS (
    SELECT
        c.requested_by,
        COUNT(*) AS approvers
    FROM clerk AS c
    INNER JOIN by_approver AS b ON c.requested_by = b.requested_by
    INNER JOIN approver AS a ON c.county_id = a.county_id
    WHERE a.approved_by <> b.approved_by AND a.approved_by <> c.requested_by
    GROUP BY c.requested_by
),

judged AS (
    SELECT
        c.requested_by,
        c.refunds,
        c.refund_yuan,
        m.median_refunds,
        b.approved_by,
        b.refunds AS approver_refunds,
        u.customer_id,
        u.refund_yuan AS customer_yuan,
        COALESCE(
            c.refunds >= 10 AND CAST(c.refunds AS DECIMAL(12, 0)) > $factor * m.median_refunds, FALSE
        ) AS is_above_peers,
        COALESCE(
            c.refunds >= 20 AND 10 * b.refunds >= 9 * c.refunds AND o.approvers >= 3, FALSE
        ) AS is_one_approver,
        COALESCE(c.refunds >= 10 AND 10 * u.refund_yuan >= 3 * c.refund_yuan, FALSE) AS is_one_customer
    FROM clerk AS c
    LEFT JOIN median AS m ON c.requested_by = m.requested_by
    LEFT JOIN by_approver AS b ON c.requested_by = b.requested_by
    LEFT JOIN by_customer AS u ON c.requested_by = u.requested_by
    LEFT JOIN other_approvers AS o ON c.requested_by = o.requested_by
)

SELECT
    j.requested_by,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN j.is_above_peers THEN 'above_peers' END,
            CASE WHEN j.is_one_approver THEN 'one_approver' END,
            CASE WHEN j.is_one_customer THEN 'one_customer' END
        ) AS VARCHAR
    ) AS problem,
    CAST(j.refunds AS BIGINT) AS refunds,
    CAST(j.refund_yuan AS DECIMAL(18, 2)) AS refund_yuan,
    CAST(CASE WHEN j.is_above_peers THEN j.median_refunds END AS DECIMAL(12, 1)) AS median_refunds,
    CAST(CASE WHEN j.is_one_approver THEN j.approved_by END AS VARCHAR) AS top_approver_id,
    CAST(CASE WHEN j.is_one_approver THEN j.approver_refunds END AS BIGINT) AS approver_refunds,
    CAST(CASE WHEN j.is_one_customer THEN j.customer_id END AS VARCHAR) AS top_customer_id,
    CAST(CASE WHEN j.is_one_customer THEN j.customer_yuan END AS DECIMAL(18, 2)) AS customer_yuan,
    CAST(j.refund_yuan AS DECIMAL(18, 2)) AS amount_yuan,
    t.org_id
FROM judged AS j
LEFT JOIN staff AS t ON j.requested_by = t.staff_id
WHERE j.is_above_peers OR j.is_one_approver OR j.is_one_customer;

/*--- not judged ---*/
WITH clerk AS (
    SELECT
        a.requested_by,
        COUNT(*) AS refunds,
        SUM(CASE WHEN a.reason IS NULL THEN 0 ELSE 1 END) AS known_refunds
    FROM yearly_adjustment AS a
    WHERE a.yuan < 0 AND (a.reason IS NULL OR a.reason <> 'policy') AND a.requested_by IS NOT NULL
    GROUP BY a.requested_by
)

SELECT
    c.requested_by,
    CAST('reason' AS VARCHAR) AS missing,
    t.org_id
FROM clerk AS c
LEFT JOIN staff AS t ON c.requested_by = t.staff_id
WHERE c.refunds >= 10 AND c.known_refunds < 10
