/*---
name: county_of_organization
zh: 所属县公司
en: County of an organization
note: >-
  The unit itself or its nearest ancestor of level county; if there is none the nearest of level city, else the unit itself.
  At most ten levels are climbed, so that a unit that is its own ancestor does not go round for ever.
tables: [organization]
columns:
  org_id: string
  county_id: string
---*/
WITH RECURSIVE ancestor AS (
    SELECT
        o.org_id,
        o.org_id AS ancestor_id,
        o.level,
        o.parent_id,
        0 AS distance
    FROM organization AS o
    UNION ALL
    SELECT
        a.org_id,
        o.org_id AS ancestor_id,
        o.level,
        o.parent_id,
        a.distance + 1 AS distance
    FROM ancestor AS a
    INNER JOIN organization AS o ON a.parent_id = o.org_id
    WHERE a.distance < 10
)

SELECT
    a.org_id,
    a.ancestor_id AS county_id
FROM ancestor AS a
WHERE a.level IN ('county', 'city') OR a.distance = 0
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY a.org_id
        ORDER BY
            CASE WHEN a.level = 'county' THEN 0 WHEN a.level = 'city' THEN 1 ELSE 2 END,
            a.distance
    ) = 1
