// Writes messages. The writer works in the caller's buffer and keeps what it must remember on the
// stack.
#include <array>
#include <cstdint>
#include <limits>

#include "protocol/codec.hpp"
#include "protocol/numbers.hpp"
#include "protocol/rapidjson.hpp"

namespace pourtocol::protocol {

namespace {

using detail::OneBlock;
using detail::Thousandths;

/// RapidJSON's notion of an output stream. Running out of room is a broken promise of `encode_*`,
/// not something a caller could handle.
class BufferStream {
 public:
  using Ch = char;
  explicit BufferStream(MessageBuffer& buffer) noexcept : space_{buffer.space()} {}

  void Put(char c) noexcept {
    POURTOCOL_ASSERT(size_ < space_.size());
    space_[size_++] = c;
  }
  void Flush() noexcept {}
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::span<char> space_;
  std::size_t size_ = 0;
};

/// One JSON object being written: `field(name, value)` for each field in turn.
class ObjectWriter {
 public:
  explicit ObjectWriter(MessageBuffer& buffer) noexcept : buffer_{buffer}, stream_{buffer} {
    writer_.StartObject();
  }

  [[nodiscard]] std::string_view finish() noexcept {
    writer_.EndObject();
    buffer_.set_size(stream_.size());
    return buffer_.view();
  }

  void field(std::string_view name, std::string_view text) noexcept {
    key(name);
    write(text);
  }
  // Otherwise a literal would rather become a bool.
  void field(std::string_view name, const char* text) noexcept {
    field(name, std::string_view{text});
  }
  void field(std::string_view name, bool value) noexcept {
    key(name);
    writer_.Bool(value);
  }
  void field(std::string_view name, std::int64_t value) noexcept {
    key(name);
    writer_.Int64(value);
  }
  void field(std::string_view name, std::uint64_t value) noexcept {
    key(name);
    writer_.Uint64(value);
  }
  void field(std::string_view name, Millilitres amount) noexcept {
    field(name, std::int64_t{amount.count()});
  }
  void field(std::string_view name, Microlitres volume) noexcept {
    field(name, Thousandths{volume.count()});
  }
  void field(std::string_view name, const Thousandths& number) noexcept {
    key(name);
    writer_.RawValue(number.view().data(), number.view().size(), rapidjson::kNumberType);
  }
  void field(std::string_view name, BootId id) noexcept {
    const auto text = id.text();
    field(name, std::string_view{text.data(), text.size()});
  }
  void null(std::string_view name) noexcept {
    key(name);
    writer_.Null();
  }

  void start_object(std::string_view name) noexcept {
    key(name);
    writer_.StartObject();
  }
  void start_object() noexcept { writer_.StartObject(); }
  void end_object() noexcept { writer_.EndObject(); }
  void start_list(std::string_view name) noexcept {
    key(name);
    writer_.StartArray();
  }
  void item(std::string_view text) noexcept { write(text); }
  void end_list() noexcept { writer_.EndArray(); }

 private:
  // The message, `recent`, and a pour in it.
  static constexpr std::size_t depth_max = 3;
  static constexpr std::size_t level_bytes = 2 * sizeof(std::size_t);

  void key(std::string_view name) noexcept {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }
  void write(std::string_view text) noexcept {
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }

  MessageBuffer& buffer_;
  BufferStream stream_;
  alignas(std::max_align_t) std::array<char, depth_max * level_bytes> levels_{};
  OneBlock memory_{levels_};
  rapidjson::Writer<BufferStream, rapidjson::UTF8<>, rapidjson::UTF8<>, OneBlock> writer_{
      stream_, &memory_, depth_max};
};

void write_details(const DeviceDetails& details, ObjectWriter& out) noexcept {
  out.field("protocol", std::int64_t{protocol_version});
  out.field("boot_id", details.boot_id);
  out.field("uptime_ms", std::int64_t{details.uptime_ms.count()});
  out.field("tap", details.tap.view());
  out.field("version", details.version);
  out.start_list("faults");
  for (std::size_t i = 0; i < fault_count; ++i) {
    const auto fault = static_cast<Fault>(i);
    if (details.faults.contains(fault)) out.item(name_of(fault));
  }
  out.end_list();
  out.field("flow_ml_s", Thousandths{details.flow.microlitres_per_second()});
  out.field("pour_time_max_ms", Thousandths{details.pour_time_max.count()});
  out.field("journal_whole", details.journal_whole);
  out.field("pours_total", std::uint64_t{details.pours_total});

  if (details.pour) {
    out.start_object("pour");
    out.field("request_id", details.pour->request_id.view());
    out.field("requested_ml", details.pour->requested);
    out.field("delivered_ml", details.pour->delivered);
    out.end_object();
  } else {
    out.null("pour");
  }

  out.start_list("recent");
  for (const RecentPour& pour : details.recent) {
    out.start_object();
    out.field("request_id", pour.request_id.view());
    out.field("requested_ml", pour.requested);
    out.field("outcome", name_of(pour.outcome));
    out.field("stop_reason", name_of(pour.stop_reason));
    out.field("measured_by", name_of(pour.measure));
    out.field("delivered_ml", pour.delivered);
    out.field("uncertainty_ml", pour.uncertainty);
    out.field("ml_min", pour.min);
    out.field("ml_max", pour.max);
    out.end_object();
  }
  out.end_list();
}

}  // namespace

std::string_view encode_status(const DeviceStatus& status, MessageBuffer& buffer) noexcept {
  ObjectWriter out{buffer};
  out.field("state", name_of(status.state));
  out.field("glass_present", status.glass_present);
  out.field("uptime", std::int64_t{status.uptime.count()});
  if (status.last_pour) out.field("last_pour_ml", *status.last_pour);
  if (status.nfc) {
    out.field("nfc_ready", status.nfc->ready);
    out.field("nfc_tag_present", status.nfc->tag_present);
    out.field("nfc_uid", status.nfc->uid.view());
  }
  if (status.details) write_details(*status.details, out);
  return out.finish();
}

std::string_view encode_order(const DispenseOrder& order, MessageBuffer& buffer) noexcept {
  POURTOCOL_ASSERT(order.amount >= amount_min && order.amount <= amount_max);
  POURTOCOL_ASSERT(!order.request_id.empty());
  ObjectWriter out{buffer};
  out.field("amount_ml", order.amount);
  out.field("request_id", order.request_id.view());
  if (order.guard) {
    out.field("boot_id", order.guard->boot_id);
    out.field("expires_ms", std::int64_t{order.guard->expires.count()});
  }
  return out.finish();
}

std::string_view encode_stop(const StopOrder& order, MessageBuffer& buffer) noexcept {
  ObjectWriter out{buffer};
  if (order.request_id) out.field("request_id", order.request_id->view());
  return out.finish();
}

std::string_view encode_accepted(const RequestId& id, bool repeated,
                                 MessageBuffer& buffer) noexcept {
  ObjectWriter out{buffer};
  out.field("ok", true);
  out.field("request_id", id.view());
  out.field("repeated", repeated);
  return out.finish();
}

std::string_view encode_refusal(Refusal refusal, std::string_view text,
                                MessageBuffer& buffer) noexcept {
  ObjectWriter out{buffer};
  out.field("error", name_of(refusal));
  out.field("message", detail::cut_at_character(text, RefusalText::capacity));
  return out.finish();
}

int http_status_of(Refusal refusal) noexcept {
  return refusal == Refusal::bad_order ? 400 : 409;
}

}  // namespace pourtocol::protocol
