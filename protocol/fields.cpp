#include "protocol/fields.hpp"

namespace pourtocol::protocol::detail {

namespace {

constexpr std::unexpected<std::string_view> because(std::string_view phrase) noexcept {
  return std::unexpected{phrase};
}

}  // namespace

Read<bool> as_bool(const Value& value) noexcept {
  if (value.kind == Value::Kind::yes) return true;
  if (value.kind == Value::Kind::no) return false;
  return because("must be true or false");
}

Read<RequestId> as_request_id(const Value& value) noexcept {
  if (value.kind == Value::Kind::text) {
    if (const auto id = RequestId::parse(value.text)) return *id;
  }
  return because("must be a text of 1 to 64 letters, digits or any of - _ . :");
}

Read<BootId> as_boot_id(const Value& value) noexcept {
  if (value.kind == Value::Kind::text) {
    if (const auto id = BootId::parse(value.text)) return *id;
  }
  return because("must be a text of 16 digits 0-9 a-f");
}

std::optional<MachineId> as_machine_id(const Value& value) noexcept {
  return value.kind == Value::Kind::text ? MachineId::parse(value.text) : std::nullopt;
}

Read<std::uint64_t> as_whole(const Value& value, std::uint64_t most) noexcept {
  if (value.kind != Value::Kind::number) return because("must be a whole number");
  const std::string_view text = value.text;
  if (text.find_first_of(".eE") != std::string_view::npos) return because("must be a whole number");
  if (text.front() == '-') return because("must not be negative");
  const auto whole = read_whole(text);
  if (!whole || *whole > most) return because("is too large");
  return *whole;
}

namespace {

Read<Millilitres> amount_from(const Value& value, Millilitres least, Millilitres most,
                              std::string_view range) noexcept {
  if (value.kind != Value::Kind::number ||
      value.text.find_first_of(".eE") != std::string_view::npos) {
    return because("must be a whole number");
  }
  const auto whole = read_whole(value.text);
  if (!whole || *whole < static_cast<std::uint64_t>(least.count()) ||
      *whole > static_cast<std::uint64_t>(most.count())) {
    return because(range);
  }
  return Millilitres{static_cast<std::int32_t>(*whole)};
}

}  // namespace

Read<Millilitres> as_amount(const Value& value) noexcept {
  return amount_from(value, amount_min, amount_max, "must be 1 to 60");
}

Read<Millilitres> as_requested(const Value& value) noexcept {
  return amount_from(value, Millilitres{0}, service_amount_max, "must be 0 to 200");
}

Read<Millilitres> as_service_amount(const Value& value) noexcept {
  return amount_from(value, amount_min, service_amount_max, "must be 1 to 200");
}

Read<std::int64_t> as_thousandths(const Value& value, std::int64_t most) noexcept {
  if (value.kind != Value::Kind::number) return because("must be a number");
  if (value.text.front() == '-') return because("must not be negative");
  const auto thousandths = read_thousandths(value.text);
  if (!thousandths) return because("must be a number with at most 3 decimals");
  if (*thousandths > most) return because("is too large");
  return *thousandths;
}

Read<std::int64_t> as_signed_thousandths(const Value& value, std::int64_t most) noexcept {
  if (value.kind != Value::Kind::number || value.text.front() != '-') {
    return as_thousandths(value, most);
  }
  Value magnitude = value;
  magnitude.text = {value.text.data() + 1, value.text.size() - 1};
  const auto read = as_thousandths(magnitude, most);
  if (!read) return read;
  return -*read;
}

Read<Share> as_share(const Value& value) noexcept {
  const auto read = as_signed_thousandths(value, share_max);
  if (!read) return std::unexpected{read.error()};
  if (*read % 10 != 0) return because("must be a number with at most 2 decimals");
  return Share{static_cast<std::int32_t>(*read / 10)};
}

}  // namespace pourtocol::protocol::detail
