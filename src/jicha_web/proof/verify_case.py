"""Checks the file of a case without the application: python3 verify_case.py CASE.zip [--head HASH]

Needs nothing but Python 3.8. Looks at every file, every history row and its link to the one before, the state that each
object's last row proves, the rows of visits, and the hash over all files that the case's own history holds.
Exit codes: 0 whole, 1 something is not as it was recorded (each thing is named), 2 this is no file of a case.

无需安装本系统即可校验案卷：逐一检查文件、历史记录及其链接、对象状态、核查附属数据，以及案卷历史中记录的全部文件摘要。
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
from typing import Any, Dict, Iterator, List, Optional, Tuple  # noqa: UP035 (runs on Python 3.8)

Json = Any
Sums = Dict[str, Tuple[int, str]]  # noqa: UP006

FORMAT = "jicha-case-1"
FIRST = "0" * 64
COVERED_ELSEWHERE = {"manifest.json", "history.json"}
CHUNK = 1 << 20


class NoCase(Exception):
    """The file is not what this program checks."""


def digest(content: Json) -> str:
    """SHA-256 of a JSON value in one fixed form."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sums_of(archive: zipfile.ZipFile) -> Sums:
    """Size and SHA-256 of every file in the archive."""
    found: Sums = {}
    for part in archive.infolist():
        if part.is_dir():
            continue
        if part.filename in found:  # programs differ in which of both they show
            found[part.filename] = (-1, "twice in the archive")
            continue
        running, size = hashlib.sha256(), 0
        try:
            with archive.open(part) as file:
                for block in iter(lambda: file.read(CHUNK), b""):
                    running.update(block)
                    size += len(block)
            found[part.filename] = (size, running.hexdigest())
        except (zipfile.BadZipFile, OSError, EOFError) as error:
            found[part.filename] = (-1, f"unreadable: {error}")
    return found


def load(archive: zipfile.ZipFile, name: str) -> Json:
    """A JSON file of the archive."""
    try:
        return json.loads(archive.read(name).decode("utf-8"))
    except (KeyError, ValueError, zipfile.BadZipFile, OSError) as error:
        raise NoCase(f"{name}: {error}") from error


def check_files(manifest: Json, sums: Sums) -> Iterator[str]:
    """Every file is there, with its size and hash, and no other."""
    listed = manifest["files"]
    for name in sorted(listed):
        if name not in sums:
            yield f"文件缺失 / file missing: {name}"
        elif list(sums[name]) != [listed[name]["bytes"], listed[name]["sha256"]]:
            yield f"文件被改动 / file changed: {name}"
    for name in sorted(set(sums) - set(listed) - {"manifest.json"}):
        yield f"多出的文件 / file that does not belong here: {name}"


def content_of(one: Json, row: Json) -> Json:
    """What the hash of a history row covers; note and data stand in it by their own hashes."""
    return {
        "object_type": one["type"], "object_id": one["id"], "number": row["number"], "at": row["at"],
        "by_id": row["by_id"], "by_name": row["by_name"], "verb": row["verb"], "note_hash": row["note_hash"],
        "data_hash": row["data_hash"], "unit_id": row["unit_id"], "state_hash": row["state_hash"],
        "previous_hash": row["previous_hash"],
    }  # fmt: skip


def check_chain(one: Json) -> Iterator[str]:
    """The rows of one object: numbers, links, contents; and the state that the last one proves."""
    name, previous = f"{one['type']}:{one['id']}", FIRST
    for expected, row in enumerate(one["entries"], 1):
        where = f"{name} #{row['number']}"
        if row["number"] != expected:
            yield f"历史记录缺失 / history row missing: {name} #{expected}"
        if row["previous_hash"] != previous:
            yield f"历史记录不衔接 / history row does not follow the one before: {where}"
        if digest(content_of(one, row)) != row["hash"]:
            yield f"历史记录被改动 / history row changed: {where}"
        for part in ("note", "data"):
            if row[part] is not None and digest(row[part]) != row[f"{part}_hash"]:
                yield f"历史记录内容被改动 / {part} of a history row changed: {where}"
        previous = row["hash"]
    if not one["entries"]:
        yield f"没有任何历史记录 / no history row at all: {name}"
    if len(one["entries"]) != one["version"]:
        yield f"历史记录缺失 / history rows missing: {name}"
    if one["entries"] and one["state"] is not None and digest(one["state"]) != one["entries"][-1]["state_hash"]:
        yield f"对象状态被改动 / state changed: {name}"


