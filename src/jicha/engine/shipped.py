"""What the catalog ships for bills, as relations `catalog_*`: dated settings, the power-factor table, nameplates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jicha.catalog.billing import (
    SettingsBook,
    nameplate_rows,
    power_factor_table,
    settings_columns,
)

# relation → column → catalog type
CATALOG_RELATIONS: Mapping[str, Mapping[str, str]] = {
    "catalog_billing_setting": settings_columns(),  # organisation and span of days (an open end is null) → settings
    "catalog_power_factor": {
        "pf_standard": "decimal(18,4)",
        "power_factor": "decimal(18,4)",
        "adjustment_pct": "decimal(18,4)",
    },
    "catalog_nameplate": {
        "model_series": "string",
        "capacity_kva": "decimal(18,4)",
        "no_load_loss_kw": "decimal(18,4)",
        "load_loss_kw": "decimal(18,4)",
        "no_load_current_pct": "decimal(18,4)",
        "impedance_pct": "decimal(18,4)",
    },
}


def catalog_rows(name: str, *, book: SettingsBook, orgs: Iterable[str | None]) -> Sequence[Sequence[Any]]:
    """Return the rows of a catalog relation. orgs: the organisations for which settings are asked."""
    if name == "catalog_billing_setting":
        return book.rows(orgs)
    if name == "catalog_power_factor":
        return [(standard, factor, pct) for (standard, factor), pct in power_factor_table().items()]
    return nameplate_rows()
