/*---
code: MT021
name: {zh: 换表前后示数不衔接, en: Indexes do not join at a meter change}
group: MT
subject: metering_point
class: quantity
severity: high
status: active
frequency: on_bill_issue
proof: recompute
tables: [meter, reading, metering_point, customer]
key: [point_id, period]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      removed_below: {zh: 拆表示数小于拆表前抄见示数, en: the index at removal is below the last one read}
      quantity: {zh: 抄见电量与新旧表示数推算不符, en: the quantity does not follow from the indexes of both meters}
      surge: {zh: 拆表前短期电量异常大, en: very much energy between the last reading and the removal}
      no_index: {zh: 缺拆表示数或新表起始示数, en: 'the index at removal or that of the new meter is missing'}
  old_meter_id: {zh: 旧表, en: Old meter}
  new_meter_id: {zh: 新表, en: New meter}
  last_index: {zh: 拆表前抄见示数, en: Last index read before}
  read_index: {zh: 换表后抄见示数, en: Index read after}
  swap_quantity: {zh: 抄见电量(kWh), en: Quantity (kWh)}
  expected_kwh: {zh: 按示数推算(kWh), en: By the indexes (kWh)}
  old_meter_kwh: {zh: 旧表尾段电量(kWh), en: Old meter since the last reading (kWh)}
  surge_limit_kwh: {zh: 旧表尾段限值(kWh), en: Limit of it (kWh)}
reason:
  zh: "{removed_on}由{old_meter_id}换为{new_meter_id}：{problem}[；拆表示数{removed_index}，此前抄见{last_index}][；抄见电量{swap_quantity}kWh，推算{expected_kwh}kWh][；旧表尾段{old_meter_kwh}kWh，限值{surge_limit_kwh}kWh]"
  en: "{old_meter_id} was replaced by {new_meter_id} on {removed_on}: {problem}[; index at removal {removed_index}, last read {last_index}][; quantity {swap_quantity} kWh, by the indexes {expected_kwh} kWh][; old meter {old_meter_kwh} kWh since the last reading, limit {surge_limit_kwh} kWh]"
amount:
  zh: 电量不符：推算与抄见之差（绝对值）× 参考电价；否则拆表示数与此前示数之差 × 倍率 × 参考电价；缺示数的无
  en: 'quantity: absolute difference × reference price; else the difference of the two indexes of the old meter × multiplier × reference price; none where an index is missing'
basis: [{regulation: 抄核收规则, article: 换表底码, verified: false}]
remedy: {zh: 核对装拆照片底码，更正并退补。, en: 'Check the photos of both indexes, correct and settle.'}
near_miss:
  - {zh: 新表示数不从零起, en: new meter that does not start at zero}
  - {zh: 电表与互感器一起更换（倍率不同，不测电量）, en: 'CT exchanged together with the meter (multiplier differs: test b is skipped)'}
  - {zh: 台区考核表, en: area supply meter}
decisions:
  - {zh: 拆表前抄见示数只在本账期以前24个月内找；没有时只查缺示数一项。, en: 'The last index is looked for in the 24 months up to the period judged; without one only the missing indexes are tested.'}
  - {zh: 抄见电量以绝对值的2%计；上期抄表没有倍率时不视为倍率不同。, en: '2 % is of the absolute quantity; where the reading before has no multiplier it does not count as different.'}
  - {zh: 旧表翻转时尾段电量加上10^位数（短期电量一项也按此）。, en: 'When the old meter rolled over, 10^digits are added, for the surge as well.'}
  - {zh: 同一期有两次换表时判断后一次。, en: Of two swaps with one change reading the later is judged.}
  - {zh: 未判定：拆装示数齐全，但没有拆表前抄见示数、或换表后示数、电量、倍率为空，且未报出。, en: 'Not judged: both indexes are known, but the last index before, the index after, the quantity or the multiplier is not, and nothing is reported.'}
seed: 计量装置资产管理、轮换与现场相符
---*/
WITH used AS (
    SELECT
        s.point_id,
        s.period,
        s.old_meter_id,
        s.new_meter_id,
        s.removed_on,
        s.removed_index,
        s.installed_index,
        s.last_index,
        s.current_index,
        s.quantity,
        s.multiplier,
        CASE WHEN COALESCE(multipliers_differ(s.multiplier, s.last_multiplier), FALSE) THEN 0 ELSE 1 END AS same_ratio,
        CASE
            WHEN COALESCE(is_rolled_over(s.last_index, s.removed_index, s.index_digits), FALSE)
                THEN s.removed_index + index_range(s.index_digits) - s.last_index
            ELSE s.removed_index - s.last_index
        END AS old_difference
    FROM meter_swap AS s
),

