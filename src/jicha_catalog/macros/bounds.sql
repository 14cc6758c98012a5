-- The greater, the lesser: with or without what is unknown. Other macros call these; files are read in the order of names.

-- The greater and the lesser of two values, null when one of them is: GREATEST and LEAST pass over a null.
CREATE MACRO greater_of(a, b) AS CASE WHEN a >= b THEN a WHEN a < b THEN b END;
CREATE MACRO lesser_of(a, b) AS CASE WHEN a <= b THEN a WHEN a > b THEN b END;

-- the greater or lesser of two of which one may be unknown
CREATE MACRO greater_known(a, b) AS GREATEST(COALESCE(a, b), COALESCE(b, a));
CREATE MACRO lesser_known(a, b) AS LEAST(COALESCE(a, b), COALESCE(b, a));

-- The greatest of three values among those that are known; null when none is.
CREATE MACRO greatest_known(a, b, c) AS GREATEST(COALESCE(a, b, c), COALESCE(b, c, a), COALESCE(c, a, b));

-- The least of three values among those that are known; null when none is.
CREATE MACRO least_known(a, b, c) AS LEAST(COALESCE(a, b, c), COALESCE(b, c, a), COALESCE(c, a, b));
