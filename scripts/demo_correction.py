"""The next delivery of the demonstration: the file of one customer, put right; `demo_correction.py DATA STATION OUT`.

Writes OUT/用电客户_更正.csv, as the marketing system would export it after the correction, and prints the customer's number.
Whoever takes that customer's finding (CF012: status and dates of a file contradict each other) through the whole loop
and copies the file into the watched folder sees the case close by itself. STATION: the name of the one preferred.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

RULE = "CF012"


def findings(data: str) -> dict[str, Any]:
    """Return the findings of the newest run, with its date."""
    command = [sys.executable, "-m", "jicha", "findings", data, "--limit", "0", "--json"]
    done = subprocess.run(command, check=False, capture_output=True)  # it ends with 1 when there are findings
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def chosen(told: dict[str, Any], station: str) -> dict[str, Any] | None:
    """Return the finding of a customer who has no other, of that station and in use where there is one."""
    many = Counter(one["customer_id"] for one in told["findings"])
    alone = [one for one in told["findings"] if one["rule"] == RULE and many[one["customer_id"]] == 1]

    def place(one: dict[str, Any]) -> tuple[object, ...]:
        return one["org_name"] != station, one["evidence"]["status"] != "active", one["customer_id"]

    return min(alone, key=place, default=None)


def main(data: str, station: str, out: Path) -> None:
    """Write the corrected file of one customer and print the number."""
    told = findings(data)
    if (one := chosen(told, station)) is None:
        return
    opened_on = one["evidence"]["opened_on"] or ""
    if not opened_on or opened_on > told["as_of"]:
        opened_on = "2015-03-01"
    out.mkdir(parents=True, exist_ok=True)
    with (out / "用电客户_更正.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["用户编号", "单位编码", "用户状态", "立户日期", "销户日期", "是否临时用电", "临时用电到期日期"])
        rows.writerow([one["customer_id"], one["org_id"], "正常用电", opened_on, "", "否", ""])
    print(one["customer_id"])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
