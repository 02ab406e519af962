// What the fuzz targets share: a failed assertion says which before it ends the program, so that
// libFuzzer's report can be read without a debugger. A target includes this and defines
// `LLVMFuzzerTestOneInput`; nothing else may include it.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "core/assert.hpp"

namespace pourtocol::fuzzing {

[[noreturn]] inline void report(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
  std::abort();
}

/// Installed before `main`, which is libFuzzer's.
inline const bool reports = (set_assert_handler(&report), true);

}  // namespace pourtocol::fuzzing
