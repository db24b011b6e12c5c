"""What Binder will build, asked of repo2docker itself: nothing is built or fetched, only the recipe is written."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="What Binder will build: repo2docker runs on Linux and macOS.")


@pytest.fixture(scope="module")
def recipe():
    done = subprocess.run([sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


def test_binder_takes_conda_and_the_python_that_is_named(recipe):
    assert "Building conda environment for python=3.12" in recipe  # without the pin, or with >=, it takes 3.10 and says nothing
    assert re.search(r'env update -p \$\{NB_PYTHON_PREFIX\} --file "environment.yml"', recipe)


def test_binder_lists_the_fonts_while_it_builds(recipe):
    assert "RUN ./postBuild" in recipe
    text = (ROOT / "postBuild").read_text(encoding="utf-8")
    line = re.search(r'^python -c "(.+)"$', text, re.M).group(1)
    assert text.startswith("#!/bin/bash\n") and subprocess.run([sys.executable, "-c", line], capture_output=True).returncode == 0


def test_nothing_hides_the_environment_file():
    assert not (ROOT / "binder").exists() and not (ROOT / ".binder").exists() and not (ROOT / "Dockerfile").exists()


def test_a_python_that_is_not_pinned_would_be_noticed(tmp_path):
    text = (ROOT / "environment.yml").read_text(encoding="utf-8").replace("python=3.12", "python>=3.12")
    (tmp_path / "environment.yml").write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."], cwd=tmp_path, capture_output=True, text=True)
    assert "python=3.12" not in done.stdout + done.stderr
