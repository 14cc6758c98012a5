"""Template tags and filters that all pages use; docs/explanation/pages.md shows each with an example."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from jicha_web.core import rules
from jicha_web.jobs import sheets
from jicha_web.pages import views
from jicha_web.pages.tones import tone_of

register = template.Library()
NO_FILTERS = frozenset({"page", "size", "order", "filters"})  # parts of an address that choose no rows of a list


# --- values as people read them


@register.filter
def words(value: Any) -> str:
    """Show a text of the data, a `Text` or a mapping with zh and en, in the language of the page."""
    if value is None:
        return ""
    if isinstance(value, str | int):  # an int: a year, as one of several that are `listed`
        return str(value)
    english = (get_language() or "").startswith("en")
    if isinstance(value, Mapping):
        return str(value.get("en" if english else "zh") or value.get("zh") or value.get("en") or "")
    if isinstance(value, Promise):
        return str(value)
    return str(value.en if english else value.zh)


# what the system notes in the history it notes in both languages, Chinese first: `中文 / English`
_BOTH = re.compile(r"(.*[\u4e00-\u9fff].*) / ([ -~\n]+)", re.DOTALL)


def note_of(entry: Any) -> str:
    """Return the note of a history entry; the system's own in the language of the page, a person's as they wrote it."""
    note = str(entry.note or "")
    both = None if entry.by_id else _BOTH.fullmatch(note)
    return note if both is None else both[2 if (get_language() or "").startswith("en") else 1]


register.filter("note_of", note_of)


@register.filter
def listed(values: Iterable[Any]) -> str:
    """Put texts one after another, as the language of the page writes a list: with 、 or a comma."""
    return (", " if (get_language() or "").startswith("en") else "、").join(words(value) for value in values)


@register.filter
def clauses(values: Iterable[Any]) -> str:
    """Put texts that may hold commas themselves one after another: with ； or a semicolon."""
    return ("; " if (get_language() or "").startswith("en") else "；").join(words(value) for value in values)


@register.filter
def yuan(value: Decimal | float | str | None) -> str:
    """Show an amount with thousands separators and two decimals; nothing for none, nor for what a row lacks."""
    return "" if value is None or value == "" else f"{Decimal(value):,.2f}"


@register.filter
def figure(value: float | Decimal | None) -> str:
    """Show a count with thousands separators; a dash for none."""
    return "–" if value is None else f"{value:,}"


@register.filter
def percent(value: float | Decimal | None) -> str:
    """Show a share (0.153) as 15.3 %; a dash for none."""
    return "–" if value is None else f"{float(value) * 100:.1f}%"


@register.filter
def day(value: date | datetime | None) -> str:
    """Show a day as 2026-10-15, an instant by its local day."""
    if value is None:
        return ""
    return (timezone.localdate(value) if isinstance(value, datetime) else value).isoformat()


@register.filter
def moment(value: datetime | None) -> str:
    """Show an instant as 2026-10-15 10:00, local time."""
    return "" if value is None else f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


@register.filter
def month(value: date | None) -> str:
    """Show a billing month as 2026-10."""
    return "" if value is None else f"{value:%Y-%m}"


# --- small parts


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Show an icon of static/icons.svg; with a label it is read out, without one it is decoration."""
    address = f"{static('icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, address)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', address)


@register.simple_tag
def badge(code: str, label: Any = "", tone: str = "") -> SafeString:
    """Show a state or severity with the tone of its code (`tones.py`); never by colour alone."""
    text = words(label) or gettext(code) if label or code else "–"
    return format_html(
        '<span class="tag tag-{}" data-test="badge" data-code="{}">{}</span>', tone or tone_of(code), code, text
    )


@register.simple_tag
def severity(code: str) -> SafeString:
    """Show a severity: high, medium, low."""
    labels = {"high": gettext("High"), "medium": gettext("Medium"), "low": gettext("Low")}
    return badge(code, labels.get(code, code))


_PAGES = ("customer", "area", "feeder")  # what has a page of its own, by the name of its address


@register.simple_tag
def subject(kind: str, number: str, customer_id: str = "", link: bool = True) -> SafeString:
    """Show what a finding or case is about by its number: a customer's alone, of all else with what it is."""
    if customer_id:
        kind, number = "customer", customer_id
    shown: Any = format_html('<span class="text-nowrap">{}</span>', number)
    if link and number and kind in _PAGES:
        shown = format_html('<a class="text-nowrap" href="{}">{}</a>', reverse(kind, args=[number]), number)
    return shown if kind == "customer" else format_html("{} {}", words(rules.word("subject", kind)), shown)


