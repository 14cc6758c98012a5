/*---
code: RC011
name: {zh: 示数修改无独立审核或发行后修改, en: Index edited without an independent hand or after issue}
group: RC
subject: metering_point
class: quantity
severity: high
status: active
frequency: monthly
proof: event
tables: [reading, metering_point, bill, adjustment]
key: [point_id, period, register]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      same_hand: {zh: 修改人就是抄表员, en: edited by the reader}
      after_issue: {zh: 账单发行后修改且无抄表差错退补, en: edited after issue without an adjustment for a wrong reading}
      undated: {zh: 没有修改时间, en: no time of the edit}
  first_issued_on: {zh: 首次发行日, en: First day of issue}
reason:
  zh: "{period}{register}示数由{index_changed_by}[于{index_changed_at}]修改[，原示数{original_index}]，现示数{current_index}：{problem}[（账单{first_issued_on}发行）]"
  en: "{register} index of {period} edited by {index_changed_by}[ at {index_changed_at}][, was {original_index}], now {current_index}: {problem}[ (bill issued on {first_issued_on})]"
amount:
  zh: 原示数已知时，示数差绝对值×倍率×参考电价；需量、无功无金额
  en: absolute change of the index x multiplier x reference price when the original is known; none for demand and reactive registers
basis:
  - {regulation: 内控规范, article: 第二十九条（不相容职务分离）, verified: true}
  - {regulation: 抄核收规则, article: 示数修改审批, verified: false}
remedy: {zh: 调取修改日志、照片与审批单，无依据的恢复。, en: 'Get the log, photo and approval; restore if unfounded.'}
near_miss:
  - {zh: 发行前由核算员修改, en: edit by the billing clerk before issue}
  - {zh: 发行后修改但有抄表差错退补记录, en: edit after issue with a recorded adjustment}
  - {zh: 从未修改, en: never edited}
decisions:
  - {zh: 首次发行日取该计量点、该期各类账单中最早的发行日；当日内修改不算发行后。, en: 'The first issue is that of the earliest bill of any kind of the point and period; an edit on that day is not later.'}
  - {zh: 退补申请日与修改日相差不超过30天（前后均可）即视为有记录。, en: An adjustment requested within 30 days before or after the edit counts as its record.}
  - {zh: 同一行符合多项合并为一条；金额的倍率用抄表行的，为空用计量点档案的；需量、无功示数之差不是电量，无金额。, en: One finding per row names all that applies; the multiplier is the row's or else the point's; a difference of demand or reactive indexes is no energy and has no amount.}
  - {zh: 未判定：已知修改人和修改时间，不属于发行后修改，而抄表员为空；或并非抄表员修改、没有抄表差错退补，而该点该期有账单没有发行日期。, en: 'Not judged: edited with a known time and not after a known issue, without a reader; or not by the reader, without an adjustment, where a bill of the point and period has no day of issue.'}
seed: 修改指针等工作流程
---*/
WITH edited AS (
    SELECT
        r.point_id,
        r.period,
        r.register,
        r.reader_id,
        r.index_changed_by,
        r.index_changed_at,
        r.original_index,
        r.current_index,
        p.customer_id,
        multiplier_exact(COALESCE(r.multiplier, p.multiplier)) AS multiplier
    FROM reading AS r
    LEFT JOIN metering_point AS p ON r.point_id = p.point_id
    WHERE
        NOT is_blank(r.index_changed_by)
        AND r.period <= $p0
        AND r.period >= months_later($p0, -5)
),

edited_period AS (
    SELECT
        e.point_id,
        e.period
    FROM edited AS e
    GROUP BY e.point_id, e.period
),

issued AS (
    SELECT
        b.point_id,
        b.period,
        MIN(b.issued_on) AS first_issued_on
    FROM bill AS b
    INNER JOIN edited_period AS e ON b.point_id = e.point_id AND b.period = e.period
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -5)
    GROUP BY b.point_id, b.period
),

