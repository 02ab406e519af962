"""What is left of a folder after a power cut, from the log of shims/disk_log.c.

What was synced is there. Of what was not, anything may be: nothing, the beginning, or some of it in
any order, a write torn at a sector. A file whose folder was not synced since it was made may be
gone, one that was removed may be back. Pure but for `play_power_cut`.
"""

import struct
from dataclasses import dataclass

SECTOR = 512
WRITTEN, CUT, SYNCED, CREATED, REMOVED, FOLDER_SYNCED = range(1, 7)
HEAD = struct.Struct("<IIQQ")  # deed, bytes of the name, number, bytes of data
LOSSES = ("everything", "all but a beginning", "some of it")


@dataclass
class Record:
    deed: int
    name: str
    number: int
    data: bytes = b""


def read_log(log):
    """Its records. The last may have been cut off by the kill: then its deed was never done."""
    records, at = [], 0
    while at + HEAD.size <= len(log):
        deed, name_bytes, number, data_bytes = HEAD.unpack_from(log, at)
        name_at = at + HEAD.size
        at = name_at + name_bytes + data_bytes
        if at > len(log):
            break
        data_at = name_at + name_bytes
        records.append(Record(deed, log[name_at:data_at].decode(), number, log[data_at:at]))
    return records


class File:
    """One file by what was done to it. Born anew when a name is made anew."""

    def __init__(self, content=b""):
        self.content, self.deeds, self.safe_until = content, [], 0

    def after_power_cut(self, loss, rng):
        safe = [record for n, record in self.deeds if n < self.safe_until]
        loose = [record for n, record in self.deeds if n >= self.safe_until]
        content = bytearray(self.content)
        for record in safe:
            do(content, record)
        for record in survivors(loose, loss, rng):
            do(content, record)
        return bytes(content), len(loose)


def do(content, record):
    if record.deed == CUT:
        del content[record.number:]
        content.extend(bytes(record.number - len(content)))
        return
    content.extend(bytes(max(0, record.number - len(content))))
    content[record.number:record.number + len(record.data)] = record.data


def survivors(loose, loss, rng):
    """Of deeds that were not synced, those that reached the disk all the same."""
    if loss == "everything" or not loose:
        return
    if loss == "all but a beginning":
        whole = rng.randint(0, len(loose))
        yield from loose[:whole]
        if whole < len(loose):
            yield from torn(loose[whole], rng, beginning=True)
        return
    for record in loose:
        chance = rng.random()
        if chance < 0.4:
            yield record
        elif chance < 0.6:
            yield from torn(record, rng, beginning=False)


def torn(record, rng, beginning):
    """Some of its sectors: the first few, or any."""
    if record.deed != WRITTEN:
        return
    first = record.number // SECTOR * SECTOR
    ends = [*range(first + SECTOR, record.number + len(record.data), SECTOR),
            record.number + len(record.data)]
    begins = [record.number, *ends[:-1]]
    pieces = list(zip(begins, ends))
    kept = pieces[:rng.randint(0, len(pieces))] if beginning else [
        piece for piece in pieces if rng.random() < 0.5]
    for begin, end in kept:
        data = record.data[begin - record.number:end - record.number]
        yield Record(WRITTEN, record.name, begin, data)


def after_power_cut(before, records, loss, rng, believed=True):
    """(name -> content, how many writes were not synced). `before`: the same of when the process
    began. Not `believed`: the disk only said that it had synced."""
    on_disk = {name: File(content) for name, content in before.items()}
    files = dict(on_disk)
    entries, safe_until = [], 0  # (record number, name, file or None): names that came and went
    for number, record in enumerate(records):
        if record.deed == CREATED:
            files[record.name] = File()
            entries.append((number, record.name, files[record.name]))
        elif record.deed == REMOVED:
            del files[record.name]
            entries.append((number, record.name, None))
        elif record.deed == FOLDER_SYNCED:
            safe_until = max(safe_until, record.number)
        elif record.deed == SYNCED and believed:
            files[record.name].safe_until = max(files[record.name].safe_until, record.number)
        elif record.deed in (WRITTEN, CUT):
            files[record.name].deeds.append((number, record))
    safe = sum(number < safe_until for number, _, _ in entries)
    kept = safe if loss == "everything" else rng.randint(safe, len(entries))
    for _, name, file in entries[:kept]:
        on_disk[name] = file
    left, unsynced = {}, 0
    for name, file in on_disk.items():
        if file is not None:
            left[name], loose = file.after_power_cut(loss, rng)
            unsynced += loose
    return left, unsynced


def play_power_cut(folder, before, log_file, rng, believed=True):
    """Leaves the folder as after a power cut. (What was lost of what was not synced, how many
    writes that were.) The index of the log (-shm) is memory and goes; SQLite makes it anew."""
    loss = rng.choice(LOSSES)
    left, unsynced = after_power_cut(before, read_log(log_file.read_bytes()), loss, rng, believed)
    for file in database_files(folder):
        file.unlink()
    for name, content in left.items():
        (folder / name).write_bytes(content)
    return loss, unsynced


def database_files(folder):
    return [file for file in folder.iterdir() if file.name.startswith("pourtocol.db")]


def contents(folder):
    return {file.name: file.read_bytes() for file in database_files(folder)
            if not file.name.endswith("-shm")}
