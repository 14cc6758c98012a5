/*---
code: RC010
name: {zh: 上下期示数不衔接或电量计算错误, en: Indexes do not continue or the quantity is wrong}
group: RC
subject: metering_point
class: quantity
severity: high
status: active
frequency: monthly
proof: recompute
tables: [reading, metering_point, meter, customer]
key: [point_id, period, register]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      gap: {zh: 上次示数与上期本次示数不衔接, en: previous index differs from the current index of the period before}
      wrong_quantity: {zh: 电量不等于示数差×倍率, en: quantity is not the index difference times the multiplier}
  earlier_period: {zh: 上期年月, en: Earlier period}
  earlier_index: {zh: 上期本次示数, en: Current index of the earlier period}
  expected_quantity: {zh: 应计电量, en: Expected quantity}
reason:
  zh: "{register}：{problem}[；{earlier_period}本次示数{earlier_index}，本期上次示数{previous_index}][；示数差×倍率{multiplier}应为{expected_quantity}，抄见电量{quantity}]"
  en: "{register}: {problem}[; current index {earlier_index} in {earlier_period}, previous index now {previous_index}][; difference x multiplier {multiplier} gives {expected_quantity}, the quantity is {quantity}]"
amount:
  zh: 示数不衔接：示数差绝对值×倍率×参考电价；电量错误：电量差绝对值×参考电价；两者都有取其和；无功无金额
  en: 'gap: absolute index difference x multiplier x reference price; wrong quantity: absolute difference x reference price; both: their sum; none for reactive registers'
basis: [{regulation: 抄核收规则, article: 电量核算, verified: false}]
remedy: {zh: 核对起止示数，更正电量并退补。, en: Correct indexes and quantity and settle.}
near_miss:
  - {zh: 当期换表, en: meter changed in the period}
  - {zh: 电能表翻转, en: roll-over}
  - {zh: 最大需量示数（不是电量）, en: demand register (no energy)}
decisions:
  - {zh: “最近的上期”取本账期前3期内最近一期有本次示数的抄表行；该期未抄（示数为空）时再往前。, en: The latest earlier period is the latest of the three before the period judged whose row has a current index; a period without an index is passed over.}
  - {zh: 分时示数也各自估金额；它们是总示数的一部分，汇总时不要与总示数相加。, en: 'Time-of-use registers carry their own amount too; being parts of the total, they are not to be added to it.'}
  - {zh: 示数下降且不是翻转的由MT020检查，不在电量错误之内；示数为负差但衔接不上仍按不衔接报。, en: 'A falling index that is no roll-over belongs to MT020 and is not a wrong quantity; the gap is tested all the same.'}
  - {zh: 恰差0.01、1kWh或0.1%不报；倍率只用抄表行的。, en: 'Differences of exactly 0.01, 1 or 0.1 % are not reported; the multiplier is that of the reading row only.'}
  - {zh: 未判定：本次示数已知（未换表），上次示数、倍率或电量为空。, en: 'Not judged: registers (no meter change) with a current index whose previous index, multiplier or quantity is unknown.'}
seed: 抄表数据准备 / 修改指针
---*/
WITH latest AS (
    SELECT
        r.point_id,
        r.register,
        r.meter_id,
        r.previous_index,
        r.current_index,
        r.quantity,
        multiplier_exact(r.multiplier) AS multiplier
    FROM reading AS r
    INNER JOIN metered_point AS p ON r.point_id = p.point_id
    WHERE r.period = $p0 AND r.register <> 'demand'
),

-- most registers continue from the month before; only the others look further back
followed AS (
    SELECT
        l.point_id,
        l.register,
        l.meter_id,
        l.previous_index,
        l.current_index,
        l.quantity,
        l.multiplier,
        b.current_index AS earlier_index,
        CASE
            WHEN
                l.current_index < l.previous_index
                THEN NULL
            ELSE CAST(l.current_index - l.previous_index AS DECIMAL(20, 2)) * l.multiplier
        END AS expected_quantity
    FROM latest AS l
    LEFT JOIN reading AS b
        ON
            l.point_id = b.point_id
            AND l.register = b.register
            AND b.period = months_later($p0, -1)
            AND b.register <> 'demand'
),

doubtful AS (
    SELECT
        f.point_id,
        f.register,
        f.meter_id,
        f.previous_index,
        f.current_index,
        f.quantity,
        f.multiplier,
        f.earlier_index,
        f.expected_quantity
    FROM followed AS f
    LEFT JOIN meter_change AS c ON f.point_id = c.point_id AND c.period = $p0
    WHERE
        c.point_id IS NULL
        AND (
            (f.earlier_index IS NULL AND f.previous_index IS NOT NULL)
            OR ABS(f.previous_index - f.earlier_index) > CAST(0.01 AS DECIMAL(3, 2))
            OR f.current_index < f.previous_index
            OR ABS(f.quantity - f.expected_quantity) > 1
        )
),

