"""What a bill depends on besides the utility's data: dated settings, the power-factor table, transformer nameplates.

Both implementations of the bill read them here: as objects, or as rows for SQL.
"""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from jicha.catalog.files import catalog_path, read_yaml
from jicha.catalog.parameters import Parameter, read_parameter
from jicha.catalog.subtree import ancestry
from jicha.errors import BadInput

OVERRIDES = "billing.yaml"  # in DATA/run
_EVER = date.min


@dataclass(frozen=True, kw_only=True)
class BillingSettings:
    """The settings in force on one day for one organisation; units and meaning stand in `billing/settings.yaml`."""

    kwh_places: int
    loss_places: int
    allocation_places: int
    loss_form_factor: Decimal
    loss_assumed_pf: Decimal
    loss_band: str
    agency_extra_share: Decimal
    tou_price_places: int | None
    energy_line_basis: str
    tier_first_year: str
    basic_day_basis: str
    suspended_charge_share: Decimal
    suspended_charge_months: int
    ev_basic_exempt_until: date | None
    demand_over_ratio: Decimal
    demand_over_multiple: Decimal
    demand_over_base: str
    demand_over_start: str


@dataclass(frozen=True)
class DatedValue:
    """One value of a setting: the days it holds for (inclusive, `until` None is open) and where it comes from."""

    since: date
    until: date | None
    value: Any
    document: str
    verified: bool


@dataclass(frozen=True)
class Setting:
    """One declared setting."""

    parameter: Parameter
    zh: str
    en: str
    nullable: bool
    labels: Mapping[str, Mapping[str, str]]
    values: tuple[DatedValue, ...]  # ordered by `since`

    def check(self, value: Any, place: str) -> Any:
        """Return a value in the setting's type and bounds; BadInput names the place and what was expected."""
        return None if value is None and self.nullable else self.parameter.check(value, place)


def _day(value: Any, place: str) -> date | None:
    if value is None or (isinstance(value, date)):
        return value
    raise BadInput(
        zh=f"{place}：日期 {value!r} 不合要求，应写作 2026-01-05。",
        en=f"{place}: {value!r} is no date; dates are written 2026-01-05",
    )


def _dated(setting: Setting, entries: Any, place: str) -> tuple[DatedValue, ...]:
    """Return the dated values of an entry: a list of {effective_from, effective_to, value, …}, or one bare value."""
    if not isinstance(entries, list):
        entries = [{"value": entries}]
    known = {"effective_from", "effective_to", "value", "document", "verified"}
    found = []
    for number, entry in enumerate(entries, start=1):
        where = f"{place}[{number}]"
        if not isinstance(entry, dict) or "value" not in entry or set(entry) - known:
            raise BadInput(
                zh=f"{where}：应为含 value 的一组字段，可用字段：{'、'.join(sorted(known))}。",
                en=f"{where}: expected fields with `value`; known fields: {', '.join(sorted(known))}",
            )
        since, until = _day(entry.get("effective_from"), where), _day(entry.get("effective_to"), where)
        if since and until and until < since:
            raise BadInput(
                zh=f"{where}：截止日期 {until} 早于起始日期 {since}。",
                en=f"{where}: effective_to {until} is before effective_from {since}",
            )
        value = setting.check(entry["value"], where)
        document = str(entry.get("document") or "")
        found.append(DatedValue(since or _EVER, until, value, document, bool(entry.get("verified", False))))
    found.sort(key=lambda item: item.since)
    doubled = [b.since for a, b in itertools.pairwise(found) if a.since == b.since]
    if doubled:
        raise BadInput(
            zh=f"{place}：同一起始日期 {doubled[0]} 有两个值，请只留一个。",
            en=f"{place}: two values begin on {doubled[0]}; keep one",
        )
    return tuple(found)


