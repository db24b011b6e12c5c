"""Update rules, surfaces, the one loop, and the pictures that the notebooks are made of."""
