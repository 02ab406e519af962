#include "backend/database/migrations/migrations.hpp"

namespace pourtocol::database {

namespace {

// Migration 6: when an order was sent, and when its device had been up for `device_uptime_s`.
//
// Microseconds of the server's monotonic clock, which is told apart by `clock_id`: the kernel's id
// of the boot it counts from. NULL: the row is older than these columns.
constexpr const char* sixth_schema = R"sql(
ALTER TABLE pours ADD COLUMN uptime_at_us INTEGER;
ALTER TABLE pours ADD COLUMN sent_at_us INTEGER;
ALTER TABLE pours ADD COLUMN clock_id TEXT;
)sql";

}  // namespace

void migrate_to_6(Connection& connection) {
  connection.run(sixth_schema);
}

}  // namespace pourtocol::database
