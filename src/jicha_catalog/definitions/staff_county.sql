/*---
name: staff_county
zh: 人员所在县公司
en: County of a member of staff
note: The county of the unit of each member of staff; where the units were not delivered, the unit itself.
tables: [staff]
columns:
  staff_id: string
  post: string
  county_id: string
---*/
SELECT
    s.staff_id,
    s.post,
    CAST(COALESCE(c.county_id, s.org_id) AS VARCHAR) AS county_id
FROM staff AS s
LEFT JOIN county_of_organization AS c ON s.org_id = c.org_id
