/*---
name: bill_status
zh: 账单可否复算
en: Whether a bill is one that is recomputed
note: >-
  Contract, section 1: the bills that take the long way with what keeps them from being recomputed (reason, joined by commas; null:
  nothing). is_regular: issued and not cancelled; regular_no counts those of a point and period by bill_id.
columns:
  bill_id: string
  customer_id: string
  point_id: string
  period: date
  adjusted_kwh: decimal(14,2)
  adjusted_yuan: decimal(18,2)
  other_yuan: decimal(18,2)
  billed_energy_yuan: decimal(18,2)
  billed_tier_yuan: decimal(18,2)
  billed_basic_yuan: decimal(18,2)
  billed_pf_yuan: decimal(18,2)
  billed_total_yuan: decimal(18,2)
  tier_used_before_kwh: decimal(14,2)
  is_beyond: bool
  is_regular: bool
  regular_no: int
  reason: string
---*/
WITH long_way AS (
    SELECT
        h.bill_id,
        h.customer_id,
        p.customer_id AS file_customer_id,
        h.point_id,
        h.period,
        p.org_id,
        x.customer_id IS NOT NULL AS is_beyond,
        h.is_issued,
        h.adjusted_kwh,
        h.adjusted_yuan,
        h.tier_used_before_kwh,
        h.other_yuan,
        h.billed_energy_yuan,
        h.billed_tier_yuan,
        h.billed_basic_yuan,
        h.billed_pf_yuan,
        h.billed_total_yuan,
        h.is_odd
    FROM bill_head AS h
    LEFT JOIN bill_point AS p ON h.point_id = p.point_id
    LEFT JOIN bill_beyond AS x ON p.customer_id = x.customer_id AND h.period = x.period
    WHERE NOT h.is_plain
),

-- the few bills that name another customer than their point does
doubted AS (
    SELECT
        h.bill_id,
        p.point_id IS NULL OR p.purpose <> 'settlement' AS is_point_unknown,
        c.customer_id IS NULL AS is_customer_unknown
    FROM long_way AS h
    LEFT JOIN metering_point AS p ON h.point_id = p.point_id
    LEFT JOIN customer AS c ON h.customer_id = c.customer_id
    WHERE h.file_customer_id IS NULL OR h.file_customer_id <> h.customer_id OR h.customer_id IS NULL
),

marked AS (
    SELECT
        h.bill_id,
        h.customer_id,
        h.point_id,
        h.period,
        h.adjusted_kwh,
        h.adjusted_yuan,
        h.tier_used_before_kwh,
        h.other_yuan,
        h.billed_energy_yuan,
        h.billed_tier_yuan,
        h.billed_basic_yuan,
        h.billed_pf_yuan,
        h.billed_total_yuan,
        h.is_odd,
        h.is_beyond,
        h.is_issued AND x.bill_id IS NULL AS is_regular,
        COALESCE(d.is_point_unknown, FALSE) AS is_point_unknown,
        COALESCE(d.is_customer_unknown, FALSE) AS is_customer_unknown,
        h.org_id IS NULL AS is_owner_unknown
    FROM long_way AS h
    LEFT JOIN cancelled_bill AS x ON h.bill_id = x.bill_id
    LEFT JOIN doubted AS d ON h.bill_id = d.bill_id
),

-- several bills of a point and period are found among the odd
numbered AS (
    SELECT
        m.bill_id,
        ROW_NUMBER() OVER (PARTITION BY m.point_id, m.period ORDER BY m.bill_id) AS regular_no,
        COUNT(*) OVER (PARTITION BY m.point_id, m.period) AS bills
    FROM marked AS m
    WHERE m.is_regular AND m.is_odd
)

SELECT
    m.bill_id,
    m.customer_id,
    m.point_id,
    m.period,
    m.adjusted_kwh,
    m.adjusted_yuan,
    m.other_yuan,
    m.billed_energy_yuan,
    m.billed_tier_yuan,
    m.billed_basic_yuan,
    m.billed_pf_yuan,
    m.billed_total_yuan,
    m.tier_used_before_kwh,
    CAST(m.is_beyond AS BOOLEAN) AS is_beyond,
    CAST(m.is_regular AS BOOLEAN) AS is_regular,
    CAST(CASE WHEN m.is_regular THEN COALESCE(n.regular_no, 1) END AS INTEGER) AS regular_no,
    CAST(
        CASE
            WHEN NOT m.is_regular THEN 'not_regular'
            ELSE
                NULLIF(
                    CONCAT_WS(
                        ',',
                        CASE WHEN n.bills > 1 THEN 'several_bills' END,
                        CASE WHEN m.is_point_unknown THEN 'point_unknown' END,
                        CASE
                            WHEN
                                m.is_customer_unknown
                                OR (m.is_owner_unknown AND NOT m.is_point_unknown AND COALESCE(n.bills, 1) = 1)
                                THEN 'customer_unknown'
                        END,
                        CASE WHEN m.is_beyond THEN 'beyond_measure' END
                    ),
                    ''
                )
        END AS VARCHAR
    ) AS reason
FROM marked AS m
LEFT JOIN numbered AS n ON m.bill_id = n.bill_id
