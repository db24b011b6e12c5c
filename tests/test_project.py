"""What stands around the code agrees with itself: dependencies, the two commands, the launcher."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COMMANDS = (
    "python start.py",
    "python start.py test",
    "python start.py test all",
    "python start.py test colab",
    "python start.py site",
    "python start.py standalone",
    "python start.py publish OWNER/REPO@TAG",
)
CONDA_NAMES = {"matplotlib": "matplotlib-base"}
IMPORTED_AS = {"PIL": "pillow", "IPython": "ipython"}


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def split(requirement):
    """'numpy>=2.0' -> ('numpy', '>=2.0')"""
    name, bound = re.fullmatch(r"\s*([\w.-]+)\s*(\S*)\s*", requirement).groups()
    return name.lower().replace("_", "-"), bound


def pins():
    """{name: [versions]} of constraints.txt."""
    found = {}
    for line in read("constraints.txt").splitlines():
        name, version = re.fullmatch(r"([\w.-]+)==([\w.]+)(?: ; .+)?", line).groups()
        found.setdefault(name, []).append(version)
    return found


def texts():
    """The project's text files; folders that start with a dot belong to tools, but for the two of continuous integration."""
    kinds = {".py", ".md", ".toml", ".txt", ".yml", ".ipynb", ".js", ".css", ".cff", ""}
    tops = [path for path in ROOT.iterdir() if not path.name.startswith(".") or path.name in (".ci", ".github")]
    found = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*")) if path.is_file() and path.suffix in kinds]
    return [path for path in found if ".ipynb_checkpoints" not in path.parts and path != Path(__file__).resolve()]


def version_of(text):
    return [int(part) for part in re.findall(r"\d+", text)]


@pytest.mark.parametrize("requirement", PROJECT["dependencies"] + sum(PROJECT["optional-dependencies"].values(), []))
def test_every_dependency_is_pinned_and_no_pin_is_below_its_bound(requirement):
    name, bound = split(requirement)
    assert name in pins(), f"{name} is missing in constraints.txt: make that file anew (see README.md, How it is tested)"
    assert all(version_of(pin) >= version_of(bound) for pin in pins()[name])


@pytest.mark.parametrize("folder, also", [("helpers", ()), ("tools", ("site", "test"))])
def test_what_is_imported_is_named_as_a_dependency(folder, also):
    """The helpers get along with what they ask for themselves, so `pip install --no-deps` is right where that is there, as on Colab."""
    asked = PROJECT["dependencies"] + [name for extra in also for name in PROJECT["optional-dependencies"][extra]]
    named = {name for name, _ in map(split, asked)} | {"helpers", folder} | sys.stdlib_module_names
    for path in (ROOT / folder).rglob("*.py"):
        if "benchmarks" in path.parts:
            continue  # they compare with PyTorch, where it is installed
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "helpers"] if isinstance(node, ast.ImportFrom) else []
            for module in (name.split(".")[0] for name in modules):
                assert IMPORTED_AS.get(module, module) in named, f"{path.name} imports {module}: name it in pyproject.toml and environment.yml"


def test_conda_and_binder_get_the_dependencies_of_pyproject():
    lines = re.findall(r"^  - (.+)$", read("environment.yml").split("dependencies:")[1], re.M)
    bounds = dict(map(split, PROJECT["dependencies"] + PROJECT["optional-dependencies"]["lab"]))  # the front end's bound is the later one
    ours = {CONDA_NAMES.get(name, name) + bound for name, bound in bounds.items()}
    assert lines[0] == "python=3.12" and set(lines[1:]) == ours and len(lines) == len(ours) + 1, "environment.yml differs from pyproject.toml: Binder builds from the first alone"


@pytest.mark.parametrize("version", ["312", "313"])
def test_colab_has_all_that_the_helpers_ask_for(version):
    """A plain `pip install` of the package leaves Colab's packages as they are."""
    held = dict(re.findall(r"^([\w.-]+)==([\w.]+)", read(f"tests/colab/constraints-{version}.txt").lower(), re.M))
    for name, bound in map(split, PROJECT["dependencies"]):
        assert name in held and version_of(held[name]) >= version_of(bound), f"Colab has {name} {held.get(name)}, and the helpers ask for {bound}"


def test_the_oldest_python_is_the_same_everywhere():
    launcher = read("start.py")
    oldest = re.search(r"OLDEST = \((\d+), (\d+)\)", launcher).groups()
    assert PROJECT["requires-python"] == ">=" + ".".join(oldest)
    assert f"Python {'.'.join(oldest)} or newer" in launcher and f"Python {'.'.join(oldest)} or newer" in read("README.md")


@pytest.mark.parametrize("old", [(3, 6), (3, 8)])
def test_an_old_python_can_read_the_launcher_far_enough_to_be_told(old):
    tree = ast.parse(read("start.py"), feature_version=old)
    imported = {name.name.split(".")[0] for node in tree.body if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module.split(".")[0] for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


def test_the_launcher_opens_the_first_notebook():
    assert (ROOT / re.search(r'^FIRST = "(.+)"', read("start.py"), re.M).group(1)).exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_names_the_command(command):
    assert re.search(rf"^\s*{re.escape(command)}\s*(#.*)?$", read("README.md"), re.M)


def test_what_the_readme_links_to_exists():
    links = re.findall(r"\]\(([^)#:]+)\)", read("README.md"))
    assert len(links) > 5 and [link for link in links if not (ROOT / link).exists()] == []


def test_the_examples_of_the_readme_run():
    examples = re.findall(r"```python\n(.*?)```", read("README.md"), re.S)
    assert len(examples) == 3
    exec("\n".join(examples), {})


def test_continuous_integration_runs_commands_of_the_readme():
    workflows = [path for path in (ROOT / ".github" / "workflows").iterdir() if path.suffix in (".yml", ".yaml")]
    runs = [run.strip() for path in workflows for run in re.findall(r"^\s*(?:- )?run:(.*)$", path.read_text(encoding="utf-8"), re.M)]
    commands = {re.match(r"python start\.py( test all| test colab| test| site| standalone)?", run).group(0) for run in runs if run.startswith("python start.py")}
    assert {"python start.py test", "python start.py test all", "python start.py site", "python start.py standalone"} <= commands <= set(COMMANDS)
    assert re.search(r"python3? start\.py test all$", read(".ci/run"), re.M)


def test_no_file_names_a_registry_or_a_folder_of_one_machine():
    registry = re.compile(r"https?://[^\s\"')]*(/simple\b|/packages/|\.whl|\.tgz)|(pypi|pythonhosted|npmjs)\.(org|com)")
    machine = re.compile(r"/(home|Users)/\w|[A-Z]:\\+Users|" + re.escape(str(ROOT)))
    assert len(texts()) > 20
    for path in texts():
        text = path.read_text(encoding="utf-8", errors="replace")
        for what, found in (("a package registry", registry.search(text)), ("a folder of one machine", machine.search(text))):
            assert not found, f"{path.relative_to(ROOT)} names {what}: {found.group(0)}"


def test_the_package_lists_its_folders():
    settings = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"]
    folders = {str(path.parent.relative_to(ROOT)).replace("\\", "/").replace("/", ".") for path in (ROOT / "helpers").rglob("*.py")}
    assert folders <= set(settings["packages"]), "a folder of helpers is not listed in pyproject.toml"


def test_ruff_finds_nothing():
    checked = subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", ROOT], capture_output=True, text=True)
    assert not checked.returncode, checked.stdout + checked.stderr
