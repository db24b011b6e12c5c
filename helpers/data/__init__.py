"""The data that is shipped, each file with its licence beside it: no reader and no test downloads anything."""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
AGAIN = "take it afresh from the project (`git checkout -- helpers/data`, or download it again)"


def digits(file=HERE / "digits.npz"):
    """1 797 handwritten digits of 13 writers (digits.md says whose work and under which licence).

    Returns images (1797, 64), ink from 0 (none) to 16, the pixels of 8 × 8 row by row, and labels (1797,), the digit 0 to 9.
    Raises ValueError, with the file's name, where it is missing or damaged.
    """
    images, labels = _opened(file, "images", "labels")
    whole = images.shape == (1797, 64) and labels.shape == (1797,) and images.dtype == labels.dtype == np.uint8
    if not whole or images.max() > 16 or labels.max() > 9:
        raise ValueError(f"{file} does not hold the digits (1797 images of 64 pixels, 0 to 16, and their labels): {AGAIN}")
    return images, labels


def wine(file=HERE / "wine.npz"):
    """178 Italian wines of three cultivars (wine.md says whose work and under which licence).

    Returns measures (178, 13), each in its own unit, and labels (178,), the cultivar 0 to 2.
    Raises ValueError, with the file's name, where it is missing or damaged.
    """
    measures, labels = _opened(file, "measures", "labels")
    whole = measures.shape == (178, 13) and labels.shape == (178,) and measures.dtype == np.float64 and labels.dtype == np.uint8
    if not whole or not np.isfinite(measures).all() or measures.min() <= 0 or labels.max() > 2:
        raise ValueError(f"{file} does not hold the wines (178 of them, 13 measures above 0 each, and their cultivars 0 to 2): {AGAIN}")
    return measures, labels


def _opened(file, *names):
    """The arrays of an .npz file by name. What it was packed with tells whether a byte has changed since."""
    try:
        # opened here, because np.load leaves a damaged file open
        with open(file, "rb") as raw, np.load(raw, allow_pickle=False) as held:
            return [held[name] for name in names]
    except FileNotFoundError:
        raise ValueError(f"{file} is missing: {AGAIN}") from None
    except Exception as error:  # one wrong bit can end in any of a dozen kinds, from the packing down to a line of Python in the header
        raise ValueError(f"{file} is damaged ({error}): {AGAIN}") from None
