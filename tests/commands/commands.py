"""Runs ./dev as a person does, and ends all of it whatever happens."""

import os
import re
import signal
import subprocess
import threading

import house

# Bounds against hanging, wide enough for a busy machine with two cores. Nothing is timed by them.
SECONDS_MAX = 1200
END_SECONDS_MAX = 60


def dev(*words, code=0, **environment):
    """What `./dev WORDS` said, once it has ended as it should."""
    run = subprocess.run(["./dev", *map(str, words)], cwd=house.ROOT, text=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=SECONDS_MAX, check=False,
                         env={**os.environ, **environment})
    assert run.returncode == code, f"exit {run.returncode}:\n{run.stdout}"
    return run.stdout


def as_in_a_terminal():
    """Ctrl-C is heeded also where whoever runs the tests ignores it: nohup, a shell's `&`."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Serving:
    """A command that goes on until Ctrl-C, in a process group of its own as in a terminal."""

    def __init__(self, command):
        self.lines = []
        self._process = subprocess.Popen(
            list(map(str, command)), cwd=house.ROOT, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=as_in_a_terminal)
        self._bound = threading.Timer(SECONDS_MAX, self._kill)
        self._bound.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._bound.cancel()
        if self._process.poll() is None:
            self._kill()
        self._process.wait()
        self._process.stdout.close()

    def _kill(self):
        os.killpg(self._process.pid, signal.SIGKILL)

    def said(self, pattern):
        """What `pattern` captures in the first line to come that matches."""
        for line in self._process.stdout:
            self.lines.append(re.sub(r"\x1b\[[0-9;]*m", "", line))
            if match := re.search(pattern, self.lines[-1]):
                return match.group(1)
        raise AssertionError(f"it never said {pattern}:\n{''.join(self.lines)}")

    def interrupt(self):
        """Ctrl-C; what it still said, and its exit code."""
        os.killpg(self._process.pid, signal.SIGINT)
        rest, _ = self._process.communicate(timeout=END_SECONDS_MAX)
        return rest, self._process.returncode
