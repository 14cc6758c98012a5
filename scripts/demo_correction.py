"""The next delivery of the demonstration: one customer's row, put right; `demo_correction.py CITY DATA ACCOUNTS OUT`.

Writes OUT/用电客户_更正.csv, the row that the marketing system exported with its status and dates corrected, and prints
the customer's number and who is to check. Whoever takes that customer's finding (CF012: status and dates of a file
contradict each other) through the whole loop and copies the file into the watched folder sees the case close by itself.
ACCOUNTS: the file with the accounts of the demonstration; a station that has one of them is preferred.
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


def inspectors(accounts: Path) -> dict[str, str]:
    """Return the station's inspector by the name of the station, in the order in which they are told."""
    lines = (line.split() for line in accounts.read_text(encoding="utf-8").splitlines())
    return {words[-1]: words[0] for words in reversed([w for w in lines if w and w[0].startswith("station")])}


def chosen(told: dict[str, Any], stations: dict[str, str]) -> dict[str, Any] | None:
    """Return the finding of a customer who has no other, best of a station with an inspector and in use."""
    many = Counter(one["customer_id"] for one in told["findings"])
    alone = [one for one in told["findings"] if one["rule"] == RULE and many[one["customer_id"]] == 1]

    def place(one: dict[str, Any]) -> tuple[object, ...]:
        return stations.get(one["org_name"], "~"), one["evidence"]["status"] != "active", one["customer_id"]

    return min(alone, key=place, default=None)


def exported(city: Path, customer: str) -> dict[str, str]:
    """Return a customer's row as the marketing system exported it, by its Chinese headings."""
    for path in sorted(city.glob("用电客户*.csv")):
        with path.open(newline="", encoding="gb18030") as file:
            for row in csv.DictReader(file):
                if row["用户编号"] == customer:
                    return row
    raise SystemExit(f"{customer}: not among the exported customers of {city}")


def main(city: Path, data: str, accounts: Path, out: Path) -> None:
    """Write the corrected row of one customer; print the number and the inspector."""
    told, stations = findings(data), inspectors(accounts)
    if (one := chosen(told, stations)) is None:
        return
    row = exported(city, one["customer_id"])
    if not row["立户日期"] or row["立户日期"] > told["as_of"]:
        row["立户日期"] = "2015-03-01"
    row |= {"用户状态": "正常用电", "销户日期": "", "是否临时用电": "否", "临时用电到期日期": ""}
    out.mkdir(parents=True, exist_ok=True)
    with (out / "用电客户_更正.csv").open("w", newline="", encoding="gb18030") as file:
        rows = csv.DictWriter(file, row)
        rows.writeheader()
        rows.writerow(row)
    print(one["customer_id"], stations.get(one["org_name"], next(reversed(stations.values()), "")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
