"""A log that somebody rewrote whole, and the heads and keys that show it; a log whose triggers are
gone.
"""

import hashlib
import re
import sqlite3
import struct

import pytest
from processes import run
from test_lifecycle import meddle, pour_one

HEAD = re.compile(r"\d+(?:-\d+){5}:[0-9a-f]{32}")
TOLD = re.compile(r"the log's head is (\S+)")

# What is hashed of each row, by backend/database/chain.hpp.
CHAINS = {
    "events": ("id", "id, timestamp, user_token, amount_ml, status, reason, tap, request_id, "
               "outcome, delivered_ul, uncertainty_ul, min_ul, max_ul, basis, timestamp_ms, "
               "purpose, action", 2),
    "transitions": ("seq", "seq, request_id, event_id, from_state, to_state, cause, detail, at_ms, "
                    "delivered_ul, uncertainty_ul, min_ul, max_ul, basis, stop_reason", 0),
    "holds": ("id", "id, tap, held, at_ms", 0),
    "machines": ("id", "id, tap, machine_id, at_ms", 0),
    "given_up": ("id", "id, request_id, at_ms", 0),
    "chain_keys": ("id", "id, key_id, events_from, transitions_from, holds_from, machines_from, "
                   "given_up_from", 0),
}


def bytes_of(value):
    if value is None:
        return b"n"
    if isinstance(value, int):
        return b"i" + struct.pack(">q", value)
    tag, value = (b"t", value.encode()) if isinstance(value, str) else (b"b", value)
    return tag + struct.pack(">Q", len(value)) + value


def hash_of(table, row, previous, optional=0):
    values = list(row)
    while optional > 0 and values[-1] is None:
        values.pop()
        optional -= 1
    words = b"".join(map(bytes_of, [f"pourtocol.{table}.1", *values]))
    return hashlib.sha256(previous + words).digest()


def ends_of(database):
    """Of each chain the last number and hash."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return [connection.execute(f"SELECT {number}, hash FROM {table} ORDER BY 1 DESC LIMIT 1")
                .fetchone() or (0, bytes(32)) for table, (number, _, _) in CHAINS.items()]


def head_of(database):
    """Reckoned here, from what backend/database/head.hpp says."""
    ends = ends_of(database)
    row = [value for table, end in zip(CHAINS, ends) for value in (table, *end)]
    digest = hash_of("head", row, bytes(32)).hex()[:32]
    return "-".join(str(number) for number, _ in ends) + ":" + digest


def rewrite(database, *statements):
    """What somebody can do who has the file and this program's source: all hashes made anew."""
    with sqlite3.connect(database) as connection:
        for table, (_, columns, optional) in CHAINS.items():
            previous = bytes(32)
            for *row, own in connection.execute(f"SELECT {columns}, hash FROM {table} ORDER BY 1"):
                assert hash_of(table, row, previous, optional) == own, (table, row)
                previous = own
    connection.close()
    meddle(database, *statements)
    hash_anew(database)


def hash_anew(database):
    hashes = []
    with sqlite3.connect(database) as connection:
        for table, (number, columns, optional) in CHAINS.items():
            previous = bytes(32)
            for row in connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall():
                previous = hash_of(table, row, previous, optional)
                hashes.append(f"UPDATE {table} SET hash = X'{previous.hex()}' "
                              f"WHERE {number} = {row[0]}")
    connection.close()
    meddle(database, *hashes)


def check(database, *heads):
    return run("check", "--database", database,
               *(word for head in heads for word in ("--head", head)))


@pytest.fixture
def served(party):
    """A server in good order that has poured once."""
    server = party.server(party.device())
    server.client.wait_until_ready()
    pour_one(server.client, "wish-1")
    return server


def copy_of(party, name="copy.db"):
    """A backup, and its head as it was printed."""
    code, said = run("backup", party.folder / name, "--database", party.database)
    assert code == 0, said
    return party.folder / name, HEAD.search(said).group()


def test_the_head_is_told_at_the_start_and_at_the_end_and_to_whoever_asks(served, party):
    assert TOLD.findall(served.said) == ["0-0-0-0-0-0:2f2ca1d7123669c6ddb664c2a2d8196a"]
    asked = served.client.get("/api/log/head").json
    assert asked == {"head": head_of(party.database)}
    copy, printed = copy_of(party)
    assert printed == asked["head"]
    assert (party.folder / "copy.db.head").read_text() == printed + "\n"
    pour_one(served.client, "wish-2")
    assert served.client.get("/api/log/head").json != asked
    assert served.stop() == 0
    last = TOLD.findall(served.said)[1:]
    assert last == [head_of(party.database)]
    code, said = check(party.database, printed, *last)
    assert code == 0 and f"Its head is {last[0]}\n" in said, said
    assert "holds what was told of it (heads: 2)" in said
    again = party.server(party.device())
    assert TOLD.findall(again.said) == last
    assert again.stop() == 0
    assert TOLD.findall(again.said) == last, "told once: nothing was added"
    assert copy.exists()


def test_a_log_rewritten_whole_is_shown_by_its_head_alone(served, party):
    copy, head = copy_of(party)
    rewrite(copy, "UPDATE events SET user_token = 'eve'", "UPDATE pours SET user_token = 'eve'")
    (party.folder / "copy.db.head").unlink()  # theirs as well
    code, said = check(copy)
    assert code == 0 and "The log is whole." in said, said
    code, said = check(copy, head)
    assert code == 1, said
    assert f"does not hold the head {head}: the rows up to there are not those" in said
    assert "NOT what was told of it" in said


