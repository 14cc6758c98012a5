"""The look of form fields; what a form held that was refused, for the page that shows it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest

_REFUSED = "refused_form"
_LONGEST = 6000  # letters of one field

if TYPE_CHECKING:
    _Base = forms.BaseForm
else:
    _Base = object


class Styled(_Base):
    """Mix-in for forms: `class Note(Styled, forms.Form)`; fields get the classes and browser widgets of the theme."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect):
                kind = "form-check-input"
            elif isinstance(widget, forms.Select):
                kind = "form-select"
            else:
                kind = "form-control"
            widget.attrs.setdefault("class", kind)
            if isinstance(field, forms.DateTimeField):
                widget.input_type = "datetime-local"
                widget.format = "%Y-%m-%dT%H:%M"
            elif isinstance(field, forms.DateField):
                widget.input_type = "date"
                widget.format = "%Y-%m-%d"
            elif isinstance(field, forms.TimeField):
                widget.input_type = "time"
                widget.format = "%H:%M"
            if isinstance(widget, forms.Textarea):
                widget.attrs.setdefault("rows", 3)


def keep_refused(request: HttpRequest, form: str) -> None:
    """Keep what a form of a larger page held, until that page is shown again: nobody types it twice."""
    values = {name: value[:_LONGEST] for name, value in request.POST.items() if isinstance(value, str)}
    for name in ("csrfmiddlewaretoken", "confirmed"):
        values.pop(name, None)
    request.session[_REFUSED] = {"form": form, "values": values}


def refused(request: HttpRequest, form: str) -> dict[str, Any]:
    """Return what a form held when it was refused, once; nothing where it was not."""
    kept = request.session.get(_REFUSED)
    if not kept or kept["form"] != form:
        return {}
    del request.session[_REFUSED]
    return dict(kept["values"])
