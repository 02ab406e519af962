"""One system call of the server fails, once: each of those a pour makes, and each of a start.

A call that fails is no excuse: the server lives on (at a start it may refuse, with a word), the
pour is settled, and the log is the truth. Points as in syscalls.py, with the error.
"""

import syscalls
import tracing
from world import Broken

ERRORS = {
    "pwrite64": ("ENOSPC", "EIO"), "pread64": ("EIO",), "fdatasync": ("EIO",), "fsync": ("EIO",),
    "ftruncate": ("EIO", "ENOSPC"), "openat": ("EMFILE", "EIO"), "fcntl": ("EIO", "ENOLCK"),
    "unlink": ("EIO",), "flock": ("EINTR",), "close": ("EIO",),
    "socket": ("EMFILE", "ENOBUFS"), "connect": ("ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT"),
    "sendto": ("ECONNRESET", "EPIPE"), "sendmsg": ("ECONNRESET", "EPIPE"),
    "recvfrom": ("ECONNRESET", "ETIMEDOUT"), "recvmsg": ("ECONNRESET", "ETIMEDOUT"),
    "accept": ("EMFILE", "ENFILE", "ECONNABORTED"), "accept4": ("EMFILE", "ECONNABORTED"),
    "getpeername": ("ENOTCONN",), "setsockopt": ("EINVAL",),
}

# The first fcntl of a start makes Asio's own pipe for signals non-blocking. Asio does not look
# whether it did; had it not (no kernel refuses that), the server would serve on until a SIGTERM
# and then wait at the pipe for ever, and it would take a SIGKILL to end it.
NOT_TRIED = {(None, "fcntl", 1)}


def points(new_world):
    return [(*point, error) for point in syscalls.points(new_world) if point not in NOT_TRIED
            for error in ERRORS.get(point[1], ())]


def play(world, rng, point):
    thread, call, number, error = point
    world.tell(f"point {thread} {call} {number} {error}")
    world.count("failed calls")
    world.add_machine("tap0")
    fails = tracing.inject(call, f"error={error}:when={number}")
    if thread is None:
        syscalls.leave_a_pour_open(world, "wish", rng)
        if not syscalls.start_under(world, fails):
            world.start_server()
    else:
        world.start_server()
        world.server.client.wait_until_ready("tap0")
        trace = tracing.Trace(tracing.threads_of(world.server.process)[thread], *fails)
        syscalls.ask_until_final(world, "wish")
        trace.end()
    syscalls.ask_until_final(world, "wish")
    if not world.server.running:
        raise Broken(f"the server died of it:\n{world.server.said}")
