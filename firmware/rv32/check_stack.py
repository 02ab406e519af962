"""Holds the stack of the board's code to budgets, from what the compiler says of each function.

GCC writes beside each object a call graph with the frame of every function (-fcallgraph-info=su).
Joined, they tell the deepest chain of calls below an entry point: no run could find a deeper one.

    check_stack.py --frame BYTES --chain FUNCTION=BYTES… [--nested FUNCTION=TIMES] FILE.ci…

BYTES of --frame is for the largest single frame below the entry points. --nested takes part of a
function's name as the compiler prints it. What cannot be bounded is an error,
not a guess: a frame of variable size, a function whose frame nobody knows, and recursion, but
through the function of --nested, which is known to stop at TIMES calls within each other.
"""

import argparse
import itertools
import re
import sys

NODE = re.compile(r'^node: \{ title: "([^"]*)" label: "([^"]*)"')
EDGE = re.compile(r'^edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)"')
FRAME = re.compile(r"\\n(\d+) bytes \((static|dynamic[^)]*)\)")

# What comes from the C library and the compiler's own. None, with all that it calls, needs more
# than this on RV32.
LIBRARY = re.compile(
    r"^(mem(cpy|set|move|cmp|chr)|strlen|ceil|llround|sqrt|__[a-z]+[sd][if][sdi]?[fi]?[23]?)$")
LIBRARY_FRAME = 128
# Where a failed assertion ends: the pump is off and the board restarts.
ENDS = re.compile(r"assertion_failed")
INDIRECT = "__indirect_call"
# A constructor or destructor of a whole object and that of a base are one function under two names.
WHOLE_OBJECT = re.compile(r"(?<=[CD])1(?=[EI])")


class Unbounded(Exception):
    pass


def one_name(title):
    return WHOLE_OBJECT.sub("2", title)


class Graph:
    def __init__(self, paths, nested=None, times=0):
        self.frames, self.calls, self.labels = {}, {}, {}
        for path in paths:
            with open(path, encoding="utf-8") as file:
                for line in file:
                    self._take(path, line)
        # A call through a pointer may be of any virtual function.
        self.calls[INDIRECT] = {title for title, label in self.labels.items()
                                if label.startswith("virtual ") and title in self.frames}
        self.frames[INDIRECT] = 0
        self.nested = nested and self.find(nested)
        self.times = times
        self.known = {}

    def _take(self, path, line):
        if node := NODE.match(line):
            title, label = one_name(node.group(1)), node.group(2)
            if frame := FRAME.search(label):
                if not frame.group(2).startswith(("static", "dynamic,bounded")):
                    raise Unbounded(f"{label}: its frame has no bound")
                self.frames[title] = max(self.frames.get(title, 0), int(frame.group(1)))
                self.labels[title] = label.split("\\n")[0]
        elif edge := EDGE.match(line):
            caller, called = map(one_name, edge.groups())
            self.calls.setdefault(caller, set()).add(called)
        elif not line.startswith(("graph:", "}")):
            raise Unbounded(f"{path}: not a call graph: {line.strip()}")

    def deepest(self, title, above=(), nested=0):
        """(bytes, chain of titles) of the deepest stack from a call of `title` on."""
        if title == self.nested:
            above, nested = (), nested + 1
            if nested > self.times:
                return 0, ()
        if title in above:
            raise Unbounded(f"{self.name(title)} calls itself")
        if title not in self.frames:
            if LIBRARY.match(title):
                return LIBRARY_FRAME, (title,)
            raise Unbounded(f"the frame of {title} is not known")
        if (title, nested) not in self.known:
            below = [self.deepest(called, (*above, title), nested)
                     for called in sorted(self.calls.get(title, ())) if not ENDS.search(called)]
            depth, chain = max(below, default=(0, ()))
            self.known[title, nested] = depth + self.frames[title], (title, *chain)
        return self.known[title, nested]

    def below(self, title, seen):
        """Adds to `seen` every function that a call of `title` may call."""
        if title not in seen:
            seen.add(title)
            for called in self.calls.get(title, ()):
                self.below(called, seen)
        return seen

    def name(self, title):
        return self.labels.get(title, title)

    def find(self, part):
        found = [title for title, label in self.labels.items() if part in label]
        if len(found) != 1:
            raise Unbounded(f"{len(found)} functions are called {part}")
        return found[0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--frame", type=int, required=True, help="bytes of the largest frame")
    parser.add_argument("--chain", action="append", default=[], metavar="FUNCTION=BYTES")
    parser.add_argument("--nested", default="=0", metavar="FUNCTION=TIMES")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    nested, times = arguments.nested.rsplit("=", 1)
    try:
        graph = Graph(arguments.files, nested, int(times))
        good, reached = True, set()
        for chain in arguments.chain:
            name, budget = chain.rsplit("=", 1)
            root = graph.find(f"::{name}(")
            graph.below(root, reached)
            depth, titles = graph.deepest(root)
            print(f"deepest below {name}: {depth} of {budget} bytes")
            for title, same in itertools.groupby(titles):
                print(f"{graph.frames.get(title, LIBRARY_FRAME):8} x {len(list(same))} "
                      f"{graph.name(title)}")
            good = good and depth <= int(budget)
        largest = max(reached & graph.labels.keys(), key=lambda title: graph.frames[title])
        print(f"largest frame: {graph.frames[largest]} of {arguments.frame} bytes, "
              f"{graph.name(largest)}")
        good = good and graph.frames[largest] <= arguments.frame
    except Unbounded as error:
        sys.exit(f"no bound: {error}")
    sys.exit(0 if good else "over budget")


if __name__ == "__main__":
    main()