further AS (
    SELECT
        d.point_id,
        d.register,
        b.period,
        b.current_index
    FROM doubtful AS d
    INNER JOIN reading AS b ON d.point_id = b.point_id AND d.register = b.register
    WHERE
        d.earlier_index IS NULL
        AND b.current_index IS NOT NULL
        AND b.period < months_later($p0, -1)
        AND b.period >= months_later($p0, -3)
    QUALIFY ROW_NUMBER() OVER (PARTITION BY d.point_id, d.register ORDER BY b.period DESC) = 1
),

-- the digits are those of the reading's meter, of the current one where the row names none or one that is not on file
metered AS (
    SELECT
        d.point_id,
        d.register,
        d.previous_index,
        d.current_index,
        d.quantity,
        d.multiplier,
        d.earlier_index,
        d.expected_quantity,
        CASE WHEN t.meter_id IS NULL THEN m.index_digits ELSE CAST(t.index_digits AS INTEGER) END AS index_digits
    FROM doubtful AS d
    LEFT JOIN meter AS t ON d.meter_id = t.meter_id
    LEFT JOIN current_meter AS m ON d.point_id = m.point_id
),

resolved AS (
    SELECT
        d.point_id,
        d.register,
        d.previous_index,
        d.current_index,
        d.quantity,
        d.multiplier,
        COALESCE(d.earlier_index, h.current_index) AS earlier_index,
        CASE
            WHEN d.earlier_index IS NOT NULL THEN months_later($p0, -1) ELSE h.period
        END AS earlier_period,
        CASE
            WHEN is_rolled_over(d.previous_index, d.current_index, d.index_digits)
                THEN
                    CAST(d.current_index + index_range(d.index_digits) - d.previous_index AS DECIMAL(20, 2))
                    * d.multiplier
            ELSE d.expected_quantity
        END AS expected_quantity
    FROM metered AS d
    LEFT JOIN further AS h ON d.point_id = h.point_id AND d.register = h.register
),

judged AS (
    SELECT
        v.point_id,
        v.register,
        v.previous_index,
        v.current_index,
        v.quantity,
        v.multiplier,
        v.earlier_index,
        v.earlier_period,
        v.expected_quantity,
        COALESCE(ABS(v.previous_index - v.earlier_index) > CAST(0.01 AS DECIMAL(3, 2)), FALSE) AS is_gap,
        COALESCE(
            ABS(v.quantity - v.expected_quantity) > greater_of(
                CAST(1 AS DECIMAL(38, 8)),
                greater_of(ABS(v.quantity), ABS(v.expected_quantity)) * CAST(0.001 AS DECIMAL(4, 3))
            ), FALSE
        ) AS is_wrong
    FROM resolved AS v
)

SELECT
    j.point_id,
    CAST($p0 AS DATE) AS period,
    j.register,
    CAST(
        CONCAT_WS(',', CASE WHEN j.is_gap THEN 'gap' END, CASE WHEN j.is_wrong THEN 'wrong_quantity' END) AS VARCHAR
    ) AS problem,
    CAST(CASE WHEN j.is_gap THEN month_text(j.earlier_period) END AS VARCHAR) AS earlier_period,
    CAST(CASE WHEN j.is_gap THEN j.earlier_index END AS DECIMAL(14, 2)) AS earlier_index,
    j.previous_index,
    j.current_index,
    CAST(j.multiplier AS DECIMAL(18, 6)) AS multiplier,
    CAST(CASE WHEN j.is_wrong THEN j.expected_quantity END AS DECIMAL(24, 2)) AS expected_quantity,
    j.quantity,
    CAST(
        CASE
            WHEN j.register NOT IN ('reactive', 'reactive_lead')
                THEN worth_yuan(
                    CASE
                        WHEN j.is_gap
                            THEN CAST(ABS(j.previous_index - j.earlier_index) AS DECIMAL(20, 2)) * j.multiplier
                        ELSE 0
                    END
                    + CASE WHEN j.is_wrong THEN ABS(j.quantity - j.expected_quantity) ELSE 0 END,
                    q.price
                )
        END AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM judged AS j
LEFT JOIN reference_price AS q ON j.point_id = q.point_id
WHERE j.is_gap OR j.is_wrong;

/*--- not judged ---*/
SELECT
    r.point_id,
    CAST($p0 AS DATE) AS period,
    r.register,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN r.previous_index IS NULL THEN 'previous_index' END,
            CASE WHEN r.multiplier IS NULL THEN 'multiplier' END,
            CASE WHEN r.quantity IS NULL THEN 'quantity' END
        ) AS VARCHAR
    ) AS missing
FROM reading AS r
INNER JOIN metered_point AS p ON r.point_id = p.point_id
LEFT JOIN meter_change AS c ON r.point_id = c.point_id AND c.period = $p0
WHERE
    r.period = $p0
    AND r.register <> 'demand'
    AND r.current_index IS NOT NULL
    AND (r.previous_index IS NULL OR r.multiplier IS NULL OR r.quantity IS NULL)
    AND c.point_id IS NULL
