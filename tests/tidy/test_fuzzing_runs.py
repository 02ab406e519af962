"""What docs/reliability.md says of the fuzzer is the sum of the runs that were published."""

import re
import sys

import house

sys.path.insert(0, str(house.ROOT / "scripts"))
import fuzzing_runs  # noqa: E402


def test_the_document_tells_the_sum_of_the_published_runs():
    assert fuzzing_runs.published()
    assert fuzzing_runs.sentence(fuzzing_runs.published()) in fuzzing_runs.DOCUMENT.read_text()


def test_every_target_has_been_run_and_every_run_was_of_a_target():
    stages = (house.ROOT / "scripts/stages.sh").read_text()
    targets = set(re.findall(r"^  \[(\w+_fuzz)\]=", stages, re.M))
    assert targets and {target for _, target, _ in fuzzing_runs.published()} == targets


def test_the_last_count_in_a_log_is_the_run_s():
    log = "#2\tINITED\nDone 12 runs in 1 second(s)\nstat::number_of_executed_units: 12\n"
    assert fuzzing_runs.executions_in(log) == 12
    assert "in all" in fuzzing_runs.table({"one_fuzz": 12})
