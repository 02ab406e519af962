#include "protocol/names.hpp"

#include "core/assert.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::protocol {

namespace {

template <class Enum>
std::string_view look_up(Enum value) noexcept {
  static_assert(detail::all_named<Enum>(), "one name for each enumerator");
  const auto index = static_cast<std::size_t>(value);
  POURTOCOL_ASSERT(index < detail::names<Enum>.size());
  return detail::names<Enum>[index];
}

}  // namespace

std::string_view name_of(DeviceState state) noexcept {
  return look_up(state);
}
std::string_view name_of(Fault fault) noexcept {
  return look_up(fault);
}
std::string_view name_of(PourOutcome outcome) noexcept {
  return look_up(outcome);
}
std::string_view name_of(StopReason reason) noexcept {
  return look_up(reason);
}
std::string_view name_of(Measure measure) noexcept {
  return look_up(measure);
}
std::string_view name_of(ResetReason reason) noexcept {
  return look_up(reason);
}
std::string_view name_of(Refusal refusal) noexcept {
  return look_up(refusal);
}
std::string_view name_of(UnclearAnswer answer) noexcept {
  return look_up(answer);
}
std::string_view name_of(Purpose purpose) noexcept {
  return look_up(purpose);
}
std::string_view name_of(ServiceKind kind) noexcept {
  return look_up(kind);
}
std::string_view name_of(ProposalSource source) noexcept {
  return look_up(source);
}
std::string_view name_of(CalibrationRefusal refusal) noexcept {
  return look_up(refusal);
}
std::string_view name_of(const CalibrationAction& action) noexcept {
  return detail::action_names[action.index()];
}

std::optional<StopReason> stop_reason_named(std::string_view name) noexcept {
  return detail::from_name<StopReason>(name);
}
std::optional<Purpose> purpose_named(std::string_view name) noexcept {
  return detail::from_name<Purpose>(name);
}
std::optional<ServiceKind> service_kind_named(std::string_view name) noexcept {
  return detail::from_name<ServiceKind>(name);
}

}  // namespace pourtocol::protocol
