// Assertions that stay on in release builds.
//
// A broken precondition means the program no longer knows what it is doing, and a program that
// drives a pump must then stop. What "stop" means differs by world: a server ends its process (its
// dispensers switch their pumps off by themselves), a board switches the pump off first and then
// restarts. So the failure goes to a handler which each world installs once, at start.
#pragma once

namespace pourtocol {

/// Called with the text of the failed condition and its place. Must not return.
using AssertHandler = void (*)(const char* condition, const char* file, int line);

/// Installs the handler of this world. Not thread-safe: call before any thread is started.
/// Without one, a failed assertion ends in `__builtin_trap()`.
void set_assert_handler(AssertHandler handler) noexcept;

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace pourtocol

#define POURTOCOL_ASSERT(condition)       \
  (static_cast<bool>(condition) ? void(0) \
                                : ::pourtocol::assertion_failed(#condition, __FILE__, __LINE__))
