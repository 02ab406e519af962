"""The attacks of hostile.py in short: each is over in seconds, and breaks nothing."""

import hostile


def test_guests_are_served_while_others_trickle():
    kept(hostile.slowloris(connections=200, addresses=10, seconds=8))


def test_guests_are_served_beside_idle_connections():
    kept(hostile.idle(connections=2_000, seconds=2))


def test_no_page_of_many_misses_a_version():
    kept(hostile.live(clients=500, seconds=8))


def test_guests_are_served_while_one_address_floods():
    found = hostile.flood(connections=16, seconds=6)
    kept(found)
    assert found["flood_answers_mb"] > 0


def test_what_slow_readers_do_not_read_is_bounded():
    found = hostile.slow_readers(connections=400, addresses=20, seconds=4)
    kept(found)
    assert found["guests_stops"] > 0 and found["readers_let_go"] > 0


def test_a_stop_of_another_tap_is_answered_beside_stops_that_wait():
    found = hostile.stops(connections=400, addresses=4, seconds=4)
    kept(found)
    assert found["guests_stops"] > 0 and found["files_of_server"] > 300


def test_a_machine_that_answers_at_once_is_asked_and_told_of_in_measure():
    found = hostile.eager_machine(pages=10, seconds=4)
    kept(found)
    assert found["guests_stops"] > 0


def kept(found):
    assert "broken" not in found, found
    assert found["guests_looks"] > 0 and found["guests_pours"] > 0
