"""Backups where file systems can less, and backups put back: `pourtocol backup`, `restore`."""

import errno
import subprocess

import pytest
from processes import clean_environment, run
from test_lifecycle import pour_one

# What NFS, FUSE and vfat cannot: rename without replacing, and give a file a second name.
SHIM = """
#include <errno.h>
#include <stdlib.h>

static int refused(const char *name) {
  const char *number = getenv(name);
  if (number == NULL) return 0;
  errno = atoi(number);
  return -1;
}
extern int linkat(int, const char *, int, const char *, int);
extern int renameat(int, const char *, int, const char *);

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  if (refused("RENAMEAT2_FAILS")) return -1;
  (void)flags;
  return renameat(from_folder, from, to_folder, to);
}
int link(const char *from, const char *to) {
  if (refused("LINK_FAILS")) return -1;
  return linkat(-100, from, -100, to, 0);
}
"""


@pytest.fixture(scope="module")
def poor_file_system(tmp_path_factory):
    """The environment of a program on a file system where these calls fail with these errors."""
    folder = tmp_path_factory.mktemp("shim")
    (folder / "shim.c").write_text(SHIM)
    library = folder / "shim.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, folder / "shim.c"], check=True)

    def environment(**failing):
        numbers = {name: str(number) for name, number in failing.items() if number}
        return clean_environment(LD_PRELOAD=str(library), **numbers)

    return environment


@pytest.fixture
def served(party):
    """A server that has poured once, its client, and a backup of that moment."""
    server = party.server(party.device())
    server.client.wait_until_ready()
    pour_one(server.client, "wish-1")
    copy = party.folder / "backup.db"
    assert run("backup", copy, "--database", party.database)[0] == 0
    return server, copy


def kept_log(folder):
    (kept,) = (name for name in folder.glob("pourtocol.db.before-restore-*")
               if not name.name.endswith(("-wal", "-shm")))
    return kept


REFUSALS = [errno.EINVAL, errno.EPERM, errno.ENOSYS]


@pytest.mark.parametrize("link_fails", [0, errno.EPERM, errno.ENOTSUP],
                         ids=["with-links", "EPERM", "ENOTSUP"])
@pytest.mark.parametrize("rename_fails", REFUSALS, ids=lambda number: errno.errorcode[number])
def test_a_backup_needs_no_rename_without_replacing(served, party, poor_file_system, rename_fails,
                                                    link_fails):
    copy = party.folder / "poor.db"
    environment = poor_file_system(RENAMEAT2_FAILS=rename_fails, LINK_FAILS=link_fails)
    code, said = run("backup", copy, "--database", party.database, environment=environment)
    assert code == 0, said
    assert run("check", "--database", copy)[0] == 0
    before = copy.read_bytes()
    code, said = run("backup", copy, "--database", party.database, environment=environment)
    assert code != 0 and "exists already" in said and copy.read_bytes() == before
    assert not [name for name in party.folder.iterdir() if "partial" in name.name]


def test_a_disk_that_refuses_a_name_for_another_reason_is_told(served, party, poor_file_system):
    copy = party.folder / "poor.db"
    code, said = run("backup", copy, "--database", party.database,
                     environment=poor_file_system(RENAMEAT2_FAILS=errno.EDQUOT))
    assert code != 0 and "quota" in said.lower() and not copy.exists()


def test_a_backup_is_restored_and_what_was_there_kept(served, party):
    server, copy = served
    pour_one(server.client, "wish-2")
    code, said = run("restore", copy, "--database", party.database)
    assert code != 0 and "end the server first" in said, said
    server.kill()
    code, said = run("restore", copy, "--database", party.database)
    assert code == 0, said
    kept = kept_log(party.folder)
    assert str(kept) in said
    client = party.server(party.device()).client
    client.wait_until_ready()
    assert {row["request_id"] for row in client.log()} == {"wish-1"}
    pour_one(client, "wish-3")
    code, said = run("check", "--database", kept)
    assert code == 0 and "2 pours" in said, said


@pytest.mark.parametrize("link_fails", [errno.EPERM, errno.ENOTSUP])
def test_a_backup_is_restored_where_a_file_has_one_name_only(served, party, poor_file_system,
                                                             link_fails):
    server, copy = served
    pour_one(server.client, "wish-2")
    server.kill()
    code, said = run("restore", copy, "--database", party.database,
                     environment=poor_file_system(LINK_FAILS=link_fails))
    assert code == 0, said
    code, said = run("check", "--database", party.database)
    assert code == 0 and "1 pours" in said, said
    code, said = run("check", "--database", kept_log(party.folder))
    assert code == 0 and "2 pours" in said, said


def test_what_is_no_backup_is_not_restored(served, party):
    server, _ = served
    assert server.stop() == 0
    before = party.database.read_bytes()
    letter = party.folder / "letter.txt"
    letter.write_text("Dear Ann, " * 1000)
    for name in (letter, party.folder / "none.db", party.database):
        code, said = run("restore", name, "--database", party.database)
        assert code != 0 and "is as it was" in said and ".." not in said, said
        assert party.database.read_bytes() == before
