-- Statistics of a few values from their count, sum and sum of squares.

-- Coefficient of variation, sample standard deviation over mean, to six places; null for fewer than two values or a sum
-- that is not positive.
CREATE MACRO variation_of(n, total, squares) AS
CASE
    WHEN n > 1 AND total > 0
        THEN
            ROUND(
                SQRT(
                    greater_known(
                        (CAST(n AS DOUBLE) * CAST(squares AS DOUBLE) - CAST(total AS DOUBLE) * CAST(total AS DOUBLE))
                        * CAST(n AS DOUBLE)
                        / NULLIF(CAST(n - 1 AS DOUBLE) * CAST(total AS DOUBLE) * CAST(total AS DOUBLE), 0),
                        CAST(0 AS DOUBLE)
                    )
                ),
                6
            )
END;
