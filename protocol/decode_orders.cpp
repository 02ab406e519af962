// Reads what a server says to a dispenser: orders, service runs and stops.
#include <array>

#include "protocol/codec.hpp"
#include "protocol/fields.hpp"

namespace pourtocol::protocol {

namespace {

using namespace detail;

enum class OrderField : std::uint8_t {
  amount_ml,
  request_id,
  boot_id,
  expires_ms,
  kind,
  run_ms,
  confirm,
  portions,
};
constexpr std::array<std::string_view, 8> order_fields{
    "amount_ml", "request_id", "boot_id", "expires_ms", "kind", "run_ms", "confirm", "portions"};

/// What is being taken in. Each looks at its own fields and skips the others'.
enum class Form : std::uint8_t { order, service, stop };

constexpr bool has(Form form, OrderField field) noexcept {
  switch (form) {
    case Form::order:
      return field <= OrderField::expires_ms;
    case Form::service:
      return true;
    case Form::stop:
      break;
  }
  return field == OrderField::request_id;
}

class OrderSink final : public Sink {
 public:
  using Fields = FieldSet<OrderField, order_fields.size()>;

  explicit OrderSink(Form form) noexcept : form_{form} {}

  [[nodiscard]] const Fields& fields() const noexcept { return fields_; }
  [[nodiscard]] Millilitres amount() const noexcept { return amount_; }
  [[nodiscard]] const RequestId& request_id() const noexcept { return request_id_; }
  [[nodiscard]] const OrderGuard& guard() const noexcept { return guard_; }
  [[nodiscard]] ServiceKind kind() const noexcept { return kind_; }
  [[nodiscard]] std::chrono::milliseconds run_time() const noexcept { return run_time_; }
  [[nodiscard]] bool confirmed() const noexcept { return confirmed_; }
  [[nodiscard]] int portions() const noexcept { return portions_; }

  Place value(Place, std::string_view key, const Value& value) noexcept override {
    const auto field = fields_.find(key);
    if (!field || !has(form_, *field)) return Place::skipped;
    if (fields_.met(*field)) {
      complain(sentence({key, " is given twice"}));
      return Place::skipped;
    }
    fields_.meet(*field);
    switch (*field) {
      case OrderField::amount_ml:
        keep(key, form_ == Form::service ? as_service_amount(value) : as_amount(value), amount_);
        break;
      case OrderField::request_id:
        keep(key, as_request_id(value), request_id_);
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
      case OrderField::kind:
        keep(key, as_name<ServiceKind>(value), kind_);
        break;
      case OrderField::run_ms: {
        std::uint64_t time = 0;
        keep(key, as_whole(value, 0xFFFF'FFFF), time);
        run_time_ = std::chrono::milliseconds{static_cast<std::int64_t>(time)};
        break;
      }
      case OrderField::confirm:
        keep(key, as_bool(value), confirmed_);
        break;
      case OrderField::portions: {
        std::uint64_t portions = 0;
        keep(key, as_whole(value, 0xFFFF), portions);
        portions_ = static_cast<int>(portions);
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

  Form form_;
  Fields fields_{order_fields};
  Millilitres amount_;
  RequestId request_id_;
  OrderGuard guard_;
  ServiceKind kind_ = ServiceKind::calibrate;
  std::chrono::milliseconds run_time_{0};
  bool confirmed_ = false;
  int portions_ = 1;
};

std::unexpected<DecodeError> missing(OrderField field) noexcept {
  return std::unexpected{sentence({order_fields[static_cast<std::size_t>(field)], " is missing"})};
}

Decoded<std::optional<OrderGuard>> guard_of(const OrderSink& sink) noexcept {
  const auto& fields = sink.fields();
  if (!fields.met(OrderField::boot_id) && !fields.met(OrderField::expires_ms)) return std::nullopt;
  // Half a guard is a guard that failed to arrive whole.
  if (const auto field = fields.first_missing(OrderField::boot_id, OrderField::expires_ms)) {
    return missing(*field);
  }
  return sink.guard();
}

}  // namespace

Decoded<DispenseOrder> decode_order(std::string_view json) noexcept {
  std::array<char, order_bytes_max> scratch;
  OrderSink sink{Form::order};
  if (const auto error = walk_object(json, scratch, sink)) return std::unexpected{*error};
  const auto field = sink.fields().first_missing(OrderField::amount_ml, OrderField::request_id);
  if (field) return missing(*field);
  const auto guard = guard_of(sink);
  if (!guard) return std::unexpected{guard.error()};
  return DispenseOrder{sink.amount(), sink.request_id(), *guard};
}

Decoded<ServiceOrder> decode_service(std::string_view json) noexcept {
  std::array<char, order_bytes_max> scratch;
  OrderSink sink{Form::service};
  if (const auto error = walk_object(json, scratch, sink)) return std::unexpected{*error};
  const auto& fields = sink.fields();
  for (const OrderField field : {OrderField::kind, OrderField::request_id}) {
    if (!fields.met(field)) return missing(field);
  }
  const bool by_amount = fields.met(OrderField::amount_ml);
  if (by_amount == fields.met(OrderField::run_ms)) {
    return std::unexpected{sentence({"either amount_ml or run_ms must be given"})};
  }
  const auto guard = guard_of(sink);
  if (!guard) return std::unexpected{guard.error()};
  ServiceOrder order{sink.kind(),       sink.amount(), sink.confirmed(),
                     sink.request_id(), *guard,        sink.portions()};
  if (!by_amount) order.extent = sink.run_time();
  if (const auto flaw = flaw_of(order); !flaw.empty()) return std::unexpected{sentence({flaw})};
  return order;
}

Decoded<StopOrder> decode_stop(std::string_view json) noexcept {
  // A stop must not fail for want of a body.
  if (json.empty()) return StopOrder{};
  std::array<char, order_bytes_max> scratch;
  OrderSink sink{Form::stop};
  if (const auto error = walk_object(json, scratch, sink)) return std::unexpected{*error};
  StopOrder stop;
  if (sink.fields().met(OrderField::request_id)) stop.request_id = sink.request_id();
  return stop;
}

std::string_view flaw_of(const ServiceOrder& order) noexcept {
  const bool into_cup = order.kind == ServiceKind::calibrate || order.kind == ServiceKind::prime;
  if (const auto* amount = std::get_if<Millilitres>(&order.extent)) {
    if (!into_cup) return "amount_ml goes with calibrate and prime only";
    if (*amount < amount_min || *amount > service_amount_max) return "amount_ml must be 1 to 200";
    if (order.portions < 1 || order.portions > portions_max) return "portions must be 1 to 8";
    if (order.portions > 1 && order.kind != ServiceKind::calibrate) {
      return "portions goes with calibrate only";
    }
    if (amount->count() * order.portions > service_amount_max.count()) {
      return "all portions together must be at most 200 ml";
    }
  } else {
    if (order.portions != 1) return "portions goes with amount_ml only";
    const auto time = *std::get_if<std::chrono::milliseconds>(&order.extent);
    if (into_cup && (time < cup_run_min || time > cup_run_max)) {
      return "run_ms must be 500 to 20000";
    }
    if (!into_cup && (time < line_run_min || time > line_run_max)) {
      return "run_ms must be 1000 to 60000";
    }
  }
  if (order.kind != ServiceKind::calibrate && !order.confirmed) {
    return "confirm must be true: what comes must find room in what stands under the tap";
  }
  return {};
}

}  // namespace pourtocol::protocol
