-- Capacities, energies and places are stored as DOUBLE. Before they meet a limit they become exact decimals, so that a
-- value on the limit is on the limit (0.1 + 0.2 is 0.3). What is no number at all (NaN, infinite, absurdly large)
-- becomes null.

-- Capacity in kVA or power in kW: exact to 0.0001.
CREATE MACRO kva(x) AS TRY_CAST(x AS DECIMAL(18, 4));

-- Energy in kWh of a day: exact to 0.0001.
CREATE MACRO kwh(x) AS TRY_CAST(x AS DECIMAL(18, 4));

-- Degrees of longitude or latitude: exact to 0.000001 (about 0.1 m).
CREATE MACRO degrees_exact(x) AS TRY_CAST(x AS DECIMAL(18, 6));

-- How far capacities may lie apart: the absolute tolerance in kVA, or the relative one of the capacity, whichever is more.
CREATE MACRO capacity_tolerance(capacity_kva, abs_tol, rel_tol) AS
greater_of(CAST(abs_tol AS DECIMAL(38, 10)), CAST(rel_tol * CAST(capacity_kva AS DECIMAL(20, 4)) AS DECIMAL(38, 10)));

-- What a capacity costs a month, rounded half up once; null unless it is more than 0.
CREATE MACRO capacity_charge_yuan(capacity_kva, capacity_price) AS
CASE WHEN capacity_kva > 0 THEN ROUND(CAST(capacity_kva AS DECIMAL(20, 4)) * capacity_price, 2) END;

-- High voltage begins at 1000 V.
CREATE MACRO is_high_voltage(voltage_v) AS voltage_v >= 1000;

-- By what customers are told apart where one limit does not fit all; null when neither voltage nor class says.
CREATE MACRO supply_group(voltage_v, usage_class) AS
CASE
    WHEN is_high_voltage(voltage_v) THEN 'high_voltage'
    WHEN usage_class = 'residential' THEN 'residential'
    WHEN voltage_v IS NOT NULL THEN 'low_voltage'
END;

-- Great-circle distance in km by the haversine formula, radius 6371 km; coordinates in degrees. Null without one of the
-- four. Rounding may carry the half chord beyond 1, which has no arc.
CREATE MACRO great_circle_km(longitude1, latitude1, longitude2, latitude2) AS
CASE
    WHEN longitude1 IS NOT NULL AND latitude1 IS NOT NULL AND longitude2 IS NOT NULL AND latitude2 IS NOT NULL
        THEN
            2 * 6371 * ASIN(
                SQRT(
                    LEAST(
                        CAST(1 AS DOUBLE),
                        COALESCE(
                            POW(
                                SIN(
                                    RADIANS(CAST(latitude2 AS DOUBLE) - CAST(latitude1 AS DOUBLE))
                                    * CAST(0.5 AS DOUBLE)
                                ),
                                2
                            )
                            + COS(RADIANS(CAST(latitude1 AS DOUBLE))) * COS(RADIANS(CAST(latitude2 AS DOUBLE)))
                            * POW(
                                SIN(
                                    RADIANS(CAST(longitude2 AS DOUBLE) - CAST(longitude1 AS DOUBLE))
                                    * CAST(0.5 AS DOUBLE)
                                ),
                                2
                            ),
                            CAST(1 AS DOUBLE)
                        )
                    )
                )
            )
END;

-- Whether a load is above a capacity: by daily demands beyond `over` times of it, by the demand register a tenth more.
CREATE MACRO is_above_capacity(basis_of_load, load_kva, limit_kva, over_ratio) AS
load_kva > (over_ratio + CASE WHEN basis_of_load = 'register' THEN CAST(0.1 AS DECIMAL(2, 1)) ELSE 0 END) * limit_kva;
