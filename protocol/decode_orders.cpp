// Reads what a server says to a dispenser: orders and stops.
#include <array>

#include "protocol/codec.hpp"
#include "protocol/fields.hpp"

namespace pourtocol::protocol {

namespace {

using namespace detail;

enum class OrderField : std::uint8_t { amount_ml, request_id, boot_id, expires_ms };
constexpr std::array<std::string_view, 4> order_fields{"amount_ml", "request_id", "boot_id",
                                                       "expires_ms"};

/// Takes in an order; a stop is one of which only `request_id` is looked at.
class OrderSink final : public Sink {
 public:
  using Fields = FieldSet<OrderField, order_fields.size()>;

  explicit OrderSink(bool is_stop) noexcept : is_stop_{is_stop} {}

  [[nodiscard]] const Fields& fields() const noexcept { return fields_; }
  [[nodiscard]] const DispenseOrder& order() const noexcept { return order_; }
  [[nodiscard]] const OrderGuard& guard() const noexcept { return guard_; }

  Place value(Place, std::string_view key, const Value& value) noexcept override {
    const auto field = fields_.find(key);
    if (!field || (is_stop_ && *field != OrderField::request_id)) return Place::skipped;
    if (fields_.met(*field)) {
      complain(sentence({key, " is given twice"}));
      return Place::skipped;
    }
    fields_.meet(*field);
    switch (*field) {
      case OrderField::amount_ml:
        keep(key, as_amount(value), order_.amount);
        break;
      case OrderField::request_id:
        keep(key, as_request_id(value), order_.request_id);
        break;
      case OrderField::boot_id:
        keep(key, as_boot_id(value), guard_.boot_id);
        break;
      case OrderField::expires_ms: {
        std::uint64_t expires = 0;
        keep(key, as_whole(value, uptime_ms_max), expires);
        guard_.expires = Uptime{static_cast<std::int64_t>(expires)};
        break;
      }
    }
    return Place::skipped;
  }

  void left(Place) noexcept override {}

 private:
  template <class T>
  void keep(std::string_view key, const Read<T>& read, T& into) noexcept {
    if (read) {
      into = *read;
    } else {
      complain(sentence({key, " ", read.error()}));
    }
  }

  bool is_stop_;
  Fields fields_{order_fields};
  DispenseOrder order_;
  OrderGuard guard_;
};

std::unexpected<DecodeError> missing(OrderField field) noexcept {
  return std::unexpected{sentence({order_fields[static_cast<std::size_t>(field)], " is missing"})};
}

}  // namespace

Decoded<DispenseOrder> decode_order(std::string_view json) noexcept {
  std::array<char, order_bytes_max> scratch;
  OrderSink sink{false};
  if (const auto error = walk_object(json, scratch, sink)) return std::unexpected{*error};

  const auto& fields = sink.fields();
  if (const auto field = fields.first_missing(OrderField::amount_ml, OrderField::request_id)) {
    return missing(*field);
  }
  DispenseOrder order = sink.order();
  // Half a guard is a guard that failed to arrive whole.
  const bool guarded = fields.met(OrderField::boot_id) || fields.met(OrderField::expires_ms);
  if (guarded) {
    if (const auto field = fields.first_missing(OrderField::boot_id, OrderField::expires_ms)) {
      return missing(*field);
    }
    order.guard = sink.guard();
  }
  return order;
}

Decoded<StopOrder> decode_stop(std::string_view json) noexcept {
  // A stop must not fail for want of a body.
  if (json.empty()) return StopOrder{};
  std::array<char, order_bytes_max> scratch;
  OrderSink sink{true};
  if (const auto error = walk_object(json, scratch, sink)) return std::unexpected{*error};
  StopOrder stop;
  if (sink.fields().met(OrderField::request_id)) stop.request_id = sink.order().request_id;
  return stop;
}

}  // namespace pourtocol::protocol
