/*---
code: BX023
name: {zh: 暂停或减容到期未恢复计费, en: 'Suspension or reduction over, capacity not restored in billing'}
group: BX
subject: customer
class: fee
severity: high
status: active
frequency: monthly
proof: state
tables: [service_order, customer, metering_point, bill]
key: [customer_id]
evidence:
  ended_order_id: {zh: 到期工单, en: Order that ended}
  ended_on: {zh: 期满日期, en: Ended on}
  capacity_before: {zh: 原容量(kVA), en: Capacity before (kVA)}
  billed_kva: {zh: 当期计费容量(kVA), en: Capacity billed in the period judged (kVA)}
  whole_periods: {zh: 期满后完整账期数, en: Whole periods since}
reason:
  zh: "工单{ended_order_id}于{ended_on}期满，原容量{capacity_before}kVA，当期仍按{billed_kva}kVA计费，已有{whole_periods}个完整账期"
  en: "Order {ended_order_id} ended on {ended_on}; capacity before {capacity_before} kVA, billed in the latest period {billed_kva} kVA, {whole_periods} whole period(s) since"
amount:
  zh: （原容量－计费容量）×容量电价×期满后完整账期数
  en: (capacity before - capacity billed) x capacity price x whole periods since the end
basis:
  - {regulation: 营业规则, article: 第二十四条, verified: false}
  - {regulation: 基本电费, article: 第二部分, verified: false}
remedy: {zh: 从期满之日起补收基本电费，核实设备是否启封。, en: Recover the basic charge from the end date and check the seals.}
near_miss:
  - {zh: 首尾相接的延期工单, en: extension order back-to-back}
  - {zh: 当期内期满, en: ended within the current period}
  - {zh: 未设期限的减容, en: reduction without an end date}
decisions:
  - {zh: 接续的工单须首日已知、不晚于期满次日，且仍覆盖本账期首日；作废的不算。, en: 'An order that goes on begins on a known day, at the latest the day after the end, and still holds at the beginning of the period judged; cancelled ones do not count.'}
  - {zh: 未判定：原容量为空，或本账期没有计费容量。, en: 'Not judged: the capacity before or the capacity billed in the period judged is unknown.'}
seed: 规范变更用电
---*/
SELECT
    c.customer_id,
    CAST(c.order_id AS VARCHAR) AS ended_order_id,
    c.ended_on,
    CAST(c.before_kva AS DECIMAL(18, 4)) AS capacity_before,
    c.billed_kva,
    CAST(month_number($p0) - month_number(c.ended_on) AS BIGINT) AS whole_periods,
    CAST(
        ROUND(
            CAST(c.before_kva - c.billed_kva AS DECIMAL(18, 4)) * t.capacity_price
            * CAST(month_number($p0) - month_number(c.ended_on) AS DECIMAL(6, 0)),
            2
        ) AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM capacity_not_restored AS c
LEFT JOIN capacity_tariff AS t ON c.customer_id = t.customer_id;

/*--- not judged ---*/
SELECT
    r.customer_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN r.before_kva IS NULL THEN 'capacity_before_kva' END,
            CASE WHEN COUNT(b.billed_capacity_kva) = 0 THEN 'billed_capacity_kva' END
        ) AS VARCHAR
    ) AS missing
FROM capacity_to_restore AS r
LEFT JOIN bill AS b ON r.customer_id = b.customer_id AND b.period = $p0
GROUP BY r.customer_id, r.before_kva
HAVING r.before_kva IS NULL OR COUNT(b.billed_capacity_kva) = 0
