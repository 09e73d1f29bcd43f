"""Builds the sdist, and from it two wheels: the same bytes in every folder, at any time, for any umask.

One wheel is for this system and has the interpreter in C, if there is a compiler. The other is without it, for all systems.

Run it in an environment with the extra `release`: python .ci/build.py FOLDER. The variable SOURCE_DATE_EPOCH, in seconds, is
the time of every file in them. Nothing of earlier builds gets in: only the files named here are copied and packed.
"""

import gzip
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ["pyproject.toml", "README.md", "LICENSE", "minigraph", "models"]


def copy_sources(target: Path) -> None:
    """What a build reads, without what lies about, and with one mode for every file."""
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        ignore = {"ignore": shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")} if copy is shutil.copytree else {}
        copy(ROOT / name, target / name, **ignore)
    for path in target.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def run_build(kind: str, source: Path, out: Path) -> None:
    """The standard's own builder, in an environment of its own."""
    subprocess.run([sys.executable, "-m", "build", kind, "--outdir", out, source], check=True, stdout=subprocess.DEVNULL)


def repack(sdist: Path, time: int) -> None:
    """Write the archive again, in order of names: no owner, no modes but one, no time but this."""
    with tarfile.open(sdist) as packed:
        contents = sorted((member.name, packed.extractfile(member).read()) for member in packed if member.isfile())
    with (
        open(sdist, "wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=time) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for name, content in contents:
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(content), time, 0o644
            archive.addfile(member, fileobj=io.BytesIO(content))


def leave_out_c(source: Path) -> None:
    """Make the sources those of a package in Python alone."""
    pyproject = source / "pyproject.toml"
    table = r"\n\[+tool\.{}\]+\n([^\[\n].*\n)+"
    text = pyproject.read_text(encoding="utf-8")
    for name in ("setuptools.ext-modules", "distutils.bdist_wheel"):
        text, count = re.subn(table.format(name), "\n", text)
        assert count == 1, name
    pyproject.write_text(text, encoding="utf-8")


def main(out: Path) -> None:
    """All files, in the folder `out`."""
    os.umask(0o022)
    with tempfile.TemporaryDirectory() as folder:
        sources, unpacked = Path(folder, "sources"), Path(folder, "unpacked")
        sources.mkdir()
        copy_sources(sources)
        run_build("--sdist", sources, out)
        [sdist] = out.glob("*.tar.gz")
        repack(sdist, int(os.environ["SOURCE_DATE_EPOCH"]))
        shutil.unpack_archive(sdist, unpacked, filter="data")
        [top] = unpacked.iterdir()
        run_build("--wheel", top, out)
        leave_out_c(top)
        run_build("--wheel", top, out)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
