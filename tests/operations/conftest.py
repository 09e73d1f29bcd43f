"""The table of cases: each operation, called in every way it can be, with the oracle of what it must give.

A test that asks for `case` runs once for each. The cases stand in `cases`, a file for each family.
"""

import pytest

from tests.operations.cases.entrywise import entry_by_entry
from tests.operations.cases.indexing import index_arguments, indices
from tests.operations.cases.products import einsums, sums_of_products
from tests.operations.cases.reductions import reductions
from tests.operations.cases.shapes import shapes

CASES = [*einsums(), *entry_by_entry(), *reductions(), *shapes(), *indices(), *index_arguments(), *sums_of_products()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES, ids=str)


@pytest.fixture
def covered() -> set[str]:
    """The names of the operations that the table covers."""
    return {case.name for case in CASES}
