"""Scalar functions that SQL lacks, the same Python text for every engine: Unicode compatibility forms and text keys."""

from __future__ import annotations

import re
import sys
import unicodedata

import duckdb

# All characters of the classes Z (separators), P (punctuation) and S (symbols), as one table for str.translate.
_DROPPED = {code: None for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code))[0] in "ZPS"}
_ONLY_LETTERS_AND_DIGITS = re.compile(r"[\u4e00-\u9fa5A-Z0-9]*")


def text_nfkc(text: str) -> str:
    """Return the text in Unicode's compatibility form NFKC: full-width letters become plain ones."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def text_key(text: str) -> str:
    """Return the text for comparing: NFKC, without separators, punctuation and symbols, letters upper case."""
    if _ONLY_LETTERS_AND_DIGITS.fullmatch(text):
        return text
    return text_nfkc(text).translate(_DROPPED).upper()


FUNCTIONS = {"text_nfkc": text_nfkc, "text_key": text_key}


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the functions known to a connection. Close the connection: an open one leaks at interpreter exit."""
    for name, function in FUNCTIONS.items():
        connection.create_function(name, function, ["VARCHAR"], "VARCHAR")
