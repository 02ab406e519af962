"""strace, to kill a process at a system call or to make its calls fail."""

import re
import shutil
import signal
import subprocess
from collections import Counter
from pathlib import Path

CALL = re.compile(r"^(?:\d+ +)?(\w+)\(", re.MULTILINE)


def works():
    """Whether strace is here and may be used."""
    return shutil.which("strace") is not None and subprocess.run(
        ["strace", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL).returncode == 0


def threads_of(process):
    """Of a process that has just started: in the order in which it made them."""
    return sorted(int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir())


class Trace:
    """An strace that is attached. `whole`: to all threads of a process, not to this one only."""

    def __init__(self, pid, *options, whole=False, output="/dev/null"):
        self.process = subprocess.Popen(
            ["strace", *(["-f"] if whole else []), "-o", str(output), *options, "-p", str(pid)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.said = self.process.stderr.readline()
        if "attached" not in self.said:
            self.end()
            raise RuntimeError(f"strace: {self.said}")

    def end(self):
        """Lets the traced go on as before."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        self.process.stderr.close()


def run_under(options, output="/dev/null"):
    """What to put before a command. The command stays the child; strace watches from aside."""
    return ["strace", "-D", "-f", "-o", str(output), *options]


def inject(call, what):
    return ["-e", f"trace={call}", "-e", f"inject={call}:{what}"]


def calls_in(file):
    return Counter(CALL.findall(Path(file).read_text(errors="replace")))