@register.simple_tag
def deadline(due_at: datetime | None, at: datetime, closed: bool = False) -> SafeString:
    """Show a deadline and how far it is: late, today, within two days, later."""
    if due_at is None:
        return mark_safe('<span class="text-secondary">–</span>')
    days = (timezone.localdate(due_at) - timezone.localdate(at)).days
    shown = moment(due_at)
    if closed:
        return format_html("<span>{}</span>", shown)
    if due_at < at:
        late = max(-days, 0)
        text = gettext("Late today") if late == 0 else ngettext("%(n)d day late", "%(n)d days late", late) % {"n": late}
        tone = "bad"
    elif due_at - at <= timedelta(days=2):
        text = gettext("Due today") if days == 0 else ngettext("In %(n)d day", "In %(n)d days", days) % {"n": days}
        tone = "warn"
    else:
        text = ngettext("In %(n)d day", "In %(n)d days", days) % {"n": days}
        tone = "calm"
    return format_html(
        '<span class="text-nowrap">{}</span> <span class="tag tag-{}" data-test="deadline">{}</span>', shown, tone, text
    )


@register.simple_tag
def options(choices: Iterable[tuple[Any, Any]], chosen: str = "") -> SafeString:
    """The options (value, text) of a select or datalist; a loop in a template takes ten times as long for hundreds."""
    parts = (
        f'<option value="{conditional_escape(value)}"{" selected" if str(value) == chosen else ""}>'
        f"{conditional_escape(words(text))}</option>"
        for value, text in choices
    )
    return mark_safe("".join(parts))  # values and texts are escaped above


@register.simple_tag
def fact(label: Any, value: Any = "", test: str = "") -> SafeString:
    """One line of `<dl class="facts">`; an empty value is a dash, since a gap reads as a fault."""
    gap = value is None or value == ""
    shown = conditional_escape(value) if not gap else mark_safe('<span class="text-secondary">–</span>')
    hook = format_html(' data-test="{}"', test) if test else ""
    return format_html("<div><dt>{}</dt><dd{}>{}</dd></div>", label, hook, shown)


@register.simple_tag
def crumb(label: Any, url: str = "") -> SafeString:
    """One step of the breadcrumb, in `{% block crumbs %}`; the last has no address."""
    if url:
        return format_html('<li><a href="{}">{}</a></li>', url, label)
    return format_html('<li aria-current="page">{}</li>', label)


@register.simple_tag(takes_context=True)
def may(context: Context, action: str, organisation: Any = None) -> bool:
    """Whether the person of this page may do something: `{% may "case_open" unit as allowed %}`."""
    request: HttpRequest = context["request"]
    acting = getattr(request, "acting", None)
    return acting is not None and acting.may(action, organisation)


@register.simple_tag(takes_context=True)
def opens(context: Context, address: str) -> bool:
    """Whether the reader of this page may open another: `{% opens url as there %}`; not for no address."""
    return bool(address) and views.opens(context["request"], address)


@register.simple_tag(takes_context=True)
def href(context: Context, to: str, *args: Any, query: str = "") -> SafeString:
    """The `href` of a link, for those who may open where it leads: `<a {% href url %}>`, `<a {% href "rule" code %}>`.

    For all others nothing: an `a` without `href` is plain text, neither focused nor read out as a link. to: an address,
    or the name of a page with its arguments; query: added to it.
    """
    try:
        address = reverse(to, args=args) if to and not to.startswith(("/", "?", "#")) else to
    except NoReverseMatch:  # the code of a rule that the catalog never had
        return mark_safe("")
    if not address or (address.startswith("/") and not views.opens(context["request"], address)):
        return mark_safe("")
    if query:
        address += ("&" if "?" in address else "?") + query
    return format_html('href="{}"', address)


@register.simple_tag(takes_context=True)
def sort_link(context: Context, field: str, label: Any) -> SafeString:
    """A table head that orders the list: `order=field`, pressed again `order=-field`; other filters stay."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    present = query.get("order", "")
    query.pop("page", None)
    query["order"] = f"-{field}" if present == field else field
    mark = icon("arrow-up") if present == field else icon("arrow-down") if present == f"-{field}" else ""
    return format_html('<a class="sort" href="?{}">{}{}</a>', query.urlencode(), label, mark)


@register.simple_tag(takes_context=True)
def pager(context: Context, page: Any) -> SafeString:
    """First, previous, next and where we are, for a `paging.Page`; the filters of the address stay."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    query.pop("page", None)
    return mark_safe(
        render_to_string("pages/components/pager.html", {"page": page, "query": query.urlencode(), "request": request})
    )


