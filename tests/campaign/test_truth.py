"""The campaign's judge can say no: made-up logs and floods, each wrong in one way."""

import pytest

from truth import Answer, Clock, Episode, Evidence, Log, violations


def pour(key="a", state="done", low=1800, high=2200, **more):
    return {"request_id": key, "tap": "one", "user_token": "ann", "amount_ml": 2, "state": state,
            "cause": "device_reported", "accepted": 1, "min_ul": low, "max_ul": high,
            "most_ul": 6300, "started_ms": 1000, **more}


def event(number, status, key="a", at=1000):
    return {"id": number, "request_id": key, "status": status, "timestamp_ms": at}


def episode(key="a", ul=2000, began=1010, **more):
    return Episode("one", key, ul, began, **more)


def answer(code="pouring", status=200, key="a", amount=2):
    return Answer(key, "one", "ann", amount, status, code)


@pytest.fixture
def honest():
    """One pour of 2 ml, as it should be."""
    log = Log({"a": pour()}, [event(1, "started"), event(2, "success", at=1900)], [{"seq": 1}])
    return Evidence(log, [episode()], [answer()],
                    [{"id": 2, "request_id": "a", "status": "success"}])


def only(evidence, invariant, words):
    found = list(violations(evidence))
    assert found and all(each.startswith(f"{invariant}:") for each in found), found
    assert any(words in each for each in found), found


def test_an_honest_log_is_believed(honest):
    assert list(violations(honest)) == []


def test_a_double_pour_is_seen(honest):
    honest.episodes = [episode(ul=1000), episode(ul=1000, began=1500)]
    only(honest, 1, "twice")


def test_flow_without_a_row_is_seen(honest):
    honest.episodes.append(episode("nobody"))
    only(honest, 2, "has no row")


def test_flow_before_its_row_is_seen(honest):
    honest.episodes = [episode(began=900)]
    only(honest, 2, "before its row")


def test_a_time_that_no_clock_showed_is_seen(honest):
    honest.clocks = [Clock(0, 900, 1100), Clock(10_000, 1100, 2000)]
    honest.log.events[1]["timestamp_ms"] = 11_900
    assert list(violations(honest)) == []
    honest.log.events[1]["timestamp_ms"] = 1900
    only(honest, 13, "which no clock showed")


def test_flow_before_its_row_is_seen_by_a_clock_that_was_off(honest):
    honest.clocks = [Clock(-500, 0, 5000)]
    honest.log.events[0]["timestamp_ms"], honest.log.events[1]["timestamp_ms"] = 500, 1400
    assert list(violations(honest)) == []
    honest.log.events[0]["timestamp_ms"] = 600
    only(honest, 2, "before its row")


def test_too_much_is_seen(honest):
    honest.log.pours["a"] = pour(high=99_000)
    honest.episodes = [episode(ul=7000)]
    only(honest, 3, "the most")


def test_a_pump_without_a_glass_is_seen(honest):
    honest.episodes = [episode(without_glass_ms=130.0)]
    only(honest, 4, "without a glass")


@pytest.mark.parametrize("ul", [1799, 2201, 0])
def test_a_narrow_interval_is_seen(honest, ul):
    honest.episodes = [episode(ul=ul)]
    only(honest, 7, "is said to be within")


@pytest.mark.parametrize("state", ["not_poured", "not_sent", "rejected", "refused"])
def test_flow_where_nothing_was_poured_is_seen(honest, state):
    honest.log.pours["a"] = pour(state=state, low=0, high=0)
    only(honest, 7, "yet 2000 ul flowed")


def test_a_missing_row_is_seen(honest):
    del honest.log.events[0]
    found = list(violations(honest))
    assert any("gaps: [1]" in each for each in found), found


def test_a_row_that_was_told_and_is_gone_is_seen(honest):
    del honest.log.events[1]
    only(honest, 8, "is not in the file")


def test_a_row_that_was_told_otherwise_is_seen(honest):
    honest.seen_rows[0]["status"] = "failed"
    only(honest, 8, "other words")


def test_an_answer_without_a_row_is_seen(honest):
    honest.answers.append(answer(key="b", code="busy", status=409))
    only(honest, 9, "has no row")


def test_an_answer_for_another_order_is_seen(honest):
    honest.answers.append(answer(amount=3))
    only(honest, 9, "another order")


def test_two_last_words_are_seen(honest):
    honest.answers.append(answer("busy", 409))
    only(honest, 9, "answered differently")


def test_a_yes_that_the_log_does_not_know_is_seen(honest):
    honest.log.pours["a"] = pour(state="unknown", accepted=0)
    only(honest, 9, "knows of no yes")


def test_a_pour_for_somebody_told_that_nothing_can_be_written_is_seen(honest):
    honest.answers = [answer("store_failed", 503)]
    only(honest, 11, "nothing could be written")


def test_a_pour_begun_while_nothing_could_be_written_is_seen(honest):
    honest.unwritable = [(990, 1500)]
    only(honest, 11, "while nothing could be written")
    honest.unwritable = [(1005, 1500)]  # its row was written before that
    assert list(violations(honest)) == []


def test_a_pour_that_never_closes_is_seen(honest):
    honest.log.pours["a"] = pour(state="unclear")
    only(honest, 17, "still unclear")
