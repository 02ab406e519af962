// The original's database: what is one, what of it can be taken over, and how.
#pragma once

#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

/// The table `events` alone, with at least the original's columns. Views, indices and triggers
/// beside it do not count.
[[nodiscard]] bool is_seed(Connection& connection);

/// Refuses what cannot be taken over whole: columns of another's making, triggers, rows without a
/// number of their own or with values no log can carry. Throws `SqlError`; changes nothing.
void expect_takeable(Connection& connection);

/// `expect_takeable`, and makes room for our `events`. Within a transaction.
void set_seed_aside(Connection& connection);

/// Takes the rows over as they are, in their order and under their ids, chains them, and removes
/// what was set aside. Throws `SqlError` where a row would not be afterwards what it was.
void take_seed_rows_over(Connection& connection);

}  // namespace pourtocol::database
