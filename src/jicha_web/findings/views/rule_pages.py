"""Rules: what each looks for, on what basis, how often it was right; changes by two people."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jicha_web import core
from jicha_web.core import precision, rules
from jicha_web.findings import filters, handling, rule_backtest, rule_changes
from jicha_web.findings.models import RuleChange
from jicha_web.findings.sheets import rule_rows
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import enqueue
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.scope import current
from jicha_web.organisation.tree import unit_above_all
from jicha_web.pages.charts import Chart, Series
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in
from jicha_web.runs.models import Run

_RUNS_SHOWN = 20


@require_GET
@signed_in("finding_view", "rule_change")
def rule_list(request: HttpRequest) -> HttpResponseBase:
    """All rules with status, what they found, and how often they were right."""
    book = rules.rule_book(settings.DATA)
    rows = rule_rows(request.GET)
    values = {
        "rows": rows, "specialties": rules.words("specialty"), "statuses": rules.words("rule_status"),
        "problems": book.problems, "waiting": _changes_in_sight().filter(state="asked").count(),
    }  # fmt: skip
    return render(request, "findings/rules.html", values)


def _rule(code: str) -> rules.Rule:
    found = rules.rule_book(settings.DATA).rules.get(code)
    if found is None:
        raise Http404
    return found


@require_GET
@signed_in("finding_view", "rule_change")
def rule_page(request: HttpRequest, code: str) -> HttpResponseBase:
    """One rule."""
    acting, rule, book = acting_of(request), _rule(code), rules.rule_book(settings.DATA)
    counted = filters.in_sight().filter(rule=code).aggregate(
        open=Count("pk", filter=Q(handling="open", stands=1)), dismissed=Count("pk", filter=Q(handling="dismissed")),
        in_case=Count("pk", filter=Q(handling__in=("in_case", "settled"))),
    )  # fmt: skip
    changes = _changes_in_sight().filter(rule=code).select_related("organisation", "asked_by", "approved_by")
    preview = Job.objects.filter(kind="rule_preview", by=acting.person, arguments__rule=code).order_by("-pk").first()
    backtest = (
        Job.objects.filter(kind=rule_backtest.KIND, by=acting.person, arguments__rule=code).order_by("-pk").first()
    )
    values = {
        "backtest": backtest,
        "rule": rule, "shipped": book.shipped[code], "counted": counted, "basis": rules.basis_of(rule),
        "pattern": rules.reason_pattern(rule), "parameters": _parameters(rule, book),
        "precision": precision.precisions(settings.DATA).get(code),
        "words": {kind: rules.word(kind, value) for kind, value in (
            ("specialty", rule.group), ("class", rule.rule_class), ("rule_status", rule.status),
            ("frequency", rule.frequency), ("proof", rule.proof), ("subject", rule.subject))},
        "chart": _over_runs(code), "preview": preview,
        "changes": [_told(one, book) for one in changes.order_by("-asked_at", "-pk")[:50]],
        "statuses": rules.words("rule_status"), "units": _units(),
        "may_change_all": acting.may("rule_change", unit_above_all()),
        "may_change": acting.may("rule_change"), "may_approve": acting.may("rule_approve"),
        "person_pk": acting.person.pk,
    }  # fmt: skip
    return render(request, "findings/rule.html", values)


def _units() -> list[Organisation]:
    scope = current()
    return list(Organisation.objects.filter(scope.condition("pk")).order_by("path"))


def _parameters(rule: rules.Rule, book: rules.RuleBook) -> list[dict[str, Any]]:
    names = dict(Organisation.objects.values_list("code", "name"))
    rows = []
    for name, parameter in rule.parameters.items():
        values = [
            {
                "unit": names.get(org, org) if org else "",
                "value": rules.parameter_told(rule, parameter, values[name]),
                "typed": shown(values[name]),
            }
            for org, values in book.values[rule.code]
            if name in values
        ]
        rows.append({
            "parameter": parameter, "default": rules.parameter_told(rule, parameter, parameter.default),
            "values": values, "bounds": _bounds(parameter), "table": parameter.is_table,
        })  # fmt: skip
    return rows


def _told(change: RuleChange, book: rules.RuleBook) -> dict[str, Any]:
    """Return a change with what it changes, from what and to what, in words."""
    rule = book.rules.get(change.rule)
    parameter = rule.parameters.get(change.name) if rule else None

    def value(held: Any) -> str:
        if held is None:
            return ""
        if change.what == "status":
            return words(rules.word("rule_status", str(held)))
        if rule is None or parameter is None:  # the rule is gone, or no longer has it
            return str(held)
        told = rules.parameter_told(rule, parameter, held)
        return "\n".join(" ".join(map(words, row)) for row in told.rows) or words(told.text)

    name = words(parameter.title) if parameter else change.name
    return {"change": change, "name": name, "before": value(change.before), "after": value(change.after)}


def _bounds(parameter: rules.Parameter) -> str:
    low, high = (None if bound is None else f"{rules.plain(bound):,}" for bound in (parameter.min, parameter.max))
    if low is None and high is None:
        return ""
    return f"{low} ~ {high}" if low and high else f"≥ {low}" if low else f"≤ {high}"


def shown(value: Any) -> str:
    """Write a parameter's value as it is typed in the form; rows of a table one a line."""
    if isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple):
        return "\n".join(", ".join("" if cell is None else str(cell) for cell in row) for row in value)
    plain = rules.plain(value)
    return str(plain).lower() if isinstance(plain, bool) else str(plain)


def typed(rule: rules.Rule, parameter: rules.Parameter, text: str) -> Any:
    """Return the value that a form's text stands for; nothing: the default. BadInput when it is none of its type."""
    return parameter.read(text, rule.code) if text.strip() else rule_changes.DEFAULT


