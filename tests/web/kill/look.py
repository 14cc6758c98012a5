"""A process that looks at a store after the kills: the cases, what history says of them, whether it is whole.

`python -m tests.web.kill.look` prints JSON.
"""

from __future__ import annotations

import json
import os
from collections import Counter

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "jicha_web.settings"
django.setup()

from jicha_web.cases.models import Case  # noqa: E402
from jicha_web.history.models import Entry  # noqa: E402
from jicha_web.history.read import check  # noqa: E402
from jicha_web.organisation.scope import EVERYTHING, scoped  # noqa: E402
from jicha_web.proof.models import Proof  # noqa: E402
from jicha_web.runs.models import Run  # noqa: E402


def main() -> None:
    with scoped(EVERYTHING):
        moves = Counter(Entry.objects.filter(object_type="case").values_list("object_id", "verb"))
        print(
            json.dumps(
                {
                    "states": dict(Case._base_manager.values_list("pk", "state")),
                    "moves": [[pk, verb, count] for (pk, verb), count in moves.items()],
                    "proofs": list(Proof._base_manager.values_list("case_id", flat=True)),
                    "runs": list(Run.objects.values_list("pk", "state")),
                    # the findings of `fill` were said by no run
                    "damage": [
                        f"{d.kind} {d.object_type} {d.object_id} {d.number}" for d in check() if d.kind != "said"
                    ],
                }
            )
        )


if __name__ == "__main__":
    main()
