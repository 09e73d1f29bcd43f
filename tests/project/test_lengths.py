"""No file is too long to be read at one go, and none in the packages so short that its thing would be found elsewhere."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST, SHORTEST = 400, 40
PACKAGES = ("minigraph", "models")
LONG: dict[str, str] = {}
SHORT = {
    "minigraph/drawing/centring.py": "what moves texts after drawing, beside the files that only draw",
    "minigraph/hypothesis_types.py": "the door by which Hypothesis comes in: loaded by its name, so it holds nothing more",
    "minigraph/testing/plugins/for_hypothesis.py": "loaded by its name in every run of Hypothesis, so it holds nothing more",
    "minigraph/testing/plugins/for_pytest.py": "loaded by its name in every run of pytest, so it holds nothing more",
    "models/commands/export.py": "a subcommand is a file",
    "models/datasets/splitting.py": "tables and models hold examples out by the same rule",
    "models/early_stopping.py": "who looks for early stopping looks for this name",
}


def lengths(*folders: str) -> dict[str, int]:
    """The lines of every file of Python in these folders."""
    files = (file for folder in folders for file in (ROOT / folder).rglob("*.py") if "_build" not in file.parts)
    return {file.relative_to(ROOT).as_posix(): len(file.read_text("utf-8").splitlines()) for file in files}


def test_no_file_is_over_400_lines():
    long = {name: lines for name, lines in lengths(*PACKAGES, "tests", "docs", ".ci").items() if lines > LONGEST}
    assert long.keys() == LONG.keys(), long  # an exception that is no longer needed goes


def test_no_file_of_the_packages_is_under_40_lines():
    own = {name: lines for name, lines in lengths(*PACKAGES).items() if Path(name).stem not in ("__init__", "__main__")}
    short = {name: lines for name, lines in own.items() if lines < SHORTEST}
    assert not short.keys() - SHORT.keys(), (
        f"to stand where it is looked for, or SHORT says why not: {short.keys() - SHORT.keys()}"
    )
    assert short.keys() == SHORT.keys(), f"an exception that is no longer needed goes: {SHORT.keys() - short.keys()}"