computed AS (
    SELECT
        u.point_id,
        u.period,
        u.old_meter_id,
        u.new_meter_id,
        u.removed_on,
        u.removed_index,
        u.installed_index,
        u.last_index,
        u.current_index,
        u.quantity,
        u.multiplier,
        u.same_ratio,
        u.old_difference,
        CAST(u.old_difference * CAST(u.multiplier AS DECIMAL(20, 6)) AS DECIMAL(34, 8)) AS old_kwh,
        CAST(
            (u.old_difference + u.current_index - u.installed_index) * CAST(u.multiplier AS DECIMAL(20, 6))
            AS DECIMAL(34, 8)
        ) AS expected_kwh,
        CAST(3 * m.median_kwh + 100 AS DECIMAL(20, 3)) AS surge_limit_kwh
    FROM used AS u
    LEFT JOIN median_quantity AS m ON u.point_id = m.point_id
),

judged AS (
    SELECT
        c.point_id,
        c.period,
        c.old_meter_id,
        c.new_meter_id,
        c.removed_on,
        c.removed_index,
        c.installed_index,
        c.last_index,
        c.current_index,
        c.quantity,
        c.old_kwh,
        c.expected_kwh,
        c.surge_limit_kwh,
        CASE WHEN c.old_difference < CAST(-0.01 AS DECIMAL(3, 2)) THEN 'removed_below' END AS below,
        CASE
            WHEN
                c.same_ratio = 1
                AND ABS(c.quantity - c.expected_kwh)
                > greater_of(
                    CAST(5 * c.multiplier AS DECIMAL(24, 8)),
                    CAST(ABS(c.quantity) * CAST(0.02 AS DECIMAL(3, 2)) AS DECIMAL(24, 8))
                )
                THEN 'quantity'
        END AS differs,
        CASE WHEN c.old_kwh > c.surge_limit_kwh THEN 'surge' END AS surge,
        CASE WHEN c.removed_index IS NULL OR c.installed_index IS NULL THEN 'no_index' END AS lacks
    FROM computed AS c
)

SELECT
    j.point_id,
    j.period,
    CAST(
        worth_yuan(
            CASE
                WHEN j.differs IS NOT NULL THEN ABS(j.expected_kwh - j.quantity)
                WHEN j.below IS NOT NULL OR j.surge IS NOT NULL THEN ABS(j.old_kwh)
            END,
            f.price
        ) AS DECIMAL(18, 2)
    ) AS amount_yuan,
    CAST(CONCAT_WS(',', j.below, j.differs, j.surge, j.lacks) AS VARCHAR) AS problem,
    j.old_meter_id,
    j.new_meter_id,
    j.removed_on,
    j.removed_index,
    j.last_index,
    j.installed_index,
    CAST(j.current_index AS DECIMAL(14, 2)) AS read_index,
    CAST(CASE WHEN j.differs IS NOT NULL THEN j.quantity END AS DECIMAL(14, 2)) AS swap_quantity,
    CAST(CASE WHEN j.differs IS NOT NULL THEN j.expected_kwh END AS DECIMAL(24, 2)) AS expected_kwh,
    CAST(CASE WHEN j.surge IS NOT NULL THEN j.old_kwh END AS DECIMAL(24, 2)) AS old_meter_kwh,
    CAST(CASE WHEN j.surge IS NOT NULL THEN j.surge_limit_kwh END AS DECIMAL(20, 2)) AS surge_limit_kwh
FROM judged AS j
LEFT JOIN reference_price AS f ON j.point_id = f.point_id
WHERE LENGTH(CONCAT_WS(',', j.below, j.differs, j.surge, j.lacks)) > 0;

/*--- not judged ---*/
SELECT
    s.point_id,
    s.period,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN s.last_index IS NULL THEN 'previous_index' END,
            CASE WHEN s.current_index IS NULL THEN 'current_index' END,
            CASE WHEN s.quantity IS NULL THEN 'quantity' END,
            CASE WHEN s.multiplier IS NULL THEN 'multiplier' END
        ) AS VARCHAR
    ) AS missing
FROM meter_swap AS s
LEFT JOIN median_quantity AS m ON s.point_id = m.point_id
WHERE
    s.removed_index IS NOT NULL
    AND s.installed_index IS NOT NULL
    AND (s.last_index IS NULL OR s.current_index IS NULL OR s.quantity IS NULL OR s.multiplier IS NULL)
    AND NOT COALESCE(
        s.removed_index < s.last_index - CAST(0.01 AS DECIMAL(3, 2))
        AND NOT COALESCE(is_rolled_over(s.last_index, s.removed_index, s.index_digits), FALSE),
        FALSE
    )
    AND NOT COALESCE(
        (s.removed_index - s.last_index) * CAST(s.multiplier AS DECIMAL(20, 6)) > 3 * m.median_kwh + 100, FALSE
    )
