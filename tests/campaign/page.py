"""An open page, on a network that may be bad: what frontend/src/lib/live-connection.ts does.

It follows the live stream, takes a message only if its version is the next one, and opens the
stream anew after anything else: an end, a silence of two heartbeats, no message. A snapshot
replaces what it showed, and it asks for the rows that it missed.
"""

import threading

from world import LOST, LiveStream, Plain

SILENCE_SECONDS = 12
REOPEN_SECONDS = 0.1
ROWS_AT_ONCE = 1000


class Page(threading.Thread):
    """Follows from the moment it is made until `close()`. `port()` is asked for at each opening.

    `true`: its network loses, but invents nothing. Then a version that is missing within a stream
    was left out by the server: `skipped`.
    """

    def __init__(self, port, true=True):
        super().__init__(daemon=True)
        self._port, self._true = port, true
        self._changed, self._over = threading.Condition(), threading.Event()
        self.version, self.server, self.taps, self.rows = -1, None, {}, {}
        self.streams, self.heard, self.made_good, self.noticed = 0, 0, 0, 0
        self.skipped, self.crash = [], None
        self.start()

    def close(self):
        self._over.set()
        self.join(SILENCE_SECONDS + 10)

    def wait_for(self, server, version, seconds):
        """True: it knows that version of that server's life, or a later one."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self.server == server and self.version >= version, seconds)

    def wait_for_rows(self, ids, seconds):
        """True: it has all of them."""
        with self._changed:
            return self._changed.wait_for(lambda: ids <= self.rows.keys(), seconds)

    def run(self):
        try:
            while not self._over.is_set():
                self._follow()
                self._over.wait(REOPEN_SECONDS)
        except Exception as error:  # noqa: BLE001: told by whoever opened the page
            self.crash = error

    def _follow(self):
        """One stream, to its end."""
        known = None
        try:
            with LiveStream(self._port(), SILENCE_SECONDS) as stream:
                self.streams += 1
                for event in stream:
                    if self._over.is_set():
                        return
                    known = self._take(event, known)
                    if known is None:
                        return
        except (*LOST, AssertionError, KeyError, TypeError, AttributeError):
            self.noticed += 1

    def _take(self, event, known):
        """The version it knows now; None: this was not the next message."""
        version = event.data["version"]
        if event.name == "snapshot":
            self._show(version, event.data)
            return version
        expected = known if event.name == "heartbeat" else None if known is None else known + 1
        if expected is None or version != expected:
            self._note_gap(f"{event.name} {version} after {known}")
            return None
        if event.name == "heartbeat":
            return known
        with self._changed:
            if event.name == "tap":
                self.taps[event.data["tap"]["name"]] = event.data["tap"]
            else:
                self.rows[event.data["row"]["id"]] = event.data["row"]
            self.version = version
            self.heard += 1
            self._changed.notify_all()
        return version

    def _note_gap(self, what):
        self.noticed += 1
        if self._true:
            self.skipped.append(what)

    def _show(self, version, snapshot):
        if not self._true:
            self.rows = {}  # what it heard may have been invented
        rows = self._rows_until(snapshot["last_log_id"])
        with self._changed:
            if snapshot["server_id"] == self.server:
                self.made_good += max(0, version - self.version)
            self.rows.update(rows)
            self.taps = {tap["name"]: tap for tap in snapshot["status"]["taps"]}
            self.server, self.version = snapshot["server_id"], version
            self._changed.notify_all()

    def _rows_until(self, last):
        """Those that it does not have yet."""
        newest = max(self.rows, default=0)
        if newest >= last:
            return {}
        query = f"/api/logs?limit={ROWS_AT_ONCE}&after_id={newest}"
        rows = Plain(self._port(), SILENCE_SECONDS).get(query).json
        assert len(rows) < ROWS_AT_ONCE, "more was missed than one page of the log holds"
        return {row["id"]: row for row in rows}
