"""The small world with cases and findings, on a fixed day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.web.conftest import World
from tests.web.overview.building import fill


@pytest.fixture
def filled(world: World) -> Iterator[World]:
    fill(world)
    with override_settings(AS_OF="2026-10-15"):
        yield world
