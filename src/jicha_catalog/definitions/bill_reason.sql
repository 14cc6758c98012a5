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
        s.point_id,
        s.period
    FROM bill_status AS s
    WHERE s.reason IS NULL OR s.reason = 'several_bills'
),

unknown_quantity AS (
    SELECT
        q.point_id,
        q.period
    FROM bill_quantity_reason AS q
    GROUP BY q.point_id, q.period
),

-- the factor is only looked for where the energy is priced
unfactored AS (
    SELECT r.bill_id
    FROM recomputed AS r
    INNER JOIN bill_price_segment AS s ON r.point_id = s.point_id AND r.period = s.period
    WHERE s.missing IS NOT NULL
    UNION
    SELECT r.bill_id
    FROM recomputed AS r
    INNER JOIN unknown_quantity AS q ON r.point_id = q.point_id AND r.period = q.period
    UNION
    SELECT e.bill_id
    FROM bill_case_charge AS e
    WHERE e.reason IS NOT NULL
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
    INNER JOIN bill_quantity_reason AS q ON r.point_id = q.point_id AND r.period = q.period
    UNION
    SELECT
        r.bill_id,
        s.missing AS reason
    FROM recomputed AS r
    INNER JOIN bill_price_segment AS s ON r.point_id = s.point_id AND r.period = s.period
    WHERE s.missing IS NOT NULL
    UNION
    SELECT
        e.bill_id,
        'price_missing' AS reason
    FROM bill_case_charge AS e
    WHERE e.reason LIKE 'price_missing%'
    UNION
    SELECT
        e.bill_id,
        'component_missing' AS reason
    FROM bill_case_charge AS e
    WHERE e.reason LIKE '%component_missing%'
    UNION
    SELECT
        e.bill_id,
        'customer_price_missing' AS reason
    FROM bill_case_charge AS e
    WHERE e.reason LIKE '%customer_price_missing'
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
    INNER JOIN bill_basic AS b ON r.point_id = b.point_id AND r.period = b.period
    WHERE b.missing IS NOT NULL
    UNION
    -- the demand of a group is that of all its members
    SELECT
        r.bill_id,
        q.reason
    FROM recomputed AS r
    INNER JOIN bill_basic AS b ON r.point_id = b.point_id AND r.period = b.period AND b.is_shared
    INNER JOIN bill_basic_member AS m ON b.point_id = m.carrier_id AND b.period = m.period AND b.kind = m.kind
    INNER JOIN bill_quantity_reason AS q ON m.point_id = q.point_id AND m.period = q.period
    UNION
    -- the use per kVA is that of all points of the customer
    SELECT
        r.bill_id,
        q.reason
    FROM recomputed AS r
    INNER JOIN bill_basic AS b ON r.point_id = b.point_id AND r.period = b.period AND b.is_shared AND b.by_customer
    INNER JOIN bill_case AS c ON b.point_id = c.point_id AND b.period = c.period
    INNER JOIN bill_case AS o ON c.customer_id = o.customer_id AND c.period = o.period AND o.bill_id IS NOT NULL
    INNER JOIN bill_quantity_reason AS q ON o.point_id = q.point_id AND o.period = q.period
    UNION
    SELECT
        r.bill_id,
        p.missing AS reason
    FROM recomputed AS r
    INNER JOIN bill_power_factor AS p ON r.point_id = p.point_id AND r.period = p.period
    LEFT JOIN unfactored AS u ON r.bill_id = u.bill_id
    WHERE p.missing IS NOT NULL AND u.bill_id IS NULL
    UNION
    SELECT
        r.bill_id,
        q.reason
    FROM recomputed AS r
    INNER JOIN bill_pf_member AS m ON r.point_id = m.point_id AND r.period = m.period AND m.member_id <> m.point_id
    INNER JOIN bill_quantity_reason AS q ON m.member_id = q.point_id AND m.period = q.period
    LEFT JOIN unfactored AS u ON r.bill_id = u.bill_id
    WHERE u.bill_id IS NULL
)

SELECT
    f.bill_id,
    CAST(STRING_AGG(f.reason, ',' ORDER BY reason_place(f.reason)) AS VARCHAR) AS reason
FROM found AS f
GROUP BY f.bill_id
