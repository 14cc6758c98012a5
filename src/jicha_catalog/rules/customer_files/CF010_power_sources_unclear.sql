/*---
code: CF010
name: {zh: 供电电源不明确, en: Power sources unclear}
group: CF
subject: customer
class: file
severity: medium
status: active
frequency: monthly
proof: state
tables: [customer, power_source]
key: [customer_id]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      no_main: {zh: 没有主供电源, en: no main source}
      too_few: {zh: 多电源供电方式只登记了不足两路电源, en: a mode of several sources with fewer than two on file}
      too_many: {zh: 单电源供电方式登记了两路以上主供或备用电源, en: a single source mode with two or more main or backup sources}
      same_feeder: {zh: 双电源来自同一线路, en: both sources of a dual-source supply from one feeder}
  sources: {zh: 电源数, en: Sources}
  main_sources: {zh: 主供电源数, en: Main sources}
  main_or_backup_sources: {zh: 主供及备用电源数, en: Main and backup sources}
reason:
  zh: "[供电方式为{supply_mode}，]登记电源{sources}路（主供{main_sources}路）：{problem}[，线路{feeder_id}]"
  en: "[Supply mode {supply_mode}, ]{sources} source(s) on file ({main_sources} main): {problem}[, feeder {feeder_id}]"
basis:
  - {regulation: 营业规则, article: 第十一条, verified: false}
  - {regulation: GB29328, article: 第6章, verified: false}
remedy: {zh: 核对供电方案、合同与现场进线，补录电源编号、性质与线路。, en: 'Check scheme, contract and incoming lines; complete source role and feeder.'}
near_miss:
  - {zh: 双回路客户两路来自同一变电站, en: dual circuit fed twice from one feeder's substation}
  - {zh: 单电源客户一路主供加一路自有保安电源, en: single customer with one main and one 'security' source it owns}
  - {zh: 低压客户, en: low-voltage customers}
decisions:
  - {zh: 性质为空的电源计入电源数，不计入主供、备用。, en: 'A source without a role counts as a source, not as main or backup.'}
  - {zh: “来自同一线路”要求至少登记两路电源；只有一路时已由“不足两路”报出。, en: '"One feeder" needs at least two sources on file; with one the customer is reported for too few.'}
  - {zh: 未判定：供电电压为空。, en: 'Not judged: the voltage is unknown.'}
seed: 供电电源是否明确
---*/
WITH counted AS (
    SELECT
        p.customer_id,
        COUNT(*) AS sources,
        SUM(CASE WHEN p.role = 'main' THEN 1 ELSE 0 END) AS main_sources,
        SUM(CASE WHEN p.role IN ('main', 'backup') THEN 1 ELSE 0 END) AS main_or_backup_sources,
        COUNT(filled(p.feeder_id)) AS named_feeders,
        COUNT(DISTINCT filled(p.feeder_id)) AS feeders,
        MIN(filled(p.feeder_id)) AS feeder_id
    FROM power_source AS p
    GROUP BY p.customer_id
),

judged AS (
    SELECT
        m.customer_id,
        c.supply_mode,
        COALESCE(n.sources, 0) AS sources,
        COALESCE(n.main_sources, 0) AS main_sources,
        COALESCE(n.main_or_backup_sources, 0) AS main_or_backup_sources,
        n.feeder_id,
        CASE
            WHEN
                c.supply_mode = 'dual_source'
                AND n.sources >= 2 AND n.named_feeders = n.sources AND n.feeders = 1
                THEN 'same_feeder'
        END AS feeder_problem,
        CONCAT_WS(
            ',',
            CASE WHEN COALESCE(n.main_sources, 0) = 0 THEN 'no_main' END,
            CASE
                WHEN
                    c.supply_mode IN ('dual_source', 'dual_circuit', 'multi_source') AND COALESCE(n.sources, 0) < 2
                    THEN 'too_few'
            END,
            CASE
                WHEN (c.supply_mode IS NULL OR c.supply_mode = 'single') AND n.main_or_backup_sources >= 2
                    THEN 'too_many'
            END
        ) AS count_problem
    FROM mature_customer AS m
    INNER JOIN customer AS c ON m.customer_id = c.customer_id
    LEFT JOIN counted AS n ON m.customer_id = n.customer_id
    WHERE is_high_voltage(m.voltage_v)
)

SELECT
    j.customer_id,
    j.supply_mode,
    CAST(CONCAT_WS(',', NULLIF(j.count_problem, ''), j.feeder_problem) AS VARCHAR) AS problem,
    CAST(j.sources AS BIGINT) AS sources,
    CAST(j.main_sources AS BIGINT) AS main_sources,
    CAST(j.main_or_backup_sources AS BIGINT) AS main_or_backup_sources,
    CAST(CASE WHEN j.feeder_problem IS NOT NULL THEN j.feeder_id END AS VARCHAR) AS feeder_id
FROM judged AS j
WHERE LENGTH(j.count_problem) > 0 OR j.feeder_problem IS NOT NULL;

/*--- not judged ---*/
SELECT
    m.customer_id,
    CAST('voltage_v' AS VARCHAR) AS missing
FROM mature_customer AS m
WHERE m.voltage_v IS NULL
