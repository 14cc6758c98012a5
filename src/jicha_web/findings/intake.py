"""What a run says of findings goes into the database: by (rule, key), in chunks, and only what changed.

People's handling is never touched. A chunk is one transaction: an import that is killed leaves whole chunks, and the
same import again writes nothing twice. Into an empty table rows are copied first and its indexes are made last, which
takes half the time; nobody reads a list of nothing meanwhile. The run of another day writes nearly every row that
stands, for it was found and judged anew: of a large ledger the indexes of lists are then made last too, since to keep
ten of them for each row takes many times as long. Lists are read without an index in those seconds. PostgreSQL asks for
each row whether its unit and its run are there, which takes as long as to write it: of a large ledger these two
references are checked last, all at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import pyarrow as pa
from django.conf import settings
from django.db import connection
from pyarrow import compute

from jicha_web import core
from jicha_web.core import precision, screening
from jicha_web.findings import indexing, kept, writing
from jicha_web.findings.models import RANKS, Finding
from jicha_web.findings.priority import priority
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.tree import unit_above_all
from jicha_web.runs.importing import newest_imported

T = TypeVar("T")
CHUNK = 20_000
LARGE = 100_000  # rows of a ledger; fewer are written as quickly with the indexes in place
_KEPT = frozenset({"finding_case"})  # an index that the pages of cases cannot do without
_FROM = {"kind": "class"}
_NOT_NULL = {"subject_id", "customer_id", "missing", "reason_zh", "reason_en", "rule_version", "subject"}


@dataclass
class Taken:
    """What an import did: rows read, findings whose unit the application does not know (they lie with the root)."""

    rows: int = 0
    unknown_units: dict[str, int] = field(default_factory=dict)


class Intake:
    """Takes the ledger of one run; `batches` yields after every chunk how many rows are in."""

    def __init__(self, run_pk: int, run: screening.Run) -> None:
        self._run_pk = run_pk
        self._run = run
        self.total = screening.finding_count(run)
        self.taken = Taken()
        self._units = dict(Organisation.objects.values_list("code", "pk"))
        root = unit_above_all()  # those of units that nobody knows lie there, where someone looks for them
        if root is None:
            raise core.BadInput(
                zh="还没有组织机构，无法导入疑点。请先同步单位与人员。",
                en="there are no units yet, so findings cannot be imported; bring in units and staff first",
            )
        self._root: int = root.pk
        known = precision.precisions(settings.DATA)
        self._expected = {rule: one.expected for rule, one in known.items()}
        self._unestimated: dict[tuple[str, str, int], float] = {}
        self._same = {"run_id": run_pk, "version": 0, "handling": "open"}  # of a finding that nobody has handled

    def batches(self, after: int = 0) -> Generator[int]:
        """Write chunk by chunk, without the first `after` rows; yield the number of rows in so far."""
        self.taken.rows = after
        first = after == 0 and not Finding._base_manager.exists()
        names = {index.name for index in Finding._meta.indexes}
        left_out = names if first else names - _KEPT if self._says_all_anew(after) else set()
        if connection.in_atomic_block:
            left_out = set()
        large = bool(left_out) and self.total >= LARGE
        with (
            screening.rarely_collected(), _room_for_indexes(), kept.counted_last(left_out=large),
            indexing.made_last(left_out, references=large), closing(self._chunks(after)) as chunks,
            closing(writing.written(chunks, into_nothing=first, side_by_side=large)) as written,
        ):  # fmt: skip
            for rows in written:
                self.taken.rows += rows
                yield self.taken.rows

    def _says_all_anew(self, after: int) -> bool:
        """Whether nearly all rows are to be written: of what stands the days change, and so does the priority."""
        if self.total - after < LARGE:
            return False
        shown = newest_imported()
        return shown is not None and shown.pk != self._run_pk and shown.as_of != self._run.as_of

    def _chunks(self, after: int) -> Generator[pa.RecordBatch]:
        """Yield what is to be written; what another thread can do meanwhile is done ahead."""
        batches = screening.finding_batches(self._run, size=CHUNK, after=after)
        if connection.vendor == "sqlite":  # it works in this process: reading alone leaves the interpreter free for it
            with closing(_ahead(batches)) as read:
                yield from map(self._said, read)
        else:
            with closing(_ahead(map(self._said, batches))) as said:
                yield from said

    def _said(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a part of the ledger as the columns of findings (`writing.INSERTED`)."""
        orgs, severities = batch.column("org_id").to_pylist(), batch.column("severity").to_pylist()
        for org, n in Counter(org for org in orgs if org not in self._units).items():
            self.taken.unknown_units[org or ""] = self.taken.unknown_units.get(org or "", 0) + n
        made = {
            "organisation_id": [self._units.get(org, self._root) for org in orgs],
            "severity_rank": [RANKS[severity] for severity in severities],
            "priority": self._priorities(batch, severities),
            **{name: pa.repeat(value, batch.num_rows) for name, value in self._same.items()},
        }
        columns = []
        for name in writing.INSERTED:
            if name in made:
                columns.append(pa.array(made[name]))
            else:
                said = batch.column(_FROM.get(name, name))
                columns.append(compute.fill_null(said, "") if name in _NOT_NULL else said)
        return pa.RecordBatch.from_arrays(columns, names=list(writing.INSERTED))

    def _priorities(self, batch: pa.RecordBatch, severities: list[str]) -> list[float]:
        """Return the place of each finding; one without an amount has that of all its like, worked out once."""
        found: list[float] = []
        for rule, severity, amount, age in zip(
            batch.column("rule").to_pylist(), severities, batch.column("amount_yuan").to_pylist(),
            batch.column("age_days").to_pylist(), strict=True,
        ):  # fmt: skip
            place = self._unestimated.get((rule, severity, age)) if amount is None else None
            if place is None:
                place = priority(
                    severity=severity, amount_yuan=None if amount is None else float(amount),
                    precision=self._expected.get(rule, 0.5), age_days=age,
                )  # fmt: skip
                if amount is None:
                    self._unestimated[rule, severity, age] = place
            found.append(place)
        return found


def _ahead(items: Iterator[T]) -> Generator[T]:
    """Yield the items; the next one is fetched while the caller works on this one."""
    with ThreadPoolExecutor(max_workers=1) as fetcher:
        coming = fetcher.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = fetcher.submit(next, items, None)
            yield item


@contextmanager
def _room_for_indexes() -> Iterator[None]:
    """Give SQLite room for the indexes that are kept while rows come in, and less to do after each chunk."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size=-262144")
        cursor.execute("PRAGMA wal_autocheckpoint=16384")  # pages: not after every chunk
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size=-65536")
            cursor.execute("PRAGMA wal_autocheckpoint=1000")
