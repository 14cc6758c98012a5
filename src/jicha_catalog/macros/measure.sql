-- What no meter, contract or price of a customer can be (contract, section 0): a value at or beyond these bounds came broken. Below them
-- every product and sum of a bill stays within the 18 digits in which bills are computed: 800 GWh, lost once more by half on
-- transformer and line each, times 5 yuan is less than 10 billion yuan. The same bounds stand in `jicha.billing.measure`.

-- A register in a period, a tier's limit, an agreed quantity: 800 GWh is 1.1 GW throughout a month, more than any one supply.
CREATE MACRO is_beyond_kwh(x) AS
COALESCE(x >= 800000000 OR x <= -800000000, FALSE);

-- Energy that a bill adjusts by hand: 100 GWh.
CREATE MACRO is_beyond_adjustment(x) AS
COALESCE(x >= 100000000 OR x <= -100000000, FALSE);

-- Multiplier, capacity, demand and figures of transformers: 10 million (kVA, kW, %).
CREATE MACRO is_beyond_size(x) AS
COALESCE(x >= 10000000 OR x <= -10000000, FALSE);

-- A share or standard, kWh per kVA or person, persons: 10 000.
CREATE MACRO is_beyond_share(x) AS
COALESCE(x >= 10000 OR x <= -10000, FALSE);

-- A line's loss in per cent of the energy: more than half of it.
CREATE MACRO is_beyond_pct(x) AS
COALESCE(x > 50 OR x < -50, FALSE);

-- Price of a kWh: 5 yuan; of a kVA or kW a month: 1 000 yuan.
CREATE MACRO is_beyond_price(x) AS COALESCE(x >= 5 OR x <= -5, FALSE);
CREATE MACRO is_beyond_size_price(x) AS COALESCE(x >= 1000 OR x <= -1000, FALSE);

-- Amount that a bill states: 10 billion yuan.
CREATE MACRO is_beyond_yuan(x) AS COALESCE(x >= 10000000000 OR x <= -10000000000, FALSE);

-- What an index went on by, as the greatest multiplier would count it, or a delivered quantity; a demand by what it stands at.
CREATE MACRO is_beyond_register(register, step, current_index, quantity, multiplier) AS
CASE
    WHEN register = 'demand'
        THEN
            COALESCE(ABS(quantity) >= 10000000, FALSE)
            OR COALESCE(ABS(CAST(current_index AS DOUBLE)) * CAST(multiplier AS DOUBLE) >= 10000000, FALSE)
    ELSE
        COALESCE(ABS(quantity) >= 800000000, FALSE)
        OR COALESCE(ABS(CAST(step AS DOUBLE)) * CAST(multiplier AS DOUBLE) >= 800000000, FALSE)
END;

-- Which readings and multipliers are looked at closely: only together can the rest reach no bound (1 000 × 10 000 = 10 million).
CREATE MACRO is_suspect_factor(multiplier) AS
COALESCE(multiplier >= 10000 OR multiplier <= -10000, FALSE);
CREATE MACRO is_suspect_reading(register, previous_index, current_index, quantity, multiplier) AS
current_index - previous_index >= 80000
OR current_index - previous_index <= -80000
OR quantity >= 10000000
OR quantity <= -10000000
OR (register = 'demand' AND ABS(current_index) >= 1000)
OR is_suspect_factor(multiplier);

-- A loss that was computed from figures each within its bound: null (no number at all), or half of the greatest energy.
CREATE MACRO is_lost_beyond(x) AS NOT COALESCE(ABS(x) < 400000000, FALSE);
