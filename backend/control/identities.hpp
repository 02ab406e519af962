// Which machine is each tap's, and whether it is the one that answers at the tap's address.
//
// Addresses move: a router gives two machines that restart each other's, a name leads to a board
// that was put elsewhere. What a machine says of itself (protocol version 2: its id and the tap it
// was named) does not. The first id that a tap's machine says is the tap's; another, or none where
// one is known, is another machine's, and so is every machine that says it is another tap. A
// machine of version 1 says neither: where none has ever said an id, all is as if there were none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "backend/control/audit_log.hpp"
#include "backend/control/device_link.hpp"
#include "backend/control/service.hpp"
#include "backend/control/settings.hpp"

namespace pourtocol::control {

/// Pure memory: who writes it down is the coordinator. What is known is nothing until the log has
/// been read.
class Identities {
 public:
  explicit Identities(const Settings& settings);

  /// What the log says, in place of all that was known.
  void on_recovered(const std::vector<Recovered::Machine>& machines);
  /// Nothing new can be written down now: nobody new is taken for a tap's.
  void on_store_lost() noexcept { writable_ = false; }

  /// What answered at the tap's address.
  void saw(TapIndex tap, const protocol::DeviceStatus& status);
  /// Nothing answers there any more: the machine that did may be put elsewhere.
  void lost(TapIndex tap);
  /// The tap's machine is another from now on; nothing: the next that says its id.
  void remember(TapIndex tap, std::optional<MachineId> machine);

  /// The id of what answered last, where it is the first that the tap hears of, and may keep.
  [[nodiscard]] std::optional<MachineId> newcomer(TapIndex tap) const;
  /// Why what answered last is not the tap's machine; nothing: it is, as far as it can be told.
  [[nodiscard]] std::optional<Mismatch> mismatch(TapIndex tap) const { return at(tap).mismatch; }
  [[nodiscard]] std::optional<MachineId> told(TapIndex tap) const { return at(tap).told; }
  [[nodiscard]] MachineView view(TapIndex tap) const;
  /// Those of `tap`'s fellows whose machine is `machine`.
  [[nodiscard]] std::vector<TapIndex> others_with(MachineId machine, TapIndex tap) const;
  /// Grows whenever a view of any tap may have changed, which is rarely.
  [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }

 private:
  struct OfTap {
    TapName name;
    std::optional<MachineId> known;
    bool heard = false;  ///< something answers: `told` and `named` say what
    std::optional<MachineId> told;
    TapName named;
    std::uint64_t told_since = 0;  ///< the revision at which it first said so: who came first
    std::optional<Mismatch> mismatch;
  };
  [[nodiscard]] const OfTap& at(TapIndex tap) const {
    return taps_.at(static_cast<std::size_t>(tap));
  }
  [[nodiscard]] OfTap& at(TapIndex tap) { return taps_.at(static_cast<std::size_t>(tap)); }
  void judge_anew();
  [[nodiscard]] std::optional<Mismatch> judge(TapIndex tap) const;
  /// Another tap knows this tap's machine, and heard of it before.
  [[nodiscard]] bool came_second(TapIndex tap) const;
  /// Another tap knows what answers at `tap`, and is answered by it, too.
  [[nodiscard]] bool is_needed_elsewhere(TapIndex tap) const;

  std::vector<OfTap> taps_;
  bool writable_ = false;
  std::uint64_t revision_ = 0;
};

/// What becomes of the wish to take a machine over: what is to be written, or why not.
[[nodiscard]] std::variant<MachineWrite, MachineAnswer> judge_takeover(
    const Identities& identities, TapIndex tap, const MachineRequest& request, WallTime at);

}  // namespace pourtocol::control
