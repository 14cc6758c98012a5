"""`jicha serve`: the application on a data folder. Web server and worker are processes of their own.

The command line imports nothing of the application: it starts `python -m jicha_web.manage` and granian as processes.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from jicha.cli.common import DataArgument, LangOption, messages
from jicha.cli.supervise import Child, keep_running
from jicha.errors import BadInput, Busy
from jicha.language import Language, Text

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_FIRST_PORT = 8000
_TRIED_PORTS = 100

PortOption = Annotated[
    int,
    typer.Option(
        "--port", min=0, max=65535, help="端口；0 表示 8000 起第一个空闲端口 port; 0: the first free one from 8000"
    ),
]
HostOption = Annotated[str, typer.Option("--host", help="监听地址 address to listen on")]
NameOption = Annotated[
    list[str] | None,
    typer.Option(
        "--name", help="用户访问所用的主机名，可重复 host name that people use; may be repeated", show_default=False
    ),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        help="演示从这一天开始，仅供演示 the day on which a demonstration begins",
        show_default=False,
    ),
]
CertificateOption = Annotated[
    Path | None,
    typer.Option(
        "--certificate", exists=True, dir_okay=False, help="HTTPS 证书（PEM） certificate", show_default=False
    ),
]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", exists=True, dir_okay=False, help="证书私钥（PKCS#8） key of it", show_default=False),
]
ProxyOption = Annotated[
    bool,
    typer.Option("--behind-proxy", help="由反向代理提供 HTTPS（X-Forwarded-Proto） HTTPS is done by a reverse proxy"),
]
PlainOption = Annotated[
    bool,
    typer.Option(
        "--plain-http", help="允许明文 HTTP 离开本机，仅供演示 let plain HTTP leave this machine: demonstrations only"
    ),
]
NoWorkerOption = Annotated[bool, typer.Option("--no-worker", help="不启动后台任务进程 start no worker")]
DemoOption = Annotated[
    bool, typer.Option("--demo-people", help="建立各角色演示账号并显示口令 make accounts for each role")
]


@dataclass(frozen=True)
class Address:
    """Where the application listens."""

    host: str
    port: int
    https: bool

    @property
    def url(self) -> str:
        """The address that a browser on this machine opens."""
        shown = "localhost" if self.host in {"0.0.0.0", "::", *_LOOPBACK} else self.host
        return f"{'https' if self.https else 'http'}://{shown}:{self.port}/"

    def answers(self) -> bool:
        """Whether the sign-in page comes."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"}.get(self.host, self.host)
        connection: http.client.HTTPConnection
        if self.https:  # asked of oneself: whose certificate it is does not matter here
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = http.client.HTTPSConnection(host, self.port, timeout=5, context=context)
        else:
            connection = http.client.HTTPConnection(host, self.port, timeout=5)
        try:
            connection.request("GET", "/login/", headers={"Host": "localhost"})
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve_command)


def serve_command(
    data: DataArgument,
    port: PortOption = _FIRST_PORT,
    host: HostOption = "127.0.0.1",
    name: NameOption = None,
    as_of: AsOfOption = None,
    certificate: CertificateOption = None,
    key: KeyOption = None,
    behind_proxy: ProxyOption = False,
    plain_http: PlainOption = False,
    no_worker: NoWorkerOption = False,
    demo_people: DemoOption = False,
    lang: LangOption = Language.ZH,
) -> None:
    """启动应用：网页与后台任务 Start the application: web server and worker; Ctrl-C stops both.

    数据库默认为 DATA/app 下的 SQLite；JICHA_DATABASE_URL 指定 PostgreSQL。 SQLite in DATA/app, or PostgreSQL by
    JICHA_DATABASE_URL. See docs/how-to/serve.md.
    """
    _check_data(data)
    https = _transport(host, certificate, key, behind_proxy=behind_proxy, plain_http=plain_http)
    environment = _environment(data, host, name, as_of.date() if as_of else None, lang)
    environment |= {"JICHA_HTTPS": "1" if https or behind_proxy else "0"}
    if behind_proxy:
        environment["JICHA_BEHIND_PROXY"] = "1"
    held = _held_port(host, port)  # until this ends: preparing takes its time, and another may be started meanwhile
    address = Address(host, held.getsockname()[1], https)
    _manage(environment, "prepare")
    if demo_people:
        _manage(environment, "demo_people")
    children = [Child(Text("网页服务", "the web server").to(lang), _web(address, certificate, key), environment)]
    if not no_worker:
        command = [sys.executable, "-m", "jicha_web.manage", "worker", "--verbosity", "1"]
        children.append(Child(Text("后台任务进程", "the worker").to(lang), command, environment))
    note = data / "app" / "serve.json"

    def tell() -> None:
        note.write_text(json.dumps({"address": address.url, "pid": os.getpid()}) + "\n", encoding="utf-8")
        text = Text(
            f"应用已启动：{address.url}  （Ctrl-C 停止）", f"The application is at {address.url}  (Ctrl-C stops it)"
        )
        messages.print(text.to(lang), style="bold green")

    def died(label: str) -> None:
        text = Text(f"{label}意外退出，正在重新启动。", f"{label} ended unexpectedly; it is started again.")
        messages.print(text.to(lang), style="yellow")

    try:
        keep_running(children, ready=address.answers, on_ready=tell, on_death=died)
    except KeyboardInterrupt:
        messages.print(Text("已停止。", "Stopped.").to(lang))
    finally:
        note.unlink(missing_ok=True)
        held.close()


