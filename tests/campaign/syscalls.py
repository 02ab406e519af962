"""kill -9 of the server at every system call of one pour, and of a start that finds an open pour.

A point is (thread, call, N): the server dies when that thread makes the call for the N-th time
since the pour was asked for. Threads are numbered in the order of their making: 0 is the event
loop, 1 the disk's writer, 2 its reader. Thread None: all of them, from the first instruction of a
server that is started on the file of one that was killed in mid-pour.
"""

import re
import subprocess
from collections import Counter

import tracing
from world import pause, wait_until

REFERENCES = 2
AMOUNT_ML = 1
# Memory and the like: the kernel's own affair, and many.
UNINTERESTING = {"mmap", "munmap", "mprotect", "brk", "madvise", "execve", "arch_prctl", "rseq",
                 "set_tid_address", "set_robust_list", "rt_sigaction", "rt_sigprocmask",
                 "prlimit64", "getrandom", "newfstatat", "access", "sigaltstack", "gettid",
                 "sched_getaffinity", "sched_yield", "exit", "exit_group", "restart_syscall",
                 "wait4", "read", "uname", "statfs", "sysinfo", "clone3", "clone"}


def points(new_world):
    """Every point, as found by watching whole pours. `new_world` makes a world for each."""
    most = Counter()
    for _ in range(REFERENCES):
        for watch in (_watch_a_pour, _watch_a_start):
            with new_world() as world:
                for place, count in watch(world).items():
                    most[place] = max(most[place], count)
    return [(thread, call, n) for (thread, call), count in sorted(most.items(), key=str)
            for n in range(1, count + 1)]


def play(world, rng, point):
    thread, call, number = point
    world.tell(f"point {thread} {call} {number}")
    world.add_machine("tap0")
    key = "wish"
    if thread is None:
        leave_a_pour_open(world, key, rng)
        died = not start_under(world, _kill_at(call, number)) or waits_to_die(world, key)
    else:
        world.start_server()
        world.server.client.wait_until_ready("tap0")
        trace = tracing.Trace(tracing.threads_of(world.server.process)[thread],
                              *_kill_at(call, number))
        world.ask(key, "tap0", "ann", AMOUNT_ML)
        died = waits_to_die(world, key)
        trace.end()
    world.count("killed at the point" if died else "points not reached")
    if world.server is not None:
        world.kill_server()
    else:
        world.count("kills")
    world.start_server()
    ask_until_final(world, key)


def _kill_at(call, number):
    return tracing.inject(call, f"signal=KILL:when={number}")


def start_under(world, options, output="/dev/null"):
    """True: it got ready. False: it ended before."""
    world.server = None
    return world.start_server_that_may_die(tracing.run_under(options, output))


def leave_a_pour_open(world, key, rng):
    world.start_server()
    world.server.client.wait_until_ready("tap0")
    world.ask(key, "tap0", "ann", AMOUNT_ML)
    world.wait(rng.uniform(0, 0.4))
    world.kill_server()


def waits_to_die(world, key):
    """True: the server died. False: the pour came to its end first."""
    while world.server.process.poll() is None:
        receipt = world.receipt(key)
        if receipt is not None and (receipt.get("final") or "state" not in receipt):
            break
        pause(0.05)
    else:
        return True
    try:
        world.server.process.wait(0.2)
        return True
    except subprocess.TimeoutExpired:
        return False


def ask_until_final(world, key):
    """As a guest does who was not told, or not enough."""
    def final():
        world.ask(key, "tap0", "ann", AMOUNT_ML)
        return (world.receipt(key) or {}).get("final")

    wait_until(final, f"17: nobody can tell what became of {key}")


# What there is to interrupt.

def _watch_a_pour(world):
    world.add_machine("tap0")
    world.start_server()
    world.server.client.wait_until_ready("tap0")
    traces = {}
    for number, thread in enumerate(tracing.threads_of(world.server.process)):
        file = world.folder / f"trace-{number}"
        traces[number] = file, tracing.Trace(thread, output=file)
    world.ask("wish", "tap0", "ann", AMOUNT_ML)
    waits_to_die(world, "wish")
    for _, trace in traces.values():
        trace.end()
    return {(number, call): count for number, (file, _) in traces.items()
            for call, count in tracing.calls_in(file).items() if call not in UNINTERESTING}


def _watch_a_start(world):
    world.add_machine("tap0")
    leave_a_pour_open(world, "wish", world.rng)
    file = world.folder / "trace"
    start_under(world, [], file)
    waits_to_die(world, "wish")
    world.kill_server()
    lines_of = {}
    for line in file.read_text(errors="replace").splitlines():
        found = re.match(r"(\d+) +(\w+)\(", line)
        if found and found[2] not in UNINTERESTING:
            lines_of.setdefault(found[1], Counter())[found[2]] += 1
    most = Counter()
    for counts in lines_of.values():
        for call, count in counts.items():
            most[None, call] = max(most[None, call], count)
    return most
