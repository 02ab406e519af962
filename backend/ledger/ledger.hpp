// The rules of the durable log: what each write of control::AuditLog does and answers, whatever
// keeps its tables. Pure: no clock, no threads, no files.
#pragma once

#include "backend/control/audit_log.hpp"
#include "backend/ledger/storage.hpp"

namespace pourtocol::ledger {

/// Carries out one write, within the transaction the caller has open on `storage`. The answer is
/// true once that is committed. `Failed` means a write that breaks the rules, and nothing of it was
/// added.
[[nodiscard]] control::WriteReply apply(Storage& storage, control::WriteId id,
                                        const control::StoreWrite& write);

/// What stands in the log, on one snapshot of `storage`.
[[nodiscard]] control::Recovered present_state(Storage& storage);

}  // namespace pourtocol::ledger
