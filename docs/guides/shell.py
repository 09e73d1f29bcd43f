"""Commands on a page: they run in a temporary folder, and one that fails stops the build.

IPython's own ``%%bash`` hands output on in pieces that end anywhere; here it comes in one.
"""

import os
import subprocess
import tempfile

from IPython.core.magic import register_cell_magic

os.chdir(tempfile.mkdtemp())
os.environ["COLUMNS"] = "95"


@register_cell_magic
def bash(line, cell):
    """Run the cell in bash and print what it says."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", cell], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(done.stdout, end="")
    done.check_returncode()