@register.simple_tag
def field(bound: Any, wide: bool = False) -> SafeString:
    """A form field with label, help and errors."""
    return mark_safe(render_to_string("pages/components/field.html", {"field": bound, "wide": wide}))


@register.simple_tag
def file_picker(  # noqa: PLR0917 (named in templates)
    name: str, label: Any, accept: str = "", multiple: bool = False, capture: str = "", required: bool = False
) -> SafeString:
    """A file input as a styled label, so that its words follow the page's language and not the browser's."""
    values = {"name": name, "label": label, "accept": accept, "multiple": multiple, "capture": capture,
              "required": required, "id": f"file-{name}-{uuid4().hex[:6]}"}  # fmt: skip
    return mark_safe(render_to_string("pages/components/file_picker.html", values))


@register.simple_tag
def nothing(title: Any, text: Any = "", url: str = "", action: Any = "", icon_name: str = "inbox") -> SafeString:
    """What stands where a list would be: what is not there, why, and what to do."""
    values = {"title": title, "text": text, "url": url, "action": action, "icon_name": icon_name}
    return mark_safe(render_to_string("pages/components/nothing.html", values))


@register.simple_tag
def timeline(entries: Any) -> SafeString:
    """A history, newest first: mappings with at, by, verb, note, and changes as (label, before, after)."""
    return mark_safe(render_to_string("pages/components/timeline.html", {"entries": entries}))


@register.simple_tag(takes_context=True)
def job_progress(context: Context, job: Any) -> SafeString:
    """A job as it goes on: bar, message, cancel, file; asks for itself every two seconds while it runs."""
    return mark_safe(render_to_string("jobs/progress.html", {"job": job}, context.get("request")))


@register.simple_tag(takes_context=True)
def sheet_button(context: Context, name: str) -> SafeString:
    """The button that has all rows of a list written to a workbook (`jobs.sheets`), for those who may."""
    request: HttpRequest = context["request"]
    acting = getattr(request, "acting", None)
    sheet = sheets.sheet_of(name)
    if acting is None or sheet is None or not sheets.may_export(sheet, acting.may):
        return mark_safe("")
    values = {"name": name, "query": request.GET.urlencode()}
    return mark_safe(render_to_string("jobs/sheet_button.html", values, request=request))


@register.simple_tag(takes_context=True)
def chart(context: Context, value: Any) -> SafeString:
    """A `charts.Chart`, with its figures as a table for those who cannot see it and for print.

    Bars lead only where the reader may go.
    """
    if value.links:
        value = replace(value, links=[_open_to(context, link) for link in value.links])
    return mark_safe(render_to_string("pages/components/chart.html", {"chart": value}))


@register.simple_tag(takes_context=True)
def schematic_map(context: Context, value: Any) -> SafeString:
    """A `charts.Map`: points, ways and areas without tiles unless the installation has a tile server.

    Points lead only where the reader may go.
    """
    value = replace(value, points=[replace(one, url=_open_to(context, one.url)) for one in value.points])
    return mark_safe(render_to_string("pages/components/map.html", {"map": value}))


def _open_to(context: Context, address: str) -> str:
    return address if address and views.opens(context["request"], address) else ""


# --- parts that hold others


@register.simple_block_tag(takes_context=True)
def page_head(context: Context, content: str, title: Any, subtitle: Any = "") -> SafeString:
    """The head of a page with its actions: `{% page_head title %} buttons {% endpage_head %}`."""
    del context
    return mark_safe(
        render_to_string("pages/components/page_head.html", {"title": title, "subtitle": subtitle, "actions": content})
    )


@register.simple_block_tag
def card(content: str, title: Any = "", icon_name: str = "", test: str = "", flush: bool = False) -> SafeString:
    """A card: `{% card title=… %} … {% endcard %}`; `flush` for tables, which bring their own edges."""
    values = {"content": content, "title": title, "icon_name": icon_name, "test": test, "flush": flush}
    return mark_safe(render_to_string("pages/components/card.html", values))


@register.simple_block_tag(takes_context=True)
def filters(context: Context, content: str, target: str = "#list") -> SafeString:
    """The filter form of a list: sends itself while one types and chooses, keeps the address, works as a plain form.

    On a phone it is one line that says how much is chosen and opens; `filters=open` in the address keeps it open.
    """
    request: HttpRequest = context["request"]
    chosen = sum(any(values) for name, values in request.GET.lists() if name not in NO_FILTERS)
    values = {"content": content, "target": target, "path": request.path, "set": chosen,
              "open": request.GET.get("filters") == "open"}  # fmt: skip
    return mark_safe(render_to_string("pages/components/filters.html", values))
