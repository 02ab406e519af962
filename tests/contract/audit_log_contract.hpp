// What every control::AuditLog must do, whatever it writes into.
//
// To put a store to the test: write a `StoreUnderTest` for it, link `audit_log_contract` into the
// test program, and instantiate:
//   INSTANTIATE_TEST_SUITE_P(Memory, AuditLogContract, ::testing::Values(StoreKind{…}),
//                            name_of_store);
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "backend/control/audit_log.hpp"

namespace pourtocol::contract {

class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;

  /// The log as it stands; another object after a `crash`.
  [[nodiscard]] virtual control::AuditLog& log() = 0;
  /// Lets time pass and delivers replies to the listener until `done`. Throws if that never comes.
  virtual void run_until(const std::function<bool()>& done) = 0;
  /// The power fails at this moment and comes back: what was not durable is lost, replies not yet
  /// delivered are never delivered, and the log is opened again.
  virtual void crash() = 0;
  /// All rows of `events`, oldest first, as a reader finds them now.
  [[nodiscard]] virtual std::vector<control::LogRow> rows() = 0;
};

/// Makes an empty store whose replies go to `listener`.
using MakeStore =
    std::function<std::unique_ptr<StoreUnderTest>(control::AuditLogListener& listener)>;

struct StoreKind {
  std::string name;
  MakeStore make;
};
inline void PrintTo(const StoreKind& kind, std::ostream* out) {
  *out << kind.name;
}

[[nodiscard]] inline std::string name_of_store(const ::testing::TestParamInfo<StoreKind>& info) {
  return info.param.name;
}

/// Verbs for the cases. `submit_…` only submits; the others wait for the reply and return it.
class AuditLogContract : public ::testing::TestWithParam<StoreKind>,
                         private control::AuditLogListener {
 protected:
  AuditLogContract();

  [[nodiscard]] control::Pour wish(std::string_view key, std::string_view tap,
                                   std::int64_t amount_ml = 30);
  /// The pour one step later.
  [[nodiscard]] control::Pour moved(control::Pour pour, control::PourState to,
                                    control::Cause cause);
  [[nodiscard]] control::Pour ended(const control::Pour& pour);

  control::WriteId submit(control::StoreWrite write);
  control::WriteId submit_start(const control::Pour& pour,
                                std::optional<control::Cause> refusal = std::nullopt);
  control::WriteId submit_step(const control::Pour& before, const control::Pour& after);
  control::WriteId submit_hold(std::string_view tap, bool held,
                               control::StopNumber up_to = control::StopNumber::last);

  const control::WriteReply& reply_to(control::WriteId id);
  const control::WriteReply& start(const control::Pour& pour,
                                   std::optional<control::Cause> refusal = std::nullopt);
  const control::WriteReply& step(const control::Pour& before, const control::Pour& after);
  const control::WriteReply& hold(std::string_view tap, bool held,
                                  control::StopNumber up_to = control::StopNumber::last);
  control::Recovered recover();

  /// Starts a pour and takes it through `states`; returns it as it then stands.
  control::Pour pour_through(std::string_view key, std::string_view tap,
                             const std::vector<control::PourState>& states);

  void wait_for_replies(std::size_t count);
  void crash();
  [[nodiscard]] const std::deque<control::WriteReply>& replies() const { return replies_; }
  [[nodiscard]] std::vector<control::LogRow> rows() { return store_->rows(); }

 private:
  void on_reply(control::WriteReply reply) override;
  void on_recovered(control::RecoverResult result) override;

  std::deque<control::WriteReply> replies_;  // references into it stay good
  std::vector<control::RecoverResult> recoveries_;
  std::uint64_t last_id_ = 0;
  std::int64_t clock_ms_ = 1'780'000'000'000;
  std::unique_ptr<StoreUnderTest> store_;
};

}  // namespace pourtocol::contract
