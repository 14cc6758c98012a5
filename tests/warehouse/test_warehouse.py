"""Manifests, snapshots, Delta tables, the lock."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from jicha.catalog.schema import schema
from jicha.errors import BadInput, Busy, MachineFailure
from jicha.warehouse import Manifest, TableVersion, Warehouse
from jicha.warehouse.checksums import crc32, crc32_of
from jicha.warehouse.manifest import read_manifest, write_manifest
from jicha.warehouse.tables import TableFiles, relation_sql, roll_back, stored_columns_sql, write_table

VERSION = TableVersion(3, 10, "2026-01-01", "2026-02-01", "2026-10-15T08:00:00", "L1")


def store(folder: Path, months: list[tuple[str, int]], *, only: list[str] | None = None) -> int:
    """Write payments, some per month."""
    table = schema()["payment"]
    given = {"payment_id": "'P' || i", "received_at": "moment"}
    columns = ", ".join(
        f"CAST({given.get(name, 'NULL')} AS {column.sql_type}) AS {name}" for name, column in table.columns.items()
    )
    parts = " UNION ALL ".join(
        f"SELECT i, TIMESTAMP '{month}-05' AS moment FROM range({count}) AS t(i)" for month, count in months
    )
    with duckdb.connect() as connection:
        rows = f"SELECT {stored_columns_sql(table)} FROM (SELECT {columns} FROM ({parts}))"
        return write_table(table, folder, connection.sql(rows).to_arrow_reader(), months=only)


def rows(folder: Path, version: int, months: list[str] | None = None) -> int:
    sql = relation_sql(schema()["payment"], TableFiles(folder, version), months)
    with duckdb.connect() as connection:
        return len(connection.execute(sql).fetchall())


def test_nothing_loaded_is_version_0_and_every_table_is_typed_and_empty(tmp_path: Path) -> None:
    snapshot = Warehouse(tmp_path / "no such folder").snapshot()
    assert snapshot.manifest == Manifest()
    assert not (tmp_path / "no such folder").exists()
    with duckdb.connect() as connection:
        for table in schema().tables.values():
            assert not snapshot.has(table.name)
            assert snapshot.rows(table.name) == 0
            found = connection.sql(snapshot.relation_sql(table.name))
            assert found.columns == list(table.columns)
            assert [str(kind) for kind in found.types] == [column.sql_type for column in table.columns.values()]
            assert found.fetchall() == []


def test_manifests_are_kept_and_named(tmp_path: Path) -> None:
    first = Manifest(1, None, "2026-10-15T08:00:00", ("L1",), {"payment": VERSION})
    second = replace(first, version=2, parent=1, loads=("L1", "L2"))
    for manifest in (first, second):
        write_manifest(tmp_path, manifest)
    warehouse = Warehouse(tmp_path)
    assert warehouse.manifest() == second
    assert warehouse.manifest(1) == first
    assert warehouse.manifest(0) == Manifest()
    assert first.fingerprint == second.fingerprint
    assert first.fingerprint != replace(first, tables={"payment": replace(VERSION, delta_version=4)}).fingerprint
    with pytest.raises(BadInput, match="no data-set version 3"):
        warehouse.manifest(3)


def test_a_manifest_that_was_not_committed_does_not_exist(tmp_path: Path) -> None:
    write_manifest(tmp_path, Manifest(1, None, "", ("L1",), {}))
    (tmp_path / "manifests" / "000002.json").write_text((tmp_path / "manifests" / "000001.json").read_text())
    with pytest.raises(BadInput):
        read_manifest(tmp_path, 2)


def test_a_lost_manifest_is_not_taken_for_an_empty_folder(tmp_path: Path) -> None:
    for version in (1, 2):
        write_manifest(tmp_path, Manifest(version, None, "", ("L1",), {}))
    (tmp_path / "tables" / "payment").mkdir(parents=True)
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(MachineFailure, match=r"is gone; copy .*000002\.json"):
        read_manifest(tmp_path)


def test_months_are_replaced_and_versions_stay_readable(tmp_path: Path) -> None:
    folder = tmp_path / "库 x" / "payment"
    assert store(folder, [("2026-01", 3), ("2026-02", 2)]) == 0
    assert store(folder, [("2026-02", 7)], only=["2026-02-01"]) == 1
    assert (rows(folder, 0), rows(folder, 1), rows(folder, 1, ["2026-02-01"])) == (5, 10, 7)
    assert TableFiles(folder, 1).months(schema()["payment"]) == ["2026-01-01", "2026-02-01"]
    assert TableFiles(folder, 1).rows == 10


def test_keys_are_stored_without_a_dictionary_of_them_and_several_cores_can_share_a_file(tmp_path: Path) -> None:
    """A dictionary of keys makes scans that join by them a fifth dearer; repeated values keep theirs."""
    store(tmp_path / "payment", [("2026-01", 600_000)])
    (file,) = TableFiles(tmp_path / "payment", 0).files
    metadata = pq.ParquetFile(file).metadata
    assert [metadata.row_group(i).num_rows <= 262_144 for i in range(metadata.num_row_groups)] == [True] * 3
    names = schema()["payment"].columns
    key = metadata.row_group(0).column(list(names).index("payment_id"))
    moment = metadata.row_group(0).column(list(names).index("received_at"))
    assert key.compression == "LZ4"
    dictionary = key.data_page_offset - key.dictionary_page_offset  # compressed
    assert 0 < dictionary <= 262_144 < key.total_compressed_size
    assert moment.total_compressed_size < 1_000


def test_roll_back_to_the_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "payment"
    store(folder, [("2026-01", 3)])
    store(folder, [("2026-01", 9)])
    roll_back(folder, 0)
    latest = store(folder, [("2026-02", 1)], only=["2026-02-01"])
    assert rows(folder, latest) == 4
    roll_back(folder, None)
    assert not folder.exists()


def test_a_column_that_the_schema_gained_is_null(tmp_path: Path) -> None:
    folder = tmp_path / "payment"
    store(folder, [("2026-01", 3)])
    table = schema()["payment"]
    grown = replace(table, columns={**table.columns, "new_column": replace(table.columns["method"], name="new_column")})
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT new_column FROM ({relation_sql(grown, TableFiles(folder, 0))})").fetchall()
    assert found == [(None,)] * 3


@pytest.mark.parametrize("damage", ["delete", "truncate", "log"])
def test_damage_is_named(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "payment"
    store(folder, [("2026-01", 3)])
    (file,) = TableFiles(folder, 0).files
    if damage == "delete":
        file.unlink()
    elif damage == "truncate":
        file.write_bytes(b"PAR1")
    else:
        file = folder / "_delta_log"
        (file / "00000000000000000000.json").unlink()
    with pytest.raises(MachineFailure) as caught:
        TableFiles(folder, 0)
    assert str(file) in caught.value.text.zh
    assert "--replace table" in caught.value.text.en


def test_the_lock_names_its_holder(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    waited: list[str] = []
    with warehouse.lock(wait_seconds=0):
        holder = json.loads((tmp_path / ".lock.json").read_text())
        with (
            pytest.raises(Busy) as caught,
            Warehouse(tmp_path).lock(wait_seconds=0.2, on_wait=lambda text: waited.append(text.en)),
        ):
            pass
    assert f"process {holder['pid']}" in caught.value.text.en
    assert "--wait" in caught.value.text.en
    assert len(waited) == 1
    with warehouse.lock(wait_seconds=0):  # free again
        pass


def test_sums_of_several_files_come_in_their_order_and_say_what_cannot_be_read(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.parquet" for number in range(5)]
    for number, file in enumerate(files):  # the first is the largest: done last where several are read at a time
        file.write_bytes(bytes([number]) * (9 << 20 if number == 0 else 10))
    files[3].unlink()
    *found, missing, last = crc32_of(files)
    assert [*found, last] == [crc32(file) for file in files if file.exists()]
    assert isinstance(missing, FileNotFoundError)
    assert list(crc32_of([])) == []
