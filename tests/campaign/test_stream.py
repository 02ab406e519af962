"""A page on a bad line notices what was broken, catches up, and its judge can say no."""

import random

import pytest

from fault_proxy import DOWN, Fate, FaultProxy
from page import Page
from stream import what_pages_miss


def pour(house, key):
    house.ask(key, "tap0", "ann", 1)
    house.server.client.wait_until_final(key)
    house.settle()


@pytest.mark.parametrize("fate", [
    Fate("reset", DOWN, 2500), Fate("garbage", DOWN, 2500, bytes_=b"!"),
    Fate("doubled", DOWN, 2500, length=40)], ids=lambda fate: fate.kind)
def test_a_page_on_a_line_that_breaks_catches_up(house, fate):
    network = FaultProxy(lambda: house.server.port, random.Random(1), choose=lambda *_: fate)
    page = Page(lambda: network.port, true=fate.kind == "reset")
    try:
        for number in range(6):
            pour(house, f"wish-{number}")
        network.calm_down()
        assert list(what_pages_miss(house, [page])) == []
        assert page.streams > 1 and network.faults > 0
    finally:
        network.close()
        page.close()


def test_a_page_that_misses_a_row_or_a_version_is_seen(house):
    page = Page(lambda: house.server.port)
    pour(house, "wish")
    assert list(what_pages_miss(house, [page])) == []
    page.close()
    page.rows.pop(1)
    page.skipped.append("tap 5 after 3")
    page.taps["tap0"]["online"] = False
    found = list(what_pages_miss(house, [page], seconds=0.1))
    assert len(found) == 3 and all(each.startswith("live: ") for each in found), found
    page.version -= 1
    pour(house, "another")
    [found] = what_pages_miss(house, [page], seconds=0.1)
    assert "never heard" in found
