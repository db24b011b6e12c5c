#!/usr/bin/env python3
"""Opens the notebooks, and hands on to tools/ what else is asked; all it needs is Python 3.11 or newer.

    python start.py                      JupyterLab on the first notebook; options such as --no-browser or --port 9000 go to JupyterLab
    python start.py test                 the checks that a change needs, in a quarter of an hour; python start.py test --help says what runs
    python start.py test all             every check of the project, in about an hour
    python start.py test colab           the checks that fit, with the package versions of Google Colab
    python start.py site                 the series as plain pages in the folder site/, every figure live without Python; another folder may follow
    python start.py slides               every figure as PNG and GIF in the folder slides/; numbers of notebooks may follow, as in slides 04 06
    python start.py standalone           one-file copies of the notebooks in the folder dist/; numbers may follow
    python start.py publish OWNER/REPO@TAG   links to Colab and Binder in README and notebooks; --undo takes them out again

Packages go into .venv and .venv-colab (.venv-colab-313) beside this file and nowhere else: delete these folders, and nothing is left behind.
"""
# An older Python must get as far as the message about its age: no syntax newer than 3.6, and tools/ is imported only after that.

import difflib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
FIRST = "notebooks/00_start_here.ipynb"
OLDEST = (3, 11)


def say(text):
    print(text, flush=True)


def lab(options):
    from tools import environments

    environments.prepare_lab()
    command = [str(environments.python_of(environments.VENV)), "-m", "jupyterlab"]
    command += [f"--LabApp.default_url=/lab/tree/{FIRST}", "--ServerApp.log_level=WARN"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    env = environments.surroundings(**environments.own_folders())
    say("JupyterLab opens in your browser; if it does not, open the link below. Control-C in this window stops it.")
    os.chdir(str(ROOT))
    if os.name == "posix":
        os.execve(command[0], command + options, env)  # signals then reach JupyterLab, and nothing is left behind
    server = subprocess.Popen(command + options, env=env)
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:  # JupyterLab asks whether it was meant
            pass


def test(arguments):
    from tools import check

    return check.main(arguments)


def run_tool(module, arguments):
    """Run a module of tools/ in the environment, with a file of progress of its own: what a reader has answered is not for it."""
    from tools import environments

    with tempfile.TemporaryDirectory() as folder:
        env = environments.surroundings(PROGRESS_FILE=str(Path(folder) / "progress.json"), MPLBACKEND="agg")
        command = [str(environments.python_of(environments.VENV)), "-m", module, *arguments]
        return subprocess.run(command, cwd=str(ROOT), env=env).returncode


def site(arguments):
    from tools import environments

    if len(arguments) > 1 or arguments and arguments[0].startswith("-"):
        raise environments.Problem("The site is built into one folder: python start.py site, or python start.py site FOLDER.")
    environments.prepare_site()
    return run_tool("tools.site", arguments)


def slides(arguments):
    from tools import environments
    from tools.notebooks.books import chosen

    chosen(arguments)  # a number that is not there is told of before anything is installed
    environments.prepare_lab()
    return run_tool("tools.slides", arguments)


def standalone(arguments):
    from tools.notebooks import standalone as one_file

    one_file.main(arguments)
    return 0


def publish(arguments):
    from tools.notebooks import publish as published

    say(published.main(arguments))
    return 0


COMMANDS = {"test": test, "site": site, "slides": slides, "standalone": standalone, "publish": publish}


def main(arguments):
    if sys.version_info < OLDEST:
        say(
            f"This needs Python 3.11 or newer; this is {sys.version_info[0]}.{sys.version_info[1]}. "
            "Get one from python.org, or try `python3.12 start.py`."
        )
        return 1
    if arguments[:1] in (["-h"], ["--help"], ["help"]):
        say(__doc__.strip())
        return 0
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # what pip says must not stop a console that lacks a letter
    from tools.environments import Problem

    try:
        if not arguments or arguments[0].startswith("-"):
            return lab(arguments)
        if arguments[0] not in COMMANDS:
            near = difflib.get_close_matches(arguments[0].lower(), COMMANDS, 1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise Problem(f"There is no command {arguments[0]!r}.{meant}\n\n{__doc__.split(chr(10) * 2)[1]}")
        return COMMANDS[arguments[0]](arguments[1:])
    except (Problem, ValueError) as problem:
        say(f"\n{problem}")
    except KeyboardInterrupt:
        say("\nStopped. The same line goes on from here.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
