"""The environments that start.py makes beside itself: .venv to read and to check, .venv-colab with Google Colab's own versions.

Each is made once, by pip, at the pins of constraints.txt; pyproject.toml says what belongs in it. Standard library alone, so that any Python
that start.py accepts can make them.
"""

import contextlib
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV, COLAB_VENV = ROOT / ".venv", ROOT / ".venv-colab"
COLAB_PYTHONS = ("3.12", "3.13")
NOT_ON_COLAB = {"jupyterlab", "playwright", "ruff", "jupyter-repo2docker"}  # Colab has a front end of its own
SETTINGS = {  # of JupyterLab: no news from its makers, and the glossary opens as a page, not as its source
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
}
NO_NETWORK = "NewConnectionError|ConnectTimeout|NameResolutionError|ReadTimeout|ProxyError|Max retries|Failed to establish|getaddrinfo"
LOOK_AGAIN = 0.5  # seconds between two looks at a lock that another command holds


class Problem(Exception):
    """Something that the reader can put right: the message says how."""


def say(text):
    print(text, flush=True)


def surroundings(**extra):
    """The environment of what is started here, without the settings that would let other packages in or ours out."""
    gone = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_CONSTRAINT", "__PYVENV_LAUNCHER__")
    env = {name: value for name, value in os.environ.items() if name not in gone}
    env.update(PIP_USER="0", **extra)
    return env


# Pythons ------------------------------------------------------------------------------------------------------------


