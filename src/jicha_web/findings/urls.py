"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from jicha_web.findings.views import customer, detail, grid, listing, rule_pages, staff, whitelists

urlpatterns = [
    path("findings/", listing.findings, name="findings"),
    path("findings/bulk/", listing.bulk, name="findings_bulk"),
    path("findings/export/", listing.export, name="findings_export"),
    path("findings/filters/", listing.keep_filter, name="finding_filter_keep"),
    path("findings/filters/<int:pk>/forget/", listing.forget_filter, name="finding_filter_forget"),
    path("findings/<int:pk>/", detail.finding, name="finding"),
    path("findings/<int:pk>/act/", detail.act, name="finding_act"),
    path("findings/<int:pk>/unmask/", detail.unmask, name="finding_unmask"),
    path("findings/<int:pk>/staff/<slug:name>/", staff.section, name="finding_staff"),
    path("whitelist/", whitelists.entries, name="whitelist"),
    path("whitelist/<int:pk>/", whitelists.entry, name="whitelist_entry"),
    path("whitelist/<int:pk>/decide/", whitelists.decide, name="whitelist_decide"),
    path("customers/<str:customer_id>/", customer.customer, name="customer"),
    path("customers/<str:customer_id>/<slug:name>/", customer.section, name="customer_section"),
    path("areas/<str:number>/", grid.page, {"kind": "area"}, name="area"),
    path("areas/<str:number>/<slug:name>/", grid.section, {"kind": "area"}, name="area_section"),
    path("feeders/<str:number>/", grid.page, {"kind": "feeder"}, name="feeder"),
    path("feeders/<str:number>/<slug:name>/", grid.section, {"kind": "feeder"}, name="feeder_section"),
    path("rules/", rule_pages.rule_list, name="rules"),
    path("rules/changes/", rule_pages.changes, name="rule_changes"),
    path("rules/changes/<int:pk>/", rule_pages.decide, name="rule_change_decide"),
    path("rules/<slug:code>/", rule_pages.rule_page, name="rule"),
    path("rules/<slug:code>/look-back/", rule_pages.look_back, name="rule_look_back"),
    path("rules/<slug:code>/propose/", rule_pages.propose, name="rule_propose"),
]