def _over_runs(code: str) -> Chart | None:
    """Return what the last runs found; only for those who see all units, since a run counts them together."""
    if not current().whole:
        return None
    runs = list(Run.objects.filter(state="done").order_by("-as_of", "-pk")[:_RUNS_SHOWN])[::-1]
    told = [(run.as_of.isoformat(), run.rules[code]) for run in runs if code in run.rules]
    if not told:
        return None
    judged = [row["findings"] if row["outcome"] == "done" else None for _day, row in told]
    unjudged = [row["not_judged"] if row["outcome"] == "done" else None for _day, row in told]
    series = [Series(_("Findings"), judged, kind="line"), Series(_("Not judged"), unjudged, kind="line", tone="warn")]
    return Chart(
        "rule-runs", _("Findings by run; a gap: not run"), [day for day, _row in told], series, unit=_("findings")
    )


@require_POST
@signed_in("rule_change")
def propose(request: HttpRequest, code: str) -> HttpResponseBase:
    """Propose a change, or try what it would find."""
    acting, rule, post = acting_of(request), _rule(code), request.POST
    what, name = post.get("what", ""), post.get("name", "")
    unit_pk = post.get("unit", "")
    unit = get_object_or_404(Organisation, pk=int(unit_pk)) if unit_pk.isdecimal() and len(unit_pk) < 10 else None
    if unit is not None and not current().covers(unit.path):
        raise Http404
    try:
        if what not in {"status", "parameter"} or (what == "parameter" and name not in rule.parameters):
            raise handling.UnableToHandle(core.Text("请选择要变更的内容", "choose what to change"))
        after = (
            post.get("status", "") if what == "status" else typed(rule, rule.parameters[name], post.get("value", ""))
        )
        if post.get("do") == "preview":
            return _preview(request, rule, {"status": after} if what == "status" else {name: after}, unit)
        rule_changes.propose(
            rule=code, what=what, name=name if what == "parameter" else "", after=after, organisation=unit,
            reason=post.get("reason", ""), by=acting.person, at=acting.at,
        )  # fmt: skip
        messages.success(request, _("Proposed: another person approves it."))
    except (handling.UnableToHandle, core.BadInput) as error:
        messages.error(request, words(error.text))
    return redirect("rule", code)


def _preview(
    request: HttpRequest, rule: rules.Rule, proposed: dict[str, Any], unit: Organisation | None
) -> HttpResponseBase:  # fmt: skip
    acting = acting_of(request)
    status = str(proposed.pop("status", "")) if "status" not in rule.parameters else ""
    parameters: dict[str, Any] = {}
    for name, after in proposed.items():
        parameter = rule.parameters[name]
        value = parameter.default if after is rule_changes.DEFAULT else after
        parameter.check(value, rule.code)
        parameters[name] = rules.plain(value)
    enqueue(
        "rule_preview", by=acting.person, at=acting.at, rule=rule.code, as_of=acting.today.isoformat(),
        status=status, parameters=parameters, unit=unit.pk if unit else None,
    )  # fmt: skip
    messages.info(request, _("The rule is tried on the present data; the result appears below."))
    return redirect("rule", rule.code)


@require_POST
@signed_in("rule_change")
def look_back(request: HttpRequest, code: str) -> HttpResponseBase:
    """Ask what the rule would have found at the end of each of some months."""
    acting, rule = acting_of(request), _rule(code)
    try:
        first, last = (rule_backtest.month_of(request.POST.get(name, "")) for name in ("first", "last"))
        rule_backtest.ask(rule=rule.code, first=first, last=last, by=acting.person, at=acting.at)
        messages.info(request, _("The rule is judged month by month; the result appears below."))
    except core.BadInput as error:
        messages.error(request, words(error.text))
    return redirect("rule", code)


def _changes_in_sight() -> QuerySet[RuleChange]:
    # those for everywhere and for the units above count here too
    return RuleChange.objects.filter(current().published("organisation"))


@require_GET
@signed_in("finding_view", "rule_change")
def changes(request: HttpRequest) -> HttpResponseBase:
    """All changes of rules; those that wait first."""
    rows = _changes_in_sight().select_related("organisation", "asked_by", "approved_by")
    book = rules.rule_book(settings.DATA)
    waiting = [_told(one, book) for one in rows.filter(state="asked").order_by("-asked_at", "-pk")]
    decided = [_told(one, book) for one in rows.exclude(state="asked").order_by("-asked_at", "-pk")[:200]]
    acting = acting_of(request)
    values = {"waiting": waiting, "decided": decided, "may_approve": acting.may("rule_approve"),
              "person_pk": acting.person.pk}  # fmt: skip
    return render(request, "findings/rule_changes.html", values)


@require_POST
@signed_in("rule_approve")
def decide(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Approve or refuse a change."""
    change = get_object_or_404(RuleChange.objects.select_related("organisation"), pk=pk)
    if change.organisation is not None and not current().covers(change.organisation.path):
        raise Http404
    acting, what = acting_of(request), request.POST.get("what", "")
    try:
        if what == "approve":
            rule_changes.approve(change=change, by=acting.person, at=acting.at)
        elif what == "refuse":
            reason = request.POST.get("reason", "")
            rule_changes.refuse(change=change, reason=reason, by=acting.person, at=acting.at)
        else:
            raise PermissionDenied(what)
        messages.success(request, _("Done."))
    except (handling.UnableToHandle, core.BadInput) as error:
        messages.error(request, words(error.text))
    except ChangedMeanwhile as error:
        messages.error(request, str(error))
    return redirect("rule", change.rule)
