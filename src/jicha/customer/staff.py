"""A member of staff whom a finding is about: who it is, and the rows that such findings are made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jicha.customer.reader import Reader
from jicha.customer.view import MOST_ROWS, PERIODS_SHOWN, Section, periods_before

STAFF_SECTIONS: Mapping[str, str] = {  # section → the table that it shows
    "person": "staff", "adjustments": "adjustment", "edits": "reading", "by_hand": "reading",
}  # fmt: skip
BY_HAND = ("manual", "local")  # methods of a reading that a reader took on site
_DAYS = 400


@dataclass
class StaffView:
    """What the data of one version know of a member of staff on one day.

    orgs: organisations whose customers' rows may be seen; None: all.
    """

    reader: Reader
    staff_id: str
    as_of: date
    orgs: Collection[str] | None = None

    def section(self, name: str) -> Section:
        """Return one of STAFF_SECTIONS."""
        made: Section = getattr(self, name)()
        return made

    def person(self) -> Section:
        """Return the row of the staff file."""
        rows = self.reader.rows("staff", "staff_id", [self.staff_id])
        return Section({"staff": tuple(rows)}, () if self.reader.delivered("staff") else ("staff",))

    def adjustments(self) -> Section:
        """Return the adjustments of 400 days that the person asked for or approved, newest first."""
        since = ("requested_at", self.as_of - timedelta(days=_DAYS))
        found: dict[str, Mapping[str, Any]] = {}
        for column in ("requested_by", "approved_by"):
            rows = self.reader.rows(
                "adjustment", column, [self.staff_id], as_of=self.as_of, since=since, orgs=self.orgs
            )  # fmt: skip
            found |= {row["adjustment_id"]: row for row in rows}
        ordered = sorted(found.values(), key=lambda row: (row["requested_at"], row["adjustment_id"]), reverse=True)
        of = {"adjustment": len(ordered)} if len(ordered) > MOST_ROWS else {}
        return Section({"adjustment": tuple(ordered[:MOST_ROWS])}, self._missing("adjustment"), of)

    def edits(self) -> Section:
        """Return the readings of the last periods whose index the person changed, newest first."""
        return self._readings("index_changed_by")

    def by_hand(self) -> Section:
        """Return the readings of the last periods that the person took on site, newest first."""
        return self._readings("reader_id", BY_HAND)

    def _readings(self, column: str, methods: tuple[str, ...] = ()) -> Section:
        since = ("period", periods_before(self.as_of, PERIODS_SHOWN))
        rows = self.reader.rows(
            "reading", column, [self.staff_id], as_of=self.as_of, since=since, orgs=self.orgs,
            order="period DESC, point_id, register",
        )  # fmt: skip
        kept = [row for row in rows if not methods or row["method"] in methods]
        of = {"reading": len(kept)} if len(kept) > MOST_ROWS else {}
        return Section({"reading": tuple(kept[:MOST_ROWS])}, self._missing("reading"), of)

    def _missing(self, table: str) -> tuple[str, ...]:
        return () if self.reader.delivered(table) else (table,)
