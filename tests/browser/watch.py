"""What a page must not do: write errors to its console, raise, or ask another host for anything."""

import re
from contextlib import contextmanager
from urllib.parse import urlsplit


class Watch:
    """Listens to `page` from now on. `home` is the one host that it may talk to; `known` gives {pattern: reason} of what others write."""

    def __init__(self, page, home, known=None):
        self.page, self.home, self.known, self.seen = page, home, dict(known or {}), []
        page.on("console", lambda m: m.type == "error" and self._note(f"console: {m.text} ({m.location.get('url', '')})"))
        page.on("pageerror", lambda error: self._note(f"exception: {error.stack or error.message}"))
        page.on("request", self._request)
        page.on("websocket", lambda socket: self._host(socket.url))

    def _request(self, request):
        if urlsplit(request.url).scheme not in ("data", "blob", "about"):
            self._host(request.url)

    def _host(self, url):
        if urlsplit(url).netloc != self.home:
            self._note(f"request to another host: {url}")

    def _note(self, what):
        if not any(re.search(pattern, what) for pattern in self.known):
            self.seen.append(what)

    def check(self):
        """Fail with everything seen since the last check."""
        self.page.wait_for_timeout(50)  # what has been sent arrives
        seen, self.seen = self.seen, []
        assert not seen, "the page did what it must not do:\n" + "\n".join(dict.fromkeys(seen))

    @contextmanager
    def allowing(self, pattern, reason):
        """Let pass, in this block, what fits `pattern`: somebody else's, for `reason`."""
        assert reason
        before, self.known = self.known, {**self.known, pattern: reason}
        try:
            yield
            self.page.wait_for_timeout(50)
        finally:
            self.known = before
