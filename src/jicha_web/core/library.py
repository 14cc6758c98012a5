"""What the catalog brings for the library: regulations by edition and clause, handbooks, examples, what rules cite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jicha.catalog.files import catalog_path, read_yaml, regulations, specialties
from jicha.catalog.rules import load_rules


@dataclass(frozen=True)
class ShippedClause:
    """A clause in own words. `verified`: its number was compared with the official text."""

    article: str
    heading: Mapping[str, str]
    text: Mapping[str, str]
    verified: bool
    source: str


@dataclass(frozen=True)
class ShippedDocument:
    """One edition of a regulation, or a handbook."""

    kind: str
    code: str
    title: Mapping[str, str]
    edition: str
    issuer: str
    document: str
    effective_from: date | None
    effective_to: date | None
    note: str
    clauses: tuple[ShippedClause, ...]


@dataclass(frozen=True)
class Cited:
    """A clause that rules cite. `verified`: at least one of them says that its number was compared."""

    regulation: str
    article: str
    verified: bool
    rules: tuple[str, ...]


def shipped_documents() -> Iterator[ShippedDocument]:
    """Yield the regulations by edition, then the handbooks."""
    for path in sorted(catalog_path("library", "regulations").glob("*.yaml")):
        content = read_yaml(path)
        for regulation in content if isinstance(content, list) else [content]:
            for edition in regulation["editions"]:
                yield _document("regulation", regulation, edition)
    for handbook in read_yaml(catalog_path("library", "handbooks.yaml")):
        yield _document(handbook["kind"], handbook, handbook)


def _document(kind: str, work: Mapping[str, Any], edition: Mapping[str, Any]) -> ShippedDocument:
    return ShippedDocument(
        kind, work["code"], work["title"], str(edition["edition"]), work.get("issuer", ""), edition.get("document", ""),
        edition.get("effective_from"), edition.get("effective_to"), edition.get("note", ""),
        tuple(
            ShippedClause(
                clause["article"], clause.get("heading", {}), clause["text"], clause.get("verified", False),
                clause.get("source", ""),
            )
            for clause in edition["clauses"]
        ),
    )  # fmt: skip


def shipped_examples() -> list[dict[str, Any]]:
    """Return the examples of typical cases."""
    return list(read_yaml(catalog_path("library", "typical_cases.yaml")))


@cache
def cited_clauses() -> tuple[Cited, ...]:
    """Return all clauses that the shipped rules cite, in order of regulation and article."""
    found: dict[tuple[str, str], tuple[bool, list[str]]] = {}
    for rule in load_rules().rules.values():
        for basis in rule.basis:
            article = basis.get("article") or ""
            verified, rules = found.setdefault((basis["regulation"], article), (bool(basis["verified"]), []))
            if rule.code not in rules:
                rules.append(rule.code)
            found[basis["regulation"], article] = (verified or bool(basis["verified"]), rules)
    return tuple(Cited(*key, verified, tuple(rules)) for key, (verified, rules) in sorted(found.items()))


def regulation_titles() -> dict[str, str]:
    """Return the full titles by the short names that rules cite."""
    return {code: content["title"] for code, content in regulations().items()}


@cache
def rule_names() -> dict[str, Mapping[str, str]]:
    """Return the names of the shipped rules by code."""
    return {code: rule.name for code, rule in load_rules().rules.items()}


def specialty_names() -> dict[str, Mapping[str, str]]:
    """Return the names of the specialties by code."""
    return dict(specialties())


@cache
def rule_remedies() -> list[tuple[str, Mapping[str, str], Mapping[str, str], list[Mapping[str, str]]]]:
    """Return what each rule asks to be checked: code, name, remedy, and what looks like it without being it."""
    rules = sorted(load_rules().rules.values(), key=lambda rule: rule.code)
    return [(rule.code, rule.name, rule.remedy, list(rule.near_miss)) for rule in rules]


@cache
def checklist_sections() -> list[dict[str, Any]]:
    """Return what every visit covers besides its findings, section by section: label, points."""
    content = read_yaml(catalog_path("application", "checklists.yaml"))
    found = [
        {"label": label, "points": [item for item in content["items"] if item["section"] == code]}
        for code, label in content["sections"].items()
    ]
    return [section for section in found if section["points"]]
