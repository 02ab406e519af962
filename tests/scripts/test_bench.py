"""A bench that measured nothing says so, and fails."""

import sys

import house
import pytest

sys.path.insert(0, str(house.ROOT / "bench"))
import loads  # noqa: E402
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
