/*---
code: CF009
name: {zh: 变压器型号与容量不符或损耗参数缺失, en: Transformer model contradicts capacity or loss data missing}
group: CF
subject: customer
class: file
severity: low
status: active
frequency: monthly
proof: state
tables: [customer_transformer, customer, metering_point, transformer_loss]
key: [transformer_id]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      capacity: {zh: 型号所示容量与档案容量不符, en: the model names another capacity than the file}
      loss_data: {zh: 计收变损但缺损耗参数且型号系列无变损标准, en: losses are billed without loss data and the model series has no loss table}
  model_capacity_kva: {zh: 型号所示容量(kVA), en: Capacity named by the model (kVA)}
reason:
  zh: "变压器[型号{model}，]档案容量{capacity_kva}kVA：{problem}[，型号所示{model_capacity_kva}kVA]"
  en: "Transformer[ model {model}], {capacity_kva} kVA on file: {problem}[; the model says {model_capacity_kva} kVA]"
basis: [{regulation: 营业规则, article: 第七十四条, verified: false}]
remedy: {zh: 核对铭牌与出厂试验报告，补全型号、容量、损耗参数。, en: 'Complete model, capacity and loss data from the plate and test report.'}
near_miss:
  - {zh: 型号没有斜杠、无法解析容量, en: model without a slash that cannot be parsed}
  - {zh: 高供高计，不计收变损, en: 'high-voltage metering, where the loss data are not billed'}
  - {zh: 去年已拆除的变压器, en: transformer removed last year}
decisions:
  - {zh: 型号容量取第一个“/”之前最后一个“-”之后的数字，其前的字母略去；此处另有其他文字的不解析。, en: "The number stands between the first '/' and the last '-' before it; letters before its digits are dropped; with anything else there it does not parse."}
  - {zh: 型号系列取第一个“-”之前的文字，没有“-”时取整个型号；与变损标准比较时不分大小写、不计首尾空格。, en: "The series is the text before the first '-', the whole model without one; compared with the loss table without regard to case and outer blanks."}
  - {zh: 相差恰为1kVA不报。, en: A difference of exactly 1 kVA is not reported.}
  - {zh: 型号为空且未因损耗参数报出的，列为未判定。, en: 'Not judged: the model is empty, unless the transformer is reported for its loss data.'}
seed: 客户工程材料信息的录入情况
---*/
WITH low_side_customer AS (
    SELECT s.customer_id
    FROM settlement_point AS s
    WHERE s.mode = 'hv_supply_lv_metering'
    GROUP BY s.customer_id
),

series AS (
    SELECT UPPER(filled(l.model_series)) AS model_series
    FROM transformer_loss AS l
    GROUP BY UPPER(filled(l.model_series))
),

plate AS (
    SELECT
        t.transformer_id,
        t.customer_id,
        filled(t.model) AS model_text,
        kva(t.capacity_kva) AS capacity_kva,
        kva(t.no_load_loss_kw) AS no_load_loss_kw,
        kva(t.load_loss_kw) AS load_loss_kw,
        TRY_CAST(
            REGEXP_EXTRACT(t.model, '^[^/]*-[A-Za-z]*([0-9]+([.][0-9]+)?)/', 1) AS DECIMAL(18, 4)
        ) AS model_capacity_kva,
        UPPER(filled(REGEXP_EXTRACT(t.model, '^[^-]*'))) AS model_series
    FROM customer_transformer AS t
    INNER JOIN mature_customer AS m ON t.customer_id = m.customer_id
    WHERE t.status IN ('running', 'hot_standby')
),

judged AS (
    SELECT
        p.transformer_id,
        p.model_text,
        p.capacity_kva,
        p.no_load_loss_kw,
        p.load_loss_kw,
        p.model_capacity_kva,
        CONCAT_WS(
            ',',
            CASE WHEN ABS(p.model_capacity_kva - p.capacity_kva) > 1 THEN 'capacity' END,
            CASE
                WHEN
                    c.customer_id IS NOT NULL
                    AND (COALESCE(p.no_load_loss_kw, 0) <= 0 OR COALESCE(p.load_loss_kw, 0) <= 0)
                    AND s.model_series IS NULL
                    THEN 'loss_data'
            END
        ) AS problem
    FROM plate AS p
    LEFT JOIN low_side_customer AS c ON p.customer_id = c.customer_id
    LEFT JOIN series AS s ON p.model_series = s.model_series
)

SELECT
    j.transformer_id,
    CAST(j.model_text AS VARCHAR) AS model,
    CAST(j.capacity_kva AS DECIMAL(18, 4)) AS capacity_kva,
    CAST(j.problem AS VARCHAR) AS problem,
    CAST(
        CASE WHEN STARTS_WITH(j.problem, 'capacity') THEN j.model_capacity_kva END AS DECIMAL(18, 4)
    ) AS model_capacity_kva,
    CAST(j.no_load_loss_kw AS DECIMAL(18, 4)) AS no_load_loss_kw,
    CAST(j.load_loss_kw AS DECIMAL(18, 4)) AS load_loss_kw
FROM judged AS j
WHERE LENGTH(j.problem) > 0;

/*--- not judged ---*/
WITH low_side_customer AS (
    SELECT s.customer_id
    FROM settlement_point AS s
    WHERE s.mode = 'hv_supply_lv_metering'
    GROUP BY s.customer_id
)

SELECT
    t.transformer_id,
    CAST('model' AS VARCHAR) AS missing
FROM customer_transformer AS t
INNER JOIN mature_customer AS m ON t.customer_id = m.customer_id
LEFT JOIN low_side_customer AS c ON t.customer_id = c.customer_id
WHERE
    t.status IN ('running', 'hot_standby')
    AND is_blank(t.model)
    AND (c.customer_id IS NULL OR (t.no_load_loss_kw > 0 AND t.load_loss_kw > 0))
