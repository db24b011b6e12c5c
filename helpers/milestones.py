"""Steps that a surface has counted: until a weight is in place, until a rate has grown tenfold. Figures flag them."""

import numpy as np


class Milestones:
    """What a surface offers as `.milestones`.

    words  what is counted, as in "Steps until in place"
    names  whose, one word each, such as ("w₁", "w₂"); ("",) where there is one alone
    needs  the quantities of the record that `find` looks at, of every step
    find   a function of that record: steps from `since` on, (*runs, len(names)); below 0 where it is not reached
    since  the step that is counted from
    """

    def __init__(self, words, names, needs, find, since=0):
        self.words, self.names, self.needs, self.find, self.since = words, tuple(names), needs, find, since

    def ints(self, record, count):
        """The steps of `count` runs: whole numbers (count, len(names)), −1 where it is not reached."""
        with np.errstate(all="ignore"):
            found = np.reshape(self.find(record), (count, len(self.names)))
        return np.where(found >= 0, found, -1)

    def parts(self, steps):
        """What the read-out says of a run of so many steps: parts of a sentence."""
        unmet, said = f"more than {steps - self.since}", [f"{self.words}: "]
        for i, name in enumerate(self.names):
            said += [" and " if i else "", {"int": f"mark{i}", "none": unmet}, f" for {name}" if name else ""]
        return [*said, ". "]
