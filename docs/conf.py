"""How the documentation is built: ``sphinx -W --keep-going -q -b html docs OUT``, from the repository's root.

Every page is executed; an exception, a warning of Python, or one of Sphinx stops the build. Each lesson
is also written as a notebook, without outputs, that needs nothing but minigraph with its extras.
"""

import hashlib
import logging
import os
import re
import sys
from pathlib import Path

DOCS = Path(__file__).parent.resolve()
sys.path.insert(0, str(DOCS))  # for the modules beside this file

import kernels  # noqa: E402  after the path
import notebooks  # noqa: E402
import pictures  # noqa: E402
import question_bank  # noqa: E402
import teaching_pages  # noqa: E402

import minigraph  # noqa: E402  sorted behind it

project = "minigraph"
author = "the authors of minigraph"
copyright = author
version = release = minigraph.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
]
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]

# Pages: MyST markdown, executed
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_raise_on_error = False  # it is a warning, and -W counts it, so that one run shows all of them
nb_execution_timeout = 300  # seconds for a cell: a busy machine is no failure
nb_execution_show_tb = True
nb_output_stderr = "error"
nb_merge_streams = True
nb_mime_priority_overrides = [("html", "image/svg+xml", 0)]  # a diagram is a picture that a click shows as a whole


def _fingerprint() -> str:
    """Changes when the code that the pages run changes, so that no page shows the output of old code."""
    root = DOCS.parent
    patterns = ("minigraph/**/*.*", "models/**/*.*", "docs/**/*.py", "tests/evidence/*.py")
    sources = sorted(file for pattern in patterns for file in root.glob(pattern))
    contents = (file.read_bytes() for file in sources if "__pycache__" not in file.parts)
    return hashlib.sha256(b"\0".join(contents)).hexdigest()[:16]


nb_execution_cache_path = str(DOCS / "_build" / "executed" / _fingerprint())

# The kernels start from here: exercise.py can be imported, plots are drawn as SVG, and nobody's own
# settings of IPython or Matplotlib play a part.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # the command minigraph
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(DOCS / "lessons"), os.environ.get("PYTHONPATH")]))
os.environ["IPYTHONDIR"] = str(DOCS / "_build" / "ipython")
PROFILE = DOCS / "_build" / "ipython" / "profile_default"
PROFILE.mkdir(parents=True, exist_ok=True)
(PROFILE / "ipython_kernel_config.py").write_text(
    "c = get_config()\nc.InlineBackend.figure_formats = {'svg'}\nc.IPKernelApp.log_level = 40\n"
)
for chatty in ("traitlets", "fontTools"):
    logging.getLogger(chatty).setLevel(logging.WARNING)
os.environ["MATPLOTLIBRC"] = str(DOCS / "matplotlibrc")
os.environ["TQDM_DISABLE"] = "1"  # how long a training took on this machine is nothing to read
os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
for thread_pool in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(thread_pool, "1")

# Reference
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_numpy_docstring = False
napoleon_use_rtype = False
default_role = "py:obj"  # `grad` in a docstring is a link to grad
toc_object_entries_show_parents = "hide"

# Pages in the browser
html_theme = "furo"
html_title = "minigraph"
html_static_path = ["_static"]
FOLDERS = DOCS / "_build" / "folders"  # of the classes, as `minigraph class` writes them
FOLDERS.mkdir(parents=True, exist_ok=True)
html_extra_path = [str(FOLDERS)]
html_css_files = ["minigraph.css"]
html_js_files = ["open_pages.js", "frames.js", "outputs.js"]
html_search_scorer = str(DOCS / "search_scores.js")
html_theme_options = {"navigation_with_keys": True}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def setup(app):
    """Write the lessons as notebooks, and the classes as folders, before the pages that link to them are read."""
    app.connect("builder-inited", prepare_execution)
    app.connect("builder-inited", write_what_is_linked)
    app.connect("source-read", notebooks.add_download)
    app.connect("source-read", teaching_pages.add_class)
    app.connect("source-read", pictures.say_licence)
    app.connect("source-read", add_keywords)
    app.connect("build-finished", write_questions)
    app.connect("autodoc-process-docstring", keep_as_written, priority=400)  # before napoleon
    app.connect("doctree-resolved", pictures.describe)


def prepare_execution(app):
    """Make what processes that read pages at once would fail at: the database of executed pages, and sockets of kernels."""
    from jupyter_cache import get_cache  # comes with myst-nb; tests read this file without it

    assert get_cache(nb_execution_cache_path).db
    kernels.use_files()


def write_what_is_linked(app):
    """The files that pages link to."""
    notebooks.write_all(DOCS / "lessons", DOCS / "_build" / "notebooks")
    teaching_pages.write_folders(FOLDERS)


def add_keywords(app, docname, source):
    """Let the search field find questions by the other words for them, which stand as index entries above each."""
    entries = re.findall(r"^```\{index\} (.*)$", source[0], re.MULTILINE)
    if entries:
        words = dict.fromkeys(re.findall(r"\w+", " ".join(entries)))
        head = "---\nmyst:\n  html_meta:\n    keywords: '" + ", ".join(words) + "'\n"
        source[0] = source[0].replace("---\n", head, 1)


def write_questions(app, exception):
    """The questions of the lessons for Moodle, from the pages as they are built."""
    if exception is None and app.builder.format == "html":
        question_bank.write_bank(Path(app.outdir, "lessons"))


def keep_as_written(app, what, name, obj, options, lines):
    """In docstrings, |x| is an absolute value, and what stands before a colon in a property's is not its type."""
    doctest = False
    for number, line in enumerate(lines):
        doctest = bool(line.strip()) and (doctest or line.lstrip().startswith(">>>"))
        if not doctest:
            lines[number] = line.replace("|", r"\|")
    if what == "property":
        lines[:0] = ["..", ""]
