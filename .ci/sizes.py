"""Prints what minigraph and each of its extras for users takes on the disk, as the table of docs/guides/install.md.

    python .ci/sizes.py               # all of them; torch alone downloads gigabytes
    python .ci/sizes.py render jax    # some

Each is installed into a folder of its own, with all that it brings along, and its files are counted. Wheels differ from
system to system.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXTRAS = ("render", "plots", "sklearn", "onnx", "jax", "torch")
"""Those for users of minigraph, not for its developers."""


def installed(requirement: str) -> tuple[float, int]:
    """The megabytes (of 1,000,000 bytes) and the number of packages of what pip installs for this."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--target", folder, requirement]
        subprocess.run(pip, check=True)
        files = [path for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink()]
        size = sum(path.stat().st_size for path in files)
        return size / 1e6, len(list(Path(folder).glob("*.dist-info")))


def main(extras: list[str]) -> None:
    """Print the table, row by row."""
    alone, count = installed(str(ROOT))
    print("| you install | packages | MB | of that, the extra's |")
    print("|---|---:|---:|---:|")
    print(f"| `minigraph` | {count} | {alone:.0f} | |", flush=True)
    for extra in extras:
        size, count = installed(f"{ROOT}[{extra}]")
        print(f"| `minigraph[{extra}]` | {count} | {size:.0f} | {size - alone:.0f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(EXTRAS))
