/*---
code: BX022
name: {zh: 暂停不足十五天或事后追溯办理, en: Suspension shorter than 15 days or backdated}
group: BX
subject: service_order
class: fee
severity: high
status: active
frequency: monthly
proof: event
tables: [service_order]
key: [order_id]
parameters:
  - {name: min_days, label: {zh: 一次暂停的最少天数, en: Fewest days of one suspension}, type: int, default: 15, min: 1, max: 366, unit: day, source: {zh: 供电营业规则, en: Power supply rules}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      short: {zh: 暂停天数不足, en: suspended for too few days}
      backdated: {zh: 生效日早于申请日, en: effective before it was applied for}
  last_day: {zh: 末日, en: Last day}
  suspended_days: {zh: 暂停天数, en: Days suspended}
  wrong_days: {zh: 不应减免的天数, en: Days wrongly reduced}
  applied_on: {zh: 申请日期, en: Applied on}
  suspended_kva: {zh: 停用容量(kVA), en: Capacity suspended (kVA)}
reason:
  zh: "{problem}：{applied_on}申请，{effective_from}生效[，至{last_day}共{suspended_days}天][，停用{suspended_kva}kVA]"
  en: "{problem}: applied for on {applied_on}, effective from {effective_from}[ to {last_day}, {suspended_days} days][, {suspended_kva} kVA]"
amount:
  zh: 停用容量×容量电价÷30×不应减免的天数
  en: capacity suspended x capacity price / 30 x days wrongly reduced
basis:
  - {regulation: 营业规则, article: 第二十四条, verified: false}
  - {regulation: 基本电费, article: 第二部分, verified: false}
remedy: {zh: 补收暂停期间基本电费，核实加封时间与审批。, en: 'Recover the basic charge for the days, check seal date and approval.'}
near_miss:
  - {zh: 恰好停满最少天数的暂停, en: suspension of exactly the fewest days}
  - {zh: 当日申请、五日后生效, en: 'applied today, effective in five days'}
  - {zh: 按计划日期恢复, en: resume on the planned date}
decisions:
  - {zh: 不足天数的，全部天数计为不应减免；只追溯的，计申请日以前的天数（不超过停用天数）。, en: 'Of a suspension too short all days are wrongly reduced; of one only backdated those before the application, at most its days.'}
  - {zh: 容量电价按客户一个结算计量点的现行电价。, en: The capacity price is that of one settlement point of the customer at the screening date.}
  - {zh: 末日不明且未追溯的不判断天数，不列为未判定（尚在暂停中）。, en: A suspension without an end still runs; it is not listed as not judged.}
  - {zh: 未判定：近一年归档（归档日为空看申请日）而没有生效日期的暂停、减容。, en: 'Not judged: suspensions and reductions archived within a year (without that day: applied for) that carry no first day.'}
seed: 变更用电过程中电费和电量的损失
---*/
WITH counted AS (
    SELECT
        b.order_id,
        b.customer_id,
        b.applied_on,
        b.effective_from,
        b.last_day,
        b.days,
        COALESCE(b.kind = 'suspend' AND b.days < $min_days, FALSE) AS is_short,
        b.is_backdated
    FROM begun_suspension AS b
),

suspect AS (
    SELECT
        c.order_id,
        c.customer_id,
        c.applied_on,
        c.effective_from,
        c.last_day,
        c.days,
        c.is_short,
        c.is_backdated,
        CASE
            WHEN c.is_short THEN c.days
            ELSE lesser_known(DATE_DIFF('day', c.effective_from, c.applied_on), c.days)
        END AS wrong_days,
        kva(o.capacity_before_kva) - kva(o.capacity_after_kva) AS suspended_kva
    FROM counted AS c
    INNER JOIN service_order AS o ON c.order_id = o.order_id
    WHERE c.is_short OR c.is_backdated
)

SELECT
    s.order_id,
    CAST(
        CONCAT_WS(
            ',', CASE WHEN s.is_short THEN 'short' END, CASE WHEN s.is_backdated THEN 'backdated' END
        ) AS VARCHAR
    ) AS problem,
    s.applied_on,
    s.effective_from,
    s.last_day,
    CAST(s.days AS BIGINT) AS suspended_days,
    CAST(s.wrong_days AS BIGINT) AS wrong_days,
    CAST(s.suspended_kva AS DECIMAL(18, 4)) AS suspended_kva,
    CAST(
        CASE
            WHEN s.suspended_kva > 0 AND s.wrong_days > 0
                THEN
                    ROUND(
                        exact6(
                            CAST(s.suspended_kva AS DOUBLE) * CAST(t.capacity_price AS DOUBLE)
                            * CAST(s.wrong_days AS DOUBLE) / 30
                        ),
                        2
                    )
        END AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM suspect AS s
LEFT JOIN capacity_tariff AS t ON s.customer_id = t.customer_id;

/*--- not judged ---*/
SELECT
    k.order_id,
    CAST('effective_from' AS VARCHAR) AS missing
FROM known_order AS k
WHERE
    k.kind IN ('suspend', 'reduce_capacity')
    AND k.is_finished
    AND k.effective_from IS NULL
    AND COALESCE(k.archived_on, k.applied_on) >= $as_of - 365
    AND COALESCE(k.archived_on, k.applied_on) < $as_of
