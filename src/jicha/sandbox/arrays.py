"""Small tools on numpy arrays: random streams, exact decimals, text columns."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Array = npt.NDArray[Any]
Rng = np.random.Generator

NULL = np.iinfo(np.int64).min  # null in an array of scaled decimals


def stream(seed: int, *names: object) -> Rng:
    """Return the random stream of a part: the same seed and names give the same numbers."""
    return np.random.default_rng([seed, zlib.crc32("/".join(map(str, names)).encode())])


def decimal_array(units: Array, precision: int, scale: int) -> Any:
    """Return integers, in units of the last digit, as Arrow decimals; NULL becomes null."""
    units = np.ascontiguousarray(units, dtype=np.int64)
    words = np.empty((len(units), 2), dtype=np.int64)
    words[:, 0] = units
    words[:, 1] = units >> 63
    missing = units == NULL
    validity = None
    if missing.any():
        validity = pa.py_buffer(np.packbits(~missing, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(units), [validity, pa.py_buffer(words.tobytes())])


def half_up(units: Array, divisor: int | Array) -> Array:
    """Divide integers and round half away from zero."""
    return np.asarray(np.sign(units) * ((np.abs(units) + divisor // 2) // divisor))


def text(values: Iterable[Any]) -> Array:
    """Return strings as an object array, so that they add element by element."""
    return np.array(list(values), dtype=object)


def numbered(prefix: str, start: int, count: int, width: int) -> Array:
    """Return identifiers: a prefix and a running number."""
    return text(f"{prefix}{number:0{width}d}" for number in range(start, start + count))


def choose(rng: Rng, options: Sequence[Any], size: int, weights: Sequence[float] | None = None) -> Array:
    """Draw from options with weights, as an object array of the options themselves."""
    array = np.empty(len(options), dtype=object)
    array[:] = list(options)
    share = None if weights is None else np.asarray(weights, dtype=float) / float(np.sum(weights))
    return np.asarray(array[rng.choice(len(options), size, p=share)])


def month_of(days: Array) -> Array:
    """Return the calendar month, 1 to 12, of every day."""
    return np.asarray(days.astype("datetime64[M]").astype(np.int64) % 12 + 1)


def year_of(days: Array) -> Array:
    """Return the calendar year of every day."""
    return np.asarray(days.astype("datetime64[Y]").astype(np.int64) + 1970)


def or_none(condition: Array, values: Array) -> Array:
    """Return values where the condition holds, else None."""
    found = np.full(len(values), None, dtype=object)
    found[condition] = values[condition]
    return found


def number_text(numbers: Array) -> Any:
    """Return integers as an Arrow text column."""
    return pa.array(numbers.astype(np.int64)).cast(pa.string())


def take(values: Array, positions: Array) -> Any:
    """Return an Arrow text column of values at positions; built once per value."""
    return pa.array(values, type=pa.string(), from_pandas=True).take(pa.array(positions))
