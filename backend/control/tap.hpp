// One tap: its device, and the one pour it may be busy with.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "backend/control/found_pours.hpp"
#include "backend/control/identities.hpp"
#include "backend/control/monitor.hpp"
#include "backend/control/pour.hpp"
#include "backend/control/service.hpp"
#include "backend/control/settings.hpp"
#include "backend/control/settle.hpp"
#include "backend/control/stop_calls.hpp"
#include "backend/control/turn.hpp"

namespace pourtocol::control {

/// The upper half of the table in docs/safety.md: from the wish to the order and its answer. What
/// comes after is `settle.hpp`. A tap holds at most one pour, from the moment it is wished for
/// until it is final; whoever asks meanwhile is told that the tap is busy.
class Tap {
 public:
  Tap(TapIndex index, const TapSettings& own, const Settings& settings, Identities& identities)
      : index_{index}, own_{own}, identities_{identities}, monitor_{settings}, stop_calls_{index} {}

  // -- asked by the coordinator --

  /// What stands in the way of a new pour now, the most telling first; nothing: ready.
  [[nodiscard]] std::optional<Cause> block(Instant now) const;
  /// Whether the device is known to be one that cannot do service runs.
  [[nodiscard]] bool knows_no_service() const noexcept {
    return monitor_.status().has_value() && !monitor_.speaks_version_2();
  }
  [[nodiscard]] bool is_online(Instant now) const noexcept {
    return monitor_.link(now) == LinkState::online;
  }
  /// Whether what answers at its address is another machine than the tap's.
  [[nodiscard]] bool is_of_another_machine() const {
    return identities_.mismatch(index_).has_value();
  }
  /// Whether it is busy with a pour of which nothing is in the log yet, as far as is known here.
  [[nodiscard]] bool has_unwritten_pour() const noexcept {
    return order_ && order_->pour.state == PourState::fresh;
  }
  /// Whether the device has not been heard of yet in this run, neither well nor badly.
  [[nodiscard]] bool is_starting() const noexcept { return !monitor_.has_asked(); }
  [[nodiscard]] protocol::FaultSet faults() const noexcept {
    return monitor_.speaks_version_2() ? monitor_.status()->details->faults : protocol::FaultSet{};
  }
  /// For an act that leaves now (`Monitor::guard`).
  [[nodiscard]] std::optional<protocol::OrderGuard> guard(const Turn& turn) const;
  /// Requires `!block()` and a ready store.
  void begin_pour(Ticket ticket, const DispenseRequest& request, const RequestId& id, Turn& turn);
  /// A wish under the id of the pour this tap is busy with: joins those who wait for its first
  /// answer. False if that has been given already; then the log knows what to say.
  [[nodiscard]] bool join(Ticket ticket, const DispenseRequest& request, Turn& turn);
  [[nodiscard]] bool is_busy_with(const RequestId& id) const noexcept {
    return order_ && order_->pour.request_id == id;
  }
  [[nodiscard]] bool has_open_pour() const noexcept { return order_.has_value(); }
  /// A refused pour, ready to be written, for a wish that cannot be granted now.
  [[nodiscard]] Pour refused_pour(const DispenseRequest& request, const RequestId& id,
                                  Turn& turn) const;

  /// Ends the pour this tap is busy with, if any, and tells the device to switch off. Returns the
  /// call whose answer tells how that went; none if nothing had to be sent (`only_if_open`, or not
  /// begun).
  std::optional<CallId> stop(bool only_if_open, Turn& turn);
  /// A stop takes effect at once, and is on its way to the log, or has to wait for that.
  void hold(bool submitted, Turn& turn);
  /// A `HoldWrite` for this tap is durable (`newest`: as the log has it now), or failed.
  void on_hold_written(bool stop, std::optional<StopNumber> newest, Turn& turn);
  /// What the log says after it was read.
  void on_hold_recovered(StopNumber stop, Turn& turn);
  [[nodiscard]] bool held() const noexcept {
    return stop_ != StopNumber::none || stops_under_way_ > 0 || stop_unwritten_;
  }
  /// Whether it is stopped, and that could not be written yet.
  [[nodiscard]] bool has_unwritten_stop() const noexcept { return stop_unwritten_; }

  // -- told by the coordinator --

