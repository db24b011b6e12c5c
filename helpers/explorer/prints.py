"""What a rule, a slope or a schedule prints: a figure calls it thousands of times, so only the first lines are shown."""

import contextlib
import io
import sys

LINES = 4  # of a figure, all in all, as of a check


class Prints(contextlib.AbstractContextManager):
    """`with prints:` lets the first lines pass that are printed in it, and one that says that there is more."""

    def __init__(self):
        self.left, self.stack = LINES, []

    def __enter__(self):
        stack = contextlib.ExitStack()
        stack.enter_context(contextlib.redirect_stdout(_Few(self, sys.stdout)))
        self.stack.append(stack)
        return self

    def __exit__(self, *problem):
        return self.stack.pop().__exit__(*problem)


class _Few(io.TextIOBase):
    def __init__(self, prints, out):
        self.prints, self.out = prints, out

    def write(self, text):
        prints = self.prints
        if prints.left > 0:
            lines = text.splitlines(keepends=True)
            self.out.write("".join(lines[: prints.left]))
            prints.left -= sum(line.endswith("\n") for line in lines)
            if prints.left <= 0:
                self.out.write(
                    "... (a figure runs its rules at many settings: what else they print is left out)\n"
                )
        return len(text)

    def flush(self):
        self.out.flush()
