"""Make images/atlas.png, the README's picture of a network: the still of the atlas that notebook 09 shows live.

    python images/make_atlas_png.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers import figures
from helpers.atlas import atlas
from helpers.descent import descend
from helpers.network import digits
from helpers.update_rules import adagrad, rmsprop

TARGET = Path(__file__).with_name("atlas.png")

if __name__ == "__main__":
    runs = descend(adagrad, digits, 300, eta=0.18), descend(rmsprop, digits, 300, eta=0.01)
    TARGET.write_bytes(figures.png(atlas(*runs, of=digits).still()))
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1000:.0f} kB")
