/* A wall clock that somebody sets, for one process: LD_PRELOAD.
 *
 * POURTOCOL_WALL_CLOCK names a file of eight bytes, the nanoseconds by which the wall clock is off;
 * it is mapped, so that writing to it sets the clock of the running process. Every other clock goes
 * on as it did, as on a machine whose time of day is set. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ns_per_second = 1000000000 };

static const volatile int64_t *offset_ns;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void open_clock(void) {
  *(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  const char *path = getenv("POURTOCOL_WALL_CLOCK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  void *mapped = MAP_FAILED;
  if (file >= 0) mapped = mmap(NULL, sizeof *offset_ns, PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) {
    fputs("wall_clock: POURTOCOL_WALL_CLOCK names no clock\n", stderr);
    abort();
  }
  close(file);
  offset_ns = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  /* Other constructors may ask before ours has run. */
  if (!real_clock_gettime) *(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  if (!offset_ns || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) {
    return real_clock_gettime(clock, time);
  }
  /* Who is held up between the two would show a time of before the setting with it. */
  int64_t offset;
  int result;
  do {
    offset = *offset_ns;
    result = real_clock_gettime(clock, time);
  } while (offset != *offset_ns);
  if (result != 0) return result;
  int64_t ns = time->tv_sec * (int64_t)ns_per_second + time->tv_nsec + offset;
  time->tv_sec = ns / ns_per_second;
  time->tv_nsec = ns % ns_per_second;
  return 0;
}

time_t time(time_t *into) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (into) *into = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval *restrict into, void *restrict zone) {
  (void)zone;
  struct timespec now;
  int result = clock_gettime(CLOCK_REALTIME, &now);
  into->tv_sec = now.tv_sec;
  into->tv_usec = now.tv_nsec / 1000;
  return result;
}
