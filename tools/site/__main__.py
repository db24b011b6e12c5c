"""python -m tools.site [FOLDER]: build the site there (site/ beside the notebooks if nothing is said)."""

import sys
import time
from pathlib import Path

from tools.site.build import ROOT, build

began, out = time.time(), Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "site")
try:
    sizes = build(out)
except ValueError as error:
    sys.exit(str(error))
figures = sum(len(of) for of in sizes.values())
print(f"{len(sizes)} notebooks, {figures} live figures, {sum(sum(of.values()) for of in sizes.values()) / 1e6:.1f} MB, {time.time() - began:.0f} s. Open {out / 'index.html'}: it needs no server and no network.")
