"""What `python start.py test` runs, stage by stage, and what it says at the end. Standard library alone: pytest runs in the environments.

    python start.py test        a quarter of an hour on two cores: unit tests, every notebook once, in a browser the main job
                                of each; a page of the site; the classic notebook with Colab's versions
    python start.py test all    about an hour: that, every position of every figure, all pages, phones, axe, Binder, slides;
                                every notebook alone, and the tests that fit, with both sets of Colab's versions
    python start.py test colab  the checks that fit, with the package versions of Google Colab, and nothing else
    python start.py test ... -k adagrad, tests/test_x.py    what follows goes to pytest; a path that is named runs whole

`test all --part 1/4` runs a quarter of the files, for machines that share the work.
"""

import os
import subprocess
import tempfile
from fnmatch import fnmatch
from pathlib import Path
from xml.etree import ElementTree

from tools import environments
from tools.environments import COLAB_PYTHONS, COLAB_VENV, ROOT, VENV, Problem, python_of, say, surroundings

NBVAL = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=120"]
BROWSER, STANDALONE = "tests/browser", "tests/test_standalone.py"
QUICK = ["-m", "not thorough"]
SLOWEST = 10  # tests named at the end
SIDE_BY_SIDE = ["-n", "auto", "--dist", "loadfile"]  # file by file: the cells of a notebook need one kernel
TWO_BROWSERS = ["-n", "2", "--dist", "loadfile"]     # a browser, a server and a kernel each: more of them would wait for each other
# nobody makes these on Colab
NOT_FOR_COLAB = [
    BROWSER,
    "tests/test_binder.py",
    "tests/test_check.py",
    "tests/test_environments.py",
    "tests/test_project.py",
    "tests/test_site.py",
    "tests/test_slides.py",
    "tests/test_start.py",
]
COPIES = f"{STANDALONE}::test_a_one_file_copy_runs_alone_with_the_helpers_that_it_carries_and_a_front_end_moves_its_figures"
# what Colab's two sets of versions decide: every notebook alone, and every figure of every notebook under a slider like Colab's
UNDER_COLAB = [STANDALONE, "tests/test_arrivals.py"]
# what shows no widget: where all is tested, it runs with our versions alone
NO_WIDGETS = [
    "tests/test_apart.py",
    "tests/test_data.py",
    "tests/test_descent.py",
    "tests/test_exercise_*",
    "tests/test_exported.py",
    "tests/test_figures.py",
    "tests/test_frameworks.py",
    "tests/test_golden.py",
    "tests/test_instructors.py",
    "tests/test_measures.py",
    "tests/test_network*",
    "tests/test_outside.py",
    "tests/test_predictions.py",
    "tests/test_publish.py",
    "tests/test_race.py",
    "tests/test_refusals.py",
    "tests/test_run_again.py",
    "tests/test_schedules.py",
    "tests/test_series.py",
    "tests/test_settling.py",
    "tests/test_slopes.py",
    "tests/test_store.py",
    "tests/test_surfaces.py",
    "tests/test_update_rules.py",
    "tests/test_walk*",
    "tests/test_way_back.py",
    "tests/test_wine.py",
]
COLAB_MISSING = (
    "Colab's package versions: they need Python 3.12 or 3.13, and none was found here. Install one of them, "
    "or name it in the environment variable COLAB_PYTHON, and run the same line again."
)
NOT_TWICE = (
    "With Colab's versions, the tests that show no widget (the heart, the exercises' replies, the network, the libraries, the texts) "
    "and what takes long of the others, but for the notebooks: python start.py test colab runs them too."
)
REST = "What takes long: every position of every figure, every page, both sets of Colab's versions. python start.py test all runs it."


def in_ci():
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def split(arguments):
    """([options of every pytest call], [paths of tests], [paths of notebooks]); without paths, all of both."""
    options, tests, books = [], [], []
    for argument in arguments:
        place = argument.split("::")[0]
        if argument.startswith("-") or not (ROOT / place).exists():
            options.append(argument)
        else:
            (books if place.endswith(".ipynb") or place.strip("/\\") == "notebooks" else tests).append(argument)
    return (options, tests, books) if tests or books else (options, ["tests"], ["notebooks"])


