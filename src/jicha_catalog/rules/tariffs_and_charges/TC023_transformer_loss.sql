/*---
code: TC023
name: {zh: 变损未计或计算错误, en: Transformer loss not charged or wrong}
group: TC
subject: metering_point
class: loss
severity: high
status: active
frequency: on_bill_issue
proof: recompute
tables: [metering_point, customer, bill, recomputed_bill]
key: [point_id]
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      not_charged: {zh: 变损未计, en: loss not charged}
      wrong: {zh: 变损与复算不符, en: loss differs from the recomputed one}
      not_due: {zh: 高供高计误计变损, en: loss charged though metered at high voltage}
  billed_loss_kwh: {zh: 当期计收变损(kWh), en: Loss billed (kWh)}
  expected_loss_kwh: {zh: 当期应计变损(kWh), en: Loss due (kWh)}
  earlier_loss_kwh: {zh: 上期计收变损(kWh), en: Loss billed in the period before (kWh)}
reason:
  zh: "{problem}[，当期计收{billed_loss_kwh}kWh][，当期应计{expected_loss_kwh}kWh][，上期计收{earlier_loss_kwh}kWh]"
  en: "{problem}[, {billed_loss_kwh} kWh billed in the period][, {expected_loss_kwh} kWh due][, {earlier_loss_kwh} kWh billed in the period before]"
amount:
  zh: 每月（应计变损－计收变损）×电度电价；应计变损不能复算时取在运变压器空载损耗×720小时
  en: (loss due - loss billed) x energy price a month; where the loss cannot be recomputed, no-load loss of the running transformers x 720 h
basis: [{regulation: 营业规则, article: 第七十五条, verified: false}]
remedy: {zh: 核对产权分界与计量位置，设置变损参数并补收。, en: Check boundary and metering side; set the loss parameter and recover.}
near_miss:
  - {zh: 总表已计变损的分表, en: sub-point under a charged main}
  - {zh: 产权属供电企业的变压器, en: transformer owned by the utility}
  - {zh: 合同约定线损的高供高计, en: line loss agreed in the contract for high-voltage metering}
decisions:
  - {zh: 同一客户变压器编号相同（或同为空）的应计变损点中，某期有一点计了变损的，该期视为已计。, en: 'Of the bearing points of a customer with the same transformer (or none named), a period is charged when one of them carries a loss in it.'}
  - {zh: 与复算比较的账单变损为该期全部账单（含补收、冲红）之和，为空按0；两期的常规账单都须复算得出。误计的优先于不符。, en: 'Against the recomputed loss stands the sum of all bills of the period, supplementary ones and reversals too, a null counting as 0; the regular bills of both periods must have been recomputed. Charged wrongly comes before a difference.'}
  - {zh: 应计变损取复算值（含线损），按负荷的部分已在其中。, en: 'The loss due is the recomputed one, which holds the load part and the loss of the line.'}
  - {zh: 未判定：应计变损、账单有变损而本账期或上期不能复算，且其他条件不成立。, en: 'Not judged: a loss is due and billed, but the period judged or the period before could not be recomputed.'}
seed: 少交变损电费
---*/
WITH main AS (
    SELECT
        s.point_id,
        s.customer_id,
        s.tariff_code,
        s.mode,
        p.transformer_id,
        COALESCE(p.loss_method <> 'none', s.mode = 'hv_supply_lv_metering', FALSE) AS bears,
        COALESCE(p.loss_method <> 'none', FALSE) OR COALESCE(exact4(p.line_loss_pct) > 0, FALSE) AS is_agreed
    FROM settlement_point AS s
    INNER JOIN metering_point AS p ON s.point_id = p.point_id
    WHERE s.is_metered AND s.parent_point_id IS NULL
),

family AS (
    SELECT
        m.customer_id,
        m.transformer_id,
        b.back,
        MAX(b.loss_kwh) AS loss_kwh
    FROM main AS m
    INNER JOIN recent_point_bill AS b ON m.point_id = b.point_id
    WHERE m.bears
    GROUP BY m.customer_id, m.transformer_id, b.back
),

-- periods all of whose regular bills could be recomputed
recomputed AS (
    SELECT
        r.point_id,
        r.period,
        SUM(r.loss_kwh) AS due_kwh
    FROM recomputed_bill AS r
    WHERE r.period >= months_later($p0, -1) AND (r.reason IS NULL OR r.reason <> 'not_regular')
    GROUP BY r.point_id, r.period
    HAVING COUNT(r.reason) = 0
),

