-- Check digits of identity numbers. The number is given in capitals, without blanks.

-- Value of the digit at a place of a number, 0 where there is none.
CREATE MACRO digit_at(s, place) AS COALESCE(TRY_CAST(SUBSTR(s, place, 1) AS INTEGER), 0);

-- GB 11643 (resident identity): the digits weighted by 2^(18 - place) mod 11 are summed; the remainder mod 11 picks the
-- check character.
CREATE MACRO resident_check_character(s) AS
SUBSTR(
    '10X98765432',
    1 + (
        7 * digit_at(s, 1) + 9 * digit_at(s, 2) + 10 * digit_at(s, 3) + 5 * digit_at(s, 4) + 8 * digit_at(s, 5)
        + 4 * digit_at(s, 6) + 2 * digit_at(s, 7) + 1 * digit_at(s, 8) + 6 * digit_at(s, 9) + 3 * digit_at(s, 10)
        + 7 * digit_at(s, 11) + 9 * digit_at(s, 12) + 10 * digit_at(s, 13) + 5 * digit_at(s, 14)
        + 8 * digit_at(s, 15) + 4 * digit_at(s, 16) + 2 * digit_at(s, 17)
    ) % 11,
    1
);

-- Places 7 to 14 of a resident identity number as a day of the calendar; null when there is no such day.
CREATE MACRO birth_date(s) AS
CASE
    WHEN SUBSTR(s, 7, 4) <> '0000'
        THEN TRY_CAST(SUBSTR(s, 7, 4) || '-' || SUBSTR(s, 11, 2) || '-' || SUBSTR(s, 13, 2) AS DATE)
END;

-- Value of a character of a unified social credit code (GB 32100): its place among the 31 characters, which leave out
-- I, O, S, V and Z; the first is 0.
CREATE MACRO credit_value(s, place) AS POSITION(SUBSTR(s, place, 1) IN '0123456789ABCDEFGHJKLMNPQRTUWXY') - 1;

-- GB 32100: the values weighted by 3^(place - 1) mod 31 are summed; what lacks to the next multiple of 31 is the
-- check value.
CREATE MACRO credit_check_character(s) AS
SUBSTR(
    '0123456789ABCDEFGHJKLMNPQRTUWXY',
    1 + (
        31 - (
            1 * credit_value(s, 1) + 3 * credit_value(s, 2) + 9 * credit_value(s, 3) + 27 * credit_value(s, 4)
            + 19 * credit_value(s, 5) + 26 * credit_value(s, 6) + 16 * credit_value(s, 7) + 17 * credit_value(s, 8)
            + 20 * credit_value(s, 9) + 29 * credit_value(s, 10) + 25 * credit_value(s, 11)
            + 13 * credit_value(s, 12) + 8 * credit_value(s, 13) + 24 * credit_value(s, 14)
            + 10 * credit_value(s, 15) + 30 * credit_value(s, 16) + 28 * credit_value(s, 17)
        ) % 31
    ) % 31,
    1
);

-- Whether 18 characters are a unified social credit code with the right check character.
CREATE MACRO is_credit_code(s) AS
REGEXP_MATCHES(s, '^[0-9A-HJ-NPQRTUWXY]{18}$') AND credit_check_character(s) = SUBSTR(s, 18, 1);