@functools.cache
def declared_settings() -> Mapping[str, Setting]:
    """Return the settings of the shipped catalog by name."""
    found = {}
    for name, entry in read_yaml(catalog_path("billing", "settings.yaml"))["settings"].items():
        labels = entry.get("labels", {})
        first = next((item["value"] for item in entry["values"] if item["value"] is not None), _filler(entry))
        shape = {"name": name, **entry, "default": first, "values": tuple(labels)}
        setting = Setting(
            parameter=read_parameter(shape, "billing/settings.yaml"),
            zh=entry["zh"],
            en=entry["en"],
            nullable=bool(entry.get("nullable", False)),
            labels=labels,
            values=(),
        )
        values = _dated(setting, entry["values"], f"billing/settings.yaml {name}")
        found[name] = Setting(**{**vars(setting), "values": values})
    return found


def _filler(entry: Mapping[str, Any]) -> Any:
    """Return any value that the type allows, for a setting whose only value is null."""
    return date.max if entry["type"] == "date" else entry.get("max", 0)


@dataclass(frozen=True)
class SettingsBook:
    """The shipped settings with a utility's overrides by organisation subtree and date."""

    overrides: Mapping[str | None, Mapping[str, tuple[DatedValue, ...]]]  # organisation (None: all) → setting → values
    parents: Mapping[str, str | None]  # organisation → the one above

    def value(self, name: str, *, org: str | None, day: date) -> DatedValue:
        """Return the value of a setting in force for an organisation on a day, with its document.

        The nearest organisation of the ancestry that says something for the day wins, then the overrides for all, then
        the catalog.
        """
        for place in [*ancestry(org, self.parents), None]:
            for item in reversed(self.overrides.get(place, {}).get(name, ())):
                if item.since <= day and (item.until is None or item.until >= day):
                    return item
        return next(item for item in reversed(declared_settings()[name].values) if item.since <= day)

    def row(self, *, org: str | None, day: date) -> BillingSettings:
        """Return all settings in force for an organisation on a day."""
        since = self._edges[bisect.bisect_right(self._edges, day) - 1]
        if (org, since) not in self._rows:
            self._rows[org, since] = BillingSettings(
                **{name: self.value(name, org=org, day=day).value for name in declared_settings()}
            )
        return self._rows[org, since]

    @functools.cached_property
    def _rows(self) -> dict[tuple[str | None, date], BillingSettings]:
        return {}

    @functools.cached_property
    def _edges(self) -> tuple[date, ...]:
        """Days on which some setting changes for somebody, the beginning of time first."""
        groups = [setting.values for setting in declared_settings().values()]
        groups += [values for entry in self.overrides.values() for values in entry.values()]
        days = {_EVER} | {item.since for group in groups for item in group}
        days |= {item.until + timedelta(days=1) for group in groups for item in group if item.until}
        return tuple(sorted(days))

    def rows(self, orgs: Iterable[str | None]) -> list[tuple[Any, ...]]:
        """Return rows for SQL: org, first day, last day (None open), then the settings in the order of their fields.

        orgs: the organisations of customers; None stands for customers without one. Rows of one organisation follow
        each other without gap or overlap; equal neighbours are joined.
        """
        names = [item.name for item in fields(BillingSettings)]
        edges = self._edges
        found: list[tuple[Any, ...]] = []
        for org in orgs:
            first = len(found)
            for number, since in enumerate(edges):
                until = edges[number + 1] - timedelta(days=1) if number + 1 < len(edges) else None
                row = self.row(org=org, day=since)
                values = tuple(getattr(row, name) for name in names)
                if len(found) > first and found[-1][3:] == values:
                    found[-1] = (org, found[-1][1], until, *values)
                else:
                    found.append((org, since, until, *values))
        return found


def settings_columns() -> Mapping[str, str]:
    """Return name → catalog type of the columns of `SettingsBook.rows`."""
    kinds = {name: setting.parameter.type for name, setting in declared_settings().items()}
    kinds = {name: "string" if kind == "enum" else kind for name, kind in kinds.items()}
    return (
        {"org_id": "string"}
        | dict.fromkeys(("effective_from", "effective_to"), "date")
        | {item.name: kinds[item.name] for item in fields(BillingSettings)}
    )