compared AS (
    SELECT
        m.point_id,
        m.customer_id,
        m.tariff_code,
        n.loss_kwh AS loss_now,
        b.loss_kwh AS loss_before,
        e.due_kwh,
        m.bears
        AND COALESCE(n.billed_kwh > 0 AND b.billed_kwh > 0, FALSE)
        AND COALESCE(n.loss_kwh, 0) = 0
        AND COALESCE(b.loss_kwh, 0) = 0
        AND COALESCE(fn.loss_kwh, 0) <= 0
        AND COALESCE(fb.loss_kwh, 0) <= 0 AS is_missing,
        COALESCE(m.mode = 'hv_supply_hv_metering', FALSE)
        AND NOT m.is_agreed
        AND COALESCE(n.loss_kwh > 0 AND b.loss_kwh > 0, FALSE) AS is_not_due,
        COALESCE(
            ABS(COALESCE(n.loss_kwh, 0) - e.due_kwh) > greater_known(
                CAST(20 AS DECIMAL(24, 4)),
                greater_known(ABS(COALESCE(n.loss_kwh, 0)), ABS(e.due_kwh)) * CAST(0.05 AS DECIMAL(3, 2))
            )
            AND ABS(COALESCE(b.loss_kwh, 0) - d.due_kwh) > greater_known(
                CAST(20 AS DECIMAL(24, 4)),
                greater_known(ABS(COALESCE(b.loss_kwh, 0)), ABS(d.due_kwh)) * CAST(0.05 AS DECIMAL(3, 2))
            ),
            FALSE
        ) AS is_wrong
    FROM main AS m
    INNER JOIN recent_point_bill AS n ON m.point_id = n.point_id AND n.back = 0
    INNER JOIN recent_point_bill AS b ON m.point_id = b.point_id AND b.back = 1
    LEFT JOIN family AS fn
        ON
            m.customer_id = fn.customer_id
            AND COALESCE(m.transformer_id, '') = COALESCE(fn.transformer_id, '')
            AND fn.back = 0
    LEFT JOIN family AS fb
        ON
            m.customer_id = fb.customer_id
            AND COALESCE(m.transformer_id, '') = COALESCE(fb.transformer_id, '')
            AND fb.back = 1
    LEFT JOIN recomputed AS e ON m.point_id = e.point_id AND e.period = $p0
    LEFT JOIN recomputed AS d ON m.point_id = d.point_id AND d.period = months_later($p0, -1)
),

standing AS (
    SELECT
        t.customer_id,
        SUM(exact4(t.no_load_loss_kw)) * 720 AS no_load_kwh
    FROM customer_transformer AS t
    WHERE t.status IN ('running', 'hot_standby')
    GROUP BY t.customer_id
),

suspect AS (
    SELECT
        c.point_id,
        c.tariff_code,
        c.loss_now,
        c.loss_before,
        CASE
            WHEN c.is_not_due THEN COALESCE(c.due_kwh, 0)
            ELSE COALESCE(c.due_kwh, s.no_load_kwh)
        END AS due_kwh,
        CASE WHEN c.is_missing THEN 'not_charged' WHEN c.is_not_due THEN 'not_due' ELSE 'wrong' END AS problem
    FROM compared AS c
    LEFT JOIN standing AS s ON c.customer_id = s.customer_id
    WHERE c.is_missing OR c.is_not_due OR c.is_wrong
)

SELECT
    s.point_id,
    CAST(s.problem AS VARCHAR) AS problem,
    CAST(s.loss_now AS DECIMAL(18, 2)) AS billed_loss_kwh,
    CAST(s.due_kwh AS DECIMAL(18, 2)) AS expected_loss_kwh,
    CAST(s.loss_before AS DECIMAL(18, 2)) AS earlier_loss_kwh,
    CAST(
        worth_yuan(s.due_kwh - COALESCE(s.loss_now, 0), CAST(t.energy_price AS DECIMAL(18, 10))) AS DECIMAL(18, 2)
    ) AS amount_yuan,
    TRY_CAST(s.due_kwh - COALESCE(s.loss_now, 0) AS DECIMAL(14, 2)) AS energy_kwh
FROM suspect AS s
LEFT JOIN tariff_at_as_of AS t ON s.tariff_code = t.tariff_code;

/*--- not judged ---*/
SELECT
    s.point_id,
    CAST('recomputed_bill' AS VARCHAR) AS missing
FROM settlement_point AS s
INNER JOIN metering_point AS p ON s.point_id = p.point_id
INNER JOIN recomputed_bill AS r ON s.point_id = r.point_id
INNER JOIN bill AS b ON r.bill_id = b.bill_id
WHERE
    s.is_metered
    AND s.parent_point_id IS NULL
    AND COALESCE(p.loss_method <> 'none', s.mode = 'hv_supply_lv_metering', FALSE)
    AND r.period >= months_later($p0, -1)
    AND r.reason IS NOT NULL
    AND r.reason <> 'not_regular'
    AND b.loss_kwh <> 0
GROUP BY s.point_id
