"""Photos as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router

from jicha_web.api.access import acting_of
from jicha_web.api.inputs import Pk
from jicha_web.api.problems import REFUSALS
from jicha_web.api.schemas import PhotoOut
from jicha_web.cases.models import Case
from jicha_web.field.models import Photo

router = Router(tags=["photos"])


def _binary(media_type: str) -> dict[str, Any]:
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {"responses": {"200": {"description": "the photo", "content": content}}}


@router.get("/cases/{pk}/photos", response={200: list[PhotoOut], **REFUSALS}, operation_id="list_photos")
def list_photos(request: HttpRequest, pk: Pk) -> list[PhotoOut]:
    """List the photos of a case."""
    acting_of(request, "case_view")
    case = get_object_or_404(Case.objects, pk=pk)
    found = Photo.objects.filter(case=case, removed=False).order_by("pk")[:500]
    return [
        PhotoOut(
            id=one.pk, kind=one.kind, sha256=one.sha256, size_bytes=one.size_bytes, width_px=one.width_px,
            height_px=one.height_px, taken_at=one.taken_at, latitude=one.latitude, longitude=one.longitude, at=one.at,
        )
        for one in found
    ]  # fmt: skip


@router.get(
    "/photos/{pk}/display", response={**REFUSALS}, operation_id="get_photo", openapi_extra=_binary("image/jpeg")
)
def get_photo(request: HttpRequest, pk: Pk) -> FileResponse:
    """Fetch the copy of a photo for display."""
    return _file(request, pk, "display", "image/jpeg")


@router.get(
    "/photos/{pk}/original", response={**REFUSALS}, operation_id="get_photo_original",
    openapi_extra=_binary("application/octet-stream"),
)  # fmt: skip
def get_photo_original(request: HttpRequest, pk: Pk) -> FileResponse:
    """Fetch the original bytes of a photo, as an attachment."""
    return _file(request, pk, "original", "application/octet-stream")


def _file(request: HttpRequest, pk: int, which: str, media_type: str) -> FileResponse:
    acting_of(request, "case_view")
    found = get_object_or_404(Photo.objects, pk=pk)
    path = Path(settings.MEDIA_ROOT) / getattr(found, which)
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=which == "original", filename=path.name, content_type=media_type)
