"""What a check answers: a verdict that is true or false, reads as plain text and as HTML, and never ends in an exception."""

from html import escape

SIGNS = {"right": "✓", "wrong": "✗", "open": "○"}
EDGES = {"right": "#1B7F3B", "wrong": "#B3001B", "open": "#767676"}


class Verdict:
    """`.state` ("right", "wrong", "open": nothing to check yet), `.headline`, `.reason`, `.hint`, `.details` (lines shown as code); true where right."""

    def __init__(self, state, headline, reason="", hint="", details=()):
        self.state, self.headline, self.reason, self.hint, self.details = state, headline, reason, hint, tuple(details)

    def __bool__(self):
        return self.state == "right"

    def __repr__(self):
        lines = [f"{SIGNS[self.state]} {self.headline}", self.reason, *(f"    {line}" for line in self.details), f"Hint: {self.hint}" if self.hint else ""]
        return "\n".join(line for line in lines if line)

    def _repr_html_(self):
        code = f"<pre style='margin:.3em 0;white-space:pre-wrap'>{escape(chr(10).join(self.details))}</pre>" if self.details else ""
        reason = f"<div>{escape(self.reason)}</div>" if self.reason else ""
        hint = f"<div><strong>Hint:</strong> {escape(self.hint)}</div>" if self.hint else ""
        return (f"<div role='status' style='border-left:5px solid {EDGES[self.state]};padding:.2em .8em;margin:.3em 0;line-height:1.45'>"
                f"<div><strong>{SIGNS[self.state]} {escape(self.headline)}</strong></div>{reason}{code}{hint}</div>")
