"""The file of a case: complete, masked unless permitted, and every tampering with it is found by the small program."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from jicha_web.cases.models import Case, Lead, Reporter
from jicha_web.field import visits
from jicha_web.field.models import Photo
from jicha_web.field.storage import path_of
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.history.read import check, entries_of, seal
from jicha_web.history.values import digest
from jicha_web.jobs.models import Job
from jicha_web.proof import casefile
from jicha_web.runs.models import Run
from tests.web.conftest import NOW, World
from tests.web.field.conftest import Site, begin
from tests.web.field.test_visits import drawn

NAME, ADDRESS, PHONE, WITNESS = "张建国", "临江市云岭县云岭路18号3单元", "13800138000", "王五证人"
Change = Callable[[dict[str, bytes]], None]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")
    monkeypatch.setattr("jicha_web.organisation.middleware.now", lambda: NOW)


def _store(reporter: Reporter, lead: Lead) -> None:
    reporter.lead_id = lead.pk
    reporter.save()


@pytest.fixture
def site(world: World, all_units: None) -> Site:
    made = begin(
        world, customer_name=NAME, address=ADDRESS, description=f"{NAME}户倍率不符", title="倍率异常", amount_yuan=1200
    )
    run = Run.objects.create(run_id="r1", as_of=NOW.date(), state="done", asked_at=NOW)
    finding = Finding(
        rule="MT001", key=json.dumps({"point_id": "P1"}), key_hash="x", rule_version="1", subject="customer",
        subject_id="3300000001", customer_id="3300000001", organisation=world.units["A1"], specialty="MT",
        severity="high", severity_rank=3, kind="file", state="new", reason_zh="倍率不符", reason_en="wrong",
        evidence={"point_id": "P1", "customer_name": NAME, "phone": PHONE, "multiplier": 30}, case=made.case,
        first_seen_on=NOW.date(), last_hit_on=NOW.date(), run=run, handling="in_case",
    )  # fmt: skip
    history.create(finding, verb="into_case", by=None, at=NOW)
    lead = Lead(
        source="public_report", received_on=NOW.date(), text="绕表", customer_id="3300000001", customer_name=NAME,
        address=ADDRESS, organisation=world.units["A1"], state="in_case", case=made.case, entered_at=NOW,
    )  # fmt: skip
    reporter = Reporter(lead=lead, name="举报者赵某", phone="13911112222")
    history.create(lead, verb="entered", by=None, at=NOW, rows=lambda: _store(reporter, lead))
    history.record(lead, verb="unmasked", by=world.people["city"], at=NOW, note="核对")
    made.complete()
    visits.refuse_signature(visit=made.visit, reason="不在", witness=WITNESS, by=made.inspector, at=NOW)
    visits.sign(visit=made.visit, content=drawn(), by=made.inspector, at=NOW)
    visits.submit(visit=made.visit, by=made.inspector, at=NOW, note=f"已联系{NAME}")
    seal(NOW)
    return made


def pack(site: Site, path: Path, *, unmasked: bool = True, username: str = "city") -> Path:
    case = Case.objects.get(pk=site.case.pk)
    casefile.pack(case=case, path=path, by=site.world.people[username], at=NOW, unmasked=unmasked, reason="移交")
    return path


def verify(path: Path, *arguments: str) -> tuple[int, str]:
    """Run the program that lies in the file itself, alone: no packages, no application."""
    program = path.with_suffix(".py")
    with zipfile.ZipFile(path) as archive:
        program.write_bytes(archive.read("verify_case.py") if "verify_case.py" in archive.namelist() else b"")
    if not program.read_bytes():
        program.write_bytes(casefile.VERIFIER.read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(program), str(path), *arguments], capture_output=True, text=True, check=False,
        env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_whole_case_verifies_alone(site: Site, tmp_path: Path) -> None:
    path = pack(site, tmp_path / "case.zip")
    code, said = verify(path)
    assert code == 0, said
    assert "案卷完整" in said and site.case.number in said
    packed = entries_of(Case.objects.get(pk=site.case.pk))[-1]
    assert packed.verb == "packed" and packed.note == "移交"
    assert verify(path, "--head", packed.hash)[0] == 0
    assert verify(path, "--head", "0" * 64)[0] == 1
    assert list(check()) == []


def test_it_holds_everything(site: Site, tmp_path: Path) -> None:
    with zipfile.ZipFile(pack(site, tmp_path / "case.zip")) as archive:
        names = set(archive.namelist())
        photos = list(Photo.objects.order_by("pk"))
        assert len(photos) == 3
        for photo in photos:
            suffix = "png" if photo.kind == "signature" else "jpg"
            original = archive.read(f"photos/original/{photo.pk}.{suffix}")
            assert hashlib.sha256(original).hexdigest() == photo.sha256
            assert archive.read(f"photos/display/{photo.pk}.jpg") == path_of(photo.display).read_bytes()
        content = json.loads(archive.read("case.json"))
        kinds = [o["type"] for o in content["objects"]]
        assert kinds == ["case", "visit", "photo", "photo", "photo", "lead"]
        assert content["objects"][1]["rows"]["readings"][0]["meter_id"] == "M1"
        assert len(content["checklist"]) == 3 and content["dispatches"] and content["parts"]
        finding = json.loads(archive.read("findings.json"))["objects"][0]
        assert finding["fields"]["evidence"]["customer_name"] == NAME
        manifest = json.loads(archive.read("manifest.json"))
        assert set(manifest["files"]) == names - {"manifest.json"}
        everything = b"".join(archive.read(n) for n in names).decode("utf-8", "ignore")
    assert "举报者赵某" not in everything and "13911112222" not in everything  # named roles only, by the page


def test_masked_it_holds_no_personal_value_and_still_verifies(site: Site, tmp_path: Path) -> None:
    path = pack(site, tmp_path / "case.zip", unmasked=False)
    with zipfile.ZipFile(path) as archive:
        texts = {n: archive.read(n).decode("utf-8", "ignore") for n in archive.namelist() if n.endswith(".json")}
        signature = Photo.objects.get(kind="signature")
        assert not any(f"/{signature.pk}." in name for name in archive.namelist())
        manifest = json.loads(texts["manifest.json"])
    for name, text in texts.items():
        for value in (NAME, ADDRESS, PHONE, WITNESS):
            assert value not in text, name
    assert f"photo:{signature.pk}" in manifest["withheld"]
    code, said = verify(path)
    assert code == 0, said
    assert "已脱敏" in said and f"case:{site.case.pk} state" in said


def rewritten(path: Path, change: Change) -> Path:
    with zipfile.ZipFile(path) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    change(parts)
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target


def with_manifest(change: Change) -> Change:
    """A forger who makes the manifest fit."""

    def changed(parts: dict[str, bytes]) -> None:
        change(parts)
        manifest = json.loads(parts["manifest.json"])
        manifest["files"] = {
            n: {"bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()}
            for n, c in parts.items()
            if n != "manifest.json"
        }
        parts["manifest.json"] = json.dumps(manifest).encode()

    return changed


def edit(name: str, act: Callable[[Any], None]) -> Change:
    def changed(parts: dict[str, bytes]) -> None:
        content = json.loads(parts[name])
        act(content)
        parts[name] = json.dumps(content, ensure_ascii=False).encode()

    return changed


def first(prefix: str) -> Callable[[dict[str, bytes]], str]:
    return lambda parts: min(n for n in parts if n.startswith(prefix))


def swap(prefix: str) -> Change:
    def changed(parts: dict[str, bytes]) -> None:
        parts[first(prefix)(parts)] += b"x"

    return changed


def drop(prefix: str) -> Change:
    def changed(parts: dict[str, bytes]) -> None:
        del parts[first(prefix)(parts)]

    return changed


def history_entry(content: Any, kind: str, number: int) -> Any:
    one = next(o for o in content["objects"] if o["type"] == kind)
    return one["entries"][number - 1]


def cut_off(content: Any) -> None:
    """Take off a row that left the object as it was: neither its state nor the rows before tell."""
    lead = next(o for o in content["objects"] if o["type"] == "lead")
    lead["entries"].pop()
    lead["version"] -= 1


FORGED = {"type": "money", "id": 1, "version": 0, "state": {"amount_yuan": "1"}, "files": [], "entries": []}
TAMPERINGS: dict[str, tuple[Change, str]] = {
    "original": (swap("photos/original/"), "file changed: photos/original/"),
    "original, manifest made to fit": (
        with_manifest(swap("photos/original/")),
        "differs from the history: photos/orig",
    ),
    "display, manifest made to fit": (with_manifest(swap("photos/display/")), "differs from the history: photos/displ"),
    "photo gone": (drop("photos/original/"), "file missing: photos/original/"),
    "photo gone, manifest made to fit": (with_manifest(drop("photos/original/")), "differs from the history"),
    "file added": (lambda parts: parts.update({"extra.txt": b"x"}), "does not belong here: extra.txt"),
    "file added, manifest made to fit": (with_manifest(lambda p: p.update({"extra.txt": b"x"})), "not those that were"),
    "amount in the data": (
        with_manifest(edit("case.json", lambda c: c["objects"][0]["fields"].update(amount_yuan="1"))),
        "differ from the history: case:",
    ),
    "reading of the visit": (
        with_manifest(edit("case.json", lambda c: c["objects"][1]["rows"]["readings"][0].update(index_kwh="1"))),
        "rows of a visit changed: visit:",
    ),
    "checklist": (
        with_manifest(edit("case.json", lambda c: c["checklist"][0].update(answer="problem"))),
        "not those that were packed",
    ),
    "evidence": (
        with_manifest(edit("findings.json", lambda c: c["objects"][0]["fields"]["evidence"].update(multiplier=1))),
        "not those that were packed",
    ),
    "the program": (with_manifest(swap("README")), "not those that were packed"),
    "note of a row": (
        with_manifest(edit("history.json", lambda c: history_entry(c, "case", 2).update(note="从未"))),
        "note of a history row changed: case:",
    ),
    "note and its hash": (
        with_manifest(
            edit("history.json", lambda c: history_entry(c, "case", 2).update(note="x", note_hash=digest("x")))
        ),
        "history row changed: case:",
    ),
    "who did it": (
        with_manifest(edit("history.json", lambda c: history_entry(c, "visit", 1).update(by_name="别人"))),
        "history row changed: visit:",
    ),
    "a row taken out": (
        with_manifest(edit("history.json", lambda c: c["objects"][1]["entries"].pop(1))),
        "history row missing: visit:",
    ),
    "the last row taken off": (
        with_manifest(edit("history.json", lambda c: c["objects"][1]["entries"].pop())),
        "history rows missing: visit:",
    ),
    "the last row of a chain taken off, all counts made to fit": (
        with_manifest(edit("history.json", cut_off)),
        "does not end where it ended when it was packed",
    ),
    "an amount that nobody recorded": (
        with_manifest(edit("history.json", lambda c: c["objects"].append(FORGED))),
        "no history row at all: money:",
    ),
    "state": (
        with_manifest(edit("history.json", lambda c: c["objects"][0]["state"].update(state="closed"))),
        "state changed: case:",
    ),
    "an object without history": (
        with_manifest(edit("history.json", lambda c: c["objects"].pop(2))),
        "object without history: photo:",
    ),
}


@pytest.mark.parametrize("what", list(TAMPERINGS))
def test_every_tampering_is_named(site: Site, tmp_path: Path, what: str) -> None:
    change, says = TAMPERINGS[what]
    code, said = verify(rewritten(pack(site, tmp_path / "case.zip"), change))
    assert code == 1, said
    assert says in said
    assert "NOT AS RECORDED" in said


@pytest.mark.parametrize("name", ["manifest.json", "history.json", "case.json", "findings.json"])
def test_what_is_no_case_is_told_apart(site: Site, tmp_path: Path, name: str) -> None:
    path = pack(site, tmp_path / "case.zip")
    assert verify(rewritten(path, lambda parts: parts.update({name: b"nonsense"})))[0] == 2
    assert verify(rewritten(path, lambda parts: parts.__delitem__(name)))[0] == 2
    other = tmp_path / "no.zip"
    other.write_bytes(b"no zip")
    done = subprocess.run([sys.executable, str(casefile.VERIFIER), str(other)], capture_output=True, check=False)
    assert done.returncode == 2


def test_what_is_damaged_already_goes_along_and_is_named(site: Site, tmp_path: Path) -> None:
    photos = list(Photo.objects.filter(kind__in=["site", "meter"]).order_by("pk"))
    path_of(photos[0].original).write_bytes(b"other")
    path_of(photos[1].original).unlink()
    path = tmp_path / "case.zip"
    case = Case.objects.get(pk=site.case.pk)
    damage = casefile.pack(case=case, path=path, by=site.world.people["city"], at=NOW, unmasked=True, reason="移交")
    assert [d.split(":")[0] for d in damage] == [f"photos/original/{p.pk}.jpg" for p in photos]
    code, said = verify(path)
    assert code == 1 and "damaged already" in said


def test_who_may(site: Site, tmp_path: Path) -> None:
    for username in ("station_a1", "reviewer", "collector_a", "county_b"):
        with pytest.raises(PermissionDenied):
            pack(site, tmp_path / "x.zip", unmasked=False, username=username)
    for username in ("manager", "auditor"):  # may export, but not unmask
        with pytest.raises(PermissionDenied):
            pack(site, tmp_path / "x.zip", unmasked=True, username=username)
        pack(site, tmp_path / "x.zip", unmasked=False, username=username)


def test_by_page_and_job(
    site: Site, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, tmp_path: Path
) -> None:
    url = reverse("case_pack", args=[site.case.pk])
    client = site.world.client("county_a")
    assert b'data-test="pack"' in client.get(reverse("case", args=[site.case.pk])).content
    client.post(url, {"unmasked": "1", "reason": " "})
    assert Job.objects.filter(kind="pack_case").count() == 0
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"unmasked": "1", "reason": "移送公安"})
    job = Job.objects.get(kind="pack_case")
    assert job.state == "done", job.message
    got = client.get(reverse("job_file", args=[job.pk]))
    path = tmp_path / "got.zip"
    path.write_bytes(b"".join(got.streaming_content))  # type: ignore[attr-defined]
    assert verify(path)[0] == 0
    assert entries_of(Case.objects.get(pk=site.case.pk))[-1].note == "移送公安"
    assert site.world.client("county_b").post(url).status_code == 404
    assert site.world.client("station_a1").post(url).status_code == 403
    assert site.world.client("manager").post(url, {"unmasked": "1", "reason": "x"}).status_code == 403


def test_a_file_that_is_twice_in_the_archive_is_named(site: Site, tmp_path: Path) -> None:
    """One program would show the first, another the second."""
    path = pack(site, tmp_path / "case.zip")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("README.txt", archive.read("README.txt"))
    code, said = verify(path)
    assert code == 1
    assert "file changed: README.txt" in said
