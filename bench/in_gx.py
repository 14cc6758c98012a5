"""CF012 in Great Expectations (pandas engine): the one check here that it can express without joins of our own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import great_expectations as gx
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from great_expectations import expectations as e

AS_OF = pd.Timestamp(date(2026, 10, 15))


def keys(files: Mapping[str, list[str]], check: str) -> list[str]:
    """Return the customers that break one of the expectations."""
    assert check == "CF012"
    names = ["customer_id", "status", "opened_on", "closed_on", "is_temporary", "temporary_until"]
    tables = [pq.read_table(file, columns=names, partitioning=None) for file in files["customer"]]
    frame = pa.concat_tables(tables).to_pandas(date_as_object=False)
    frame["is_temporary"] = frame.is_temporary.astype("boolean")
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    batch = (
        context.data_sources.add_pandas("p").add_dataframe_asset("customer").add_batch_definition_whole_dataframe("b")
    )
    suite = gx.ExpectationSuite(
        name="CF012",
        expectations=[
            e.ExpectColumnValuesToBeBetween(
                column="closed_on",
                min_value=AS_OF,
                row_condition="status in ['active', 'suspended']",
                condition_parser="pandas",
            ),
            e.ExpectColumnValuesToNotBeNull(
                column="closed_on", row_condition="status == 'closed'", condition_parser="pandas"
            ),
            e.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A="closed_on", column_B="opened_on", or_equal=True, ignore_row_if="either_value_is_missing"
            ),
            e.ExpectColumnValuesToBeBetween(
                column="opened_on", max_value=AS_OF, row_condition="status != 'closed'", condition_parser="pandas"
            ),
            e.ExpectColumnValuesToBeNull(
                column="temporary_until", row_condition="is_temporary == False", condition_parser="pandas"
            ),
            e.ExpectColumnValuesToNotBeNull(
                column="temporary_until", row_condition="is_temporary == True", condition_parser="pandas"
            ),
        ],
    )  # fmt: skip
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