def check_object_files(one: Json, sums: Sums) -> Iterator[str]:
    """The stored files of an object have the hashes that its proved state holds."""
    for file in one["files"]:
        if file["path"] is None or one["state"] is None:
            continue
        if file["path"] not in sums or sums[file["path"]][1] != one["state"][file["sum"]]:
            yield f"文件与历史不符 / file differs from the history: {file['path']} ({one['type']}:{one['id']})"


def check_content(content: Json, objects: Dict[str, Json], salts: Dict[str, str]) -> Iterator[str]:  # noqa: UP006
    """What people read in case.json and findings.json is what the history proves. salts: by a case's number."""
    for row in content:
        name = f"{row['type']}:{row['id']}"
        one = objects.get(name)
        if one is None:
            yield f"没有历史的对象 / object without history: {name}"
            continue
        state = one["state"]
        if state is None:
            continue
        yield from check_object(name, row, state)
        if row["type"] == "finding":
            yield from check_said(name, row["fields"], one["entries"], salts)


def check_object(name: str, row: Json, state: Json) -> Iterator[str]:
    """The fields and rows of an object have the values, or the hashes, that its proved state holds."""
    fields, rows, salt = row["fields"], row.get("rows"), row["fields"].get("salt")
    for field in sorted(set(state) - {"personal", "rows"}):
        if fields.get(field, state[field]) != state[field]:
            yield f"数据与历史不符 / data differ from the history: {name} {field}"
    for field, expected in sorted(state.get("personal", {}).items()):
        if salt is not None and digest([salt, fields.get(field)]) != expected:
            yield f"数据与历史不符 / data differ from the history: {name} {field}"
    if "rows_hash" in state and rows is not None:
        expected = digest(rows) if any(rows.values()) else ""
        if expected != state["rows_hash"]:
            yield f"核查附属数据被改动 / rows of a visit changed: {name}"
    for part, expected in sorted(state.get("rows", {}).items()):
        found = (rows or {}).get(part)
        if found is None:
            continue
        if expected not in ((digest(found), digest([salt, found])) if found else ("",)):
            yield f"附属数据被改动 / rows changed: {name} {part}"


def check_said(name: str, fields: Json, entries: List[Json], salts: Dict[str, str]) -> Iterator[str]:  # noqa: UP006
    """A finding is as the run said it when it went into the case, unless a later run has said something else."""
    told = [row["data"] for row in entries if row["verb"] == "into_case" and row["data"]]
    said = told[-1].get("said") if told else None
    if not said or said["said_hash"] != fields.get("said_hash"):
        return
    for field in sorted(set(said) - {"evidence"}):
        if fields.get(field, said[field]) != said[field]:
            yield f"疑点与立案时不符 / the finding is not what it was when the case was opened: {name} {field}"
    salt = salts.get(told[-1].get("case_number", ""))
    if salt is not None and digest([salt, fields.get("evidence")]) != said["evidence"]:
        yield f"疑点与立案时不符 / the finding is not what it was when the case was opened: {name} evidence"


def heads_of(objects: List[Json]) -> Dict[str, str]:  # noqa: UP006
    """The hash of each object's last row."""
    return {f"{one['type']}:{one['id']}": one["entries"][-1]["hash"] if one["entries"] else "" for one in objects}


