/*---
name: bill_pf_energy
zh: 功率因数考核电量
en: Active and reactive energy of a power-factor group
note: >-
  Contract, section 9: per bill and file segment with a standard the energy through the mains of its group, before sub-points and with
  all losses, split like quantities over the file segments of the group's first member.
columns:
  case_no: int
  file_no: int
  active_kwh: decimal(18,2)
  reactive_kvarh: decimal(18,2)
  has_reactive: bool
---*/
-- the groups whose first member has several file segments: few
WITH item AS (
    SELECT
        m.case_no,
        m.file_no,
        m.member_no,
        m.first_no,
        m.first_file_no,
        m.passed_days,
        m.before_days,
        m.whole_days,
        'total' AS register,
        COALESCE(o.gross_kwh, 0) AS quantity
    FROM bill_pf_member AS m
    INNER JOIN bill_own AS o ON m.member_no = o.case_no
    WHERE m.segments > 1
    UNION ALL
    SELECT
        m.case_no,
        m.file_no,
        m.member_no,
        m.first_no,
        m.first_file_no,
        m.passed_days,
        m.before_days,
        m.whole_days,
        'reactive' AS register,
        d.read_reactive_kvarh AS quantity
    FROM bill_pf_member AS m
    INNER JOIN bill_metered AS d ON m.member_no = d.case_no
    WHERE m.segments > 1 AND d.has_reactive
    UNION ALL
    SELECT
        m.case_no,
        m.file_no,
        m.member_no,
        m.first_no,
        m.first_file_no,
        m.passed_days,
        m.before_days,
        m.whole_days,
        'reactive_lead' AS register,
        d.read_lead_kvarh AS quantity
    FROM bill_pf_member AS m
    INNER JOIN bill_metered AS d ON m.member_no = d.case_no
    WHERE m.segments > 1 AND d.has_reactive
),

-- registers of members whose reading segments begin at every cut of the group's first member
cut AS (
    SELECT
        i.member_no,
        i.first_no,
        i.register
    FROM (
        SELECT
            x.member_no,
            x.first_no,
            x.register
        FROM item AS x
        INNER JOIN bill_register_part AS r ON x.member_no = r.case_no AND x.register = r.register
        GROUP BY x.member_no, x.first_no, x.register
    ) AS i
    INNER JOIN bill_file_segment AS f ON i.first_no = f.case_no AND f.file_no > 1
    LEFT JOIN bill_register_part AS p
        ON i.member_no = p.case_no AND i.register = p.register AND f.from_day = p.from_on
    GROUP BY i.member_no, i.first_no, i.register
    HAVING COUNT(*) = COUNT(p.from_on)
),

parted AS (
    SELECT
        c.member_no,
        c.first_no,
        c.register,
        f.file_no,
        SUM(CASE WHEN c.register = 'reactive_lead' THEN ABS(p.quantity) ELSE p.quantity END) AS quantity
    FROM cut AS c
    INNER JOIN bill_file_segment AS f ON c.first_no = f.case_no
    INNER JOIN bill_register_part AS p
        ON
            c.member_no = p.case_no AND c.register = p.register AND f.from_day <= p.from_on
            AND f.until_day >= p.from_on
    GROUP BY c.member_no, c.first_no, c.register, f.file_no
),

split AS (
    SELECT
        i.case_no,
        i.file_no,
        i.register,
        CASE
            WHEN c.member_no IS NOT NULL THEN COALESCE(p.quantity, 0)
            ELSE
                share_of(i.quantity, i.passed_days, i.whole_days) - share_of(i.quantity, i.before_days, i.whole_days)
        END AS quantity
    FROM item AS i
    LEFT JOIN cut AS c
        ON i.member_no = c.member_no AND i.first_no = c.first_no AND i.register = c.register
    LEFT JOIN parted AS p
        ON
            i.member_no = p.member_no AND i.first_no = p.first_no AND i.register = p.register
            AND i.first_file_no = p.file_no
),

divided AS (
    SELECT
        s.case_no,
        s.file_no,
        SUM(CASE WHEN s.register = 'total' THEN s.quantity ELSE 0 END) AS active,
        SUM(CASE WHEN s.register = 'total' THEN 0 ELSE s.quantity END) AS reactive
    FROM split AS s
    GROUP BY s.case_no, s.file_no
),

summed AS (
    SELECT
        m.case_no,
        m.file_no,
        SUM(COALESCE(o.gross_kwh, 0)) AS active,
        SUM(d.read_reactive_kvarh + d.read_lead_kvarh) AS reactive,
        SUM(
            share_of(o.loss_before_kwh, m.passed_days, m.whole_days)
            - share_of(o.loss_before_kwh, m.before_days, m.whole_days)
        ) AS lost_active,
        SUM(
            share_of(o.loss_kvarh, m.passed_days, m.whole_days) - share_of(o.loss_kvarh, m.before_days, m.whole_days)
        ) AS lost_reactive,
        MAX(CASE WHEN d.has_reactive THEN 1 ELSE 0 END) AS reactive_registers
    FROM bill_pf_member AS m
    INNER JOIN bill_own AS o ON m.member_no = o.case_no
    INNER JOIN bill_metered AS d ON m.member_no = d.case_no
    GROUP BY m.case_no, m.file_no
)

SELECT
    m.case_no,
    m.file_no,
    CAST(CASE WHEN p.case_no IS NULL THEN m.active ELSE p.active END + m.lost_active AS DECIMAL(18, 2)) AS active_kwh,
    CAST(
        CASE WHEN p.case_no IS NULL THEN m.reactive ELSE p.reactive END + m.lost_reactive AS DECIMAL(18, 2)
    ) AS reactive_kvarh,
    CAST(m.reactive_registers = 1 AS BOOLEAN) AS has_reactive
FROM summed AS m
LEFT JOIN divided AS p ON m.case_no = p.case_no AND m.file_no = p.file_no
