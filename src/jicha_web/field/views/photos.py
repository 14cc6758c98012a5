"""Photos: taken in, shown as copies, fetched as originals; always through the scope, never by path."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jicha_web.core import Text
from jicha_web.field import photos, thumbs
from jicha_web.field.errors import UnableToVisit
from jicha_web.field.models import Photo
from jicha_web.field.pictures import SUFFIXES, too_heavy
from jicha_web.field.storage import path_of
from jicha_web.field.views.visit import part_answer, visit_or_404
from jicha_web.pages import confirm
from jicha_web.pages.views import acting_of, signed_in


@require_POST
@signed_in("case_check")
def photo_add(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take in one or more photos of a kind; those that can be kept are, the others are named with the reason."""
    visit, acting = visit_or_404(pk), acting_of(request)

    def act() -> None:
        files = request.FILES.getlist("photo")
        if not files:
            raise UnableToVisit(Text("请选择照片", "choose a photo"))
        wrong_zh, wrong_en = [], []
        for file in files[:20]:
            try:
                if (file.size or 0) > settings.MAX_UPLOAD_BYTES:  # refused without being read
                    raise UnableToVisit(too_heavy(settings.MAX_UPLOAD_BYTES))
                photos.add(
                    case=visit.case, visit=visit, kind=request.POST.get("kind", ""), content=file.read(),
                    by=acting.person, at=acting.at,
                )  # fmt: skip
            except UnableToVisit as refused:
                wrong_zh.append(f"{file.name}：{refused.text.zh}")
                wrong_en.append(f"{file.name}: {refused.text.en}")
        if wrong_zh:
            raise UnableToVisit(Text("；".join(wrong_zh), "; ".join(wrong_en)))

    return part_answer(request, visit, "photos", act)


def _photo_or_404(pk: int) -> Photo:
    return get_object_or_404(Photo.objects.select_related("case__organisation", "visit__case__organisation"), pk=pk)


@require_POST
@signed_in("case_check")
def photo_remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a photo out of a draft."""
    photo, acting = _photo_or_404(pk), acting_of(request)
    if photo.visit is None:
        raise Http404
    asked = confirm.ask(
        request, question=_("Remove this photo?"), consequence=_("It stays on file, but no longer counts as evidence."),
        back=f"/visits/{photo.visit_id}/",
    )  # fmt: skip
    if asked:
        return asked
    return part_answer(
        request, visit_or_404(photo.visit.pk), "signature" if photo.kind == "signature" else "photos",
        lambda: photos.remove(photo=photo, by=acting.person, at=acting.at, reason=request.POST.get("reason", "")),
    )  # fmt: skip


def _file(path: Path, *, attachment: bool, name: str, media_type: str) -> FileResponse:
    if not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=attachment, filename=name, content_type=media_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=3600, immutable"
    return response


@require_GET
@signed_in("case_view")
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The copy for display."""
    del request
    found = _photo_or_404(pk)
    return _file(path_of(found.display), attachment=False, name=f"{found.pk}.jpg", media_type="image/jpeg")


@require_GET
@signed_in("case_view")
def photo_thumb(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The small picture for lists."""
    del request
    found = _photo_or_404(pk)
    try:
        path = thumbs.thumb(found)
    except (OSError, ValueError):  # the copy is gone or no picture any more: the check of the history names it
        raise Http404 from None
    return _file(path, attachment=False, name=f"{found.pk}-thumb.jpg", media_type="image/jpeg")


@require_GET
@signed_in("case_view")
def photo_original(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The original bytes, only ever as a download."""
    del request
    found = _photo_or_404(pk)
    name = f"{found.case.number}-{found.kind}-{found.pk}.{SUFFIXES[found.media_type]}"
    return _file(path_of(found.original), attachment=True, name=name, media_type="application/octet-stream")