def python_of(venv):
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ask(python, code):
    """What `code` prints under that Python, or "" where it cannot be run (a vanished Python, a half-made environment)."""
    command = [*python] if isinstance(python, list) else [str(python)]
    env = surroundings(PYTHONIOENCODING="utf-8")
    try:
        done = subprocess.run([*command, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, env=env)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""


def version_of(python, needs="sys"):
    return ask(python, f"import {needs}, sys; print('%d.%d' % sys.version_info[:2])")


def this_python():
    """The Python that runs this file; where that is one inside an environment, the one it was made by."""
    return getattr(sys, "_base_executable", None) or sys.executable


def colab_pythons():
    """[(version, path)] of the Pythons that Colab's versions install on, one a version.

    The first serves all checks, another one the notebooks alone. COLAB_PYTHON names them, as PATH names folders, and ends the search.
    """
    named = os.environ.get("COLAB_PYTHON")
    candidates = [[path] for path in named.split(os.pathsep)] if named else [[this_python()]]
    if not named:
        candidates += [[found] for found in (shutil.which(f"python{v}") for v in COLAB_PYTHONS) if found]
        if os.name == "nt":
            candidates += [["py", f"-{v}"] for v in COLAB_PYTHONS]
        for v in COLAB_PYTHONS:
            candidates += [[found] for found in sorted(glob.glob(os.path.expanduser(f"~/.pyenv/versions/{v}.*/bin/python")), reverse=True)]
    found = {}
    for candidate in candidates:
        version = version_of(candidate, "venv, ensurepip")
        if version in COLAB_PYTHONS and version not in found:
            found[version] = ask(candidate, "import sys; print(sys._base_executable)")
    return list(found.items())


# What belongs into them ---------------------------------------------------------------------------------------------


def dependencies():
    """What pyproject.toml asks for: {"run": the helpers' own, "lab": to read, "site": to build pages, "test": to check}."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"run": project["dependencies"], **project["optional-dependencies"]}


def name_of(requirement):
    return re.match(r"[\w.-]+", requirement).group(0).lower().replace("_", "-")


def constraints():
    return (ROOT / "constraints.txt").read_text(encoding="utf-8")


def colab_constraints(version):
    """Colab's pins, and for what Colab says nothing about ours."""
    path = ROOT / "tests" / "colab" / f"constraints-{version.replace('.', '')}.txt"
    colab = path.read_text(encoding="utf-8").splitlines()
    taken = {name_of(line) for line in colab}
    return "\n".join(colab + [line for line in constraints().splitlines() if name_of(line) not in taken]) + "\n"


# Making one ---------------------------------------------------------------------------------------------------------


def check_place(venv):
    """Can an environment be made here at all? Problem says what to change."""
    if os.pathsep in str(venv):
        raise Problem(
            f"The path of this folder, {ROOT}, holds a {os.pathsep!r} (the Finder of macOS shows it as /), which no environment of Python "
            "can have in its path. Rename the folder, and run the same line again."
        )
    try:
        with tempfile.TemporaryFile(dir=str(venv if venv.is_dir() else venv.parent)):
            pass
    except OSError as error:
        raise Problem(
            f"Nothing can be written in the project's folder ({error.strerror or error}), and packages are to be installed into {venv.name} "
            "there. Copy the folder to a disk that you may write to, and run the same line there."
        ) from None


def make(venv, python):
    if not version_of(python, "venv, ensurepip"):
        raise Problem(
            "This Python comes without venv. Debian and Ubuntu keep it in a package of its own: run\n\n"
            "    sudo apt install python3-venv\n\nand then the same line again. Elsewhere, install Python from python.org."
        )
    say(f"Making {venv.name} with Python {version_of(python)} ...")
    command = [str(python), "-m", "venv", "--clear", str(venv)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=surroundings())
    if done.returncode or not version_of(python_of(venv), "pip"):
        said = tail(done.stdout.decode(errors="replace"))
        raise Problem(f"{venv.name} could not be made:\n{said}\nDelete that folder, if it is there, and run the same line again.")


def tail(text, lines=12):
    return "\n".join("    " + line for line in text.strip().splitlines()[-lines:])


def pip_install(venv, requirements, pins):
    """Install, with the name of the package at hand as a sign of life; returns what pip said if it failed, else ""."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "constraints.txt"
        path.write_text(pins, encoding="utf-8")
        quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar=off"]
        command = [str(python_of(venv)), "-m", "pip", "install", *quiet, "-c", str(path), *requirements]
        pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=surroundings(), cwd=str(ROOT))
        said = []
        for line in pip.stdout:
            said.append(line.decode(errors="replace").rstrip())
            step = re.match(r"(Collecting|Installing) (collected packages|[\w.-]+)", said[-1])
            if step and sys.stdout.isatty():
                print(f"\r    {step.group(0):<60}", end="", flush=True)
        if sys.stdout.isatty():
            print("\r" + " " * 66 + "\r", end="")
        return "\n".join(said) or "pip stopped" if pip.wait() else ""


def reason(said):
    """What to do about a failed installation."""
    if re.search(r"No space left|Errno 28|not enough space", said, re.I):
        return "The disk is full: about 500 MB are needed. Make room, and run the same line again."
    if re.search(NO_NETWORK, said):
        return (
            "The package index could not be reached. Connect to the internet (or set HTTPS_PROXY, if you are behind a proxy), "
            "and run the same line again."
        )
    if re.search(r"SSLError|CERTIFICATE_VERIFY_FAILED", said):
        return (
            "The package index could not be reached safely: a certificate was refused. Is there a proxy, or is the clock wrong? "
            "Then run the same line again."
        )
    return f"The packages could not be installed; pip said:\n\n{tail(said)}"


@contextlib.contextmanager
def alone(venv):
    """Until it ends, no other command makes or fills this environment. The system gives the lock back when its holder ends, however it ends."""
    with open(venv.with_name(f"{venv.name}.lock"), "a+b") as file:
        told = False
        while not lock(file):
            if not told:
                say(f"Another command is installing into {venv.name} at the moment; this one goes on after it.")
            told = True
            time.sleep(LOOK_AGAIN)
        yield


def lock(file):
    """Take the lock, and say whether it could be had."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def held_by(venv, python, pins):
    """The requirements that the environment holds at these pins, as a set; None where it is half made, old, or not there.

    The stamp is written last: an environment without it was interrupted.
    """
    try:
        stamp = json.loads((venv / "installed.json").read_text(encoding="utf-8"))
        if stamp["pins"] == pins and version_of(python_of(venv), "pip") == version_of(python):
            return set(stamp["requirements"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def prepare(venv, python, requirements, pins):
    """Make the environment hold these requirements at these pins (the text of constraints); a moment where it does already."""
    digest = hashlib.sha256(pins.encode()).hexdigest()
    if (held_by(venv, python, digest) or set()) >= set(requirements):
        return
    check_place(venv)
    with alone(venv):
        held = held_by(venv, python, digest)  # another command may have done it meanwhile
        if held is not None and held >= set(requirements):
            return
        if held is None:
            make(venv, python)
        else:
            (venv / "installed.json").unlink()
        say(f"Installing packages into {venv.name}: once, about a minute ...")
        wanted = sorted((held or set()) | set(requirements))
        said = pip_install(venv, wanted, pins)
        if said:
            raise Problem(reason(said))
        settings = venv / "share" / "jupyter" / "lab" / "settings"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "overrides.json").write_text(json.dumps(SETTINGS, indent=2), encoding="utf-8")
        stamp = {"pins": digest, "requirements": wanted}
        (venv / "installed.json").write_text(json.dumps(stamp, indent=2), encoding="utf-8")


def prepare_lab():
    """What it takes to read the notebooks."""
    asked = dependencies()
    prepare(VENV, this_python(), asked["run"] + asked["lab"], constraints())


def prepare_site():
    asked = dependencies()
    prepare(VENV, this_python(), asked["run"] + asked["lab"] + asked["site"], constraints())


def prepare_tests():
    asked = dependencies()
    prepare(VENV, this_python(), sum(asked.values(), []), constraints())


def prepare_colab(most=None):
    """{version: folder} of the environments with Colab's own versions, at most so many: .venv-colab, and .venv-colab-313 for a second Python."""
    asked = dependencies()
    names = [name for name in dict.fromkeys(map(name_of, sum(asked.values(), []))) if name not in NOT_ON_COLAB]
    made = {}
    for version, python in colab_pythons()[:most]:
        folder = COLAB_VENV.with_name(f"{COLAB_VENV.name}-{version.replace('.', '')}") if made else COLAB_VENV
        prepare(folder, python, names + ["notebook", "setuptools"], colab_constraints(version))
        made[version] = folder
    return made


def own_folders():
    """Folders for JupyterLab inside .venv, as environment variables, where the reader's own home cannot be written; {} elsewhere."""
    home = Path(os.path.expanduser("~"))
    try:
        with tempfile.TemporaryFile(dir=str(home)):
            return {}
    except OSError as error:
        say(f"Your home folder, {home} (HOME), cannot be written ({error.strerror or error}), so JupyterLab keeps its settings in {VENV.name}.")
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    names += ("IPYTHONDIR", "MPLCONFIGDIR")
    return {name: str(VENV / "home" / name.lower()) for name in names if name not in os.environ}
