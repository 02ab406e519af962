// From bytes to one request. Beast's state machine does the parsing; what it leaves to its users
// (how much may come, what framing is accepted) is decided here, strictly. Not for includers
// outside this room.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/input_buffer.hpp"
#include "http/server.hpp"

namespace pourtocol::http {

/// Why a request is refused before any handler sees it.
struct ParseFailure {
  int status = 400;
  std::string_view code;
  std::string_view reason;
};

enum class ParseStep : std::uint8_t {
  need_more,        ///< read on
  expect_continue,  ///< the client waits for "100 Continue" before it sends the body; then go on
  complete,         ///< `request()` is valid until the buffer changes
  failed,           ///< `failure()` says why; the connection cannot be used further
};

/// Where a request stands, which decides the time it still has.
enum class ParsePart : std::uint8_t { nothing, header, body };

class RequestParser {
 public:
  explicit RequestParser(const Limits& limits) noexcept : limits_{&limits} {}

  /// Goes as far as the bytes in `input` allow. The request's first byte stays the buffer's first
  /// until `finish`; bytes of the body are taken out of the buffer on the way.
  ParseStep advance(InputBuffer& input);

  /// Forgets the request and its bytes: the next one may follow.
  void finish(InputBuffer& input);

  /// Only after `complete`. `client_address` is left empty.
  [[nodiscard]] Request request(const InputBuffer& input);
  [[nodiscard]] bool keep_alive() const { return message_->keep_alive(); }
  [[nodiscard]] bool is_http_1_1() const noexcept { return version_ == 11; }
  [[nodiscard]] bool is_head() const noexcept { return is_head_; }

  /// Whether bytes of a next request have come already.
  [[nodiscard]] bool more_follows(const InputBuffer& input) const noexcept {
    return input.size() > header_size_;
  }

  [[nodiscard]] const ParseFailure& failure() const noexcept { return failure_; }
  [[nodiscard]] ParsePart part(const InputBuffer& input) const noexcept;

 private:
  struct Span {
    std::size_t offset = 0;
    std::size_t size = 0;
  };
  struct FieldSpans {
    Span name;
    Span value;
  };

  /// Beast's parser with our ears: it notes where things stand in the buffer and copies only
  /// bodies.
  class Message final : public boost::beast::http::basic_parser<true> {
   public:
    explicit Message(RequestParser& owner) noexcept : owner_{owner} {}

   private:
    using Code = boost::beast::error_code;
    using Text = boost::beast::string_view;
    using Verb = boost::beast::http::verb;
    using FieldId = boost::beast::http::field;

    void on_request_impl(Verb verb, Text method, Text target, int version, Code& ec) override;
    void on_response_impl(int, Text, int, Code&) override {}
    void on_field_impl(FieldId id, Text name, Text value, Code& ec) override;
    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
    std::size_t on_body_impl(Text body, Code& ec) override;
    void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, Code& ec) override;
    void on_finish_impl(Code&) override {}

    RequestParser& owner_;
  };

  [[nodiscard]] ParseStep parse_header(InputBuffer& input);
  [[nodiscard]] ParseStep parse_body(InputBuffer& input);
  [[nodiscard]] bool check_header();
  ParseStep fail(int status, std::string_view code, std::string_view reason) noexcept;
  ParseStep fail_with(const boost::beast::error_code& ec) noexcept;
  [[nodiscard]] bool is_doubled(std::string_view name) const noexcept;
  [[nodiscard]] Span span_of(std::string_view text) const noexcept;
  [[nodiscard]] std::string_view text_of(const InputBuffer& input, Span span) const noexcept;

  const Limits* limits_;
  std::optional<Message> message_;
  const char* base_ = nullptr;   // where the spans count from while the header is parsed
  std::size_t scanned_ = 0;      // of the header, known to hold no end
  std::size_t header_size_ = 0;  // 0: not complete yet
  Method method_ = Method::other;
  bool is_head_ = false;
  int version_ = 11;
  Span method_name_;
  Span target_;
  std::vector<FieldSpans> spans_;
  std::vector<Field> fields_;
  std::size_t host_count_ = 0;
  std::size_t length_count_ = 0;
  std::size_t encoding_count_ = 0;
  bool length_unclear_ = false;
  bool encoding_unknown_ = false;
  bool doubled_ = false;
  bool too_many_fields_ = false;
  bool expects_continue_ = false;
  bool expectation_unknown_ = false;
  std::string body_;
  ParseFailure failure_;
};

}  // namespace pourtocol::http
