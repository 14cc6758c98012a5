"""Which files of a load are read, and which are left out because an earlier load read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jicha.errors import BadInput
from jicha.ingest.database import Database
from jicha.ingest.delivered import (
    READ,
    SKIPPED,
    UNRECOGNISED,
    Delivered,
    Known,
    SourceFile,
    Stamp,
    changed_since,
    folder_values,
    identify,
)
from jicha.ingest.deliveries import Watch, raise_all, unreadable
from jicha.ingest.model import Piece, Place
from jicha.ingest.recognise import Recogniser
from jicha.ingest.sources import kind_of
from jicha.language import Text


@dataclass(frozen=True)
class Skip:
    """Why a file is not read: its content is that of a file that was or is read."""

    file: str  # as shown
    path: str
    load_id: str  # the load that read or reads it
    tables: tuple[str, ...] = ()


@dataclass
class Selection:
    """The files of a load: those to read, and those to leave out."""

    files: list[SourceFile] = field(default_factory=list)
    skipped: dict[str, Skip] = field(default_factory=dict)  # by path
    errors: list[BadInput] = field(default_factory=list)

    @property
    def read(self) -> list[SourceFile]:
        """The files that are opened."""
        return [file for file in self.files if file.path not in self.skipped]

    def check_unchanged(self) -> None:
        """Raise BadInput naming all files that were changed since they were identified."""
        raise_all([error for file in self.read if (error := changed_since(file)) is not None])

    def outcomes(self, pieces: Sequence[Piece], databases: Sequence[Database], load_id: str) -> list[dict[str, Any]]:
        """Return what became of each file, for load.json and the command line.

        `outcome` is read, skipped or unrecognised; `load_id` the load that read it; `tables` what it feeds.
        """
        fed: dict[str, list[str]] = {}
        for piece in pieces:
            tables = fed.setdefault(piece.place.file if piece.place.is_query else str(piece.place.path.absolute()), [])
            if piece.target.table.name not in tables:
                tables.append(piece.target.table.name)
        found: list[dict[str, Any]] = []
        for file in self.files:
            outcome: dict[str, Any]
            skip = self.skipped.get(file.path)
            if skip is not None:
                tables = list(skip.tables) or fed.get(skip.path, [])
                outcome = {"outcome": SKIPPED, "load_id": skip.load_id, "same_as": skip.file, "tables": tables}
            elif file.path in fed:
                outcome = {"outcome": READ, "load_id": load_id, "tables": fed[file.path]}
            else:
                outcome = {"outcome": UNRECOGNISED, "load_id": None, "tables": []}
            found.append(file.record() | outcome | {"hashed": file.hashed})
        for database in databases:
            about = {"outcome": READ, "load_id": load_id, "tables": fed.get(database.shown, [])}
            found.append({"file": database.shown} | about)
        return found


def select(
    places: Sequence[Place], recogniser: Recogniser, *, reader: str, known: Known | None, load_id: str, watch: Watch
) -> Selection:
    """Identify all files; those that `known` files make superfluous are skipped (None: none is)."""
    found = Selection()
    for number, place in enumerate(places):
        watch(Text(f"核对 {place.file}", f"checking {place.file}"), number, len(places))
        try:
            says = recogniser.path_says(place, is_workbook=kind_of(place) == "workbook")
            read_as = (*says, *folder_values(place))
            found.files.append(identify(place, reader=reader, read_as=read_as, known=known))
        except BadInput as error:
            found.errors.append(error)
        except OSError as error:
            found.errors.append(unreadable(place, error))
    if known is not None:
        _skip(found, known, load_id)
    return found


def _skip(found: Selection, known: Known, load_id: str) -> None:
    here = {file.path: file for file in found.files}
    twins: dict[object, SourceFile] = {}  # of equal files of this load the last is read: later rows win
    for file in reversed(found.files):
        before = _loaded(file, here, known)
        if before is not None:
            found.skipped[file.path] = Skip(before.file, before.path, before.load_id, before.tables)
        elif file.key in twins:
            twin = twins[file.key]
            found.skipped[file.path] = Skip(twin.place.file, twin.path, load_id)
        else:
            twins[file.key] = file


def _loaded(file: SourceFile, here: dict[str, SourceFile], known: Known) -> Delivered | None:
    """Return the earlier delivery that makes reading a file superfluous.

    A file at its old place is compared with what was read there last, so that content that comes back (A, B, A) is read
    again. A file at a new place is a moved one where the old place no longer holds that content; else it is a copy,
    whose rows are stored only as long as nothing else was loaded into its tables.
    """
    same_place = known.by_path.get(file.path)
    if same_place is not None:
        return same_place if same_place.key == file.key else None
    for before in known.of(file.key):
        if not _still_there(before, here) or all(known.feeders.get(table) == file.key for table in before.tables):
            return before
    return None


def _still_there(before: Delivered, here: dict[str, SourceFile]) -> bool:
    if before.path in here:
        return here[before.path].sha256 == before.key[0]
    try:
        return Stamp.of(Path(before.path)) == before.stamp
    except OSError:
        return False