def expanded(paths, pattern, part):
    """The files that these paths mean; of whole folders, the share `part` = (k, n) of them: every n-th, from the k-th on."""
    found = []
    for path in paths:
        folder = ROOT / path
        if not folder.is_dir():
            found.append(path)
            continue
        inside = sorted(folder.rglob(pattern), key=lambda file: (file.parent.name, file.name))
        found += [file.relative_to(ROOT).as_posix() for file in inside if not file.parent.name.startswith(".")]
    first, every = part
    return found[first - 1 :: every]


def part_of(options):
    """(k, n) and the options without --part K/N, which asks for one of n shares of all files, so that n machines do it all."""
    if "--part" not in options:
        return (1, 1), options
    place = options.index("--part")
    said = options[place + 1] if place + 1 < len(options) else ""
    first, _, every = said.partition("/")
    if not (first.isdigit() and every.isdigit() and 1 <= int(first) <= int(every)):
        raise Problem(f"--part takes a share such as 1/4, the first of four; got {said!r}.")
    return (int(first), int(every)), options[:place] + options[place + 2 :]


def is_one_of(path, patterns):
    """Is this file, or the folder it lies in, among the patterns?"""
    place = path.replace("\\", "/").split("::")[0]
    return any(fnmatch(place, pattern) or place.startswith(f"{pattern}/") for pattern in patterns)


def pytest(title, venv, arguments, **extra):
    """Run pytest in that environment; returns what it counted, the reasons of what was skipped, and {test: seconds}."""
    say(f"\n{title}")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [str(python_of(venv)), "-m", "pytest", f"--junitxml={report}", *arguments]
        extra["PROGRESS_FILE"] = str(Path(folder) / "progress.json")  # what a reader has answered here is not for tests to change
        code = subprocess.run(command, cwd=str(ROOT), env=surroundings(**extra)).returncode
        result = {"title": title, "passed": 0, "failed": 0, "skipped": 0, "reasons": [], "seconds": {}, "code": code}
        if report.exists():
            for case in ElementTree.parse(str(report)).iter("testcase"):
                count(result, case)
    if code not in (0, 5) and not result["failed"]:
        result["failed"] = 1  # pytest itself stopped: a wrong option, an interruption
    return result


def count(result, case):
    """Add one test of pytest's report to what was counted."""
    skipped = case.find("skipped")
    bad = case.find("failure") is not None or case.find("error") is not None
    result["failed" if bad else "passed" if skipped is None else "skipped"] += 1
    name = f"{case.get('classname', '')}::{case.get('name', '')}"
    result["seconds"][name] = result["seconds"].get(name, 0) + float(case.get("time") or 0)
    if skipped is not None and not bad and skipped.get("message") not in result["reasons"]:
        result["reasons"].append(skipped.get("message"))


def colab_environments(everything, only_colab):
    """({version: folder}, [what is missing, as sentences]): one set for a quick run, both for the whole."""
    try:
        colab = environments.prepare_colab(None if everything or only_colab else 1)
    except Problem as problem:
        return {}, [f"Colab's package versions: {COLAB_VENV.name} could not be made. {problem}"]
    if not colab:
        return {}, [COLAB_MISSING]
    lacking = [version for version in COLAB_PYTHONS if version not in colab]
    if not lacking or not everything or os.environ.get("COLAB_PYTHON") or only_colab:
        return colab, []
    return colab, [f"The notebooks alone with Colab's versions for Python {lacking[0]}, which was not found here. The others ran."]


def with_our_versions(options, tests, books, colab, elsewhere=()):
    """The stages that run in .venv; `elsewhere` are options that leave out what Colab's versions are asked."""
    folders = {"COLAB_VENVS": os.pathsep.join(map(str, colab.values()))} if colab else {}
    browser = [path for path in tests if is_one_of(path, [BROWSER])]
    others = [path for path in tests if path not in browser]
    results = []
    if others:
        results.append(pytest("Tests", VENV, [*SIDE_BY_SIDE, *others, *options, *elsewhere]))
    if browser:
        results.append(pytest("Tests in a browser", VENV, TWO_BROWSERS + browser + options, **folders))
    if books:
        results.append(pytest("Notebooks", VENV, SIDE_BY_SIDE + NBVAL + books + [option for option in options if option not in QUICK]))
    return results


