/* Writes down what a process does to the files of one folder, so that a power cut can be played
 * afterwards: LD_PRELOAD. What was never synced may be lost then; what was is not.
 *
 * POURTOCOL_DISK_LOG names the log, POURTOCOL_DISK_FOLDER the folder, POURTOCOL_DISK_SYNC_US how
 * long a sync takes at the least (a slow disk leaves more to be lost). A record is a head, the file's
 * name, and for a write its bytes. It is in the log before the deed is done, but for a sync, which
 * is there once it has succeeded. So the log of a killed process holds all that may have happened
 * and no sync that did not. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { files_max = 65536, name_max = 64 };
enum deed { written = 1, cut = 2, synced = 3, created = 4, removed = 5, folder_synced = 6 };

struct head {
  uint32_t deed;
  uint32_t name_bytes;
  uint64_t number; /* written: offset. cut: length. synced: how many records came before it began */
  uint64_t data_bytes;
};

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static int log_file = -1;
static const char *folder;
static useconds_t sync_us;
static uint64_t records;
static char names[files_max][name_max]; /* of open files; empty: not ours */

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void fail(const char *why) {
  fprintf(stderr, "disk_log: %s\n", why);
  abort();
}

__attribute__((constructor)) static void open_log(void) {
  const char *path = getenv("POURTOCOL_DISK_LOG");
  folder = getenv("POURTOCOL_DISK_FOLDER");
  if (path && folder) log_file = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const char *slowness = getenv("POURTOCOL_DISK_SYNC_US");
  if (slowness) sync_us = (useconds_t)strtoul(slowness, NULL, 10);
  if (log_file < 0) fail("POURTOCOL_DISK_LOG and POURTOCOL_DISK_FOLDER are needed");
}

/* With the lock held. */
static void record(enum deed deed, const char *name, uint64_t number, const void *data,
                   uint64_t bytes) {
  struct head head = {deed, (uint32_t)strlen(name), number, bytes};
  struct iovec parts[] = {
      {&head, sizeof head}, {(char *)name, head.name_bytes}, {(void *)data, bytes}};
  if (writev(log_file, parts, 3) != (ssize_t)(sizeof head + head.name_bytes + bytes)) {
    fail("the log cannot be written");
  }
  ++records;
}

/* The name within the folder ("." is the folder itself); NULL: not ours. The index of a log is no
 * data: it is mapped memory that is made anew. */
static const char *name_within(const char *path) {
  size_t length = strlen(folder);
  if (!path || strncmp(path, folder, length) != 0) return NULL;
  if (path[length] == '\0') return ".";
  if (path[length] != '/') return NULL;
  const char *name = path + length + 1;
  size_t bytes = strlen(name);
  if (strchr(name, '/') || bytes == 0 || bytes >= name_max) return NULL;
  return bytes > 4 && strcmp(name + bytes - 4, "-shm") == 0 ? NULL : name;
}

static const char *name_of(int file) {
  return file >= 0 && file < files_max && names[file][0] != '\0' ? names[file] : NULL;
}

static int open_noted(int (*real)(const char *, int, ...), const char *path, int flags,
                      mode_t mode) {
  const char *name = folder ? name_within(path) : NULL;
  pthread_mutex_lock(&one_at_a_time);
  if (name && (flags & O_CREAT) && access(path, F_OK) != 0) record(created, name, 0, NULL, 0);
  int file = real(path, flags, mode);
  int error = errno;
  if (file >= 0 && file < files_max) strcpy(names[file], name ? name : "");
  pthread_mutex_unlock(&one_at_a_time);
  errno = error;
  return file;
}

static mode_t mode_in(int flags, va_list more) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = mode_in(flags, more);
  va_end(more);
  return open_noted(REAL(open), path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = mode_in(flags, more);
  va_end(more);
  return open_noted(REAL(open64), path, flags, mode);
}

int close(int file) {
  pthread_mutex_lock(&one_at_a_time);
  if (name_of(file)) names[file][0] = '\0';
  pthread_mutex_unlock(&one_at_a_time);
  return REAL(close)(file);
}

static ssize_t write_noted(int file, const void *data, size_t bytes, off64_t at) {
  const char *name = name_of(file);
  if (!name) return REAL(pwrite64)(file, data, bytes, at);
  pthread_mutex_lock(&one_at_a_time);
  record(written, name, (uint64_t)at, data, bytes);
  ssize_t done = REAL(pwrite64)(file, data, bytes, at);
  pthread_mutex_unlock(&one_at_a_time);
  return done;
}

ssize_t pwrite(int file, const void *data, size_t bytes, off_t at) {
  return write_noted(file, data, bytes, at);
}

ssize_t pwrite64(int file, const void *data, size_t bytes, off64_t at) {
  return write_noted(file, data, bytes, at);
}

ssize_t write(int file, const void *data, size_t bytes) {
  if (name_of(file)) fail("write without an offset is not written down");
  return REAL(write)(file, data, bytes);
}

static int cut_noted(int file, off64_t length) {
  const char *name = name_of(file);
  if (!name) return REAL(ftruncate64)(file, length);
  pthread_mutex_lock(&one_at_a_time);
  record(cut, name, (uint64_t)length, NULL, 0);
  int result = REAL(ftruncate64)(file, length);
  pthread_mutex_unlock(&one_at_a_time);
  return result;
}

int ftruncate(int file, off_t length) { return cut_noted(file, length); }
int ftruncate64(int file, off64_t length) { return cut_noted(file, length); }

static int sync_noted(int (*real)(int), int file) {
  const char *name = name_of(file);
  if (!name) return real(file);
  pthread_mutex_lock(&one_at_a_time);
  uint64_t before = records;
  pthread_mutex_unlock(&one_at_a_time);
  if (sync_us > 0) usleep(sync_us);
  int result = real(file);
  if (result != 0) return result;
  pthread_mutex_lock(&one_at_a_time);
  record(strcmp(name, ".") == 0 ? folder_synced : synced, name, before, NULL, 0);
  pthread_mutex_unlock(&one_at_a_time);
  return 0;
}

int fsync(int file) { return sync_noted(REAL(fsync), file); }
int fdatasync(int file) { return sync_noted(REAL(fdatasync), file); }

int unlink(const char *path) {
  const char *name = folder ? name_within(path) : NULL;
  if (!name) return REAL(unlink)(path);
  pthread_mutex_lock(&one_at_a_time);
  if (access(path, F_OK) == 0) record(removed, name, 0, NULL, 0);
  int result = REAL(unlink)(path);
  pthread_mutex_unlock(&one_at_a_time);
  return result;
}
