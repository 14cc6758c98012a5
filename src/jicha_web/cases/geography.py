"""Distances between places on the earth."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG


def distance_km(
    latitude: float | None, longitude: float | None, other_latitude: float | None, other_longitude: float | None
) -> float | None:
    """Return the great-circle distance of two places in degrees (haversine); None when one is unknown. [km]"""
    if latitude is None or longitude is None or other_latitude is None or other_longitude is None:
        return None
    north, other_north = radians(latitude), radians(other_latitude)
    half_east = radians(other_longitude - longitude) / 2
    chord = sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * sin(half_east) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(chord, 1.0)))
