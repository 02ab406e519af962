// Writes one message as JSON. The writer works in the caller's buffer and keeps what it must
// remember on the stack.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/codec.hpp"
#include "protocol/numbers.hpp"
#include "protocol/rapidjson.hpp"

namespace pourtocol::protocol::detail {

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
  template <class Kind>
  void field(std::string_view name, pourtocol::detail::HexId<Kind> id) noexcept {
    const auto text = id.text();
    field(name, std::string_view{text.data(), text.size()});
  }
  /// In per cent.
  void field(std::string_view name, Share share) noexcept {
    field(name, Thousandths{std::int64_t{share.ten_thousandths()} * 10});
  }
  void field(std::string_view name, FlowRate flow) noexcept {
    field(name, Thousandths{flow.microlitres_per_second()});
  }
  void field(std::string_view name, std::chrono::milliseconds time) noexcept {
    field(name, std::int64_t{time.count()});
  }
  template <class T>
  void field(std::string_view name, const std::optional<T>& value) noexcept {
    if (value) {
      field(name, *value);
    } else {
      null(name);
    }
  }
  void field(std::string_view name, std::uint32_t value) noexcept {
    field(name, std::uint64_t{value});
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

/// The two fields that make an order or an act harmless when it comes late.
inline void write_guard(const std::optional<OrderGuard>& guard, ObjectWriter& out) noexcept {
  if (!guard) return;
  out.field("boot_id", guard->boot_id);
  out.field("expires_ms", std::int64_t{guard->expires.count()});
}

}  // namespace pourtocol::protocol::detail
