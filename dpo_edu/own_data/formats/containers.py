"""What a file is, by its first bytes, and the rows in it: one dictionary each.

JSON Lines, a JSON array, CSV, and these compressed with gzip, are read by Python's own
library; Parquet and the folders of ``datasets`` by theirs (``dpo-edu[real]``), from the
disk alone. This module does not know what a row means.
"""

import csv
import gzip
import zlib
from collections.abc import Iterable
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from ...files import read_json
from ...validation import InputError, require, require_type

NO_TEXT = {
    b"PK\x03\x04": "is a zip archive: unpack it first",
    b"\x28\xb5\x2f\xfd": "is compressed by zstd: unpack it first (zstd -d)",
    b"BZh": "is compressed by bzip2: unpack it first (bunzip2)",
    b"\xfd7zXZ": "is compressed by xz: unpack it first (unxz)",
    b"\xff\xfe": "is UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text: save it as UTF-8",
    b"version https://git-lfs": "is a Git LFS pointer and not the data: git lfs pull",
}
"""How files begin that are not read, and what to do about them."""
GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
EXTRA = "pip install 'dpo-edu[real]'"
LONGEST_CELL = 2**31 - 1  # of CSV, where Python's default is 131,072 letters


class Rows(NamedTuple):
    """The rows of a file."""

    kind: str  # of container, in words
    unit: str  # what the numbers count: line or row
    rows: list[tuple[int, dict | InputError]]  # a number, and what stands there


def read_rows(path: Path) -> Rows:
    """All rows of a file or of a folder of ``datasets``; blank lines are passed over.

    Raises InputError where the whole cannot be read; a single bad row is its value.
    """
    require_type(Path, path=path)
    if path.is_dir():
        return Rows("a folder of datasets", "row", _numbered(_saved(path)))
    content = _content(path)
    packed = content.startswith(GZIP)
    if packed:
        content = _unpacked(path, content)
    if content.startswith(PARQUET):
        found = Rows("Parquet", "row", _numbered(_parquet(path, content)))
    else:
        found = _rows_of_text(path, _text(path, content))
    require(found.rows, f"{path} holds no pairs: no row is in it")
    return found._replace(kind=f"{found.kind} in gzip") if packed else found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None


def _unpacked(path: Path, content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} is damaged gzip: {error}") from None


def _text(path: Path, content: bytes) -> str:
    for mark, words in NO_TEXT.items():
        require(not content.startswith(mark), f"{path} {words}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start})") from None


def _rows_of_text(path: Path, text: str) -> Rows:
    start = text.lstrip()[:1]
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".csv", ".tsv")) and start not in ("{", "["):
        return Rows("CSV", "line", _table(path, text))
    if start == "[" and _begins_an_array(text):
        return Rows("a JSON array", "row", _numbered(_array(path, text)))
    return Rows("JSON Lines", "line", _lines(path, text))


# JSON


def _lines(path: Path, text: str) -> list:
    # Not splitlines(): a JSON string may hold U+2028, which that would cut in two.
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    rows = [(number, _object(line)) for number, line in lines]
    if all(isinstance(row, InputError) for _, row in rows):
        _require_lines(path, text)
    return rows


def _object(line: str) -> dict | InputError:
    try:
        return _row(read_json(line))
    except ValueError as error:
        where = getattr(error, "colno", None)
        column = f", column {where}" if where else ""
        return InputError(f"not JSON ({getattr(error, 'msg', error)}{column})")


def _row(value) -> dict | InputError:
    words = "not a JSON object with fields for a prompt and two answers"
    return value if isinstance(value, dict) else InputError(words)


def _require_lines(path: Path, text: str) -> None:
    """Raise if the whole text is one object, and so not JSON Lines."""
    try:
        read_json(text)
    except ValueError:
        return
    require("\n" not in text.strip(), f"{path} is one object, and not one a line")


def _begins_an_array(text: str) -> bool:
    """Whether the text is one array: its first line alone is no value, or it all is."""
    try:
        first, *others = text.strip().split("\n")
        return not isinstance(read_json(first), list) or not others
    except ValueError:
        return True


def _array(path: Path, text: str) -> list:
    try:
        return read_json(text)
    except ValueError as error:
        raise InputError(f"{path} is not JSON: {error}") from None


def _numbered(values: Iterable) -> list[tuple[int, dict | InputError]]:
    return [(number, _row(value)) for number, value in enumerate(values, 1)]


# CSV


def _table(path: Path, text: str) -> list:
    """Rows of a CSV text by the number of the line at which they begin."""
    csv.field_size_limit(LONGEST_CELL)
    head = text.split("\n", 1)[0]
    mark = max(",;\t", key=head.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True)
    rows, begins = [], 1
    try:
        names = next(filter(None, reader), [])
        begins = reader.line_num + 1
        for cells in reader:
            rows += [(begins, _cells(names, cells))] if cells else []
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}, line {begins}: not CSV ({error})") from None
    return rows


def _cells(names: list[str], cells: list[str]) -> dict | InputError:
    if len(names) != len(cells):
        return InputError(f"{len(cells)} cells under {len(names)} names of columns")
    return dict(zip(names, cells, strict=True))


# What datasets writes


def _parquet(path: Path, content: bytes) -> list[dict]:
    arrow = _library("pyarrow", f"{path} is Parquet")
    read_table = import_module("pyarrow.parquet").read_table
    try:
        return read_table(arrow.BufferReader(content)).to_pylist()
    except (arrow.ArrowException, OSError, ValueError) as error:
        reason = str(error).split("\n")[0]
        raise InputError(f"{path} is damaged Parquet: {reason}") from None


def _saved(folder: Path) -> list[dict]:
    datasets = _library("datasets", f"{folder} is a folder of datasets")
    try:
        return datasets.load_from_disk(str(folder)).to_list()
    except Exception as error:  # of many kinds: JSON, Arrow, the library's own
        reason = str(error).split("\n")[0]
        raise InputError(f"{folder} cannot be loaded by datasets: {reason}") from None


def _library(name: str, what: str):
    try:
        return import_module(name)
    except ImportError:
        raise InputError(f"{what}, for which a library is missing: {EXTRA}") from None
