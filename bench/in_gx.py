"""CF001 and CF012 in Great Expectations (pandas engine): the checks that it can express without joins of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import great_expectations as gx
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from great_expectations import expectations as e

AS_OF = pd.Timestamp(date(2026, 10, 15))


def customers(files: Mapping[str, list[str]], names: Sequence[str]) -> pd.DataFrame:
    """Columns of the table of customers; decimals as floats, which a null check does not mind."""
    tables = [pq.read_table(file, columns=list(names), partitioning=None) for file in files["customer"]]
    return pa.concat_tables(tables).to_pandas(date_as_object=False)


def only(expectation: Callable[..., Any], condition: str, **settings: Any) -> Any:
    """An expectation for the rows of a condition."""
    return expectation(row_condition=condition, condition_parser="pandas", **settings)


def cf001(files: Mapping[str, list[str]]) -> tuple[pd.DataFrame, list[Any]]:
    texts, capacities = ["name", "address"], ["contract_capacity_kva", "operating_capacity_kva"]
    names = ["customer_id", "status", "opened_on", "closed_on", "usage_class", "voltage_v", "industry_code"]
    frame = customers(files, [*names, *texts, *capacities])
    opened = frame.opened_on.isna() | (frame.opened_on + pd.DateOffset(months=2) <= AS_OF)
    frame = frame[(frame.status == "active") & opened & (frame.closed_on.isna() | (frame.closed_on >= AS_OF))]
    frame["high"] = frame.voltage_v.isna() | (frame.voltage_v >= 1000)
    other = "usage_class != 'residential' and usage_class == usage_class"
    return frame, [
        *(e.ExpectColumnValuesToNotBeNull(column=name) for name in [*texts, "voltage_v", "opened_on"]),
        *(e.ExpectColumnValuesToMatchRegex(column=name, regex=r"\S") for name in texts),
        only(e.ExpectColumnValuesToNotBeNull, other, column="industry_code"),
        only(e.ExpectColumnValuesToMatchRegex, other, column="industry_code", regex=r"\S"),
        *(only(e.ExpectColumnValuesToNotBeNull, "high == True", column=name) for name in capacities),
    ]


def cf012(files: Mapping[str, list[str]]) -> tuple[pd.DataFrame, list[Any]]:
    names = ["customer_id", "status", "opened_on", "closed_on", "is_temporary", "temporary_until"]
    frame = customers(files, names)
    frame["is_temporary"] = frame.is_temporary.astype("boolean")
    in_use = "status in ['active', 'suspended']"
    return frame, [
        only(e.ExpectColumnValuesToBeBetween, in_use, column="closed_on", min_value=AS_OF),
        only(e.ExpectColumnValuesToNotBeNull, "status == 'closed'", column="closed_on"),
        e.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="closed_on", column_B="opened_on", or_equal=True, ignore_row_if="either_value_is_missing"
        ),
        only(e.ExpectColumnValuesToBeBetween, "status != 'closed'", column="opened_on", max_value=AS_OF),
        only(e.ExpectColumnValuesToBeNull, "is_temporary == False", column="temporary_until"),
        only(e.ExpectColumnValuesToNotBeNull, "is_temporary == True", column="temporary_until"),
    ]


CHECKS = {"CF001": cf001, "CF012": cf012}


def keys(files: Mapping[str, list[str]], check: str) -> list[str]:
    """Return the customers that break one of the expectations."""
    frame, expectations = CHECKS[check](files)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    batch = (
        context.data_sources.add_pandas("p").add_dataframe_asset("customer").add_batch_definition_whole_dataframe("b")
    )
    suite = gx.ExpectationSuite(name=check, expectations=expectations)
    definition = gx.ValidationDefinition(name="v", data=batch, suite=suite)
    context.suites.add(suite)
    context.validation_definitions.add(definition)
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": ["customer_id"]}
    done = definition.run(batch_parameters={"dataframe": frame}, result_format=wanted)
    found: set[str] = set()
    for result in done.results:
        if result.exception_info.get("raised_exception"):
            raise RuntimeError(str(result.exception_info))
        found |= {row["customer_id"] for row in result.result.get("unexpected_index_list") or []}
    return sorted(found)
