/*---
name: bill_basic
zh: 基本电费
en: Basic charge
note: >-
  Contract, section 8: per candidate and kind the charge; 0 for members that do not carry their group's. missing: the reason of the
  charge; is_shared: the quantities of the group (by_customer: of all points of the customer, for the use per kVA) are needed.
columns:
  case_no: int
  kind: string
  basic_yuan: decimal(18,2)
  billed_capacity_kva: decimal(14,2)
  billed_demand_kw: decimal(14,2)
  missing: string
  is_shared: bool
  by_customer: bool
---*/
WITH month AS (
    SELECT
        z.case_no,
        z.kind,
        z.month_no,
        SUM(z.days) AS days,
        MIN(z.size) AS smallest_size,
        MAX(z.size) AS greatest_size
    FROM bill_basic_size AS z
    GROUP BY z.case_no, z.kind, z.month_no
),

monthly AS (
    SELECT
        z.case_no,
        z.kind,
        z.run_no,
        z.tariff_code,
        z.effective_from,
        CAST(z.size * z.days AS DOUBLE)
        / NULLIF(
            CAST(
                CASE
                    WHEN x.basic_day_basis = 'calendar'
                        THEN DATE_DIFF('day', month_first(z.from_day), months_later(month_first(z.from_day), 1))
                    WHEN m.days = z.month_days AND m.smallest_size = m.greatest_size THEN z.month_days
                    ELSE 30
                END AS DOUBLE
            ),
            0
        ) AS months
    FROM bill_basic_size AS z
    INNER JOIN month AS m
        ON z.case_no = m.case_no AND z.kind = m.kind AND z.month_no = m.month_no
    INNER JOIN bill_case_setting AS x ON z.case_no = x.case_no
),

-- the use per kVA that discounts demand is asked for where any edition of the bill has such a discount
threshold AS (
    SELECT
        s.case_no,
        MAX(exact4(t.demand_discount_kwh_per_kva)) AS kwh_per_kva
    FROM bill_price_segment AS s
    INNER JOIN tariff AS t ON s.tariff_code = t.tariff_code AND s.effective_from = t.effective_from
    WHERE t.demand_discount_factor IS NOT NULL AND t.demand_discount_kwh_per_kva IS NOT NULL
    GROUP BY s.case_no
),

use AS (
    SELECT
        c.customer_no,
        SUM(COALESCE(o.gross_kwh, 0) - o.taken_kwh + o.loss_kwh + c.adjusted_kwh) AS kwh
    FROM bill_case AS c
    INNER JOIN bill_own AS o ON c.case_no = o.case_no
    WHERE c.bill_id IS NOT NULL
    GROUP BY c.customer_no
),

discount AS (
    SELECT
        c.case_no,
        COALESCE(exact4(u.contract_capacity_kva), 0) = 0 AS is_capacity_missing,
        exact6(CAST(e.kwh AS DOUBLE) / NULLIF(CAST(exact4(u.contract_capacity_kva) AS DOUBLE), 0))
        >= t.kwh_per_kva AS is_discounted
    FROM threshold AS t
    INNER JOIN bill_case AS c ON t.case_no = c.case_no
    INNER JOIN customer AS u ON c.customer_id = u.customer_id
    INNER JOIN use AS e ON c.customer_no = e.customer_no
),

run AS (
    SELECT
        m.case_no,
        m.kind,
        m.run_no,
        SUM(m.months) AS months,
        MAX(
            CAST(CASE WHEN m.kind = 'capacity' THEN t.capacity_price ELSE t.demand_price END AS DOUBLE)
            * CASE
                WHEN m.kind = 'demand' AND d.is_discounted
                    THEN COALESCE(CAST(exact4(t.demand_discount_factor) AS DOUBLE), 1)
                ELSE 1
            END
        ) AS price
    FROM monthly AS m
    INNER JOIN tariff AS t ON m.tariff_code = t.tariff_code AND m.effective_from = t.effective_from
    LEFT JOIN discount AS d ON m.case_no = d.case_no
    GROUP BY m.case_no, m.kind, m.run_no
),

charged AS (
    SELECT
        r.case_no,
        r.kind,
        SUM(ROUND(exact6(r.months * r.price), 2)) AS yuan,
        exact6(SUM(r.months)) AS months,
        MAX(CASE WHEN r.price IS NULL THEN 1 ELSE 0 END) AS unpriced
    FROM run AS r
    GROUP BY r.case_no, r.kind
),

last_size AS (
    SELECT
        z.case_no,
        z.kind,
        z.size
    FROM bill_basic_size AS z
    QUALIFY ROW_NUMBER() OVER (PARTITION BY z.case_no, z.kind ORDER BY z.from_day DESC) = 1
),

unsized AS (
    SELECT
        z.case_no,
        z.kind,
        z.missing
    FROM bill_basic_size AS z
    WHERE z.missing IS NOT NULL
    QUALIFY ROW_NUMBER() OVER (PARTITION BY z.case_no, z.kind ORDER BY z.from_day) = 1
),

candidate AS (
    SELECT
        m.case_no,
        m.kind
    FROM bill_basic_member AS m
    GROUP BY m.case_no, m.kind
)

SELECT
    m.case_no,
    m.kind,
    CAST(COALESCE(c.yuan, 0) AS DECIMAL(18, 2)) AS basic_yuan,
    CAST(CASE WHEN m.kind = 'capacity' THEN ROUND(c.months, 2) END AS DECIMAL(14, 2)) AS billed_capacity_kva,
    CAST(CASE WHEN m.kind = 'demand' THEN ROUND(exact6(z.size), 2) END AS DECIMAL(14, 2)) AS billed_demand_kw,
    CAST(
        CASE
            WHEN u.missing IS NOT NULL THEN u.missing
            WHEN c.case_no IS NOT NULL AND m.kind = 'demand' AND d.is_capacity_missing THEN 'capacity_missing'
            WHEN c.unpriced = 1 THEN 'price_missing'
        END AS VARCHAR
    ) AS missing,
    CAST(c.case_no IS NOT NULL AND m.kind = 'demand' AND u.missing IS NULL AS BOOLEAN) AS is_shared,
    CAST(d.case_no IS NOT NULL AS BOOLEAN) AS by_customer
FROM candidate AS m
LEFT JOIN charged AS c ON m.case_no = c.case_no AND m.kind = c.kind
LEFT JOIN last_size AS z ON m.case_no = z.case_no AND m.kind = z.kind
LEFT JOIN unsized AS u ON m.case_no = u.case_no AND m.kind = u.kind
LEFT JOIN discount AS d ON m.case_no = d.case_no AND m.kind = 'demand'
