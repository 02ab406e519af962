// What a test expects of SQL that must be refused: which rule refuses it. Any mistake in the SQL,
// a misspelt column, one value too few, is an SqlError too, and not the one expected.
#pragma once

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <string>

#include "backend/database/sqlite.hpp"

namespace pourtocol::database::testing {

/// Matches a call that ends in an `SqlError` of this extended code whose message has these words.
inline auto is_refused(int code, const std::string& words) {
  return ::testing::Throws<SqlError>(
      ::testing::AllOf(::testing::Property("code", &SqlError::code, code),
                       ::testing::Property("what", &SqlError::what, ::testing::HasSubstr(words))));
}

/// By a trigger, in the trigger's words.
inline auto is_refused_by_trigger(const std::string& words) {
  return is_refused(SQLITE_CONSTRAINT_TRIGGER, words);
}

/// By a CHECK, whose text has these words.
inline auto is_refused_by_check(const std::string& words) {
  return is_refused(SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed: " + words);
}

}  // namespace pourtocol::database::testing