def check_packed(case_name: str, objects: List[Json], listed: Json, sums: Sums) -> Iterator[str]:  # noqa: UP006
    """The last row of the case says which files and which histories were packed, by one hash over all of each."""
    entries = next(one["entries"] for one in objects if f"{one['type']}:{one['id']}" == case_name)
    if not entries or entries[-1]["verb"] != "packed" or not entries[-1]["data"]:
        yield "案卷导出记录缺失 / the row that tells of the packing is missing"
        return
    names = set(listed) | set(sums)
    files = {name: sums.get(name, (0, ""))[1] for name in names if name not in COVERED_ELSEWHERE}
    if digest(files) != entries[-1]["data"]["content"]:
        yield "案卷内容与导出时不符 / the files are not those that were packed"
    others = {name: head for name, head in heads_of(objects).items() if name != case_name}
    if digest(others) != entries[-1]["data"].get("heads", digest(others)):  # not told by files of earlier versions
        yield "有对象的历史与导出时不符 / the history of an object does not end where it ended when it was packed"


def check(archive: zipfile.ZipFile, head: Optional[str] = None) -> Tuple[List[str], Json]:  # noqa: UP006, UP045
    """Everything that is not as it was recorded, and what can be said of the rest."""
    manifest, sums = load(archive, "manifest.json"), sums_of(archive)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise NoCase(f"format is not {FORMAT}")
    found = list(check_files(manifest, sums))
    history = load(archive, "history.json")
    objects = {f"{one['type']}:{one['id']}": one for one in history["objects"]}
    for one in history["objects"]:
        found += check_chain(one)
        found += check_object_files(one, sums)
    contents = [load(archive, name)["objects"] for name in ("case.json", "findings.json")]
    cases = [row["fields"] for rows in contents for row in rows if row["type"] == "case"]
    salts = {fields["number"]: fields["salt"] for fields in cases if "salt" in fields}
    for rows in contents:
        found += check_content(rows, objects, salts)
    case_name = f"case:{manifest['case_id']}"
    entries = objects[case_name]["entries"]
    found += check_packed(case_name, history["objects"], manifest["files"], sums)
    last: str = entries[-1]["hash"] if entries else ""
    if head and head != last:
        found.append(f"链头不符 / the head of the chain is another: {last}")
    return found, {
        "number": manifest["number"], "files": len(sums), "objects": len(objects), "head": last,
        "rows": sum(len(one["entries"]) for one in history["objects"]), "masked": manifest["masked"],
        "withheld": list(manifest["withheld"]), "damage": list(manifest["damage"]),
    }  # fmt: skip


def main(arguments: Optional[List[str]] = None) -> int:  # noqa: UP006, UP045
    """Check one file; return the exit code."""
    parser = argparse.ArgumentParser(description="Checks the file of a case / 校验案卷")
    parser.add_argument("file")
    parser.add_argument("--head", help="hash of the case's last history row, as the application shows it / 链头摘要")
    options = parser.parse_args(arguments)
    try:
        with zipfile.ZipFile(options.file) as archive:
            found, said = check(archive, options.head)
    except (NoCase, zipfile.BadZipFile, OSError, KeyError, TypeError, AttributeError, IndexError) as error:
        print(f"无法校验：不是完整的案卷文件 / this is no complete file of a case: {type(error).__name__}: {error}")
        return 2
    for one in found:
        print(one)
    for one in said["damage"]:
        print(f"导出时已损坏 / damaged already when it was packed: {one}")
    print(f"{said['number']}: {said['files']} files, {said['objects']} objects, {said['rows']} rows")
    if said["masked"]:
        print(f"已脱敏，未附 / masked, withheld: {', '.join(said['withheld']) or '-'}")
    print(f"链头 / head of the chain: {said['head']}")
    print("案卷完整 / WHOLE" if not found and not said["damage"] else "案卷有改动 / NOT AS RECORDED")
    return 1 if found or said["damage"] else 0


if __name__ == "__main__":
    sys.exit(main())
