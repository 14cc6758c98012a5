/*---
code: CF012
name: {zh: 客户状态与立户销户日期矛盾, en: Customer status contradicts opening and closing dates}
group: CF
subject: customer
class: file
severity: low
status: active
frequency: monthly
proof: state
tables: [customer]
key: [customer_id]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      closing_passed: {zh: 销户日期已过但状态未销户, en: the closing day has passed and the account is not closed}
      no_closing_day: {zh: 已销户但没有销户日期, en: closed without a closing day}
      closed_before_opened: {zh: 销户日期早于立户日期, en: closed before it was opened}
      opening_ahead: {zh: 立户日期晚于筛查日, en: an opening day after the screening date}
      temporary_end_unexpected: {zh: 非临时用电却有临时用电到期日期, en: permanent supply with an end of temporary supply}
      temporary_end_missing: {zh: 临时用电没有到期日期, en: temporary supply without an end}
reason:
  zh: "客户状态为{status}：{problem}[；立户日期{opened_on}][；销户日期{closed_on}][；临时用电到期日期{temporary_until}]"
  en: "Customer status {status}: {problem}[; opened {opened_on}][; closed {closed_on}][; temporary until {temporary_until}]"
basis: [{regulation: 抄核收规则, article: 客户档案管理, verified: false}]
remedy: {zh: 核对业务工单，更正状态或日期。, en: Check the service orders and correct the status or date.}
near_miss:
  - {zh: 当天立户的客户, en: account opened today}
  - {zh: 销户日期晚于筛查日的客户, en: account closed later than the screening day}
  - {zh: 长期用电客户没有临时用电到期日期, en: permanent customer with no temporary date}
decisions:
  - {zh: 查全部客户，不限成熟客户；一户多个问题合为一条。, en: 'All customers are looked at, mature or not; several problems make one finding.'}
  - {zh: 是否临时用电为空时，临时用电一项不判断。, en: 'Without knowing whether a supply is temporary, its end is not judged.'}
seed: 客户的营销系统是否存在数据上的错误或者漏洞
---*/
WITH judged AS (
    SELECT
        c.customer_id,
        c.status,
        c.opened_on,
        c.closed_on,
        c.is_temporary,
        c.temporary_until,
        CONCAT_WS(
            ',',
            CASE WHEN c.status IN ('active', 'suspended') AND c.closed_on < $as_of THEN 'closing_passed' END,
            CASE WHEN c.status = 'closed' AND c.closed_on IS NULL THEN 'no_closing_day' END,
            CASE WHEN c.closed_on < c.opened_on THEN 'closed_before_opened' END,
            CASE WHEN c.opened_on > $as_of AND c.status <> 'closed' THEN 'opening_ahead' END,
            CASE WHEN NOT c.is_temporary AND c.temporary_until IS NOT NULL THEN 'temporary_end_unexpected' END,
            CASE WHEN c.is_temporary AND c.temporary_until IS NULL THEN 'temporary_end_missing' END
        ) AS problem
    FROM customer AS c
)

SELECT
    j.customer_id,
    j.status,
    CAST(j.problem AS VARCHAR) AS problem,
    j.opened_on,
    j.closed_on,
    j.is_temporary,
    j.temporary_until
FROM judged AS j
WHERE LENGTH(j.problem) > 0
