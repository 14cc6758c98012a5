"""Mapping files: which source column, code, unit and date format becomes which canonical one."""

from __future__ import annotations

import codecs
import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlglot import exp

from jicha.catalog.files import catalog_path, read_yaml
from jicha.catalog.schema import Column, Schema, Table
from jicha.errors import BadInput
from jicha.ingest.expressions import bound_expression, parse_expression
from jicha.ingest.model import Binding, Place, Target
from jicha.ingest.names import match_columns, normal
from jicha.ingest.units import column_unit, conversion, units_like

_DEFAULTS = {"encoding", "delimiter", "date_formats"}
_TOP = _DEFAULTS | {"name", "description", "ignore", "tables"}
_ENTRY = _DEFAULTS | {"files", "columns", "where", "round", "note", "table", "query"}
_COLUMN = {"column", "codes", "default", "format", "formats", "unit", "round", "constant", "expression", "note"}


@dataclass(frozen=True)
class ColumnRule:
    """How a mapping file fills one canonical column."""

    column: Column
    key: str  # where it stands in the mapping file
    source: str | None = None
    expression: exp.Expression | None = None
    constant: str | None = None
    codes: Mapping[str, str | None] = field(default_factory=dict)
    others: tuple[str | None] | None = None
    formats: tuple[str, ...] = ()
    factor: Decimal | None = None
    rounded: bool = False
    skipped: bool = False
    echo: str = ""


@dataclass(frozen=True)
class Entry:
    """How a mapping file fills one table from some files."""

    table: Table
    key: str
    files: tuple[str, ...]
    rules: Mapping[str, ColumnRule]
    where: exp.Expression | None
    encoding: str | None
    delimiter: str | None
    query: str | None = None  # SQL that a database is asked

    def fits(self, place: Place) -> bool:
        """Say whether a file or sheet is one of the entry's: globs on name, stem, path, or workbook!sheet."""
        path = Path(place.file)
        names = [path.name, path.stem, path.as_posix(), *([place.sheet] if place.sheet else [])]
        if place.sheet:
            names += [f"{path.name}!{place.sheet}", f"{path.stem}!{place.sheet}"]
        return any(fnmatch.fnmatch(name, glob) for glob in self.files for name in names)

    def fits_book(self, place: Place) -> bool:
        """Say whether a sheet of a workbook may be one of the entry's because of the workbook's name."""
        path = Path(place.file)
        books = [glob.rpartition("!")[0] for glob in self.files if "!" in glob]
        return any(fnmatch.fnmatch(name, book) for book in books for name in (path.name, path.stem))

    def score(self, cells: Sequence[str]) -> int:
        """Return how many cells of a row are source columns of this entry."""
        wanted = {normal(rule.source) for rule in self.rules.values() if rule.source is not None}
        for rule in self.rules.values():
            if rule.expression is not None:
                wanted |= {normal(node.name) for node in rule.expression.find_all(exp.Column)}
        known = {position for position, _ in match_columns(self.table, cells).values()}
        return sum(position in known or normal(cell) in wanted for position, cell in enumerate(cells) if cell)

    def bind(self, header: Sequence[str], place: Place) -> Target:
        """Return how the columns of a file fill the table; BadInput names a source column that is missing."""
        positions = {normal(cell): index for index, cell in reversed(list(enumerate(header))) if cell}
        bindings: dict[str, Binding] = {}
        used: set[int] = set()
        for name, rule in self.rules.items():
            if rule.skipped:
                continue
            source = None
            if rule.source is not None:
                source = positions.get(normal(rule.source))
                if source is None:
                    raise BadInput(
                        zh=f"{rule.key}：{place.text.zh}中没有列“{rule.source}”。"
                        f"它的列：{'、'.join(filter(None, header))}。请改映射文件中的列名，或补上这一列。",
                        en=f"{rule.key}: {place.text.en} has no column “{rule.source}”; it has: "
                        f"{', '.join(filter(None, header))}; mend the name in the mapping file, or add the column",
                    )
                used.add(source)
            bound = None
            if rule.expression is not None:
                bound = bound_expression(rule.expression, header, f"{rule.key}, {place.file}")
                used |= {positions[normal(node.name)] for node in rule.expression.find_all(exp.Column)}
            bindings[name] = Binding(
                column=rule.column,
                source=source,
                expression=bound,
                constant=rule.constant,
                codes=rule.codes,
                others=rule.others,
                formats=rule.formats,
                factor=rule.factor,
                rounded=rule.rounded,
                echo=rule.echo,
            )
        for name, (position, match) in match_columns(self.table, header).items():
            if name not in self.rules and position not in used:
                own = column_unit(match.column)
                factor = conversion(match.unit, own) if match.unit and own else None
                bindings[name] = Binding(column=match.column, source=position, factor=factor, echo=header[position])
                used.add(position)
        where = None
        if self.where is not None:
            where = bound_expression(self.where, header, f"{self.key}.where, {place.file}")
            used |= {positions[normal(node.name)] for node in self.where.find_all(exp.Column)}
        unknown = tuple(i for i, cell in enumerate(header) if i not in used and cell)
        ordered = {name: bindings[name] for name in self.table.columns if name in bindings}
        return Target(self.table, ordered, unknown, where)


