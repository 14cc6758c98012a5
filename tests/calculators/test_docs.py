"""The examples of the how-to run as written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "calculate-a-claim.md"


@pytest.mark.slow  # a process for every command of the page
def test_the_how_to_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"^```(sh|json|python)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    output = ""
    for kind, text in blocks:
        if kind == "json":
            (tmp_path / "changed.json").write_text(text, encoding="utf-8")
            continue
        command = ["bash", "-euc", text] if kind == "sh" else [sys.executable, "-c", text]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        output += done.stdout
    assert len(blocks) == 9
    expected = ("9642.24", '"6250.00"', "124.67", "['4 × 180 × 6'", "260978.71", "319859.36", "15671.25")
    assert [part for part in expected if part not in output] == []
