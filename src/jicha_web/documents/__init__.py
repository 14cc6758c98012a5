"""Documents from plain values: PDF by Typst, Word by docxtpl. Knows no tables of the application.

    render_pdf("paper", {...}).content
    render_docx("theft_notice", {...}).content

The report of the overview: `render_pdf("report", data)`; its data hold language, title, unit, period, made_on, note,
labels {made_on}, figures [{label, value, note}] and sections [{heading, text, bars [{label, size, value}],
columns [{label, width, number}], rows [[cell]]}]; all but the numbers of `size` and `width` are texts.
"""

from jicha_web.documents.kinds import Kind, kinds
from jicha_web.documents.pdf import render_pdf
from jicha_web.documents.rendered import Rendered
from jicha_web.documents.word import render_docx

__all__ = ["Kind", "Rendered", "kinds", "render_docx", "render_pdf"]
