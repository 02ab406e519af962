"""Two ./dev commands in one checkout: the second waits, and says for whom."""

import os
import signal
import subprocess

import house

SCRIPT = f"""
set -euo pipefail
. {house.ROOT}/scripts/lock.sh
hold_checkout "$1"
echo held
read -r _ || true
"""


def begin(folder, command, script=SCRIPT):
    # These tests are themselves started by a ./dev that holds the checkout.
    alone = {name: value for name, value in os.environ.items() if name != "DEV_HOLDS_CHECKOUT"}
    return subprocess.Popen(["bash", "-c", script, "dev", command], cwd=folder, env=alone,
                            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def end(process):
    process.stdin.close()
    assert process.wait(30) == 0


def test_the_second_waits_and_says_for_whom(tmp_path):
    first = begin(tmp_path, "test")
    assert first.stdout.readline() == "held\n"
    second = begin(tmp_path, "build")
    told = second.stderr.readline()
    assert f"waiting for ./dev test (process {first.pid})" in told
    assert "Ctrl-C" in told
    end(first)
    assert second.stdout.readline() == "held\n"
    end(second)


def test_a_killed_one_holds_nobody_up(tmp_path):
    first = begin(tmp_path, "test")
    assert first.stdout.readline() == "held\n"
    first.send_signal(signal.SIGKILL)
    first.wait(30)
    second = begin(tmp_path, "build")
    assert second.stdout.readline() == "held\n"
    end(second)
    assert second.stderr.read() == ""


def test_what_a_killed_one_left_running_is_waited_for(tmp_path):
    # A compiler that goes on without its ./dev; here it ends when its input does. It runs before
    # we are told, or the kill might come before it.
    child = "exec {input}<&0; cat <&$input >/dev/null & echo held; wait"
    first = begin(tmp_path, "test", SCRIPT.replace("echo held\nread -r _", child))
    assert first.stdout.readline() == "held\n"
    first.send_signal(signal.SIGKILL)
    first.wait(30)
    second = begin(tmp_path, "build")
    assert "waiting for ./dev test" in second.stderr.readline()
    first.stdin.close()
    assert second.stdout.readline() == "held\n"
    end(second)


def test_one_that_another_has_started_does_not_wait_for_it(tmp_path):
    (tmp_path / "inner.sh").write_text(SCRIPT)
    outer = SCRIPT.replace("echo held", "bash inner.sh build")
    first = begin(tmp_path, "test", outer)
    assert first.stdout.readline() == "held\n"
    end(first)


def test_one_that_works_in_another_checkout_holds_its_own(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "inner.sh").write_text(SCRIPT)
    holder = begin(other, "build")
    assert holder.stdout.readline() == "held\n"
    outer = begin(tmp_path, "test", SCRIPT.replace("echo held", "cd other; bash inner.sh sim"))
    assert "waiting for ./dev build" in outer.stderr.readline()
    end(holder)
    assert outer.stdout.readline() == "held\n"
    end(outer)


def test_serving_holds_nobody_up(tmp_path):
    first = begin(tmp_path, "run", SCRIPT.replace("echo held", "release_checkout; echo held"))
    assert first.stdout.readline() == "held\n"
    second = begin(tmp_path, "test")
    assert second.stdout.readline() == "held\n"
    end(second)
    end(first)
