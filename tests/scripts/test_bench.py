"""A bench that measured nothing says so, and fails."""

import sys

import house
import pytest

sys.path.insert(0, str(house.ROOT / "bench"))
import lighthouse  # noqa: E402
import loads  # noqa: E402
import measured  # noqa: E402
import page  # noqa: E402
import run  # noqa: E402

SOME = loads.Found(per_second=100.0, p99_ms=1.0, refused=0)
NOTHING = loads.Found(per_second=0.0, p99_ms=0.0, refused=812)


def compare(found):
    bench = run.Bench(["dispense"], rounds=1, seconds=1)
    bench.compare("dispense", {who: who for who in found}, found.get)
    return bench


def test_what_was_measured_is_judged():
    bench = compare({"pourtocol": SOME, "nginx": SOME, "Flask": SOME})
    assert [what for what, _, _ in bench.marks] == ["dispense \u2265 20 \u00d7 Flask"]


@pytest.mark.parametrize("who", ["pourtocol", "nginx", "Flask"])
def test_a_contestant_that_did_nothing_ends_the_bench(who):
    found = {"pourtocol": SOME, "nginx": SOME, "Flask": SOME} | {who: NOTHING}
    with pytest.raises(SystemExit) as ended:
        compare(found)
    assert f"dispense of {who} measured nothing" in str(ended.value)
    assert "812 refused" in str(ended.value)


@pytest.mark.parametrize("nothing", [0, 0.0, float("nan"), None, -1])
def test_a_value_that_is_nothing_ends_a_bench(nothing):
    with pytest.raises(SystemExit) as ended:
        measured.positive("memory", nothing)
    assert "memory measured nothing" in str(ended.value)


def test_a_page_that_was_not_measured_ends_the_bench():
    found = {"round trip": [1.0]} | {f"{event}, {view}": [80.0]
                                     for event, _ in page.MARKS for view in page.VIEWS}
    assert page.complete(found) == found
    with pytest.raises(SystemExit) as ended:
        page.complete(found | {"lifted to shown, wall": []})
    assert "lifted to shown, wall" in str(ended.value)


def test_a_score_that_lighthouse_does_not_give_ends_the_bench():
    report = {"categories": {"performance": {"score": None}, "accessibility": {"score": 0.97}}}
    assert lighthouse.score(report, "/", "accessibility") == 97
    with pytest.raises(SystemExit) as ended:
        lighthouse.score(report, "/", "performance")
    assert "performance of /" in str(ended.value)


def test_a_short_run_is_not_judged():
    missed = [("dispense", False, "8 ×")]
    assert measured.exit_code(missed, short=True) == 0
    assert measured.exit_code(missed, short=False) == 1
