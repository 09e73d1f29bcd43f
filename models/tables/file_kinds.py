"""Files that are no CSV, known by how they begin: gzip is unpacked, others are refused with what to do."""

from __future__ import annotations

import gzip
import io
import zlib

from ..errors import DataError

GZIP = b"\x1f\x8b"
KINDS = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "Unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV"),
    (
        b"PAR1",
        "a Parquet file",
        "Write it as CSV, as polars.read_parquet(path).write_csv(…) does",
    ),
    (b"ARROW1", "an Arrow file", "Write it as CSV"),
    (b"SQLite format", "a database of SQLite", "Write the table as CSV, as sqlite3 -header -csv does"),
    (b"%PDF", "a PDF", "Save the table as CSV"),
    (b"version https://git-lfs", "a pointer of Git LFS, without the data", "Fetch them: git lfs pull"),
    (b"@relation", "an ARFF file of Weka", "Save it as CSV there"),
    (b"<!doctype", "a page of HTML, perhaps an error of a download", "Get the CSV itself"),
    (b"<html", "a page of HTML, perhaps an error of a download", "Get the CSV itself"),
    (b"<?xml", "XML", "Save the table as CSV"),
    (b"[{", "JSON", "Write it as CSV, as pandas.read_json(path).to_csv(…, index=False) does"),
    (b'{"', "JSON", "Write it as CSV, as pandas.read_json(path).to_csv(…, index=False) does"),
)
"""How a file begins, in small letters or as it is; what it is, and what to do."""


def unpacked(raw: bytes, path: str, most: int) -> bytes:
    """The bytes of a file that may be packed with gzip, at most so many.

    Raises:
        DataError: if it is damaged, or holds more.

    Example:
        >>> import gzip
        >>> unpacked(gzip.compress(b"a,b"), "x.csv.gz", 9), unpacked(b"a,b", "x.csv", 9)
        (b'a,b', b'a,b')
    """
    if not raw.startswith(GZIP):
        return raw
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
            found = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is packed with gzip, and damaged ({error}). Take a copy.") from None
    if len(found) > most:
        raise DataError(f"{path} is larger than {most >> 20} MiB, unpacked. Give a CSV file, of at most that size.")
    return found


def refuse_other_kinds(raw: bytes, path: str) -> None:
    """Refuse a file that begins as a known kind does which is no CSV."""
    start = raw[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    for beginning, what, advice in KINDS:
        if start.startswith(beginning) or start.lower().startswith(beginning):
            raise DataError(f"{path} is {what}, no CSV file. {advice}.")