@dataclass(frozen=True)
class SourceMapping:
    """A mapping file."""

    path: Path
    name: str
    ignore: tuple[str, ...]
    entries: tuple[Entry, ...]
    encoding: str | None
    delimiter: str | None
    content: str = ""  # what the file says about reading: without name, description and ignored files

    def entries_for(self, place: Place) -> list[Entry]:
        """Return the entries that a file or sheet feeds."""
        return [entry for entry in self.entries if entry.fits(place)]

    def queries(self) -> list[Entry]:
        """Return the entries that ask a database."""
        return [entry for entry in self.entries if entry.query is not None]


def _bad(key: str, zh: str, en: str) -> BadInput:
    return BadInput(zh=f"{key}：{zh}", en=f"{key}: {en}")


def _known(content: Any, allowed: set[str], key: str) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        raise _bad(key, "应为键值结构（名称: 内容）。", "a mapping (name: content) is expected")
    unknown = sorted(str(name) for name in content if str(name) not in allowed)
    if unknown:
        raise _bad(
            key,
            f"不认识的键 {'、'.join(unknown)}；可用的键：{'、'.join(sorted(allowed))}。",
            f"unknown key {', '.join(unknown)}; known are {', '.join(sorted(allowed))}",
        )
    return {str(name): value for name, value in content.items()}


def _words(value: Any, key: str) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value or []
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise _bad(key, "应为文本或文本列表。", "a text or a list of texts is expected")
    return tuple(words)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _factor(column: Column, unit: str, key: str) -> Decimal:
    own = column_unit(column)
    factor = conversion(unit, own) if own else None
    if factor is None:
        choice = "、".join(units_like(own)) if own else "—"
        raise _bad(
            key,
            f"单位“{unit}”不能换算为列 {column.name} 的单位“{own or '无'}”；可用：{choice}。",
            f"the unit “{unit}” does not convert to “{own or 'none'}”, the unit of {column.name}; possible: {choice}",
        )
    return factor


def _rule(column: Column, content: Any, key: str, *, formats: tuple[str, ...], rounded: bool) -> ColumnRule:
    if content is None:
        return ColumnRule(column, key, skipped=True)
    if not isinstance(content, Mapping):
        content = {"column": str(content)}
    given = _known(content, _COLUMN, key)
    origins = [name for name in ("column", "constant", "expression") if name in given]
    if len(origins) != 1:
        raise _bad(
            key, "必须恰好写 column、constant、expression 之一。", "give exactly one of column, constant and expression"
        )
    codes = given.get("codes") or {}
    if not isinstance(codes, Mapping):
        raise _bad(f"{key}.codes", "应为“来源值: 标准值”。", "source value: canonical value is expected")
    texts = {str(_text(name)): _text(value) for name, value in codes.items()}
    for code in [*texts.values(), _text(given.get("default"))]:
        if column.labels and code is not None and code not in column.labels:
            raise _bad(
                f"{key}.codes",
                f"列 {column.name} 没有代码“{code}”；可用：{'、'.join(column.labels)}。",
                f"{column.name} has no code “{code}”; it has {', '.join(column.labels)}",
            )
    own = _words(given.get("formats") or given.get("format"), f"{key}.format")
    is_time = column.type in {"date", "timestamp"}
    return ColumnRule(
        column=column,
        key=key,
        source=str(given["column"]) if "column" in given else None,
        expression=parse_expression(str(given["expression"]), f"{key}.expression") if "expression" in given else None,
        constant=_text(given["constant"]) if "constant" in given else None,
        codes=texts,
        others=(_text(given["default"]),) if "default" in given else None,
        formats=(own or formats) if is_time else (),
        factor=_factor(column, str(given["unit"]), f"{key}.unit") if given.get("unit") else None,
        rounded=bool(given.get("round", rounded)),
        echo=", ".join(f"{name} {value}" for name, value in given.items()),
    )


