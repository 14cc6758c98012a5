"""Which table a file or sheet is, and which of its columns is which."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jicha.catalog.schema import Schema, Table
from jicha.errors import BadInput
from jicha.ingest.mapping import Entry, SourceMapping
from jicha.ingest.model import Binding, Place, Target
from jicha.ingest.names import is_generic, match_columns, normal, table_by_name, tables_by_header, tables_with_any
from jicha.ingest.units import column_unit, conversion


def _bind(table: Table, header: Sequence[str]) -> Target:
    found = match_columns(table, header)
    bindings = {}
    for name in table.columns:
        if name in found:
            position, match = found[name]
            own = column_unit(match.column)
            factor = conversion(match.unit, own) if match.unit and own else None
            bindings[name] = Binding(column=match.column, source=position, factor=factor, echo=header[position])
    used = {binding.source for binding in bindings.values()}
    return Target(table, bindings, tuple(i for i, cell in enumerate(header) if i not in used and cell))


def _missing(target: Target) -> list[str]:
    return [
        f"{column.name}（{column.zh}）"
        for column in target.table.columns.values()
        if column.required and column.name not in target.bindings
    ]


class Candidates:
    """What one file or sheet may be: mapping entries, the table its name says, or whatever its header fits."""

    def __init__(self, schema: Schema, place: Place, entries: Sequence[Entry], named: Table | None) -> None:
        self.schema = schema
        self.place = place
        self.entries = entries
        self.named = named

    @property
    def encoding(self) -> str | None:
        """The encoding that a mapping file says."""
        return next((entry.encoding for entry in self.entries if entry.encoding), None)

    @property
    def delimiter(self) -> str | None:
        """The delimiter that a mapping file says."""
        return next((entry.delimiter for entry in self.entries if entry.delimiter), None)

    def score(self, cells: Sequence[str]) -> int:
        """Return how many cells of a row are column names."""
        if self.entries:
            return max(entry.score(cells) for entry in self.entries)
        if self.named is not None:
            found = len(match_columns(self.named, cells))
            if found:
                return found
        tables = tables_with_any(self.schema, cells)
        return max((len(match_columns(table, cells)) for table in tables), default=0)

    def targets(self, header: Sequence[str]) -> list[Target]:
        """Return the tables that the file feeds; empty when it is none of ours; BadInput when it lacks columns."""
        if self.entries:
            return [self._complete(entry.bind(header, self.place), header) for entry in self.entries]
        if self.named is not None:
            target = _bind(self.named, header)
            if not _missing(target):
                return [target]
        fitting = tables_by_header(self.schema, header)
        if len(fitting) == 1:
            return [_bind(fitting[0], header)]
        if self.named is not None:
            return [self._complete(_bind(self.named, header), header)]
        if fitting:
            zh, en = self.place.text
            names = "、".join(f"{table.name}（{table.zh}）" for table in fitting)
            raise BadInput(
                zh=f"{zh}：表头同时符合 {names}，无法判断。请把文件或工作表改名为表名，或用映射文件指定。",
                en=f"{en}: the header fits {', '.join(t.name for t in fitting)} alike; name the file or sheet after "
                "its table, or say which in a mapping file",
            )
        return []

    def _complete(self, target: Target, header: Sequence[str]) -> Target:
        missing = _missing(target)
        if missing:
            zh, en = self.place.text
            table = target.table
            cells = [cell for cell in header if cell]
            raise BadInput(
                zh=f"{zh}：表 {table.name}（{table.zh}）缺少必需的列 {'、'.join(missing)}；"
                f"找到的列：{'、'.join(cells)}。请补上这些列，或用映射文件说明它们叫什么。",
                en=f"{en}: required columns of {table.name} are missing: {', '.join(missing)}; found: "
                f"{', '.join(cells)}; add them, or say in a mapping file what they are called",
            )
        return target


class Recogniser:
    """Finds what files and sheets may be, by mapping file and by name."""

    def __init__(self, schema: Schema, mapping: SourceMapping | None) -> None:
        self.schema = schema
        self.mapping = mapping

    def file(self, place: Place) -> Candidates:
        """Return what a file may be: by its name, else by that of the folder it lies in."""
        entries = self.mapping.entries_for(place) if self.mapping else []
        return Candidates(self.schema, place, entries, None if entries else self._by_path(place))

    def sheet(self, place: Place, *, alone: bool) -> Candidates:
        """Return what a sheet may be: by its name; the file's name counts where the sheet is alone or says nothing."""
        entries = self.mapping.entries_for(place) if self.mapping else []
        named = None if entries else table_by_name(self.schema, place.sheet or "")
        if named is None and not entries and (alone or is_generic(place.sheet or "")):
            named = self._by_path(place)
        return Candidates(self.schema, place, entries, named)

    def path_says(self, place: Place, *, is_workbook: bool) -> tuple[str, ...]:
        """Return what the path of a file says about its tables: mapping entries, or the table of its name."""
        entries = self.mapping.entries if self.mapping else ()
        found = [entry.key.rpartition(": ")[2] for entry in entries if entry.fits(place) or entry.fits_book(place)]
        named = None if found and not is_workbook else self._by_path(place)
        return (*found, *([named.name] if named else []))

    def database_table(self, place: Place) -> Candidates:
        """Return what a table or view of a database may be: by mapping entry, or exactly by its name."""
        entries = self.mapping.entries_for(place) if self.mapping else []
        name = normal(place.sheet or "")
        named = [table for table in self.schema.tables.values() if name in {normal(table.name), normal(table.zh)}]
        return Candidates(self.schema, place, entries, named[0] if named and not entries else None)

    def _by_path(self, place: Place) -> Table | None:
        path = place.path.absolute()
        named = table_by_name(self.schema, path.stem)
        inside = len(Path(place.file).parts)  # the folders within the source, and the source folder itself
        for folder in list(path.parents)[:inside]:
            if named is not None:
                return named
            if "=" not in folder.name:  # period=2026-01-01 says nothing about the table
                named = table_by_name(self.schema, folder.name)
        return named