def test_a_rewritten_backup_does_not_fit_the_head_kept_beside_it(served, party):
    copy, _ = copy_of(party)
    rewrite(copy, "UPDATE events SET user_token = 'eve'", "UPDATE pours SET user_token = 'eve'")
    code, said = check(copy)
    assert code == 1 and "NOT what was told of it" in said
    assert served.stop() == 0
    code, said = run("restore", copy, "--database", party.database)
    assert code == 1 and "was not restored: The log does not hold the head" in said, said


def test_an_older_copy_does_not_hold_a_newer_head(served, party):
    older, _ = copy_of(party, "older.db")
    pour_one(served.client, "wish-2")
    newer, head = copy_of(party, "newer.db")
    assert check(newer, head)[0] == 0
    code, said = check(older, head)
    assert code == 1 and "its events end at row 2. Rows were cut off" in said, said


@pytest.mark.parametrize("word", ["", "4711", "1-2-3:abc", "1-2-3-0-0:" + "0" * 31 + "\x1b"])
def test_what_is_no_head_is_refused(served, party, word):
    code, said = check(party.database, word)
    assert code == 2 and "is no head" in said and "\x1b" not in said, said


def test_a_log_without_its_triggers_is_not_gone_on_with(served, party):
    copy, head = copy_of(party)
    with sqlite3.connect(copy) as connection:
        connection.execute("DROP TRIGGER events_never_change")
        connection.execute("CREATE TRIGGER mine AFTER INSERT ON holds BEGIN SELECT 1; END")
    connection.close()
    before = copy.read_bytes()
    code, said = run("serve", "--host", "127.0.0.1", "--port", "0", "--database", copy,
                     "--tap", "main=http://127.0.0.1:9")
    assert code == 1 and "the trigger events_never_change is missing" in said, said
    assert "pourtocol check" in said and copy.read_bytes() == before
    code, said = check(copy, head)
    assert code == 1 and "The log is NOT whole: 2 problems" in said, said
    assert "the trigger mine on holds is none of this program's" in said
    code, said = run("backup", party.folder / "second.db", "--database", copy)
    assert code == 1 and "events_never_change" in said
    assert not (party.folder / "second.db").exists()


@pytest.fixture
def keyed(party):
    """A server whose log was keyed after its first pour, and the options that name the key."""
    first = party.server(party.device())
    first.client.wait_until_ready()
    pour_one(first.client, "wish-1")
    key, settings = party.folder / "chain.key", party.folder / "pourtocol.toml"
    code, said = run("key", key, "--database", party.database)
    assert code == 1 and "in use by another pourtocol" in said, said
    assert first.stop() == 0
    code, said = run("key", key, "--database", party.database)
    assert code == 0 and "is keyed with it" in said, said
    assert key.read_text().strip() not in said and key.stat().st_mode & 0o777 == 0o600
    settings.write_text(f'[log]\nkey_file = "{key}"\n')
    server = party.server(party.device(), "--config", settings)
    server.client.wait_until_ready()
    pour_one(server.client, "wish-2")
    yield server, ["--config", settings]
    if server.running:
        assert server.stop() == 0
    code, said = run("check", "--database", party.database, "--config", settings)
    assert code == 0 and "The log is whole" in said, said
    party.database.unlink()  # what follows has no key


def serve(database, *options):
    return run("serve", "--host", "127.0.0.1", "--port", "0", "--database", database,
               "--tap", "main=http://127.0.0.1:9", *options)


def test_a_keyed_log_is_checked_backed_up_and_restored_with_its_key(keyed, party):
    server, with_key = keyed
    copy = party.folder / "copy.db"
    code, said = run("backup", copy, "--database", party.database)
    assert code == 1 and "not at hand" in said and not copy.exists(), said
    assert run("backup", copy, "--database", party.database, *with_key)[0] == 0
    code, said = run("check", "--database", copy)
    assert code == 1 and "nobody knows whether they were changed" in said, said
    assert run("check", "--database", copy, *with_key)[0] == 0
    assert server.stop() == 0
    assert run("restore", copy, "--database", party.database)[0] == 1
    assert run("restore", copy, "--database", party.database, *with_key)[0] == 0
    code, said = serve(party.database)
    assert code == 1 and "name its key file in the configuration" in said, said


def test_a_keyed_log_that_was_rewritten_without_the_key_is_not_gone_on_with(keyed, party):
    _, with_key = keyed
    copy = party.folder / "copy.db"
    assert run("backup", copy, "--database", party.database, *with_key)[0] == 0
    (party.folder / "copy.db.head").unlink()
    meddle(copy, "UPDATE events SET user_token = 'eve'", "UPDATE pours SET user_token = 'eve'",
           "DELETE FROM chain_keys", "DELETE FROM sqlite_sequence WHERE name = 'chain_keys'")
    hash_anew(copy)
    assert run("check", "--database", copy)[0] == 0, "it fits itself"
    code, said = run("check", "--database", copy, *with_key)
    assert code == 1 and "is not keyed, though a key is named" in said, said
    code, said = serve(copy, *with_key)
    assert code == 1 and "somebody rewrote it without the key" in said, said


def test_a_key_file_that_others_can_read_is_refused(keyed, party):
    _, with_key = keyed
    (party.folder / "chain.key").chmod(0o640)
    code, said = run("check", "--database", party.database, *with_key)
    assert code == 1 and "chmod 600" in said, said
    (party.folder / "chain.key").chmod(0o600)
