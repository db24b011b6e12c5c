"""Which tests of a parallel run go to one process, and which begin first: a process that gets a long one last lets the others wait for it."""

import re

from xdist.scheduler import LoadFileScheduling

LONG = ("test_notebooks.py", "test_run_again.py")  # of these, the tests of one notebook take a minute or two together


def group(nodeid):
    """The test's file, for its fixtures; in the long files its notebook as well."""
    file, given = nodeid.split("::")[0], re.search(r"\[(\d\d)_", nodeid)
    return f"{file} {given[1]}" if given and file.endswith(LONG) else file


def long_ones_first(items):
    items.sort(key=lambda item: not (item.path.name in LONG and "[" in item.name))


class ByFileAndNotebook(LoadFileScheduling):
    """Groups are handed out in the order of the tests. (xdist's own order is by number of tests, and the long ones are few.)"""

    def __init__(self, config, log):
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid):
        return group(nodeid)