judged AS (
    SELECT
        e.point_id,
        e.period,
        e.register,
        e.index_changed_by,
        e.index_changed_at,
        e.original_index,
        e.current_index,
        e.multiplier,
        i.first_issued_on,
        COALESCE(e.index_changed_by = e.reader_id, FALSE) AS is_same_hand,
        COALESCE(
            CAST(e.index_changed_at AS DATE) > i.first_issued_on
            AND NOT EXISTS (
                SELECT a.adjustment_id
                FROM adjustment AS a
                WHERE
                    a.customer_id = e.customer_id
                    AND a.reason = 'wrong_reading'
                    AND CAST(a.requested_at AS DATE) >= CAST(e.index_changed_at AS DATE) - 30
                    AND CAST(a.requested_at AS DATE) <= CAST(e.index_changed_at AS DATE) + 30
            ), FALSE
        ) AS is_after_issue
    FROM edited AS e
    LEFT JOIN issued AS i ON e.point_id = i.point_id AND e.period = i.period
)

SELECT
    j.point_id,
    j.period,
    j.register,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN j.is_same_hand THEN 'same_hand' END,
            CASE WHEN j.is_after_issue THEN 'after_issue' END,
            CASE WHEN j.index_changed_at IS NULL THEN 'undated' END
        ) AS VARCHAR
    ) AS problem,
    j.index_changed_by,
    j.index_changed_at,
    j.original_index,
    j.current_index,
    CAST(CASE WHEN j.is_after_issue THEN j.first_issued_on END AS DATE) AS first_issued_on,
    CAST(
        CASE
            WHEN j.register NOT IN ('demand', 'reactive', 'reactive_lead')
                THEN worth_yuan(
                    CAST(ABS(j.current_index - j.original_index) AS DECIMAL(20, 2)) * j.multiplier, q.price
                )
        END AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM judged AS j
LEFT JOIN reference_price AS q ON j.point_id = q.point_id
WHERE j.is_same_hand OR j.is_after_issue OR j.index_changed_at IS NULL;

/*--- not judged ---*/
WITH edited AS (
    SELECT
        r.point_id,
        r.period,
        r.register,
        r.reader_id,
        CAST(r.index_changed_at AS DATE) AS changed_on,
        p.customer_id
    FROM reading AS r
    LEFT JOIN metering_point AS p ON r.point_id = p.point_id
    WHERE
        NOT is_blank(r.index_changed_by)
        AND r.index_changed_at IS NOT NULL
        AND (r.reader_id IS NULL OR r.reader_id <> r.index_changed_by)
        AND r.period <= $p0
        AND r.period >= months_later($p0, -5)
),

edited_period AS (
    SELECT
        e.point_id,
        e.period
    FROM edited AS e
    GROUP BY e.point_id, e.period
),

issued AS (
    SELECT
        b.point_id,
        b.period,
        MIN(b.issued_on) AS first_issued_on,
        MAX(CASE WHEN b.issued_on IS NULL THEN 1 ELSE 0 END) AS lacks_issue
    FROM bill AS b
    INNER JOIN edited_period AS e ON b.point_id = e.point_id AND b.period = e.period
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -5)
    GROUP BY b.point_id, b.period
),

recorded AS (
    SELECT
        e.point_id,
        e.period,
        e.register
    FROM edited AS e
    INNER JOIN adjustment AS a ON e.customer_id = a.customer_id
    WHERE
        a.reason = 'wrong_reading'
        AND CAST(a.requested_at AS DATE) >= e.changed_on - 30
        AND CAST(a.requested_at AS DATE) <= e.changed_on + 30
    GROUP BY e.point_id, e.period, e.register
),

dated AS (
    SELECT
        e.point_id,
        e.period,
        e.register,
        e.reader_id,
        COALESCE(i.lacks_issue = 1, FALSE) AS lacks_issue,
        COALESCE(i.first_issued_on < e.changed_on, FALSE) AS is_after_issue,
        a.point_id IS NOT NULL AS is_recorded
    FROM edited AS e
    LEFT JOIN issued AS i ON e.point_id = i.point_id AND e.period = i.period
    LEFT JOIN recorded AS a ON e.point_id = a.point_id AND e.period = a.period AND e.register = a.register
)

SELECT
    d.point_id,
    d.period,
    d.register,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN d.reader_id IS NULL THEN 'reader_id' END,
            CASE WHEN d.lacks_issue AND NOT d.is_recorded THEN 'issued_on' END
        ) AS VARCHAR
    ) AS missing
FROM dated AS d
WHERE
    (NOT d.is_after_issue OR d.is_recorded)
    AND (d.reader_id IS NULL OR (d.lacks_issue AND NOT d.is_recorded))
