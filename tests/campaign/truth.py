"""Whether the log is true: what the file says, beside what flowed and what people were told.

Pure but for `Log.read`. The numbers are those of the invariants in docs/safety.md. Nothing here
asks the server anything: it is held to its file, the machines' physics and its own past words.
"""

import sqlite3
from dataclasses import dataclass, field

OPEN = {"sending", "accepted", "unclear"}
NOTHING_FLOWED = {"refused", "not_sent", "rejected", "not_poured"}

# Answers that are the last word on their key. Others ("pending", "no_answer", a failed log) may
# be followed by a better one.
LAST_WORDS = {"pouring", "amount_out_of_range", "busy", "no_glass", "stopped", "unclear_pour",
              "device_fault", "offline", "device_refused"}

GLASS_GONE_MS = 100
CLOCKS_APART_MS = 5  # the log's clock is read beside the machine's, not with it


@dataclass(frozen=True)
class Episode:
    """One unbroken span of a pump being on, as physics had it."""
    tap: str
    request_id: str
    ul: int
    began_ms: float
    final: bool = True
    without_glass_ms: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What a guest was told. `code` is "pouring" where the server said yes."""
    key: str
    tap: str
    user: str
    amount_ml: int
    status: int
    code: str


@dataclass
class Log:
    pours: dict = field(default_factory=dict)        # request id -> row
    events: list = field(default_factory=list)       # rows, by id
    transitions: list = field(default_factory=list)  # rows, by seq

    @staticmethod
    def read(file):
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row

        def rows(sql):
            return [dict(row) for row in connection.execute(sql)]
        try:
            return Log({row["request_id"]: row for row in rows("SELECT * FROM pours")},
                       rows("SELECT * FROM events ORDER BY id"),
                       rows("SELECT * FROM transitions ORDER BY seq"))
        finally:
            connection.close()


@dataclass(frozen=True)
class Clock:
    """By how much the server's wall clock was off, and between which true times at the most."""
    off_ms: float
    from_ms: float
    until_ms: float

    def true_time(self, shown_ms):
        """None: it never showed that."""
        true = shown_ms - self.off_ms
        near = self.from_ms - CLOCKS_APART_MS <= true <= self.until_ms + CLOCKS_APART_MS
        return true if near else None


@dataclass
class Evidence:
    """All that is known of one round, after everything has come to rest."""
    log: Log
    episodes: list
    answers: list = field(default_factory=list)
    seen_rows: list = field(default_factory=list)  # rows of the live stream, as they were sent
    unwritable: list = field(default_factory=list)  # (from, to) in ms: no write could succeed
    clocks: list = field(default_factory=list)  # what the server's wall clock was; none: right

    def true_times(self, shown_ms):
        """When a clock of the server's may have shown that. Empty: none ever did."""
        if not self.clocks:
            return [shown_ms]
        times = [clock.true_time(shown_ms) for clock in self.clocks]
        return [time for time in times if time is not None]


def violations(evidence):
    """One sentence per broken promise."""
    for check in (_numbers, _times, _episodes, _intervals, _open_pours, _answers, _last_words,
                  _seen_rows, _refused_by_a_broken_log, _nothing_began_while_unwritable):
        yield from check(evidence)


def _numbers(evidence):
    for name, rows, number in (("events", evidence.log.events, "id"),
                               ("transitions", evidence.log.transitions, "seq")):
        found = [row[number] for row in rows]
        if found != list(range(1, len(found) + 1)):
            missing = sorted(set(range(1, max(found) + 1)) - set(found))
            yield f"8: {name}: the sequence has gaps: {missing[:10]}"


def _times(evidence):
    for event in evidence.log.events:
        if not evidence.true_times(event["timestamp_ms"]):
            yield (f"13: row {event['id']} has the time {event['timestamp_ms']}, "
                   "which no clock showed")


