/*---
code: MT008
name: {zh: 互感器超检定周期, en: Instrument transformer beyond its verification period}
group: MT
subject: metering_point
class: quantity
severity: low
status: active
frequency: quarterly
proof: state
tables: [instrument_transformer, metering_point]
key: [point_id]
parameters:
  - {name: default_months, label: {zh: 档案未登记时的检定周期, en: Verification interval where the file has none}, type: int, default: 120, min: 1, max: 600, unit: month, source: {zh: DL/T 448：现场十年, en: 'DL/T 448: ten years on site'}, verified: false}
evidence:
  asset_ids: {zh: 超期互感器, en: Overdue transformers}
  assets: {zh: 超期台数, en: Overdue}
  due_on: {zh: 最早到期日期, en: Earliest due date}
  days_overdue: {zh: 超期天数, en: Days overdue}
reason:
  zh: "{assets}台互感器（{asset_ids}）检定超期，最早的{due_on}到期，已超{days_overdue}天"
  en: "{assets} instrument transformer(s) ({asset_ids}) beyond the verification period, the earliest since {due_on}, {days_overdue} days ago"
basis:
  - {regulation: DL448, article: 现场检验, verified: false}
  - {regulation: JJG1189, article: 检定周期, verified: false}
remedy: {zh: 结合停电安排互感器现场检验。, en: Arrange an on-site test with the next outage.}
near_miss:
  - {zh: 随电表更换的低压电流互感器, en: low-voltage CT replaced with the meter}
  - {zh: 两个日期都为空, en: both dates null}
  - {zh: 库存的备用互感器, en: spare CT in stock}
decisions:
  - {zh: 低压电流互感器按“计量点上没有任何状态的电压互感器、且该互感器没有登记周期”判断。, en: 'A low-voltage current transformer is one without a period of its own on a point with no voltage transformer of any status.'}
  - {zh: 未判定：没有超期的互感器，但有互感器的检定与安装日期都为空。, en: 'Not judged: none is overdue and one of them has neither a verification nor an installation date.'}
seed: 周期检定
---*/
WITH voltage_point AS (
    SELECT v.point_id
    FROM instrument_transformer AS v
    WHERE v.kind = 'voltage' AND v.point_id IS NOT NULL
    GROUP BY v.point_id
),

overdue AS (
    SELECT
        t.point_id,
        t.asset_id,
        months_later(
            COALESCE(t.verified_on, t.installed_on), CAST(COALESCE(t.verification_months, $default_months) AS INTEGER)
        ) AS due_on
    FROM instrument_transformer AS t
    INNER JOIN metering_point AS p ON t.point_id = p.point_id
    LEFT JOIN voltage_point AS v ON t.point_id = v.point_id
    WHERE
        t.status = 'installed'
        AND (p.status IS NULL OR p.status = 'active')
        AND (t.kind = 'voltage' OR t.verification_months IS NOT NULL OR v.point_id IS NOT NULL)
)

SELECT
    o.point_id,
    CAST(COUNT(*) AS BIGINT) AS assets,
    CAST(STRING_AGG(o.asset_id, ',' ORDER BY o.asset_id) AS VARCHAR) AS asset_ids,
    CAST(MIN(o.due_on) AS DATE) AS due_on,
    CAST(DATE_DIFF('day', MIN(o.due_on), $as_of) AS BIGINT) AS days_overdue
FROM overdue AS o
WHERE o.due_on < $as_of
GROUP BY o.point_id;

/*--- not judged ---*/
SELECT
    t.point_id,
    CAST('verified_on,installed_on' AS VARCHAR) AS missing
FROM instrument_transformer AS t
INNER JOIN metering_point AS p ON t.point_id = p.point_id
WHERE
    t.status = 'installed'
    AND (p.status IS NULL OR p.status = 'active')
    AND (
        t.kind = 'voltage'
        OR t.verification_months IS NOT NULL
        OR EXISTS (
            SELECT v.asset_id
            FROM instrument_transformer AS v
            WHERE v.point_id = t.point_id AND v.kind = 'voltage'
        )
    )
GROUP BY t.point_id
HAVING
    COUNT(COALESCE(t.verified_on, t.installed_on)) < COUNT(*)
    AND MAX(
        CASE
            WHEN
                months_later(
                    COALESCE(t.verified_on, t.installed_on),
                    CAST(COALESCE(t.verification_months, $default_months) AS INTEGER)
                ) < $as_of
                THEN 1
            ELSE 0
        END
    ) = 0
