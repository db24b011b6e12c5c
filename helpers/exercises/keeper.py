"""What a reader has predicted, reached and solved, kept in one small file, so that it survives a re-run cell and a restarted kernel.

The file is `.progress.json` in the project's folder (git ignores it); where nothing can be written there, and where the helpers are
installed or came with a one-file copy, one in the system's folder for temporary files; where that cannot be written either, it is kept as
long as the kernel lives. The environment variable PROGRESS_FILE names another place.
"""

import getpass
import json
import os
import tempfile
import zlib
from pathlib import Path

NAME = ".progress.json"
KINDS = ("predictions", "targets", "exercises")


class Keeper:
    """Entries by kind ("predictions", "targets", "exercises") and name; `.listeners` are called after every change."""

    def __init__(self, places=None):
        self.places, self.listeners, self.trouble = places, [], ""
        self.written = None  # where it was last read or written
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

    def _read(self):
        """Take in what was written last; a file that cannot be read is set aside, not overwritten."""
        places = sorted(self._places(), key=_age)  # a first place that may be read and not written is older than the second
        if self.written and (self.written not in places or not self.written.exists()):
            self.entries, self.written = {kind: {} for kind in KINDS}, None  # the reader deleted it (or keeps it elsewhere now): begin anew
        for place in places:
            try:
                said = json.loads(place.read_text(encoding="utf-8"))
                kinds = {kind: said.get(kind, {}) for kind in KINDS}
                if not all(isinstance(entry, dict) for entries in kinds.values() for entry in entries.values()):
                    raise ValueError
            except OSError:
                continue
            except (ValueError, AttributeError):
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
        for place in self._places():
            half = place.with_name(f"{place.name}.{os.getpid()}")
            try:
                half.write_text(text, encoding="utf-8")
                os.replace(half, place)  # in one go: another notebook never sees half a file
                self.written = place
                break
            except OSError:
                half.unlink(missing_ok=True) if os.access(place.parent, os.W_OK) else None
        for listener in list(self.listeners):
            try:
                listener()
            except Exception as error:  # a table that cannot be drawn must not stop a check
                self.trouble = f"What is done could not be shown: {type(error).__name__}: {error}"


def _age(place):
    try:
        return -place.stat().st_mtime
    except OSError:
        return 0


keeper = Keeper()


def forget(*names):
    """Begin anew: forget what was predicted, reached and solved; with names, of those alone."""
    keeper.forget(*names)
