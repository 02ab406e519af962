#include "core/assert.hpp"

namespace pourtocol {

namespace {
AssertHandler installed = nullptr;
}

void set_assert_handler(AssertHandler handler) noexcept {
  installed = handler;
}

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  if (installed != nullptr) installed(condition, file, line);
  __builtin_trap();
}

}  // namespace pourtocol
