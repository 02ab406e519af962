"""Two ./dev commands in one checkout: the second waits, and says for whom."""

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
    return subprocess.Popen(["bash", "-c", script, "dev", command], cwd=folder, text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


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
    # A compiler that goes on without its ./dev; here it ends when its input does.
    child = "exec {input}<&0; cat <&$input >/dev/null & wait"
    first = begin(tmp_path, "test", SCRIPT.replace("read -r _", child))
    assert first.stdout.readline() == "held\n"
    first.send_signal(signal.SIGKILL)
    first.wait(30)
    second = begin(tmp_path, "build")
    assert "waiting for ./dev test" in second.stderr.readline()
    first.stdin.close()
    assert second.stdout.readline() == "held\n"
    end(second)


def test_serving_holds_nobody_up(tmp_path):
    first = begin(tmp_path, "run", SCRIPT.replace("echo held", "release_checkout; echo held"))
    assert first.stdout.readline() == "held\n"
    second = begin(tmp_path, "test")
    assert second.stdout.readline() == "held\n"
    end(second)
    end(first)
