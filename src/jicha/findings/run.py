"""The record of one run, read back: everything that a report of it needs, years later too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jicha.catalog.files import regulations
from jicha.errors import BadInput, MachineFailure
from jicha.language import Language, Text
from jicha.screening.history import order_of
from jicha.warehouse.machine import first_line

_ARTICLE_OPEN = Text("条款待核实", "article to be verified")


@dataclass(frozen=True)
class RuleFacts:
    """What one run says of one rule."""

    code: str
    name: Mapping[str, str]
    group: str
    subject: str
    rule_class: str
    severity: str
    status: str
    proof: str
    basis: tuple[Mapping[str, Any], ...]
    remedy: Mapping[str, str]
    amount: Mapping[str, str] | None
    reason: Mapping[str, str]
    evidence: Mapping[str, Mapping[str, Any]]
    personal: frozenset[str]
    outcome: str
    missing: tuple[str, ...]
    detail: Mapping[str, str]  # why it failed, by language; empty where it did not
    seconds: float
    findings: int
    not_judged: int
    fingerprint: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    own: bool = False  # the utility's own rule

    @property
    def ran(self) -> bool:
        """Whether it was judged at all; anything else is not "clean"."""
        return self.outcome == "done"

    def basis_lines(self, language: Language) -> list[str]:
        """Return its legal basis, one regulation a line; the number of an article only where it is verified."""
        lines = []
        for entry in self.basis:
            short = str(entry["regulation"])
            title = str(entry.get("title") or regulations().get(short, {}).get("title", short))
            if entry.get("article") is None:
                article = ""
            elif entry.get("verified") is True:
                article = f" {entry['article']}"
            else:
                article = f"（{_ARTICLE_OPEN.zh}）" if language is Language.ZH else f" ({_ARTICLE_OPEN.en})"
            lines.append(f"《{title}》{article}" if language is Language.ZH else f"{title}{article}")
        return lines


@dataclass(frozen=True)
class Run:
    """One immutable run."""

    data: Path
    run_id: str
    as_of: date
    p0: date
    settle_day: int
    created_at: datetime
    user: str
    data_version: int
    manifest_fingerprint: str
    org: str | None
    seconds: float
    jicha_version: str
    rules: Mapping[str, RuleFacts]
    checksums: Mapping[str, int] = field(default_factory=dict)  # CRC-32 of its files; empty of early runs
    states: Mapping[str, int] = field(default_factory=dict)  # state -> findings of the ledger
    rule_problems: tuple[Mapping[str, str], ...] = ()  # rule files that could not be read: file, zh, en

    @property
    def folder(self) -> Path:
        """Its folder."""
        return self.data / "runs" / self.run_id

    @property
    def findings_path(self) -> Path:
        """Its ledger."""
        return self.folder / "findings.parquet"

    @property
    def not_judged_path(self) -> Path:
        """The subjects that it could not judge, with what was missing."""
        return self.folder / "not_judged.parquet"


def _detail(content: object) -> Mapping[str, str]:
    """Return why a rule failed, by language; runs before there were two kept one text."""
    if isinstance(content, Mapping):
        return {language.value: str(content[language.value]) for language in Language}
    return dict.fromkeys((language.value for language in Language), str(content or ""))


def _rule(code: str, content: Mapping[str, Any]) -> RuleFacts:
    return RuleFacts(
        code=code,
        name=content["name"],
        group=content["group"],
        subject=content["subject"],
        rule_class=content["class"],
        severity=content["severity"],
        status=content["status"],
        proof=content.get("proof", ""),
        basis=tuple(content.get("basis") or ()),
        remedy=content["remedy"],
        amount=content.get("amount"),
        reason=content["reason"],
        evidence=content.get("evidence") or {},
        personal=frozenset(content.get("personal") or ()),
        outcome=content["outcome"],
        missing=tuple(content.get("missing") or ()),
        detail=_detail(content.get("detail")),
        seconds=float(content.get("seconds") or 0),
        findings=int(content.get("findings") or 0),
        not_judged=int(content.get("not_judged") or 0),
        fingerprint=str(content.get("fingerprint") or ""),
        parameters=content.get("parameters") or {},
        own=bool(content.get("own")),
    )


def _read(data: Path, path: Path) -> Run:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Run(
            data=data,
            run_id=content["run_id"],
            as_of=date.fromisoformat(content["as_of"]),
            p0=date.fromisoformat(content["p0"]),
            settle_day=int(content.get("settle_day") or 0),
            created_at=datetime.fromisoformat(content["created_at"]).replace(tzinfo=None),
            user=str(content.get("user") or ""),
            data_version=int(content["data_version"]),
            manifest_fingerprint=str(content.get("manifest_fingerprint") or ""),
            org=content.get("org"),
            seconds=float(content.get("seconds") or 0),
            jicha_version=str(content.get("jicha_version") or ""),
            rules={code: _rule(code, rule) for code, rule in sorted(content["rules"].items())},
            checksums=content.get("checksums") or {},
            states=content.get("states") or {},
            rule_problems=tuple(content.get("rule_files_with_errors") or ()),
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise MachineFailure(
            zh=f"运行记录 {path} 无法读取（{first_line(error)}）。请从备份恢复；"
            f"无法恢复时，把文件夹 {path.parent} 移出 runs 后重新筛查。",
            en=f"the run record {path} cannot be read ({first_line(error)}); restore it from a backup; if that cannot "
            f"be done, move the folder {path.parent} out of runs and screen again",
        ) from error


def run_ids(data: Path) -> list[str]:
    """Return the ids of all runs of a data folder, the one shown by default last."""
    stamps = []
    for folder in (data / "runs").glob("[!.]*"):
        if not folder.is_dir():
            continue
        run = _read(data, folder / "run.json")
        stamps.append(order_of(run.as_of, run.run_id, run.created_at))
    return [run_id for *_, run_id in sorted(stamps)]


def read_run(data: Path, run_id: str | None = None) -> Run:
    """Read one run; without an id the latest by screening date, then by number."""
    if not data.is_dir():
        raise BadInput(zh=f"数据目录 {data} 不存在。", en=f"the data folder {data} does not exist")
    if run_id is None:
        known = run_ids(data)
        if not known:
            raise BadInput(
                zh=f"{data} 中还没有运行记录。请先筛查：jicha screen {data} --as-of 日期",
                en=f"no run in {data} yet; screen first: jicha screen {data} --as-of DATE",
            )
        run_id = known[-1]
    path = data / "runs" / run_id / "run.json"
    if Path(run_id).name != run_id or not path.is_file():
        known = run_ids(data)[-5:]
        raise BadInput(
            zh=f"没有编号为 {run_id} 的运行。最近的运行：{'、'.join(known) or '无'}",
            en=f"no run {run_id}; the latest are: {', '.join(known) or 'none'}",
        )
    return _read(data, path)
