/*---
code: TC003
name: {zh: 执行失效或不存在的电价, en: Bill uses an expired or unknown tariff}
group: TC
subject: bill
class: price
severity: high
status: active
frequency: on_bill_issue
proof: state
tables: [bill, tariff]
key: [bill_id]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      empty: {zh: 账单没有电价码, en: the bill has no tariff code}
      unknown: {zh: 电价表中没有该电价码, en: no tariff has this code}
      expired: {zh: 该电价码在当期任何一天都未执行, en: the code is in force on no day of the period}
  last_effective_to: {zh: 最后一版的截止日期, en: Last day of its latest edition}
reason:
  zh: "{period}账单电量{billed_kwh}kWh[，电价码{tariff_code}]：{problem}[（最后执行至{last_effective_to}）]"
  en: "Bill of {period}, {billed_kwh} kWh[, tariff code {tariff_code}]: {problem}[ (last in force on {last_effective_to})]"
amount:
  zh: 该账单应收电费（需重算）
  en: total of the bill, which has to be recomputed
basis: [{regulation: 电力法, article: 第三十三条, verified: true}]
remedy: {zh: 更正电价码并重算电费。, en: Correct the tariff code and recompute.}
near_miss:
  - {zh: 月中更换的电价, en: tariff replaced in the middle of the month}
  - {zh: 电量为零的账单, en: bill with zero kWh}
  - {zh: 电价码后带空格（比较前去除）, en: code with trailing spaces (trimmed first)}
decisions:
  - {zh: 当期为账单所属日历月；双月抄表的账单也只看其期别所在的月。, en: 'The period is its calendar month, for a bill of two months too.'}
  - {zh: 只看常规账单（未被冲红的正常、分次账单）；账单和电价表的电价码均去除首尾空格后比较。, en: 'Only regular bills are judged; blanks around the codes of bills and tariffs are dropped.'}
  - {zh: 未判定：电价码有问题而电量为空的账单。, en: 'Not judged: bills without billed kWh whose tariff code has one of the problems.'}
seed: 电价政策执行
---*/
SELECT
    p.bill_id,
    b.total_yuan AS amount_yuan,
    b.period,
    p.tariff_code,
    p.problem,
    p.last_effective_to,
    p.billed_kwh
FROM bill_tariff_problem AS p
INNER JOIN bill AS b ON p.bill_id = b.bill_id
WHERE b.period = $p0 AND p.billed_kwh > 0;

/*--- not judged ---*/
SELECT
    p.bill_id,
    CAST('billed_kwh' AS VARCHAR) AS missing
FROM bill_tariff_problem AS p
WHERE p.billed_kwh IS NULL
