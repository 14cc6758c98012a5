/*---
name: bill_family_loss
zh: 变损分摊组损耗
en: Losses of a family
note: >-
  Contract, section 4: active and reactive loss of the family over the interval of its first member, by formula, table or agreement.
  missing: transformer_data or loss_row_missing. Losses are null where a total of the family is not known.
columns:
  family_no: int
  energy_kwh: decimal(18,2)
  active_kwh: decimal(14,2)
  reactive_kvarh: decimal(14,2)
  missing: string
---*/
WITH fed AS (
    SELECT
        f.family_no,
        f.customer_id,
        f.transformer_id,
        f.method,
        SUM(m.total_kwh) AS energy_kwh,
        SUM(m.reactive_kvarh) AS reactive_kvarh,
        MAX(CASE WHEN m.has_reactive THEN 1 ELSE 0 END) AS reactive_registers,
        MAX(CASE WHEN m.total_kwh IS NULL THEN 1 ELSE 0 END) AS unread
    FROM bill_family AS f
    INNER JOIN bill_metered AS m ON f.case_no = m.case_no
    GROUP BY f.family_no, f.customer_id, f.transformer_id, f.method
),

-- days on which each transformer of the family was energised
energised AS (
    SELECT
        f.family_no,
        t.transformer_id,
        t.model_series,
        CAST(t.capacity_kva AS DOUBLE) AS kva,
        CAST(t.no_load_loss_kw AS DOUBLE) AS no_load_loss_kw,
        CAST(t.load_loss_kw AS DOUBLE) AS load_loss_kw,
        CAST(t.no_load_current_pct AS DOUBLE) AS no_load_current_pct,
        CAST(t.impedance_pct AS DOUBLE) AS impedance_pct,
        t.capacity_kva,
        t.is_complete,
        CAST(
            SUM(
                DATE_DIFF('day', greater_known(s.from_on, c.first_day), lesser_known(s.until_on, c.last_day)) + 1
            ) AS DOUBLE
        ) AS days
    FROM fed AS f
    INNER JOIN bill_case AS c ON f.family_no = c.case_no
    INNER JOIN bill_transformer AS t
        ON f.customer_id = t.customer_id AND (f.transformer_id IS NULL OR f.transformer_id = t.transformer_id)
    INNER JOIN bill_transformer_state AS s
        ON t.transformer_id = s.transformer_id AND c.last_day >= s.from_on AND c.first_day <= s.until_on
    WHERE s.status IN ('running', 'hot_standby') AND f.method IN ('formula', 'table')
    GROUP BY
        f.family_no, t.transformer_id, t.model_series, t.capacity_kva, t.no_load_loss_kw, t.load_loss_kw,
        t.no_load_current_pct, t.impedance_pct, t.is_complete
),

weighted AS (
    SELECT
        e.family_no,
        MAX(e.days) AS days,
        SUM(e.kva * e.days) AS kva_days,
        SUM(e.no_load_loss_kw * 24 * e.days) AS iron_kwh,
        SUM(e.load_loss_kw * e.days) AS copper_kw_days,
        SUM(e.no_load_current_pct * e.kva * 24 * e.days) * 0.01 AS idle_kvarh,
        SUM(e.impedance_pct * e.kva * e.days) AS impedance_kva_days,
        MAX(CASE WHEN e.is_complete THEN 0 ELSE 1 END) AS incomplete
    FROM energised AS e
    GROUP BY e.family_no
),

