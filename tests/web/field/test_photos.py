"""Photos: kept byte for byte, refused twice in a case, told of when they come from another."""

from __future__ import annotations

import errno
import hashlib
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from PIL import Image

from jicha_web import notices
from jicha_web.cases.moves import UnableToMove
from jicha_web.field import photos, thumbs
from jicha_web.field.errors import UnableToVisit
from jicha_web.field.models import Photo
from jicha_web.field.storage import path_of
from jicha_web.history import record as history
from jicha_web.history.read import check, entries_of
from tests.web.cases.building import add_party, case_in
from tests.web.conftest import NOW, World
from tests.web.field import making
from tests.web.field.conftest import Site, begin


def test_the_original_is_kept_byte_for_byte(site: Site, own_files: Path) -> None:
    content = making.polyglot()
    kept = photos.add(case=site.case, visit=site.visit, kind="site", content=content, by=site.inspector, at=NOW)
    original = path_of(kept.original)
    assert original.read_bytes() == content
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert original.stat().st_mode & 0o077 == 0
    assert b"evil" not in path_of(kept.display).read_bytes()
    assert hashlib.sha256(path_of(kept.display).read_bytes()).hexdigest() == kept.display_sha256
    assert [e.verb for e in entries_of(kept)] == ["photo_added"]
    assert len(list(own_files.rglob("*.*"))) == 2


def test_the_same_photo_twice_in_a_case_is_named(site: Site) -> None:
    site.photo("site", 7)
    with pytest.raises(UnableToVisit, match=r"in this case already \(site, station_a1先生"):
        site.photo("meter", 7)
    with pytest.raises(UnableToVisit, match="already"):  # the same picture with another EXIF
        site.photo("meter", 7, taken="2026:10:15 09:30:00")
    assert Photo.objects.count() == 1


def test_a_removed_photo_may_come_again(site: Site) -> None:
    first = site.photo("site", 7)
    photos.remove(photo=first, by=site.inspector, at=NOW, reason="糊")
    assert path_of(first.original).exists()
    site.photo("meter", 7)
    with pytest.raises(UnableToVisit):
        photos.remove(photo=first, by=site.inspector, at=NOW, reason="again")


def test_a_photo_of_another_case_is_told_to_reviewers(
    site: Site, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, object]] = []
    other = begin(world)
    monkeypatch.setattr(notices, "notify", lambda **values: told.append(values))
    site.photo("site", 7)
    assert told == []
    again = other.photo("site", 7, model="X")
    assert [(r.photo, r.other.case_id) for r in photos.reuses([again])] == [(again, site.case.pk)]
    assert len(told) == 1
    names = {p.username for p in told[0]["people"]}  # type: ignore[attr-defined]
    assert "county_a" in names
    assert "station_a1" not in names
    assert "county_b" not in names


def test_what_is_no_photo_leaves_nothing(site: Site, own_files: Path) -> None:
    for content in (b"<svg/>", making.bomb(), b""):
        with pytest.raises(UnableToVisit):
            photos.add(case=site.case, visit=site.visit, kind="site", content=content, by=site.inspector, at=NOW)
    assert not own_files.exists()
    assert Photo.objects.count() == 0


def test_a_failure_after_the_files_takes_them_away(
    site: Site, own_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **values: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(history, "create", fail)
    with pytest.raises(RuntimeError):
        site.photo("site", 7)
    assert list(own_files.rglob("*.*")) == []


def test_a_full_disk_leaves_no_half_of_a_photo(site: Site, own_files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("jicha_web.field.storage.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        site.photo("site", 1)
    assert [path for path in own_files.rglob("*") if path.is_file()] == []
    assert not Photo.objects.exists()


@pytest.mark.parametrize("username", ["station_a2", "station_b1", "county_a", "reviewer", "auditor"])
def test_only_who_visits_adds(site: Site, world: World, username: str) -> None:
    with pytest.raises((PermissionDenied, UnableToVisit, UnableToMove)):
        photos.add(
            case=site.case, visit=site.visit, kind="site", content=making.jpeg(), by=world.people[username], at=NOW
        )
    assert Photo.objects.count() == 0


def test_a_party_adds_nothing(site: Site) -> None:
    add_party(site.case, staff_id="S-station_a1", unit=None)
    with pytest.raises(UnableToMove, match="whom the case is about"):
        site.photo("site", 7)


def test_photos_of_a_rectification(world: World, all_units: None, open_gates: None) -> None:
    case = case_in(world, "rectifying")
    by = world.people["station_a1"]
    made = photos.add(case=case, visit=None, kind="rectified", content=making.jpeg(), by=by, at=NOW)
    assert made.visit_id is None
    with pytest.raises(UnableToVisit, match="kind of photo"):
        photos.add(case=case, visit=None, kind="site", content=making.jpeg(seed=2), by=by, at=NOW)


def test_a_changed_file_and_a_missing_one_are_found(site: Site) -> None:
    one, other = site.photo("site", 1), site.photo("meter", 2)
    assert list(check()) == []
    content = bytearray(path_of(one.original).read_bytes())
    content[-30] ^= 1
    path_of(one.original).write_bytes(content)
    path_of(other.display).unlink()
    assert {(d.kind, d.object_id, d.what) for d in check()} == {
        ("file", one.pk, "original"),
        ("file_missing", other.pk, "display"),
    }
    Photo.objects.filter(pk=one.pk).update(sha256=hashlib.sha256(content).hexdigest())  # the row made to fit
    assert {(d.kind, d.object_id) for d in check("photo", one.pk)} == {("state", one.pk)}
    assert list(check("photo", one.pk, files=False))


def test_lists_show_thumbnails_made_when_first_seen(site: Site, world: World) -> None:
    made = site.photo("site", 3, size=(2400, 1800))
    client = world.client("county_a")
    before = path_of(made.original).read_bytes(), path_of(made.display).read_bytes()
    assert not thumbs.path_of_thumb(made).exists()
    page = client.get(f"/cases/{site.case.pk}/").content.decode()
    assert f'src="/photos/{made.pk}/thumb/"' in page and f'href="/photos/{made.pk}/original/"' in page
    assert f'src="/photos/{made.pk}/"' not in page
    content = client.get(f"/photos/{made.pk}/thumb/").getvalue()  # it closes the file
    with Image.open(io.BytesIO(content)) as seen:
        assert seen.size == (320, 240) and not seen.getexif()
    assert len(content) < len(before[1]) / 5
    assert (path_of(made.original).read_bytes(), path_of(made.display).read_bytes()) == before
    assert thumbs.path_of_thumb(made).is_file()
    assert list(check()) == []
    thumbs.path_of_thumb(made).unlink()  # they may be thrown away
    assert client.get(f"/photos/{made.pk}/thumb/").getvalue() == content
    assert world.client("county_b").get(f"/photos/{made.pk}/thumb/").status_code == 404
    thumbs.path_of_thumb(made).unlink()
    path_of(made.display).unlink()
    assert client.get(f"/photos/{made.pk}/thumb/").status_code == 404


def test_times_of_cameras_are_kept(site: Site) -> None:
    made = site.photo("site", 9, taken="2026:10:14 10:00:00", at=(29.1, 119.6))
    assert made.taken_at == NOW - timedelta(days=1)
    assert made.latitude == pytest.approx(29.1, abs=1e-6)
