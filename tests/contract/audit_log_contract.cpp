#include <algorithm>
#include <chrono>
#include <utility>

#include "tests/contract/audit_log_contract.hpp"

namespace pourtocol::contract {

using control::Cause;
using control::Pour;
using control::PourState;
using control::WriteId;
using control::WriteReply;
using enum control::PourState;

namespace {

TapName tap_named(std::string_view name) {
  return TapName::parse(name).value();
}

Cause usual_cause(PourState to) {
  switch (to) {
    case accepted:
      return Cause::device_accepted;
    case unclear:
      return Cause::answer_timed_out;
    case sending:
      return Cause::sent_again;
    case not_sent:
      return Cause::connect_failed;
    case rejected:
      return Cause::device_refused;
    case unknown:
      return Cause::unreachable;
    default:
      return Cause::device_reported;
  }
}

control::Delivery usual_delivery(const Pour& pour, PourState to) {
  const Microlitres asked{pour.amount_ml * 1000};
  const Microlitres nothing{0};
  switch (to) {
    case done:
      return {control::Basis::meter, asked, Microlitres{400}, asked - Microlitres{400},
              asked + Microlitres{400}};
    case partial:
      return {control::Basis::time, Microlitres{500}, Microlitres{100}, Microlitres{400},
              Microlitres{600}};
    case unknown:
      return {control::Basis::none, nothing, nothing, nothing, pour.most};
    default:
      return {control::Basis::none, nothing, nothing, nothing, nothing};
  }
}

}  // namespace

AuditLogContract::AuditLogContract() : store_{GetParam().make(*this)} {}

Pour AuditLogContract::wish(std::string_view key, std::string_view tap, std::int64_t amount_ml) {
  Pour pour;
  pour.request_id = RequestId::parse(key).value();
  pour.tap = tap_named(tap);
  pour.user = UserToken::from("guest-7 \u00e9").value();
  pour.amount_ml = amount_ml;
  pour.context.uptime = std::chrono::seconds{1234};
  pour.context.uptime_at = Instant{std::chrono::microseconds{987'654'321'012}};
  pour.context.sent_at = pour.context.uptime_at + std::chrono::microseconds{17};
  pour.context.clock = ClockId::from("0b5f6e6a-9d1c-4d9d-8f4e-3b1f0c8c1d2e").value();
  pour.context.guard = protocol::OrderGuard{BootId{0xfeed}, Uptime{1'239'000}};
  pour.context.pours_total = 17;
  pour.context.machine = MachineId{0xbadcafe};
  pour.most = Microlitres{std::clamp<std::int64_t>(amount_ml, 0, 60) * 1150 + 4000};
  pour.started_at = WallTime{std::chrono::milliseconds{++clock_ms_}};
  pour.updated_at = pour.started_at;
  return pour;
}

Pour AuditLogContract::moved(Pour pour, PourState to, Cause cause) {
  pour.state = to;
  pour.cause = cause;
  pour.detail = "so it was";
  pour.accepted = pour.accepted || to == accepted;
  if (control::is_final(to)) pour.delivery = usual_delivery(pour, to);
  if (to == done) pour.stop_reason = protocol::StopReason::target_reached;
  pour.updated_at = WallTime{std::chrono::milliseconds{++clock_ms_}};
  return pour;
}

Pour AuditLogContract::ended(const Pour& pour) {
  Pour end = moved(pour, done, Cause::device_reported);
  end.stop_reason = protocol::StopReason::target_reached;
  return end;
}

WriteId AuditLogContract::submit(control::StoreWrite write) {
  const WriteId id{++last_id_};
  store_->log().submit(id, std::move(write));
  return id;
}

WriteId AuditLogContract::submit_start(const Pour& pour, std::optional<Cause> refusal) {
  return submit(control::StartWrite{pour, refusal});
}

WriteId AuditLogContract::submit_step(const Pour& before, const Pour& after) {
  return submit(control::StepWrite{before.state, after});
}

WriteId AuditLogContract::submit_hold(std::string_view tap, bool held, control::StopNumber up_to) {
  const WallTime at{std::chrono::milliseconds{++clock_ms_}};
  return submit(control::HoldWrite{{tap_named(tap)}, held, at, up_to});
}

const WriteReply& AuditLogContract::reply_to(WriteId id) {
  const auto find = [this, id] { return std::ranges::find(replies_, id, &WriteReply::id); };
  store_->run_until([&] { return find() != replies_.end(); });
  return *find();
}

const WriteReply& AuditLogContract::start(const Pour& pour, std::optional<Cause> refusal) {
  return reply_to(submit_start(pour, refusal));
}

const WriteReply& AuditLogContract::step(const Pour& before, const Pour& after) {
  return reply_to(submit_step(before, after));
}

const WriteReply& AuditLogContract::hold(std::string_view tap, bool held,
                                         control::StopNumber up_to) {
  return reply_to(submit_hold(tap, held, up_to));
}

control::Recovered AuditLogContract::recover() {
  const std::size_t before = recoveries_.size();
  store_->log().recover();
  store_->run_until([&] { return recoveries_.size() > before; });
  return std::get<control::Recovered>(recoveries_.back());
}

Pour AuditLogContract::pour_through(std::string_view key, std::string_view tap,
                                    const std::vector<PourState>& states) {
  Pour pour = wish(key, tap);
  EXPECT_TRUE(std::holds_alternative<control::Started>(start(pour).result)) << key;
  pour.state = sending;
  for (const PourState to : states) {
    const Pour after = moved(pour, to, usual_cause(to));
    EXPECT_TRUE(std::holds_alternative<control::Written>(step(pour, after).result))
        << key << " to " << control::name_of(to);
    pour = after;
  }
  return pour;
}

void AuditLogContract::wait_for_replies(std::size_t count) {
  store_->run_until([&] { return replies_.size() >= count; });
}

void AuditLogContract::crash() {
  store_->crash();
}

void AuditLogContract::on_reply(WriteReply reply) {
  replies_.push_back(std::move(reply));
}

void AuditLogContract::on_recovered(control::RecoverResult result) {
  recoveries_.push_back(std::move(result));
}

}  // namespace pourtocol::contract
