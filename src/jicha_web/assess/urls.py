"""Addresses of this part."""

from __future__ import annotations

from django.urls import path, re_path

from jicha_web.assess.views import calculate, outcome, papers, rectify, templates

urlpatterns = [
    path("cases/<int:pk>/assess/", outcome.case_assess, name="case_assess"),
    path("cases/<int:pk>/calculate/", calculate.case_calculators, name="case_calculators"),
    path("cases/<int:pk>/calculate/<slug:name>/", calculate.case_calculate, name="case_calculate"),
    path("cases/<int:pk>/calculations/<int:calculation_pk>/", calculate.case_calculation, name="case_calculation"),
    path(
        "cases/<int:pk>/calculations/<int:calculation_pk>/use/", calculate.case_calculation_use,
        name="case_calculation_use",
    ),
    path("cases/<int:pk>/papers/<slug:kind>/new/", papers.case_paper_new, name="case_paper_new"),
    path("cases/<int:pk>/papers/<slug:kind>/preview/", papers.case_paper_preview, name="case_paper_preview"),
    re_path(
        r"^cases/(?P<pk>\d{1,15})/papers/(?P<paper_pk>\d{1,15})\.(?P<form>pdf|docx)$", papers.case_paper,
        name="case_paper",
    ),
    path("cases/<int:pk>/papers/<int:paper_pk>/cancel/", papers.case_paper_cancel, name="case_paper_cancel"),
    path("cases/<int:pk>/rectify/", rectify.case_rectify, name="case_rectify"),
    path("cases/<int:pk>/money/", rectify.case_money, name="case_money"),
    path("cases/<int:pk>/money/<int:money_pk>/cancel/", rectify.case_money_cancel, name="case_money_cancel"),
    path("cases/<int:pk>/files/", rectify.case_file_add, name="case_file_add"),
    path("cases/<int:pk>/files/<int:file_pk>/", rectify.case_file, name="case_file"),
    path("cases/<int:pk>/files/<int:file_pk>/remove/", rectify.case_file_remove, name="case_file_remove"),
    path("papers/templates/", templates.paper_templates, name="paper_templates"),
    path("papers/templates/<slug:template>/", templates.paper_template, name="paper_template"),
    path("papers/templates/<slug:template>/put/", templates.paper_template_put, name="paper_template_put"),
    path("papers/templates/<slug:template>/remove/", templates.paper_template_remove, name="paper_template_remove"),
]  # fmt: skip
