"""The page of templates: fetch, replace by one's own, take back."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jicha_web import core
from jicha_web.assess import templates_own
from jicha_web.assess.papers import own_templates
from jicha_web.assess.views.common import attempt
from jicha_web.core import Text
from jicha_web.documents import kinds
from jicha_web.documents.kinds import row_columns, value_labels
from jicha_web.documents.rendered import template_path
from jicha_web.documents.word import MAX_TEMPLATE_BYTES
from jicha_web.pages import confirm
from jicha_web.pages.views import acting_of, signed_in


def _labels() -> dict[str, Text]:
    others = {code: Text(o["zh"], o["en"]) for code, o in core.application_file("documents")["others"].items()}
    return {**{code: kind.label for code, kind in kinds().items()}, **others}


def _known(template: str) -> None:
    if template not in _labels():
        raise Http404


@require_GET
@signed_in("library_edit")
def paper_templates(request: HttpRequest) -> HttpResponseBase:
    """All templates, shipped or own, and what they may name."""
    rows = [
        {"code": code, "label": label, "own": templates_own.in_use(code)} for code, label in _labels().items()
    ]  # fmt: skip
    values = [
        {"name": name, "label": label, "of": row_columns().get(name)} for name, label in value_labels().items()
    ]  # fmt: skip
    return render(request, "assess/templates.html", {"rows": rows, "values": values})


@require_http_methods(["GET", "HEAD"])
@signed_in("library_edit")
def paper_template(request: HttpRequest, template: str) -> HttpResponseBase:
    """Fetch the template in use, to start one's own from."""
    del request
    _known(template)
    path = template_path(template, ".docx", own_templates())
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{template}.docx")


@require_POST
@signed_in("library_edit")
def paper_template_put(request: HttpRequest, template: str) -> HttpResponseBase:
    """Use an own template."""
    _known(template)
    acting, sent = acting_of(request), request.FILES.get("file")
    if sent is None:
        messages.error(request, _("Choose a file."))
    elif (sent.size or 0) > MAX_TEMPLATE_BYTES:
        messages.error(request, _("The file is too big."))
    else:
        content = sent.read()
        attempt(
            request, _("Your template is used from now on."),
            lambda: templates_own.put(template=template, content=content, by=acting.person, at=acting.at),
        )  # fmt: skip
    return redirect("paper_templates")


@require_POST
@signed_in("library_edit")
def paper_template_remove(request: HttpRequest, template: str) -> HttpResponseBase:
    """Use the shipped template again."""
    _known(template)
    acting = acting_of(request)
    asked = confirm.ask(
        request, question=_("Use the shipped template again?"), back="/papers/templates/",
        consequence=_("Your own template is removed. Papers that were issued stay as they are."),
    )  # fmt: skip
    if asked:
        return asked
    attempt(
        request, _("The shipped template is used again."),
        lambda: templates_own.remove(template=template, by=acting.person, at=acting.at),
    )  # fmt: skip
    return redirect("paper_templates")