def _entry(table: Table, content: Any, key: str, defaults: Mapping[str, Any]) -> Entry:
    given = _known(content, _ENTRY, key)
    columns = _known(given.get("columns") or {}, set(table.columns), f"{key}.columns")
    formats = _words(given.get("date_formats", defaults.get("date_formats")), f"{key}.date_formats")
    rounded = bool(given.get("round", False))
    where = given.get("where")
    query = _query(given.get("query"), f"{key}.query")
    return Entry(
        table=table,
        key=key,
        files=_words(given.get("files"), f"{key}.files") or (() if query else (f"{table.name}*", f"{table.zh}*")),
        rules={
            name: _rule(table.columns[name], value, f"{key}.columns.{name}", formats=formats, rounded=rounded)
            for name, value in columns.items()
        },
        where=parse_expression(str(where), f"{key}.where") if where else None,
        encoding=_encoding(given.get("encoding", defaults.get("encoding")), key),
        delimiter=given.get("delimiter", defaults.get("delimiter")),
        query=query,
    )


def _query(value: Any, key: str) -> str | None:
    if value is None:
        return None
    text = value.strip().rstrip(";").rstrip() if isinstance(value, str) else ""
    if not text:
        raise _bad(key, "应为一条 SELECT 语句。", "one SELECT statement is expected")
    return text


def _encoding(name: Any, key: str) -> str | None:
    if name is None:
        return None
    try:
        return codecs.lookup(str(name)).name
    except LookupError as error:
        raise _bad(
            f"{key}.encoding",
            f"不认识的编码“{name}”；例如 utf-8、gb18030、utf-16。",
            f"unknown encoding “{name}”; for example utf-8, gb18030, utf-16",
        ) from error


def find_mapping(given: Path) -> Path:
    """Return a mapping file: the given one, or the shipped one of that name; BadInput names those that are shipped."""
    if given.exists() or given.suffix or len(given.parts) != 1:
        return given
    shipped = catalog_path("mappings", f"{given.name}.yaml")
    if not shipped.is_file():
        names = sorted(path.stem for path in catalog_path("mappings").glob("*.yaml"))
        raise BadInput(
            zh=f"没有映射文件 {given}，也没有叫这个名字的自带映射；自带的：{'、'.join(names)}。",
            en=f"there is no mapping file {given} and no shipped mapping of that name; shipped are {', '.join(names)}",
        )
    return shipped


def read_mapping(path: Path, schema: Schema) -> SourceMapping:
    """Read and check a mapping file; BadInput names the file and the key that is wrong."""
    content = _known(read_yaml(path), _TOP, str(path))
    tables = _known(content.get("tables") or {}, set(schema.tables), f"{path}: tables")
    entries: list[Entry] = []
    for name, value in tables.items():
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            key = f"{path}: tables.{name}" + (f"[{index}]" if isinstance(value, list) else "")
            entries.append(_entry(schema[name], item, key, content))
    return SourceMapping(
        path=path,
        name=str(content.get("name", path.stem)),
        ignore=_words(content.get("ignore"), f"{path}: ignore"),
        entries=tuple(entries),
        encoding=_encoding(content.get("encoding"), str(path)),
        delimiter=content.get("delimiter"),
        content=repr({key: value for key, value in content.items() if key not in {"name", "description", "ignore"}}),
    )
