"""Opening all files of a load: which table each is; everything that is wrong with them is found before it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from jicha.catalog.schema import Schema
from jicha.errors import BadInput
from jicha.ingest.csv_file import OpenCsv, open_csv, stage_csv
from jicha.ingest.database import Database, connected, select_all, tables_of
from jicha.ingest.duplicates import reconcile
from jicha.ingest.mapping import SourceMapping
from jicha.ingest.model import Piece, Place, Raw, Target
from jicha.ingest.parquet_file import open_parquet
from jicha.ingest.query import stage_query
from jicha.ingest.recognise import Candidates, Recogniser
from jicha.ingest.scratch import Scratch
from jicha.ingest.sources import kind_of
from jicha.ingest.stage import stage_piece
from jicha.ingest.workbook import open_workbook
from jicha.language import Text

Watch = Callable[[Text, int, int], None]  # what is done, how much of it, of how much


@dataclass
class Deliveries:
    """The files of a load, opened."""

    pieces: list[Piece] = field(default_factory=list)
    unrecognised: list[tuple[Place, Text]] = field(default_factory=list)
    texts: dict[int, OpenCsv] = field(default_factory=dict)  # number of a piece -> the file it is split from


class Opener:
    """Opens files and sheets one after the other, and collects what is wrong."""

    def __init__(self, schema: Schema, mapping: SourceMapping | None, scratch: Scratch, watch: Watch) -> None:
        self.mapping = mapping
        self.recogniser = Recogniser(schema, mapping)
        self.scratch = scratch
        self.watch = watch
        self.found = Deliveries()
        self.errors: list[BadInput] = []

    def open_all(self, places: Sequence[Place], databases: Sequence[Database] = ()) -> Deliveries:
        """Open all files and run all queries; one BadInput names all that are broken."""
        for number, place in enumerate(places):
            self.watch(Text(f"识别 {place.file}", f"opening {place.file}"), number, len(places))
            try:
                self._open(place)
            except BadInput as error:
                self.errors.append(error)
            except OSError as error:
                self.errors.append(unreadable(place, error))
        for database in databases:
            try:
                self._open_database(database)
            except BadInput as error:
                self.errors.append(error)
        raise_all(self.errors)
        return self.found

    def _open_database(self, database: Database) -> None:
        """Run the mapping's queries; without any, read the tables and views that are named like tables."""
        zh, en = f"读取 {database.shown}", f"reading {database.shown}"
        self.watch(Text(zh, en), 0, 0)
        with connected(database) as connection:

            def read(place: Place, sql: str, candidates: Candidates) -> None:
                def advance(rows: int) -> None:
                    self.watch(Text(f"{zh}：{place.sheet}", f"{en}: {place.sheet}"), rows, 0)

                raw = stage_query(database, connection, sql, place=place, scratch=self.scratch, advance=advance)
                self._add(place, candidates.targets(raw.header), raw)

            queries = self.mapping.queries() if self.mapping else []
            for entry in queries:
                place = database.place(f"{entry.key.rpartition(': ')[2]}.query")
                read(place, entry.query or "", Candidates(self.recogniser.schema, place, [entry], None))
            tables = [] if queries else tables_of(database, connection)
            known = [(table, self.recogniser.database_table(database.place(table))) for table in tables]
            for table, candidates in known:
                if candidates.entries or candidates.named is not None:
                    read(candidates.place, select_all(connection, table), candidates)
            if not queries and not any(candidates.entries or candidates.named for _, candidates in known):
                raise _no_known_table(database, tables)

    def _open(self, place: Place) -> None:
        kind = kind_of(place)
        if kind == "text":
            self._open_text(place)
        elif kind == "workbook":
            self._open_workbook(place)
        elif kind == "parquet":
            candidates = self.recogniser.file(place)
            raw = open_parquet(place, self.scratch)
            self._add(place, candidates.targets(raw.header), raw)
        else:
            text = Text(
                "不是 CSV、TXT、TSV、XLSX、XLS、ODS 或 Parquet 文件",
                "not a CSV, TXT, TSV, XLSX, XLS, ODS or Parquet file",
            )
            self.found.unrecognised.append((place, text))

    def _open_text(self, place: Place) -> None:
        candidates = self.recogniser.file(place)
        opened = open_csv(place, candidates, self.scratch)
        if opened is None:
            self._without_header(place, candidates)
            return
        pieces = self._add(place, candidates.targets(opened.header.cells), None)
        self.found.texts |= {piece.number: opened for piece in pieces}

    def _open_workbook(self, place: Place) -> None:
        def advance(done: int, total: int) -> None:
            self.watch(Text(f"读取 {place.file}", f"reading {place.file}"), done, total)

        for sheet in open_workbook(place, self.recogniser, self.scratch, advance):
            try:
                if sheet.header is None:
                    self._without_header(sheet.place, sheet.candidates)
                else:
                    targets = sheet.candidates.targets(sheet.header.cells)
                    self._add(sheet.place, targets, sheet.raw)
            except BadInput as error:
                self.errors.append(error)

    def _without_header(self, place: Place, candidates: Candidates) -> None:
        """A file that names its table but has no header is broken; any other is none of ours."""
        zh, en = place.text
        if candidates.named is None and not candidates.entries:
            self._unrecognised(place)
            return
        raise BadInput(
            zh=f"{zh}：前 30 行中没有找到表头。第一行应为列名（中文名或英文名）；请补上表头，或用映射文件说明列名。",
            en=f"{en}: no header was found within the first 30 lines; a row of column names (Chinese or English) is "
            "expected: add it, or say in a mapping file what the columns are called",
        )

    def _unrecognised(self, place: Place) -> None:
        text = Text(
            "文件名、工作表名和表头都不像任何一张表；请按表名改名，或用映射文件指定",
            "neither name nor header is that of a table; rename it after its table, or use a mapping file",
        )
        globs = (
            list(dict.fromkeys(glob for entry in self.mapping.entries for glob in entry.files)) if self.mapping else []
        )
        if globs:
            text = Text(
                f"与映射文件中的 files（{'、'.join(globs)}）都不相符，也不像任何一张表；请改 files 或文件名",
                f"fits none of the mapping file's `files` ({', '.join(globs)}) and looks like no table; mend `files`, "
                "or rename the file",
            )
        self.found.unrecognised.append((place, text))

    def _add(self, place: Place, targets: Sequence[Target], raw: Raw | None) -> list[Piece]:
        if not targets:
            self._unrecognised(place)
            return []
        pieces = []
        for target in targets:
            piece = Piece(len(self.found.pieces), place, target, raw=replace(raw) if raw is not None else None)
            self.found.pieces.append(piece)
            pieces.append(piece)
        return pieces


