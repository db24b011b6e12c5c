"""What a reader has predicted, reached and solved, kept in one small file, so that it survives a re-run cell and a restarted kernel.

The file is `.progress.json` in the project's folder (git ignores it); where nothing can be written there, and where the helpers are
installed or came with a one-file copy, one in the system's folder for temporary files; where that cannot be written either, it is kept as
long as the kernel lives. The environment variable PROGRESS_FILE names another place.

Whoever edits the file may write anything into it, and others may write into the folder for temporary files:
what is read is checked entry by entry, and a file there is taken only if it belongs to this user.
"""

import getpass
import json
import os
import stat
import tempfile
import zlib
from pathlib import Path

NAME = ".progress.json"
KINDS = ("predictions", "targets", "exercises")
FIELDS = {  # what an entry may hold
    "said": str, "value": (str, int, float), "truth": str, "right": bool, "shown": bool,
    "setting": str, "tries": int, "solved": bool,
}
UNSAVED = "What you do here cannot be saved ({}): it is remembered until this kernel stops."


class Keeper:
    """Entries by kind ("predictions", "targets", "exercises") and name; `.listeners` are called after every change."""

    def __init__(self, places=None):
        self.places, self.listeners, self.trouble = places, [], ""
        self.written = None  # where it was last read or written
        self.unsaved = False  # is there something here that could not be written?
        self.entries = {kind: {} for kind in KINDS}

    def get(self, kind, name):
        """The entry, a dict; {} where there is none."""
        self._read()
        return dict(self.entries[kind].get(name, {}))

    def put(self, kind, name, **entry):
        """Add to an entry, and save it at once."""
        self._read()  # another notebook may have written meanwhile
        self.entries[kind][name] = {**self.entries[kind].get(name, {}), **entry}
        self._write()

    def forget(self, *names, kinds=KINDS):
        """Forget these entries of the kinds, or of one of them alone: a card and an exercise may bear the same name. Without names, all."""
        self._read()
        for kind in kinds:
            self.entries[kind] = {name: entry for name, entry in self.entries[kind].items() if names and name not in names}
        self._write()

    def _places(self):
        if self.places is not None:
            return self.places
        named = os.environ.get("PROGRESS_FILE")
        if named:
            return [Path(named)]
        home = Path(__file__).resolve().parents[2]
        try:
            user = getpass.getuser()
        except (KeyError, OSError, ImportError):  # no name for this user: some containers
            user = "reader"
        alone = not (home / "notebooks").is_dir()  # all notebooks without a project share one; a copy of the project has its own
        which = user if alone else f"{user}-{zlib.crc32(os.fsencode(home)):08x}"
        temporary = Path(tempfile.gettempdir()) / f"adaptive-learning-rates-{which}{NAME}"
        return [temporary] if alone else [home / NAME, temporary]

    def _is_ours(self, place):
        """Is it a file to read and replace? In the folder for temporary files only this user's own is."""
        chosen = self.places is not None or bool(os.environ.get("PROGRESS_FILE"))
        shared = not chosen and place.parent == Path(tempfile.gettempdir()) and hasattr(os, "getuid")
        try:
            found = place.lstat() if shared else place.stat()
        except OSError:  # not there yet
            return True
        return stat.S_ISREG(found.st_mode) and (not shared or found.st_uid == os.getuid())

    def _read(self):
        """Take in what was written last; a file that cannot be read is set aside, not overwritten."""
        places = sorted(filter(self._is_ours, self._places()), key=_age)  # the one last written
        if self.written and (self.written not in places or not self.written.exists()):
            # the reader deleted it (or keeps it elsewhere now): begin anew
            self.entries, self.written, self.unsaved = {kind: {} for kind in KINDS}, None, False
        if self.unsaved:  # the file is older than what is known here
            return
        for place in places:
            try:
                said = json.loads(place.read_text(encoding="utf-8-sig"))  # some editors begin with a mark
                kinds = {kind: _checked(said.get(kind, {})) for kind in KINDS}
            except OSError:
                continue
            except (ValueError, AttributeError, RecursionError, MemoryError):
                aside = place.with_name(place.name + ".damaged")
                try:
                    os.replace(place, aside)
                    self.trouble = f"What was kept in {place.name} could not be read. It now lies in {aside.name}, and a new file was begun."
                except OSError:
                    self.trouble = f"What is kept in {place.name} cannot be read."
                continue
            self.entries, self.written = kinds, place
            return

    def _write(self):
        text = json.dumps(self.entries, indent=1, ensure_ascii=False)
        trouble = "there is no place for it"
        for place in self._places():
            try:
                self._replace(place, text.encode("utf-8", "backslashreplace"))  # half letters as in JSON
            except OSError as error:
                trouble = f"{place.name}: {error.strerror or error}"
                continue
            self.written, self.unsaved = place, False
            self.trouble = "" if self.trouble.startswith(UNSAVED[:24]) else self.trouble
            break
        else:
            self.unsaved, self.trouble = True, UNSAVED.format(trouble)
        for listener in list(self.listeners):
            try:
                listener()
            except Exception as error:  # a table that cannot be drawn must not stop a check
                self.trouble = f"What is done could not be shown: {type(error).__name__}: {error}"

    def _replace(self, place, text):
        """Write the file in one go: another notebook never sees half of it.

        Its name on the way cannot be guessed, so nobody can lay a link there.
        """
        if not self._is_ours(place):
            raise OSError("something else is there")
        handle, half = tempfile.mkstemp(dir=place.parent, prefix=f"{place.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text)
            os.replace(half, place)
        except OSError:
            os.unlink(half)
            raise


def _checked(entries):
    """Of each entry the parts that are known and of their kind. Raises where they are no entries."""
    if not all(isinstance(entry, dict) for entry in entries.values()):
        raise ValueError("an entry is a dict")
    return {_text(name): {part: _text(value) for part, value in entry.items() if _fits(part, value)}
            for name, entry in entries.items()}


def _fits(part, value):
    kinds = FIELDS.get(part, ())
    if isinstance(value, bool):
        return kinds is bool
    return isinstance(value, kinds) and (part != "tries" or value >= 0)


def _text(value):
    """A text without half letters, which cannot be shown; anything else as it is."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _age(place):
    try:
        return -place.stat().st_mtime
    except OSError:
        return 0


keeper = Keeper()


def forget(*names):
    """Begin anew: forget what was predicted, reached and solved; with names, of those alone."""
    keeper.forget(*names)
