"""`jicha serve`: what it refuses before it starts, and the whole of it: prepared, answering, at work, stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

from jicha.cli import main
from jicha.cli.serve import Address, _environment, _held_port, _transport
from jicha.cli.supervise import Child, keep_running
from jicha.errors import BadInput, Busy, MachineFailure
from jicha.language import Language

CLI = [sys.executable, "-c", "from jicha.cli import main; main()"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    return folder


@pytest.mark.parametrize(("lang", "words"), [("zh", "不存在"), ("en", "there is no data folder")])
def test_a_missing_folder_is_named(tmp_path: Path, lang: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["serve", str(tmp_path / "nowhere"), "--lang", lang])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert words in said
    assert "jicha load" in said


def test_a_folder_without_data_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["serve", str(tmp_path), "--lang", "en"])
    assert stopped.value.code == 2
    assert "no data folder" in capsys.readouterr().err


def test_a_busy_port_is_told_and_another_is_found() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Busy, match=r"port \d+ is taken"):
            _held_port("127.0.0.1", port)
    with _held_port("127.0.0.1", port) as held:
        assert held.getsockname()[1] == port
    with _held_port("127.0.0.1", 0) as held:
        assert 8000 <= held.getsockname()[1] < 8100
    with pytest.raises(BadInput, match="no address of this machine"):
        _held_port("no.such.host.invalid", 8000)


def test_two_applications_never_share_a_port() -> None:
    """While the first is still preparing its store nothing listens; the web server, which shares its port, would."""
    port = _free()
    with _held_port("127.0.0.1", port):
        with pytest.raises(Busy, match=r"port \d+ is taken"):
            _held_port("127.0.0.1", port)
        for _process in range(2):
            with socket.socket() as web:  # the processes of its own web server
                web.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                web.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                web.bind(("127.0.0.1", port))
                web.listen()
                for _request in range(20):  # none goes astray to who only holds the port
                    with socket.create_connection(("127.0.0.1", port), timeout=5):
                        web.accept()[0].close()
    with _held_port("127.0.0.1", port):  # connections closed a moment ago do not stand in the way
        pass


def test_passwords_never_leave_the_machine_in_the_clear_by_mistake(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="in the clear"):
        _transport("0.0.0.0", None, None, behind_proxy=False, plain_http=False)
    with pytest.raises(BadInput, match="belong together"):
        _transport("0.0.0.0", tmp_path, None, behind_proxy=False, plain_http=False)
    assert not _transport("127.0.0.1", None, None, behind_proxy=False, plain_http=False)
    assert not _transport("0.0.0.0", None, None, behind_proxy=True, plain_http=False)
    assert _transport("0.0.0.0", tmp_path, tmp_path, behind_proxy=False, plain_http=False)


def test_host_names_are_asked_for_where_any_address_is_served(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JICHA_HOSTS", raising=False)
    with pytest.raises(BadInput, match="--name"):
        _environment(data, "0.0.0.0", None, None, Language.EN)
    made = _environment(data, "0.0.0.0", ["jicha.example.org"], None, Language.EN)
    assert made["JICHA_HOSTS"].endswith("jicha.example.org")
    assert made["JICHA_DATA"] == str(data)


def test_the_command_line_does_not_load_the_application() -> None:
    code = "import sys; from jicha.cli import application; application(); print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    mark = tmp_path / "starts"
    code = (
        f"import time, pathlib; p = pathlib.Path({str(mark)!r}); p.open('a').write('x'); "
        "time.sleep(0.1 if len(p.read_text()) < 3 else 60)"
    )
    child = Child("one", [sys.executable, "-c", code], dict(os.environ))
    died: list[str] = []

    def ready() -> bool:
        if mark.exists() and len(mark.read_text()) == 3:
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        keep_running([child], ready=ready, on_ready=lambda: None, on_death=died.append)
    assert died == ["one", "one"]
    assert not child.running


def test_a_child_that_cannot_stay_ends_everything() -> None:
    child = Child("one", [sys.executable, "-c", "raise SystemExit(7)"], dict(os.environ))
    with pytest.raises(MachineFailure, match="exit code 7"):
        keep_running([child], ready=lambda: False, on_ready=lambda: None, on_death=lambda _label: None)


def _free() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.mark.slow
def test_the_whole(data: Path) -> None:
    """Started as people start it: it prepares, makes accounts, answers in Chinese, and stops clean."""
    (data / "manifest.json").unlink()
    city = data.parent / "city"
    for arguments in (
        [
            "sandbox",
            str(city),
            "--customers",
            "2000",
            "--months",
            "6",
            "--days",
            "60",
            "--as-of",
            "2026-10-15",
            "--seed",
            "1",
        ],
        ["load", str(data), str(city)],
        ["screen", str(data), "--as-of", "2026-10-15", "--inputs", str(city / "run"), "--rules", "CF001"],
    ):
        done = subprocess.run([*CLI, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode in {0, 1}, done.stderr
    port = _free()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JICHA_", "DJANGO_"))}
    command = [*CLI, "serve", str(data), "--port", str(port), "--as-of", "2026-10-15", "--demo-people", "--lang", "en"]
    with (data.parent / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=kept, start_new_session=True)
    try:
        note = data / "app" / "serve.json"
        last = time.monotonic() + 240
        while not note.exists():
            assert process.poll() is None, (data.parent / "log").read_text()
            assert time.monotonic() < last, (data.parent / "log").read_text()
            time.sleep(0.2)
        assert json.loads(note.read_text())["address"] == f"http://localhost:{port}/"
        log_text = (data.parent / "log").read_text()
        assert "station11" in log_text
        assert "findings" in log_text
        assert Address("127.0.0.1", port, False).answers()
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/login/")
        answer = connection.getresponse()
        assert answer.status == 200
        assert "登录" in answer.read().decode()
        assert "default-src 'self'" in str(answer.headers["Content-Security-Policy"])
        connection.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    assert "Stopped" in (data.parent / "log").read_text()
    assert not note.exists()
    assert not Address("127.0.0.1", port, False).answers()