def _check_data(data: Path) -> None:
    if not data.is_dir():
        raise BadInput(
            zh=f"数据目录 {data} 不存在。先用 jicha load {data} 来源 导入数据。",
            en=f"there is no data folder {data}; load data first: jicha load {data} SOURCE",
        )
    if not (data / "manifest.json").is_file():
        raise BadInput(
            zh=f"{data} 不是数据目录（没有 manifest.json）。先用 jicha load {data} 来源 导入数据。",
            en=f"{data} is no data folder (it has no manifest.json); load data first: jicha load {data} SOURCE",
        )


def _transport(host: str, certificate: Path | None, key: Path | None, *, behind_proxy: bool, plain_http: bool) -> bool:
    """Return whether the server itself speaks HTTPS; refuse what would send passwords over a network in the clear."""
    if (certificate is None) != (key is None):
        raise BadInput(
            zh="--certificate 和 --key 须同时给出。", en="--certificate and --key belong together: give both"
        )
    if certificate is None and host not in _LOOPBACK and not behind_proxy and not plain_http:
        raise BadInput(
            zh=f"监听 {host} 会让口令以明文离开本机。请给出 --certificate 与 --key，"
            "或置于反向代理之后（--behind-proxy）；仅作演示可加 --plain-http。",
            en=f"listening on {host} would send passwords over the network in the clear: give --certificate and --key, "
            "or stand behind a reverse proxy (--behind-proxy); for a demonstration only, --plain-http",
        )
    return certificate is not None


def _environment(data: Path, host: str, names: list[str] | None, as_of: date | None, lang: Language) -> dict[str, str]:
    environment = dict(os.environ)
    environment |= {"JICHA_DATA": str(data.resolve()), "DJANGO_SETTINGS_MODULE": "jicha_web.settings"}
    environment |= {"JICHA_LANG": lang.value, "PYTHONUNBUFFERED": "1"}
    served = [*(names or []), *([host] if host not in {"0.0.0.0", "::", *_LOOPBACK} else [])]
    if served:
        known = environment.get("JICHA_HOSTS", "localhost,127.0.0.1,[::1]")
        environment["JICHA_HOSTS"] = ",".join(dict.fromkeys([*known.split(","), *served]))
    elif host in {"0.0.0.0", "::"} and "JICHA_HOSTS" not in environment:
        raise BadInput(
            zh=f"监听 {host} 时须用 --name 说明用户访问所用的主机名或 IP（可重复）。",
            en=f"listening on {host} needs --name: the host name or IP that people use (may be repeated)",
        )
    if as_of is not None:
        environment["JICHA_AS_OF"] = as_of.isoformat()
    return environment


def _held_port(host: str, port: int) -> socket.socket:
    """Return a socket that holds the port, or the first free one, while the application is served.

    The processes of the web server share its port (SO_REUSEPORT), so that of a second application of the same user
    would come to share it unseen, and each would be given requests meant for the other. Busy when the port is taken.
    """
    wanted = range(_FIRST_PORT, _FIRST_PORT + _TRIED_PORTS) if port == 0 else [port]
    for one in wanted:
        try:
            return _hold(host, one)
        except socket.gaierror as error:
            raise BadInput(
                zh=f"--host {host} 不是本机的地址。", en=f"--host {host} is no address of this machine"
            ) from error
        except PermissionError as error:
            raise BadInput(
                zh=f"没有权限使用端口 {one}（1024 以下的端口需要特权），请换用 --port。",
                en=f"no permission for port {one} (ports below 1024 need privileges): choose another with --port",
            ) from error
        except OSError:
            continue
    raise Busy(
        zh=f"端口 {wanted[0]} 已被占用。用 --port 换一个，或用 --port 0 自动选择。",
        en=f"port {wanted[0]} is taken: choose another with --port, or let --port 0 choose one",
    )


def _hold(host: str, port: int) -> socket.socket:
    """Return a bound socket that does not listen: it takes no request, and others cannot hold the port any more.

    Of several who ask at once one alone can listen; the holder is made while it does. Both are bound with
    SO_REUSEADDR, or a connection closed a moment ago would stand in the way.
    """
    with socket.socket(_family(host)) as claim:
        claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        claim.bind((host, port))
        claim.listen()
        claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held = socket.socket(_family(host))
        try:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            held.bind((host, port))
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        except OSError:
            held.close()
            raise
    return held


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _manage(environment: dict[str, str], *arguments: str) -> None:
    """Run one command of the application; its own message stands above when it fails."""
    done = subprocess.run([sys.executable, "-m", "jicha_web.manage", *arguments], env=environment, check=False)
    if done.returncode:
        raise typer.Exit(done.returncode if done.returncode > 0 else 1)


def _web(address: Address, certificate: Path | None, key: Path | None) -> list[str]:
    command = [sys.executable, "-m", "granian", "jicha_web.wsgi:application", "--interface", "wsgi"]
    command += ["--host", address.host, "--port", str(address.port), "--workers", "2", "--blocking-threads", "1"]
    command += ["--no-ws", "--log-level", "warning", "--respawn-failed-workers", "--workers-kill-timeout", "10"]
    if certificate is not None and key is not None:
        command += ["--ssl-certificate", str(certificate), "--ssl-keyfile", str(key), "--ssl-protocol-min", "tls1.2"]
    return command
