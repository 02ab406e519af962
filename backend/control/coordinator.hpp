// The pour coordinator: decides everything about pouring on the server's side, and does nothing
// itself.
//
// Pure: it is told what happened and when, and says what is to be done. It owns no clock, socket,
// thread or file. The server (backend/app) and the simulation differ only in who carries out the
// effects. One event at a time; not thread-safe.
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "backend/control/calibrations.hpp"
#include "backend/control/events.hpp"
#include "backend/control/settings.hpp"
#include "backend/control/stop_jobs.hpp"
#include "backend/control/tap.hpp"
#include "backend/control/turn.hpp"

namespace pourtocol::control {

class Coordinator {
 public:
  /// Requires at least one tap, and names that differ. Nothing happens before `Begin`.
  explicit Coordinator(Settings settings);
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;

  /// Appends to `effects` what is to be done, in order. Effects of one turn are carried out before
  /// the next event is handed in.
  void handle(const Event& event, const Now& now, Effects& effects);

  /// When `TimePassed` is due next, unless something happens before; `Instant::max()` for never.
  [[nodiscard]] Instant next_deadline() const;

  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
  [[nodiscard]] std::size_t tap_count() const noexcept { return taps_.size(); }
  [[nodiscard]] TapView tap_view(TapIndex tap, Instant now) const;
  [[nodiscard]] WhyView why(TapIndex tap, Instant now) const;
  [[nodiscard]] std::optional<TapIndex> find_tap(const TapName& name) const;
  [[nodiscard]] bool store_ready() const noexcept { return shared_.store_ready; }

 private:
  void on(const Begin& event, Turn& turn);
  void on(const DispenseAsked& event, Turn& turn);
  void on(const StopAsked& event, Turn& turn);
  void on(const ResumeAsked& event, Turn& turn);
  void on(const CalibrationAsked& event, Turn& turn);
  void on(const MachineAsked& event, Turn& turn);
  void on(const WriteReply& event, Turn& turn);
  void on(const RecoverResult& event, Turn& turn);
  void on(const StatusAnswered& event, Turn& turn);
  void on(const OrderAnswered& event, Turn& turn);
  void on(const StopAnswered& event, Turn& turn);
  void on(const CalibrationAnswered& event, Turn& turn);
  void on(const TimePassed& event, Turn& turn);
  void on(const ShutdownAsked& event, Turn& turn);

  void refuse(const DispenseAsked& event, Tap& tap, Cause cause, Turn& turn);
  /// What an order or an act is told while the log can take nothing.
  template <class Code>
  [[nodiscard]] Code code_without_store() const noexcept {
    return shared_.store_read ? Code::store_failed : Code::starting;
  }
  void give_up(Ticket ticket, const RequestId& id, Turn& turn);
  void stop_pour(Ticket ticket, const RequestId& id, Turn& turn);
  void finish_write(const StartPending& pending, const WriteResult& result, Turn& turn);
  void finish_write(const RefusalPending& pending, const WriteResult& result, Turn& turn);
  void finish_write(const GiveUpPending& pending, const WriteResult& result, Turn& turn);
  void finish_write(const StepPending& pending, const WriteResult& result, Turn& turn);
  void finish_write(const HoldPending& pending, const WriteResult& result, Turn& turn);
  void finish_write(const AuditPending& pending, const WriteResult& result, Turn& turn);
  void finish_write(const MachinePending& pending, const WriteResult& result, Turn& turn);
  /// Why the log takes nothing: told once.
  void note_loss(RecoverFailed loss, Turn& turn);
  void lose_store(Turn& turn);
  void recover(Turn& turn);
  void take_up(const Recovered& recovered, Turn& turn);
  void close_orphan(Pour pour, Turn& turn);
  void write_stops(Turn& turn);
  [[nodiscard]] std::size_t scope_of(const std::vector<TapIndex>& taps) const noexcept;
  void stop_tap(TapIndex index, bool only_if_open, Ticket ticket, Turn& turn);
  void finish_shutdown(Turn& turn);
  [[nodiscard]] std::vector<TapIndex> taps_in(const std::optional<TapName>& name) const;
  [[nodiscard]] Tap& at(TapIndex index);

  Settings settings_;
  Shared shared_;
  Identities identities_;
  std::deque<Tap> taps_;  ///< a deque: taps stay where they are
  std::unordered_map<TapName, TapIndex> by_name_;
  StopJobs stops_;
  /// The clients whose stop shares the row of one that is on its way to the log, by its taps: where
  /// nobody can know of that one yet, a row more would say nothing.
  std::unordered_map<std::size_t, std::vector<Ticket>> sharing_;
  StopNumber newest_stop_{};  ///< of all taps, those that were lifted included
  Calibrations calibrations_;
  std::optional<RecoverFailed> loss_;    ///< of the log; absent: none is known
  Instant recover_at_ = Instant::max();  ///< when to try again to read the file
  Instant recovered_at_{};               ///< when the file was last read after a loss, or will be
  bool shutdown_announced_ = false;
};

}  // namespace pourtocol::control
