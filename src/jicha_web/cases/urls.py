"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from jicha_web.cases.views import detail, dispatch, flow, leads, lists, proposals

urlpatterns = [
    path("my-work/", lists.my_work, name="my_work"),
    path("cases/", lists.cases, name="cases"),
    path("cases/export/", lists.cases_export, name="cases_export"),
    path("cases/filters/", lists.filter_keep, name="case_filter_keep"),
    path("cases/filters/<int:pk>/forget/", lists.filter_forget, name="case_filter_forget"),
    path("cases/dispatch/", dispatch.cases_dispatch, name="cases_dispatch"),
    path("cases/new/", proposals.case_new, name="case_new"),
    path("cases/proposals/", proposals.case_proposals, name="case_proposals"),
    path("cases/proposals/open/", proposals.proposals_open, name="proposals_open"),
    path("cases/special/", proposals.special, name="case_special"),
    path("cases/special/open/", proposals.special_open, name="special_open"),
    path("cases/workflow/", flow.case_workflow, name="case_workflow"),
    path("cases/<int:pk>/", detail.case, name="case"),
    path("cases/<int:pk>/move/<slug:event>/", detail.case_move, name="case_move"),
    path("cases/<int:pk>/dispatch/<slug:event>/", dispatch.case_dispatch, name="case_dispatch"),
    path("cases/<int:pk>/unmask/", detail.case_unmask, name="case_unmask"),
    path("cases/<int:pk>/describe/", detail.case_describe, name="case_describe"),
    path("cases/<int:pk>/party/", detail.party_name, name="party_name"),
    path("cases/<int:pk>/extension/", detail.extension_ask, name="extension_ask"),
    path("cases/<int:pk>/extension/<int:extension_pk>/", detail.extension_decide, name="extension_decide"),
    path("leads/", leads.lead_list, name="leads"),
    path("leads/new/", leads.lead_new, name="lead_new"),
    path("leads/import/", leads.lead_import, name="lead_import"),
    path("leads/template/", leads.lead_template, name="lead_template"),
    path("leads/<int:pk>/", leads.lead, name="lead"),
    path("leads/<int:pk>/reporter/", leads.lead_reporter, name="lead_reporter"),
    path("leads/<int:pk>/<slug:what>/", leads.lead_act, name="lead_act"),
]
