/*---
name: bill_pf_energy
zh: 功率因数考核电量
en: Active and reactive energy of a power-factor group
note: >-
  Contract, section 9: per bill and file segment with a standard the energy through the mains of its group, before sub-points and with
  all losses, split like quantities over the file segments of the group's first member.
columns:
  point_id: string
  period: date
  file_no: int
  active_kwh: decimal(18,2)
  reactive_kvarh: decimal(18,2)
  has_reactive: bool
---*/
WITH item AS (
    SELECT
        m.point_id,
        m.period,
        m.file_no,
        m.member_id,
        m.first_id,
        m.first_file_no,
        m.passed_days,
        m.before_days,
        m.whole_days,
        m.segments,
        'total' AS register,
        COALESCE(o.gross_kwh, 0) AS quantity
    FROM bill_pf_member AS m
    INNER JOIN bill_own AS o ON m.member_id = o.point_id AND m.period = o.period
    UNION ALL
    SELECT
        m.point_id,
        m.period,
        m.file_no,
        m.member_id,
        m.first_id,
        m.first_file_no,
        m.passed_days,
        m.before_days,
        m.whole_days,
        m.segments,
        r.register,
        CASE WHEN r.register = 'reactive' THEN COALESCE(r.quantity, 0) ELSE ABS(COALESCE(r.quantity, 0)) END AS quantity
    FROM bill_pf_member AS m
    INNER JOIN bill_register AS r ON m.member_id = r.point_id AND m.period = r.period
    WHERE r.register IN ('reactive', 'reactive_lead') AND NOT r.is_backwards
),

-- registers of members whose reading segments begin at every cut of the group's first member
cut AS (
    SELECT
        i.member_id,
        i.period,
        i.first_id,
        i.register
    FROM (
        SELECT
            x.member_id,
            x.period,
            x.first_id,
            x.register
        FROM item AS x
        WHERE x.segments > 1
        GROUP BY x.member_id, x.period, x.first_id, x.register
    ) AS i
    INNER JOIN bill_register AS r
        ON i.member_id = r.point_id AND i.period = r.period AND i.register = r.register AND r.is_parted
    INNER JOIN bill_file_segment AS f ON i.first_id = f.point_id AND i.period = f.period AND f.file_no > 1
    LEFT JOIN bill_register_part AS p
        ON i.member_id = p.point_id AND i.period = p.period AND i.register = p.register AND f.from_day = p.from_on
    GROUP BY i.member_id, i.period, i.first_id, i.register
    HAVING COUNT(*) = COUNT(p.from_on)
),

parted AS (
    SELECT
        c.member_id,
        c.period,
        c.first_id,
        c.register,
        f.file_no,
        SUM(CASE WHEN c.register = 'reactive_lead' THEN ABS(p.quantity) ELSE p.quantity END) AS quantity
    FROM cut AS c
    INNER JOIN bill_file_segment AS f ON c.first_id = f.point_id AND c.period = f.period
    INNER JOIN bill_register_part AS p
        ON
            c.member_id = p.point_id AND c.period = p.period AND c.register = p.register AND f.from_day <= p.from_on
            AND f.until_day >= p.from_on
    GROUP BY c.member_id, c.period, c.first_id, c.register, f.file_no
),

split AS (
    SELECT
        i.point_id,
        i.period,
        i.file_no,
        i.register,
        CASE
            WHEN i.segments = 1 THEN i.quantity
            WHEN c.member_id IS NOT NULL THEN COALESCE(p.quantity, 0)
            ELSE
                share_of(i.quantity, i.passed_days, i.whole_days) - share_of(i.quantity, i.before_days, i.whole_days)
        END AS quantity
    FROM item AS i
    LEFT JOIN cut AS c
        ON i.member_id = c.member_id AND i.period = c.period AND i.first_id = c.first_id AND i.register = c.register
    LEFT JOIN parted AS p
        ON
            i.member_id = p.member_id AND i.period = p.period AND i.first_id = p.first_id AND i.register = p.register
            AND i.first_file_no = p.file_no
),

metered AS (
    SELECT
        s.point_id,
        s.period,
        s.file_no,
        SUM(CASE WHEN s.register = 'total' THEN s.quantity ELSE 0 END) AS active,
        SUM(CASE WHEN s.register = 'total' THEN 0 ELSE s.quantity END) AS reactive,
        MAX(CASE WHEN s.register = 'total' THEN 0 ELSE 1 END) AS reactive_registers
    FROM split AS s
    GROUP BY s.point_id, s.period, s.file_no
),

lost AS (
    SELECT
        m.point_id,
        m.period,
        m.file_no,
        SUM(
            share_of(o.loss_before_kwh, m.passed_days, m.whole_days)
            - share_of(o.loss_before_kwh, m.before_days, m.whole_days)
        ) AS active,
        SUM(
            share_of(o.loss_kvarh, m.passed_days, m.whole_days) - share_of(o.loss_kvarh, m.before_days, m.whole_days)
        ) AS reactive
    FROM bill_pf_member AS m
    INNER JOIN bill_own AS o ON m.member_id = o.point_id AND m.period = o.period
    GROUP BY m.point_id, m.period, m.file_no
)

SELECT
    m.point_id,
    m.period,
    m.file_no,
    CAST(m.active + l.active AS DECIMAL(18, 2)) AS active_kwh,
    CAST(m.reactive + l.reactive AS DECIMAL(18, 2)) AS reactive_kvarh,
    CAST(m.reactive_registers = 1 AS BOOLEAN) AS has_reactive
FROM metered AS m
INNER JOIN lost AS l ON m.point_id = l.point_id AND m.period = l.period AND m.file_no = l.file_no