def _episodes(evidence):
    started = {row["request_id"]: row["timestamp_ms"] for row in evidence.log.events
               if row["status"] == "started"}
    poured = set()
    for episode in sorted(evidence.episodes, key=lambda each: each.began_ms):
        key = episode.request_id
        if key in poured:
            yield f"1: {key} was poured twice"
        poured.add(key)
        if key not in started or key not in evidence.log.pours:
            yield f"2: {episode.ul} ul flowed for {key!r} at {episode.tap}, which has no row"
        elif not any(made <= episode.began_ms + CLOCKS_APART_MS
                     for made in evidence.true_times(started[key])):
            yield f"2: {key} was poured before its row was made"
        elif evidence.log.pours[key]["tap"] != episode.tap:
            yield f"2: {key} was poured at {episode.tap}, the log says elsewhere"
        if episode.without_glass_ms > GLASS_GONE_MS:
            yield (f"4: the pump ran without a glass for {key}, "
                   f"{episode.without_glass_ms} ms at the longest")
        if not episode.final:
            yield f"17: {key} still drips"


def _intervals(evidence):
    flowed = {}
    for episode in evidence.episodes:
        flowed[episode.request_id] = flowed.get(episode.request_id, 0) + episode.ul
    for key, pour in evidence.log.pours.items():
        ul = flowed.get(key, 0)
        if pour["state"] in NOTHING_FLOWED:
            if ul > 0:
                yield f"7: {key} is {pour['state']}, yet {ul} ul flowed"
        elif pour["state"] not in OPEN and not pour["min_ul"] <= ul <= pour["max_ul"]:
            yield (f"7: {key} ({pour['state']}, {pour['cause']}) is said to be within "
                   f"[{pour['min_ul']}, {pour['max_ul']}] ul, and {ul} flowed")
        if ul > pour["most_ul"]:
            yield f"3: {ul} ul flowed for {key}, and {pour['most_ul']} is the most it may give"


def _open_pours(evidence):
    for key, pour in evidence.log.pours.items():
        if pour["state"] in OPEN:
            yield f"17: {key} is still {pour['state']}"


def _answers(evidence):
    for answer in evidence.answers:
        if answer.code not in LAST_WORDS | {"pending", "no_answer"}:
            continue
        pour = evidence.log.pours.get(answer.key)
        if pour is None:
            yield f"9: {answer.key} was answered {answer.status} {answer.code}, and has no row"
        elif (pour["tap"], pour["user_token"], pour["amount_ml"]) != (
                answer.tap, answer.user, answer.amount_ml):
            yield f"9: {answer.key} was answered for another order than the log has"
        elif answer.code == "pouring" and not pour["accepted"] and pour["state"] not in {
                "done", "partial"}:
            yield f"9: {answer.key} was answered that it pours, and the log knows of no yes"


def _last_words(evidence):
    said = {}
    for answer in evidence.answers:
        if answer.code in LAST_WORDS:
            said.setdefault(answer.key, set()).add((answer.status, answer.code))
    for key, words in said.items():
        if len(words) > 1:
            yield f"9: {key} was answered differently: {sorted(words)}"


def _seen_rows(evidence):
    rows = {row["id"]: row for row in evidence.log.events}
    for seen in evidence.seen_rows:
        row = rows.get(seen["id"])
        if row is None:
            yield f"8: row {seen['id']} was told live, and is not in the file"
        elif (row["request_id"], row["status"]) != (seen["request_id"], seen["status"]):
            yield f"8: row {seen['id']} was told live with other words than the file has"


def _refused_by_a_broken_log(evidence):
    """Who asked once and was told that the log cannot be written got nothing."""
    asked = {}
    for answer in evidence.answers:
        asked.setdefault(answer.key, []).append(answer.code)
    poured = {episode.request_id for episode in evidence.episodes}
    for key, codes in asked.items():
        if codes == ["store_failed"] and key in poured:
            yield f"11: {key} was told that nothing could be written, and was poured"


def _nothing_began_while_unwritable(evidence):
    for episode in evidence.episodes:
        for begin, end in evidence.unwritable:
            pour = evidence.log.pours.get(episode.request_id)
            if begin < episode.began_ms < end and (
                    pour is None or pour["started_ms"] >= begin):
                yield f"11: {episode.request_id} was poured while nothing could be written"
