"""The checks that a person runs are those that the workflows, the hooks before a commit and the docs name."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CI = ROOT / ".ci"
STEPS = sorted(path for path in CI.iterdir() if path.is_file() and path.suffix == "" and path.name != "environment")
NAMES = {step.name for step in STEPS}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
bash = shutil.which("bash")


def read(path):
    """A YAML file; the word `on` is a truth value in YAML 1.1, and the name of what starts a workflow in GitHub's."""
    content = yaml.safe_load(path.read_text("utf-8"))
    return {"on" if key is True else key: value for key, value in content.items()}


def commands(job):
    """What a job of a workflow runs, once for each step or version of its matrix."""
    matrix = job.get("strategy", {}).get("matrix", {})
    for step in job["steps"]:
        for name in matrix.get("step", [""]):
            if "run" in step:
                yield step["run"].replace("${{ matrix.step }}", name)


def named_steps(text):
    return set(re.findall(r"bash \.ci/([\w-]+)", text))


def test_there_are_steps():
    assert {"run", "readme", "test", "coverage", "lint", "types", "wheel", "docs", "lowest", "soak"} <= NAMES


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_says_what_it_gives_and_runs_in_the_common_environment(step):
    first, comment, *rest = step.read_text("utf-8").splitlines()
    assert first == "#!/usr/bin/env bash" and comment.startswith("# ")
    assert 'source "$(dirname "$0")/environment"' in rest
    assert os.name == "nt" or os.access(step, os.X_OK)
    if bash:
        assert subprocess.run([bash, "-n", step], check=False).returncode == 0


def test_run_calls_steps_that_exist_and_leaves_out_only_those_that_stand_apart():
    [listed] = re.findall(r"^for name in (.+); do$", (CI / "run").read_text("utf-8"), re.MULTILINE)
    called = set(listed.split())
    for name in set(called):
        called |= named_steps((CI / name).read_text("utf-8"))
    assert NAMES - called == {"run", "soak", "lowest", "pyodide"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_only_steps_that_a_person_can_run(path):
    workflow = read(path)
    assert workflow["on"] and workflow["permissions"] == {"contents": "read"}
    ran = [command for job in workflow["jobs"].values() for command in commands(job)]
    assert ran
    for command in ran:
        assert re.fullmatch(r'bash \.ci/[\w-]+( "\$\w+")?', command), command
        assert named_steps(command) <= NAMES, command


def test_every_step_is_in_a_workflow():
    ran = {
        name
        for path in WORKFLOWS
        for job in read(path)["jobs"].values()
        for line in commands(job)
        for name in named_steps(line)
    }
    assert ran == NAMES - {"run"}, "`run` is all of them in one go"


def test_the_workflow_tries_the_versions_of_python_that_the_classifiers_name_on_three_systems():
    matrix = read(ROOT / ".github" / "workflows" / "checks.yml")["jobs"]["test"]["strategy"]["matrix"]
    named = [line.rpartition(" :: ")[2] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
    assert matrix["python"] == named
    assert PROJECT["requires-python"] == f">={named[0]}"
    assert [system.partition("-")[0] for system in matrix["system"]] == ["ubuntu", "macos", "windows"]


def test_the_hooks_before_a_commit_are_steps():
    [repository] = read(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"]] == ["bash .ci/lint", "bash .ci/types"]


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.name)
def test_a_form_for_an_issue_can_be_filled_in(path):
    form = read(path)
    if path.name != "config.yml":
        assert form["name"] and form["description"]
        fields = [field["id"] for field in form["body"]]
        assert len(fields) == len(set(fields)) and all(field["attributes"]["label"] for field in form["body"])


@pytest.mark.parametrize(
    "page", ["README.md", "tests/README.md", "docs/contributing.md", ".github/pull_request_template.md"]
)
def test_pages_name_steps_that_exist(page):
    path = ROOT / page
    assert named_steps(path.read_text("utf-8")) <= NAMES


def test_the_page_for_contributors_describes_every_step():
    assert named_steps((ROOT / "docs" / "contributing.md").read_text("utf-8")) == NAMES


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_lowest_versions_are_those_of_pyproject(tmp_path):
    floors = load(CI / "floors.py").floors
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text(
        '[project]\ndependencies = ["numpy>=2.0"]\n[project.optional-dependencies]\n'
        'test = ["us[draw]", "pytest-cov>=5"]\ndraw = ["numpy>=2.0", "torch==2.13.0"]\n'
    )
    assert floors(pyproject) == ["numpy==2.0", "pytest-cov==5"]
    found = floors(ROOT / "pyproject.toml")
    names = [line.partition("==")[0] for line in found]
    assert len(names) == len(set(names)), "one package, two lowest versions"
    assert {re.match(r"[\w-]+", line)[0] for line in PROJECT["dependencies"]} <= set(names), (
        "each dependency has a lowest version"
    )


def test_every_folder_of_python_is_in_the_wheel():
    packaged = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"])
    folders = {path.parent.relative_to(ROOT) for top in ("minigraph", "models") for path in (ROOT / top).rglob("*.py")}
    names = {".".join(folder.parts) for folder in folders}
    elsewhere = {"^models": "minigraph.models", r"^minigraph\.testing\.plugins": "_minigraph_plugins"}
    for folder, package in elsewhere.items():
        names = {re.sub(folder, package, name) for name in names}
    assert names == packaged


def test_steps_run_with_the_python_that_is_named(tmp_path):
    """A step without tools: the common environment takes PYTHON as it is, and installs nothing."""
    if bash is None:
        pytest.skip("the steps are written for bash")
    script = 'source .ci/environment; needs test; "$python" -c "import sys; print(sys.executable)"; echo "[${CI:-}]"'
    done = subprocess.run(
        [bash, "-c", script],
        cwd=ROOT,
        env=os.environ | {"PYTHON": sys.executable, "CI": "true"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == [sys.executable, "[]"], done.stderr
