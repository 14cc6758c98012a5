"""The look of form fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

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
