"""Data sets: real ones, shipped as small files with their own licence (NOTICE.md), and generated ones."""

from .breast_cancer import breast_cancer
from .dataset import Dataset

__all__ = ["Dataset", "breast_cancer"]