squared AS (
    SELECT
        f.family_no,
        f.reactive_registers,
        f.unread,
        w.days,
        w.kva_days,
        w.iron_kwh,
        w.copper_kw_days,
        w.idle_kvarh,
        w.impedance_kva_days,
        w.incomplete,
        CAST(s.loss_form_factor AS DOUBLE) AS form_factor,
        s.loss_places,
        CASE
            WHEN f.reactive_registers = 1
                THEN
                    CAST(f.energy_kwh AS DOUBLE) * CAST(f.energy_kwh AS DOUBLE)
                    + CAST(f.reactive_kvarh AS DOUBLE) * CAST(f.reactive_kvarh AS DOUBLE)
            ELSE
                CAST(f.energy_kwh AS DOUBLE) * CAST(f.energy_kwh AS DOUBLE)
                / NULLIF(CAST(s.loss_assumed_pf AS DOUBLE) * CAST(s.loss_assumed_pf AS DOUBLE), 0)
        END AS square
    FROM fed AS f
    INNER JOIN bill_case_setting AS s ON f.family_no = s.case_no
    LEFT JOIN weighted AS w ON f.family_no = w.family_no
    WHERE f.method = 'formula'
),

by_formula AS (
    SELECT
        q.family_no,
        CASE
            WHEN q.days IS NULL THEN CAST(0 AS DECIMAL(18, 6))
            ELSE
                exact6(
                    q.iron_kwh
                    + CAST(q.form_factor * q.copper_kw_days * q.square AS DOUBLE)
                    / NULLIF(CAST(q.kva_days * q.kva_days AS DOUBLE) * 24, 0)
                )
        END AS active_kwh,
        CASE
            WHEN q.days IS NULL OR q.reactive_registers = 0 THEN CAST(0 AS DECIMAL(18, 6))
            ELSE
                exact6(
                    q.idle_kvarh
                    + CAST(q.form_factor * q.impedance_kva_days * q.square AS DOUBLE)
                    / NULLIF(CAST(q.kva_days * q.kva_days AS DOUBLE) * 100 * 24, 0)
                )
        END AS reactive_kvarh,
        CASE WHEN q.incomplete = 1 THEN 'transformer_data' END AS missing,
        q.loss_places,
        q.unread
    FROM squared AS q
),

looked_up AS (
    SELECT
        e.family_no,
        e.transformer_id,
        e.days,
        CAST(l.active_kwh AS DOUBLE) AS active_kwh,
        CAST(COALESCE(l.reactive_kvarh, 0) AS DOUBLE) AS reactive_kvarh
    FROM energised AS e
    INNER JOIN fed AS f ON e.family_no = f.family_no
    INNER JOIN weighted AS w ON e.family_no = w.family_no
    LEFT JOIN transformer_loss AS l
        ON
            e.model_series = l.model_series AND e.capacity_kva = exact4(l.capacity_kva)
            AND exact4(l.monthly_kwh_from) <= exact6(
                CAST(f.energy_kwh AS DOUBLE) * e.kva * e.days / NULLIF(CAST(w.kva_days AS DOUBLE), 0)
                * 30 / NULLIF(CAST(e.days AS DOUBLE), 0)
            )
    WHERE f.method = 'table'
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY e.family_no, e.transformer_id ORDER BY l.monthly_kwh_from DESC NULLS LAST
        ) = 1
),

by_table AS (
    SELECT
        f.family_no,
        CASE
            WHEN COUNT(l.days) = 0 THEN CAST(0 AS DECIMAL(18, 6))
            ELSE exact6(SUM(CAST(l.active_kwh * l.days AS DOUBLE) / 30))
        END AS active_kwh,
        CASE
            WHEN COUNT(l.days) = 0 THEN CAST(0 AS DECIMAL(18, 6))
            ELSE exact6(SUM(CAST(l.reactive_kvarh * l.days AS DOUBLE) / 30))
        END AS reactive_kvarh,
        MAX(CASE WHEN l.days IS NOT NULL AND l.active_kwh IS NULL THEN 'loss_row_missing' END) AS missing,
        MAX(s.loss_places) AS loss_places,
        MAX(f.unread) AS unread
    FROM fed AS f
    INNER JOIN bill_case_setting AS s ON f.family_no = s.case_no
    LEFT JOIN looked_up AS l ON f.family_no = l.family_no
    WHERE f.method = 'table'
    GROUP BY f.family_no
),

