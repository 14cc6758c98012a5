"""Why a case stands where it stands: the factors of its most urgent finding."""

from __future__ import annotations

from django.conf import settings

from jicha_web.core import precision
from jicha_web.findings.models import Finding
from jicha_web.findings.priority import Factor, factors


def why(finding: Finding) -> list[Factor]:
    """Return the factors whose product is the priority of a finding; its age is that on the day of its run."""
    known = precision.precisions(settings.DATA).get(finding.rule, precision.Precision())
    return factors(
        severity=finding.severity, amount_yuan=finding.amount_yuan, precision=known.expected, closed=known.closed,
        age_days=(finding.run.as_of - finding.first_seen_on).days,
    )  # fmt: skip
