// The tests of the core run in two worlds. On the host this is GoogleTest; on a board's processor,
// where GoogleTest cannot go, it is the few lines below: the same TEST, TEST_F, EXPECT_… and
// ASSERT_…, no heap, no exceptions, no streams.
#pragma once

#ifndef POURTOCOL_ON_BOARD

#include <gtest/gtest.h>

#else

#include <cstdio>

namespace pourtocol::testing {

/// One test, in a list that static constructors build before `main`.
struct Case {
  const char* suite;
  const char* name;
  void (*run)();
  Case* next = nullptr;

  Case(const char* suite_name, const char* test_name, void (*body)())
      : suite{suite_name}, name{test_name}, run{body} {
    *last() = this;
    last() = &next;
  }
  static Case*& first() {
    static Case* head = nullptr;
    return head;
  }
  static Case**& last() {
    static Case** tail = &first();
    return tail;
  }
};

inline int failures = 0;

inline bool check(bool ok, const char* what, const char* file, int line) {
  if (!ok) {
    ++failures;
    std::printf("%s:%d: failed: %s\n", file, line, what);
  }
  return ok;
}

/// Runs them all; the number of failed checks.
inline int run_all() {
  int count = 0;
  for (const Case* test = Case::first(); test != nullptr; test = test->next) {
    const int before = failures;
    test->run();
    ++count;
    if (failures != before) std::printf("[ FAILED ] %s.%s\n", test->suite, test->name);
  }
  std::printf("%d tests, %d failed checks\n", count, failures);
  return count > 0 ? failures : 1;
}

/// What a fixture derives from.
class Test {};

}  // namespace pourtocol::testing

namespace testing = pourtocol::testing;

#define POURTOCOL_CASE_(suite, name, base)                                                       \
  struct suite##_##name##_test : base {                                                          \
    void TestBody();                                                                             \
  };                                                                                             \
  static void run_##suite##_##name() {                                                           \
    static suite##_##name##_test test;                                                           \
    test.TestBody();                                                                             \
  }                                                                                              \
  static ::pourtocol::testing::Case suite##_##name##_case{#suite, #name, &run_##suite##_##name}; \
  void suite##_##name##_test::TestBody()

#define TEST(suite, name) POURTOCOL_CASE_(suite, name, ::pourtocol::testing::Test)
#define TEST_F(fixture, name) POURTOCOL_CASE_(fixture, name, fixture)

#define POURTOCOL_EXPECT_(condition, what) \
  ::pourtocol::testing::check(static_cast<bool>(condition), what, __FILE__, __LINE__)
#define EXPECT_TRUE(a) POURTOCOL_EXPECT_(a, #a)
#define EXPECT_FALSE(a) POURTOCOL_EXPECT_(!(a), "not " #a)
#define EXPECT_EQ(a, b) POURTOCOL_EXPECT_((a) == (b), #a " == " #b)
#define EXPECT_NE(a, b) POURTOCOL_EXPECT_((a) != (b), #a " != " #b)
#define EXPECT_LT(a, b) POURTOCOL_EXPECT_((a) < (b), #a " < " #b)
#define EXPECT_LE(a, b) POURTOCOL_EXPECT_((a) <= (b), #a " <= " #b)
#define EXPECT_GT(a, b) POURTOCOL_EXPECT_((a) > (b), #a " > " #b)
#define EXPECT_GE(a, b) POURTOCOL_EXPECT_((a) >= (b), #a " >= " #b)
#define ASSERT_TRUE(a) \
  if (!EXPECT_TRUE(a)) return
#define ASSERT_EQ(a, b) \
  if (!EXPECT_EQ(a, b)) return

#endif