by_agreement AS (
    SELECT
        f.family_no,
        CASE
            WHEN f.method = 'agreed_share'
                THEN exact6(CAST(f.energy_kwh AS DOUBLE) * CAST(c.loss_value AS DOUBLE) / 100)
            ELSE
                exact6(
                    CAST(c.loss_value AS DOUBLE) * CAST(c.cycle_months * c.days AS DOUBLE)
                    / NULLIF(CAST(c.uncut_days AS DOUBLE), 0)
                )
        END AS active_kwh,
        CAST(0 AS DECIMAL(18, 6)) AS reactive_kvarh,
        CASE WHEN f.method = 'unknown' OR c.loss_value IS NULL THEN 'transformer_data' END AS missing,
        s.loss_places,
        f.unread
    FROM fed AS f
    INNER JOIN bill_case AS c ON f.family_no = c.case_no
    INNER JOIN bill_case_setting AS s ON f.family_no = s.case_no
    WHERE f.method IN ('agreed_share', 'agreed_kwh', 'unknown')
),

bare AS (
    SELECT f.family_no
    FROM fed AS f
    LEFT JOIN bill_transformer AS t
        ON f.customer_id = t.customer_id AND (f.transformer_id IS NULL OR f.transformer_id = t.transformer_id)
    WHERE t.transformer_id IS NULL AND f.method IN ('formula', 'table')
),

-- without any history of its transformers, an order may have changed what ran
doubted AS (
    SELECT f.family_no
    FROM fed AS f
    INNER JOIN bill_doubt AS d ON f.family_no = d.case_no
    WHERE d.is_capacity AND f.method IN ('formula', 'table')
    GROUP BY f.family_no
),

lost AS (
    SELECT
        x.family_no,
        x.active_kwh,
        x.reactive_kvarh,
        x.missing,
        x.loss_places,
        x.unread
    FROM by_formula AS x
    UNION ALL
    SELECT
        x.family_no,
        x.active_kwh,
        x.reactive_kvarh,
        x.missing,
        x.loss_places,
        x.unread
    FROM by_table AS x
    UNION ALL
    SELECT
        x.family_no,
        x.active_kwh,
        x.reactive_kvarh,
        x.missing,
        x.loss_places,
        x.unread
    FROM by_agreement AS x
)

SELECT
    l.family_no,
    CAST(f.energy_kwh AS DECIMAL(18, 2)) AS energy_kwh,
    CAST(
        CASE
            WHEN l.missing IS NULL AND b.family_no IS NULL AND d.family_no IS NULL AND l.unread = 0
                THEN
                    round_places(
                        CASE
                            WHEN NOT is_lost_beyond(l.active_kwh) AND NOT is_lost_beyond(l.reactive_kvarh)
                                THEN l.active_kwh
                        END,
                        l.loss_places
                    )
        END AS DECIMAL(14, 2)
    ) AS active_kwh,
    CAST(
        CASE
            WHEN l.missing IS NULL AND b.family_no IS NULL AND d.family_no IS NULL AND l.unread = 0
                THEN
                    round_places(
                        CASE
                            WHEN NOT is_lost_beyond(l.active_kwh) AND NOT is_lost_beyond(l.reactive_kvarh)
                                THEN l.reactive_kvarh
                        END,
                        l.loss_places
                    )
        END AS DECIMAL(14, 2)
    ) AS reactive_kvarh,
    CAST(
        CASE
            WHEN f.method = 'unknown' THEN 'transformer_data'
            WHEN l.unread = 1 THEN NULL
            WHEN b.family_no IS NOT NULL THEN 'transformer_data'
            WHEN d.family_no IS NOT NULL THEN 'change_order'
            WHEN l.missing IS NULL AND (is_lost_beyond(l.active_kwh) OR is_lost_beyond(l.reactive_kvarh))
                THEN 'beyond_measure'
            ELSE l.missing
        END AS VARCHAR
    ) AS missing
FROM lost AS l
INNER JOIN fed AS f ON l.family_no = f.family_no
LEFT JOIN bare AS b ON l.family_no = b.family_no
LEFT JOIN doubted AS d ON l.family_no = d.family_no