def unreadable(place: Place, error: OSError) -> BadInput:
    """Return the error of a file that cannot be read."""
    zh, en = place.text
    return BadInput(
        zh=f"{zh}读不了：{error.strerror}。请检查文件权限。",
        en=f"{en} cannot be read: {error.strerror}; check its permissions",
    )


def _no_known_table(database: Database, tables: Sequence[str]) -> BadInput:
    names = "、".join(tables[:30]) or "—"
    return BadInput(
        zh=f"数据库 {database.shown} 中没有以标准表命名的表或视图；有：{names}。"
        "请用映射文件的 tables.<表>.query 写出查询，或建立以标准表命名的视图。",
        en=f"the database {database.shown} has no table or view named like a canonical table; it has: {names}; write "
        "queries under tables.<table>.query of a mapping file, or create views with the names of canonical tables",
    )


def stage_all(deliveries: Deliveries, scratch: Scratch, watch: Watch) -> None:
    """Read all rows of all files; one BadInput names all whose lines do not add up."""
    split: dict[int, Raw] = {}  # by the file that several tables may be read from
    for number, piece in enumerate(deliveries.pieces):
        opened = deliveries.texts.get(piece.number)
        step = Text(f"导入 {piece.place.file}", f"reading {piece.place.file}")
        watch(step, number, len(deliveries.pieces))
        if opened is not None:
            if id(opened) not in split:
                lines = opened.text.lines
                split[id(opened)] = stage_csv(
                    opened,
                    piece.target.table.name,
                    scratch,
                    lambda done, step=step, lines=lines: watch(step, done, lines),  # type: ignore[misc]
                )
            piece.raw = split[id(opened)]
        stage_piece(piece, scratch)


def reconcile_all(deliveries: Deliveries) -> None:
    """Compare the counts of all files; one BadInput names all that do not add up."""
    errors = []
    for piece in deliveries.pieces:
        try:
            reconcile(piece)
        except BadInput as error:
            errors.append(error)
    raise_all(errors)


def raise_all(errors: Sequence[BadInput]) -> None:
    """Raise one error that says what all the given ones say."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise BadInput(
            zh=f"{len(errors)} 个文件有问题，没有导入任何数据：\n" + "\n".join(f"- {e.text.zh}" for e in errors),
            en=f"{len(errors)} files cannot be used, nothing was loaded:\n"
            + "\n".join(f"- {e.text.en}" for e in errors),
        )
