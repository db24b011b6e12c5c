"""What keeps the notebooks in order: storing them, linking them, their set-up cell, one-file copies, the links of a published copy."""
