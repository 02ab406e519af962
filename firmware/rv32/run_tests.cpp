// Runs the core's tests on the bare processor; what they print leaves through semihosting.
#include <cstdio>
#include <cstdlib>

#include "core/assert.hpp"
#include "firmware/testing/check.hpp"

namespace {

[[noreturn]] void report(const char* condition, const char* file, int line) {
  std::printf("%s:%d: assertion failed: %s\n", file, line, condition);
  std::_Exit(2);
}

}  // namespace

int main() {
  pourtocol::set_assert_handler(
      [](const char* condition, const char* file, int line) { report(condition, file, line); });
  return pourtocol::testing::run_all() == 0 ? 0 : 1;
}
