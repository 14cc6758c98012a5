-- Text: what counts as filled, and the forms in which numbers of people and phones are compared.

-- The text without blanks around it (no-break and ideographic spaces too); null when nothing is left.
CREATE MACRO filled(s) AS NULLIF(REGEXP_REPLACE(s, '^[\s\x{00A0}\x{3000}]+|[\s\x{00A0}\x{3000}]+$', '', 'g'), '');

-- Whether the text may begin with a blank: by its place among the visible characters around each blank one.
CREATE MACRO may_begin_blank(s) AS s < '!' OR (s > '~' AND s < '¡') OR (s > '⿻' AND s < '、');

-- Whether nothing is left of the text; the same as `filled(s) IS NULL`. Only a text that may begin with a blank is held against
-- the pattern: nearly none.
CREATE MACRO is_blank(s) AS
CASE
    WHEN s IS NULL THEN TRUE
    WHEN may_begin_blank(s) THEN REGEXP_MATCHES(s, '^[\s\x{00A0}\x{3000}]*$')
    ELSE FALSE
END;

-- The digits of a phone: full-width digits as plain ones, +86 dropped, then every character that is no digit.
-- A filled phone without a digit gives an empty text, a blank one null.
CREATE MACRO phone_digits(phone) AS
REGEXP_REPLACE(
    REGEXP_REPLACE(TRANSLATE(filled(phone), '＋０１２３４５６７８９', '+0123456789'), '\+86', '', 'g'), '[^0-9]', '', 'g'
);

-- Whether the digits can be called: a mobile number, or a fixed line of 7 or 8 digits with or without an area code of
-- 3 or 4 digits that starts with 0; one digit repeated throughout is nobody's number.
CREATE MACRO is_phone(digits) AS
REGEXP_MATCHES(digits, '^(1[3-9][0-9]{9}|(0[0-9]{2,3})?[0-9]{7,8})$')
AND REPLACE(digits, SUBSTR(digits, 1, 1), '') <> '';

-- Industry class as a number text: trimmed, without the section letter that some systems put before it (C3011 is 3011);
-- null unless it begins with two digits.
CREATE MACRO industry_digits(code) AS NULLIF(REGEXP_EXTRACT(UPPER(filled(code)), '^[A-Z]?([0-9]{2}.*)$', 1), '');
