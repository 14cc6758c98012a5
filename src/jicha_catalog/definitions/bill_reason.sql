/*---
name: bill_reason
zh: 逐段复算账单无法复算的原因
en: Why a bill on the long way is not judged
note: >-
  Contract, section 11: the reasons of a bill on the long way in the order of the list there, joined by commas. A bill that is not the one to be
  recomputed has those of section 1 only.
columns:
  bill_id: string
  reason: string
---*/
WITH recomputed AS (
    SELECT
        s.bill_id,
        c.case_no
    FROM bill_status AS s
    INNER JOIN bill_case AS c ON s.point_id = c.point_id AND s.period = c.period
    WHERE s.reason IS NULL OR s.reason = 'several_bills'
),

unpriced AS (
    SELECT
        s.bill_id,
        e.missing
    FROM bill_case_energy AS e
    INNER JOIN bill_case AS c ON e.case_no = c.case_no
    INNER JOIN bill_status AS s ON c.point_id = s.point_id AND c.period = s.period AND s.is_regular
    WHERE e.missing IS NOT NULL
),

unknown_quantity AS (
    SELECT q.case_no
    FROM bill_quantity_reason AS q
    GROUP BY q.case_no
),

-- the factor is only looked for where the energy is priced
unfactored AS (
    SELECT r.bill_id
    FROM recomputed AS r
    INNER JOIN bill_price_segment AS s ON r.case_no = s.case_no
    WHERE s.missing IS NOT NULL
    UNION
    SELECT r.bill_id
    FROM recomputed AS r
    INNER JOIN unknown_quantity AS q ON r.case_no = q.case_no
    UNION
    SELECT e.bill_id
    FROM unpriced AS e
),

found AS (
    SELECT
        s.bill_id,
        s.reason
    FROM bill_status AS s
    WHERE s.reason IS NOT NULL
    UNION
    SELECT
        r.bill_id,
        q.reason
    FROM recomputed AS r
    INNER JOIN bill_quantity_reason AS q ON r.case_no = q.case_no
    UNION
    SELECT
        r.bill_id,
        s.missing AS reason
    FROM recomputed AS r
    INNER JOIN bill_price_segment AS s ON r.case_no = s.case_no
    WHERE s.missing IS NOT NULL
    UNION
    SELECT
        e.bill_id,
        'price_missing' AS reason
    FROM unpriced AS e
    WHERE e.missing LIKE 'price_missing%'
    UNION
    SELECT
        e.bill_id,
        'component_missing' AS reason
    FROM unpriced AS e
    WHERE e.missing LIKE '%component_missing%'
    UNION
    SELECT
        e.bill_id,
        'customer_price_missing' AS reason
    FROM unpriced AS e
    WHERE e.missing LIKE '%customer_price_missing'
    UNION
    SELECT
        t.bill_id,
        t.missing AS reason
    FROM bill_tier AS t
    WHERE t.missing IS NOT NULL
    UNION
    SELECT
        r.bill_id,
        b.missing AS reason
    FROM recomputed AS r
    INNER JOIN bill_basic AS b ON r.case_no = b.case_no
    WHERE b.missing IS NOT NULL
    UNION
    -- the demand of a group is that of all its members
    SELECT
        r.bill_id,
        q.reason
    FROM recomputed AS r
    INNER JOIN bill_basic AS b ON r.case_no = b.case_no AND b.is_shared
    INNER JOIN bill_basic_member AS m ON b.case_no = m.carrier_no AND b.kind = m.kind
    INNER JOIN bill_quantity_reason AS q ON m.case_no = q.case_no
    UNION
    -- the use per kVA is that of all points of the customer
    SELECT
        r.bill_id,
        q.reason
    FROM recomputed AS r
    INNER JOIN bill_basic AS b ON r.case_no = b.case_no AND b.is_shared AND b.by_customer
    INNER JOIN bill_case AS c ON b.case_no = c.case_no
    INNER JOIN bill_case AS o ON c.customer_no = o.customer_no AND o.bill_id IS NOT NULL
    INNER JOIN bill_quantity_reason AS q ON o.case_no = q.case_no
    UNION
    SELECT
        r.bill_id,
        p.missing AS reason
    FROM recomputed AS r
    INNER JOIN bill_power_factor AS p ON r.case_no = p.case_no
    LEFT JOIN unfactored AS u ON r.bill_id = u.bill_id
    WHERE p.missing IS NOT NULL AND u.bill_id IS NULL
    UNION
    SELECT
        r.bill_id,
        q.reason
    FROM recomputed AS r
    INNER JOIN bill_pf_member AS m ON r.case_no = m.case_no AND m.member_no <> m.case_no
    INNER JOIN bill_quantity_reason AS q ON m.member_no = q.case_no
    LEFT JOIN unfactored AS u ON r.bill_id = u.bill_id
    WHERE u.bill_id IS NULL
)

SELECT
    f.bill_id,
    CAST(STRING_AGG(f.reason, ',' ORDER BY reason_place(f.reason)) AS VARCHAR) AS reason
FROM found AS f
GROUP BY f.bill_id