def with_colabs_versions(options, tests, books, colab):
    """The stages that run in .venv-colab and .venv-colab-313, where they were asked for by name or alone: all that fits."""
    results = []
    for version in list(colab)[1:]:
        if STANDALONE in tests:
            results.append(colab_stage("Notebooks alone", version, colab, SIDE_BY_SIDE[:2] + [STANDALONE] + options))
    first = next(iter(colab))
    fitting = [path for path in tests if not is_one_of(path, NOT_FOR_COLAB)]
    if fitting:
        results.append(colab_stage("Tests", first, colab, SIDE_BY_SIDE + fitting + options))
    if books:
        results.append(colab_stage("Notebooks", first, colab, SIDE_BY_SIDE + NBVAL + books + options))
    return results


def under_colab(options, tests, colab):
    """The stages in Colab's environments of a run of everything, which need not ask again what our versions have answered."""
    decided = [path for path in UNDER_COLAB if is_one_of(path, tests)]
    shown = [path for path in tests if not is_one_of(path, NOT_FOR_COLAB + NO_WIDGETS + UNDER_COLAB)]
    results = []
    for version in colab if decided else ():
        results.append(colab_stage("Notebooks", version, colab, SIDE_BY_SIDE[:2] + decided + options))
    if shown:
        results.append(colab_stage("Widgets", next(iter(colab)), colab, SIDE_BY_SIDE + shown + options + QUICK))
    return results


def colab_stage(what, version, colab, arguments):
    quiet = ["-W", "ignore::DeprecationWarning"]  # old packages, warning of each other
    title = f"{what} with Colab's versions, Python {version}"
    return pytest(title, colab[version], arguments + quiet, PYDEVD_DISABLE_FILE_VALIDATION="1")


def main(arguments):
    """Run the checks that `arguments` ask for; -> 0 where all that ran passed, and nothing that CI asks for is missing."""
    if arguments[:1] in (["--help"], ["-h"]):
        say(__doc__.split("\n\n")[1])
        return 0
    only_colab, everything = arguments[:1] == ["colab"], arguments[:1] == ["all"]
    part, rest = part_of(arguments[only_colab or everything :])
    options, tests, books = split(rest)
    whole = tests == ["tests"] and books == ["notebooks"]
    tests, books = expanded(tests, "test_*.py", part), expanded(books, "*.ipynb", part)
    if not only_colab:
        environments.prepare_tests()
    colab, missing = colab_environments(everything, only_colab)
    told, results = [], []
    if not only_colab:
        quick = [] if everything or not whole else QUICK
        told += [REST] if quick else []
        # both of Colab's sets run these for all eleven notebooks: ours need not once more
        elsewhere = ["--deselect", COPIES] if colab and everything and whole else []
        results += with_our_versions(options + quick, tests, books, colab, elsewhere)
    if colab and (only_colab or everything):
        if whole and not only_colab:
            told.append(NOT_TWICE)
            results += under_colab(options, tests, colab)
        else:  # STANDALONE has nbval run each notebook, alone as on Colab
            results += with_colabs_versions(options, tests, [] if whole else books, colab)
    return summary(results, missing, only_colab, told)


def summary(results, missing, only_colab=False, told=()):
    """Say what was counted, what took longest, what was not run and how to get it; -> the exit code."""
    say("\nChecked")
    for result in results:
        say(f"  {result['title']}: {result['passed']} passed, {result['failed']} failed, {result['skipped']} skipped")
    slowest = sorted(((s, name) for result in results for name, s in result["seconds"].items()), reverse=True)[:SLOWEST]
    if slowest:
        say("Slowest")
        for seconds, name in slowest:
            say(f"  {seconds:6.1f} s  {name}")
    not_run = [*missing, *told, *(r for result in results for r in result["reasons"])]
    if not_run:
        say("Not run")
        for line in sorted(set(not_run)):
            say(f"  - {line}")
    failed = sum(result["failed"] for result in results)
    if missing and (in_ci() or only_colab):
        say("  Colab's versions were asked for, so that is a failure here.")
        failed += 1
    passed, skipped = (sum(result[what] for result in results) for what in ("passed", "skipped"))
    if not passed + failed + skipped:
        say("No check fits these arguments.")
    say(f"Total: {passed} passed, {failed} failed, {skipped} skipped")
    return 0 if passed + skipped and not failed else 1
