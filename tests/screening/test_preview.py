"""A preview finds what a run with the same parameters finds, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from jicha.errors import BadInput
from jicha.screening.edit import set_parameter
from jicha.screening.preview import preview

from .test_run import AS_OF, ORGS, customer, ledger, own_rule, run

Store = Callable[[Path, Mapping[str, Sequence[Mapping[str, Any]]]], None]


@pytest.fixture
def data(tmp_path: Path, store: Store) -> Path:
    folder = tmp_path / "data"
    store(folder, {"organization": ORGS, "customer": [customer(1), customer(22, "south"), customer(333, "south")]})
    own_rule(folder)
    return folder


def test_other_parameters_for_one_unit(data: Path) -> None:
    seen = preview(data, "ZZ001", as_of=AS_OF, parameters={"least": 4}, org="south")
    assert set(seen.before.suspects) == {'{"customer_id": "C1"}', '{"customer_id": "C22"}', '{"customer_id": "C333"}'}
    assert [s.customer_id for s in seen.lost] == ["C22"]
    assert seen.gained == []
    assert not (data / "runs").exists()
    set_parameter(data, rule="ZZ001", name="least", value=4, org="south")
    assert set(ledger(run(data))) == {s.customer_id for s in seen.after.suspects.values()}


def test_a_status_that_does_not_run_finds_nothing(data: Path) -> None:
    own_rule(data, status="draft")
    seen = preview(data, "ZZ001", as_of=AS_OF, status="active")
    assert (seen.before.outcome, seen.after.outcome, len(seen.gained)) == ("not_active", "done", 3)


def test_wrong_proposals_are_told(data: Path) -> None:
    with pytest.raises(BadInput, match="least is 99"):
        preview(data, "ZZ001", as_of=AS_OF, parameters={"least": 99})
    with pytest.raises(BadInput, match="no rule ZZ002"):
        preview(data, "ZZ002", as_of=AS_OF)