  void on_status(const StatusAnswered& answer, Turn& turn);
  void on_order(const OrderAnswered& answer, Turn& turn);
  void on_stop(const StopAnswered& answer, Turn& turn);
  void on_started(const WriteResult& result, Turn& turn);
  void on_time(Turn& turn);
  /// The log cannot be written: whoever waits is told so; what is open is taken up again from the
  /// file.
  void on_store_lost(Turn& turn);
  /// What the file says is open on this tap, or nothing; and the pour whose end is still unknown.
  void on_recovered(std::optional<Pour> open, std::optional<Pour> unresolved, Turn& turn);
  /// And how far its machine's own record is in the log.
  void on_recovered(const std::optional<Recovered::Counted>& counted) {
    found_.on_recovered(counted);
  }
  void on_shutdown(Turn& turn);
  /// Which machine is whose may be another by now.
  void on_identities_changed(Turn& turn);

  // -- shown --

  [[nodiscard]] const TapName& name() const noexcept { return own_.name; }
  [[nodiscard]] TapView view(Instant now, std::optional<Cause> log_block) const;
  [[nodiscard]] WhyView why(Instant now, std::optional<Cause> log_block) const;

 private:
  /// The pour the tap is busy with.
  struct Order {
    Pour pour;  ///< `fresh` until its `started` row is durable
    Watch watch;
    std::vector<Ticket> waiting;
    /// The latest that anybody who waits has named; nothing: somebody named none. Forgotten with
    /// the run of the server: a pour taken up from the file is not sent again anyway.
    std::optional<Instant> deadline;
    bool checking = false;  ///< the device is being asked before anything is written
    bool stop_wanted = false;
    int attempts = 0;
    std::optional<CallId> call;  ///< the order under way
  };

  [[nodiscard]] Monitor::Pace pace() const noexcept;
  [[nodiscard]] PourPhase phase() const noexcept;
  [[nodiscard]] std::optional<Cause> device_block(Instant now) const;

  [[nodiscard]] Microlitres most_for(const Pour& pour) const noexcept;
  [[nodiscard]] Duration longest_for(const Pour& pour) const noexcept;
  [[nodiscard]] Duration shortest_for(const Pour& pour) const noexcept;
  void watch_from_now(Turn& turn);
  void recall_times(Turn& turn);
  void ask_status(const StatusCall& call, Turn& turn);
  void identify(Turn& turn);
  void warn_of_machine(Turn& turn);
  [[nodiscard]] bool another_machine_answers() const;
  [[nodiscard]] bool is_too_late(Turn& turn) const noexcept;
  void on_checked(Turn& turn);
  void refuse(Cause cause, Turn& turn);
  void drop_unstarted(AnswerCode code, Turn& turn);
  void submit_start(Turn& turn);
  [[nodiscard]] std::optional<Cause> cause_against_sending(Turn& turn) const noexcept;
  void send_order(Turn& turn);
  void advance(const Evidence& evidence, Turn& turn);
  void take_step(const Step& step, Turn& turn);
  void write_step(PourState to, Cause cause, Turn& turn);
  void resolve_late(Turn& turn);
  void write_found(Turn& turn);
  [[nodiscard]] Pour found_pour(const FoundPours::Found& found, Turn& turn) const;
  void answer_waiting(const DispenseAnswer& answer, Turn& turn);
  /// Tells of what has changed, and when `on_time` is due next. Whatever the tap is told ends here.
  void show(Turn& turn);
  /// `Instant::max()` when nothing is awaited.
  [[nodiscard]] Instant next_deadline(Instant now) const;

  TapIndex index_;
  const TapSettings& own_;
  Identities& identities_;
  Monitor monitor_;
  StopCalls stop_calls_;
  std::optional<Order> order_;
  std::optional<Pour> unresolved_;  ///< ended as `unknown`; its device may still prove what flowed
  std::optional<Pour> last_;
  FoundPours found_;
  StopNumber stop_{};        ///< the newest, as the log has it
  int stops_under_way_ = 0;  ///< on their way to the log
  bool stop_unwritten_ = false;

  /// What was last announced, so that only real changes are.
  struct Shown {
    LinkState link = LinkState::offline;
    std::optional<Cause> log_block = Cause::starting;
    bool starting = true;
    bool held = false;
    StopNumber stop{};
    std::uint64_t identities = 0;  ///< their revision
    std::optional<protocol::DeviceStatus> status;
    std::optional<PourPhase> phase;
    RequestId last;
    PourState last_state = PourState::fresh;
    friend bool operator==(const Shown&, const Shown&) = default;
  };
  Shown shown_;
  MachineView warned_of_;
  std::uint64_t warned_at_ = 0;  ///< the revision of the identities that was looked at
};

}  // namespace pourtocol::control
