"""A title that follows the sliders: any function of them, asked at every position in advance."""

import inspect
import itertools

import numpy as np

MOST = 20_000  # settings of the controls that a title names


class Title:
    """`Title(lambda beta: f"...", controls)`: `.now()` where the controls stand, `.spec(order)` for the view. A plain sentence will do, too.

    The function's parameters are the keys of the controls that it follows; of a rule's own knob, "eta@adagrad", it is eta_adagrad.
    Raises TypeError where it names no control, or gives no sentence.
    """

    def __init__(self, title, controls):
        self.title, self.followed = title, []
        if not callable(title):
            return
        by_name = {key.replace("@", "_").replace(" ", "_"): control for key, control in controls.items()}
        for name in inspect.signature(title).parameters:
            if name not in by_name:
                raise TypeError(
                    f"title follows {name!r}, which is not a control of this figure; it has {', '.join(by_name)}"
                )
            self.followed.append((name, by_name[name]))
        settings = int(np.prod([len(control.values) for _, control in self.followed]))
        if settings > MOST:
            raise TypeError(
                f"title follows controls with {settings} settings together: let it follow fewer of them"
            )
        self.now()

    def at(self, indices):
        """The title at these positions of the controls that it follows."""
        said = self.title(**{name: control.values[i] for (name, control), i in zip(self.followed, indices)})
        if not isinstance(said, str) or not said.strip():
            raise TypeError(f"title must give a sentence at every setting; it gave {said!r}")
        return said

    def now(self):
        return (
            self.at([control.index for _, control in self.followed]) if callable(self.title) else self.title
        )

    def spec(self, order):
        """Every text once, and which of them stands at each setting; None for a plain sentence."""
        if not callable(self.title):
            return None
        every = [
            self.at(at)
            for at in itertools.product(*[range(len(control.values)) for _, control in self.followed])
        ]
        texts = list(dict.fromkeys(every))
        place = {text: i for i, text in enumerate(texts)}
        return {
            "of": [order.index(control) for _, control in self.followed],
            "texts": texts,
            "at": [place[text] for text in every],
        }