def read_settings(folder: Path | None, parents: Mapping[str, str | None]) -> SettingsBook:
    """Read `billing.yaml` of a run folder; without it the shipped settings hold for all.

    parents: organisation → the one above, as the table `organization` says. BadInput names file, organisation, setting
    and what was expected; unknown names are errors, because an override passed over would change bills without a word.
    """
    path = None if folder is None else folder / OVERRIDES
    content = (read_yaml(path) if path is not None and path.exists() else None) or {}
    if not isinstance(content, dict) or set(content) - {"settings", "organizations"}:
        raise BadInput(
            zh=f"{path}：只能有 settings、organizations 这些字段。",
            en=f"{path}: fields may be settings, organizations",
        )
    groups: list[tuple[str | None, Any]] = [(None, content.get("settings"))]
    groups += [(str(org), entry) for org, entry in (content.get("organizations") or {}).items()]
    overrides: dict[str | None, dict[str, tuple[DatedValue, ...]]] = {}
    for org, entry in groups:
        place = str(path) if org is None else f"{path} {org}"
        if org is not None and parents and org not in parents:
            raise BadInput(
                zh=f"{place}：没有供电单位 {org}，请核对单位编码。",
                en=f"{place}: there is no organisation {org}; check its code",
            )
        if not isinstance(entry or {}, dict):
            raise BadInput(zh=f"{place}：应为 设置名: 值。", en=f"{place}: expected name: value")
        overrides[org] = {name: _override(name, given, place) for name, given in (entry or {}).items()}
    return SettingsBook({org: entry for org, entry in overrides.items() if entry}, dict(parents))


def _override(name: str, given: Any, place: str) -> tuple[DatedValue, ...]:
    known = declared_settings()
    if name not in known:
        raise BadInput(
            zh=f"{place}：没有设置 {name}（已有：{'、'.join(known)}）。",
            en=f"{place}: there is no setting {name}; known: {', '.join(known)}",
        )
    return _dated(known[name], given, f"{place} {name}")


# -- the power-factor table ----------------------------------------------------------------------------------------


@functools.cache
def power_factor_table() -> Mapping[tuple[Decimal, Decimal], Decimal]:
    """Return (standard, power factor at 2 places) → adjustment in per cent of the base; 1.00 down to 0.00."""
    cent = Decimal("0.01")
    found = {}
    for standard, entry in read_yaml(catalog_path("billing", "power_factor_1983.yaml"))["standards"].items():
        factor, pct = Decimal("1.00"), Decimal(entry["from_pct"])
        found[Decimal(standard), factor] = pct
        for step in entry["steps"]:
            while factor > Decimal(step["to"]):
                factor, pct = factor - cent, pct + Decimal(step["step_pct"])
                found[Decimal(standard), factor] = pct
    return found


def power_factor_document() -> str:
    """Return the document that the shipped table is from."""
    return str(read_yaml(catalog_path("billing", "power_factor_1983.yaml"))["document"])


# -- transformer nameplates ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Nameplate:
    """Loss figures of a transformer; None is unknown."""

    no_load_loss_kw: Decimal | None
    load_loss_kw: Decimal | None
    no_load_current_pct: Decimal | None
    impedance_pct: Decimal | None


@functools.cache
def nameplates() -> Mapping[tuple[str, Decimal], Nameplate]:
    """Return (series, capacity in kVA) → figures of 10 kV oil transformers."""
    content = read_yaml(catalog_path("billing", "transformer_nameplates.yaml"))
    found = {}
    for series, capacity, *figures in content["rows"]:
        found[series, Decimal(capacity)] = Nameplate(*(None if text is None else Decimal(text) for text in figures))
    return found


def model_series(model: str | None) -> str | None:
    """Return the series of a transformer model, the part before the first '-': S11-400/10 → S11."""
    return model.split("-", 1)[0].strip().upper() if model else None


def nameplate_rows() -> Sequence[tuple[Any, ...]]:
    """Return the nameplates as rows for SQL: series, capacity_kva, then the four figures."""
    return [(series, kva, *vars(plate).values()) for (series, kva), plate in nameplates().items()]
