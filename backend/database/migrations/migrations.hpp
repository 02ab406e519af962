// Each step from one schema to the next, in a file of its own: NNNN_subject.cpp.
//
// A migration runs within the one transaction of an opening (`migrate`), with foreign keys off and
// the views of others put aside. It neither begins nor commits, and sets no version: the table in
// schema.cpp does. What cannot be taken over it refuses with an `SqlError` whose sentence follows
// the file's name and says what to do; the file is then as it was.
#pragma once

#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

/// From nothing, or from the original's file, to the first schema of ours.
void migrate_to_1(Connection& connection);
/// What finds rows by time, and adds up a tap's pours.
void migrate_to_2(Connection& connection);
/// What the pump ran for, and what was done to calibrations.
void migrate_to_3(Connection& connection);
/// Which machine is whose.
void migrate_to_4(Connection& connection);
/// The ids of orders that were given up before they came.
void migrate_to_5(Connection& connection);
/// When an order was sent, by a clock that goes on over restarts of the server.
void migrate_to_6(Connection& connection);
/// The checks and indices of pours, in words that cost SQLite less to keep.
void migrate_to_7(Connection& connection);
/// From which rows on the hashes are made with a key.
void migrate_to_8(Connection& connection);

}  // namespace pourtocol::database
