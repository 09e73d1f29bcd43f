"""Tables: CSV files as cells that know their place; what the first row is, what a cell holds, what is wrong with a row."""

from .table import AS_FOUND, LARGEST, Reading, Table, parse_bytes, parse_csv, read_csv

__all__ = ["AS_FOUND", "LARGEST", "Reading", "Table", "parse_bytes", "parse_csv", "read_csv"]
