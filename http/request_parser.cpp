#include "http/request_parser.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>
#include <optional>

#include "http/text.hpp"

namespace pourtocol::http {

namespace beast = boost::beast;

namespace {

[[nodiscard]] Method method_of(beast::http::verb verb) noexcept {
  switch (verb) {
    case beast::http::verb::get:
      return Method::get;
    case beast::http::verb::head:
      return Method::head;
    case beast::http::verb::post:
      return Method::post;
    case beast::http::verb::put:
      return Method::put;
    case beast::http::verb::patch:
      return Method::patch;
    case beast::http::verb::delete_:
      return Method::delete_;
    case beast::http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

[[nodiscard]] std::string_view view_of(beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

/// "http://host:80/path?x" → "/path?x": a proxy's form of a target means the same to us. Nothing:
/// it is neither that nor a path.
[[nodiscard]] std::optional<std::string_view> without_authority(std::string_view target) noexcept {
  if (target.starts_with('/') || target == "*") return target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t path = target.find_first_of("/?", scheme.size());
    return path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
  }
  return std::nullopt;
}

/// "5", and nothing that another reader might take for something else: "5, 5", "+5", "".
[[nodiscard]] bool is_plain_number(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Of these a request has one or none: of two, a proxy might believe the other.
constexpr std::array<std::string_view, 7> single_fields{
    "Authorization", "Content-Type", "Idempotency-Key", "If-None-Match",
    "Last-Event-ID", "Origin",       "Sec-Fetch-Site",
};

}  // namespace

// --- Beast's callbacks ---

void RequestParser::Message::on_request_impl(Verb verb, Text method, Text target, int version,
                                             Code&) {
  owner_.method_ = method_of(verb);
  owner_.is_head_ = owner_.method_ == Method::head;
  owner_.version_ = version;
  owner_.method_name_ = owner_.span_of(view_of(method));
  owner_.target_ = owner_.span_of(view_of(target));
}

void RequestParser::Message::on_field_impl(FieldId id, Text name, Text value, Code&) {
  if (owner_.header_size_ != 0) return;  // trailers of a chunked body mean nothing to us
  switch (id) {
    case FieldId::host:
      ++owner_.host_count_;
      break;
    case FieldId::content_length:
      ++owner_.length_count_;
      owner_.length_unclear_ |= !is_plain_number(view_of(value));
      break;
    case FieldId::transfer_encoding:
      ++owner_.encoding_count_;
      owner_.encoding_unknown_ |= !equal_ignoring_case(view_of(value), "chunked");
      break;
    case FieldId::expect:
      if (equal_ignoring_case(view_of(value), "100-continue")) {
        owner_.expects_continue_ = true;
      } else {
        owner_.expectation_unknown_ = true;
      }
      break;
    default:
      break;
  }
  if (owner_.spans_.size() == owner_.limits_->header_fields_max) {
    owner_.too_many_fields_ = true;
    return;
  }
  owner_.doubled_ |= owner_.is_doubled(view_of(name));
  owner_.spans_.push_back({owner_.span_of(view_of(name)), owner_.span_of(view_of(value))});
}

std::size_t RequestParser::Message::on_body_impl(Text body, Code& ec) {
  if (owner_.body_.size() + body.size() > owner_.limits_->body_bytes_max) {
    ec = beast::http::error::body_limit;
    return 0;
  }
  owner_.body_.append(body.data(), body.size());
  return body.size();
}

std::size_t RequestParser::Message::on_chunk_body_impl(std::uint64_t, Text body, Code& ec) {
  return on_body_impl(body, ec);
}

// --- the steps ---

ParseStep RequestParser::advance(InputBuffer& input) {
  if (header_size_ != 0) return parse_body(input);
  // RFC 9112 2.2: empty lines before a request line are to be ignored.
  while (scanned_ == 0 && input.view().starts_with("\r\n")) input.erase(0, 2);
  if (input.empty()) return ParseStep::need_more;

  std::size_t line = scanned_;
  while (true) {
    const std::string_view bytes = input.view();
    const std::size_t newline = bytes.find('\n', line);
    if (newline == std::string_view::npos || newline >= limits_->header_bytes_max) {
      if (std::max(bytes.size(), newline == std::string_view::npos ? 0 : newline + 1) >
          limits_->header_bytes_max) {
        return line == 0 ? fail(414, "uri_too_long", "The request line is too long.")
                         : fail(431, "header_too_large", "The request's header is too large.");
      }
      scanned_ = line;
      return ParseStep::need_more;
    }
    if (newline == 0 || bytes[newline - 1] != '\r') {
      return fail(400, "bad_request", "A header line does not end in CR LF.");
    }
    if (newline == line + 1) {
      scanned_ = newline + 1;
      return parse_header(input);
    }
    // RFC 9112 5.2 lets a server refuse that, and whoever sends it today means to confuse somebody.
    if (line != 0 && (bytes[line] == ' ' || bytes[line] == '\t')) {
      return fail(400, "bad_request", "A header line is continued on the next line.");
    }
    line = newline + 1;
  }
}

ParseStep RequestParser::parse_header(InputBuffer& input) {
  const std::size_t size = scanned_;
  message_.emplace(*this);
  message_->eager(true);
  message_->header_limit(static_cast<std::uint32_t>(limits_->header_bytes_max + 1));
  message_->body_limit(limits_->body_bytes_max);
  base_ = input.data();

  beast::error_code ec;
  message_->put({input.data(), size}, ec);
  if (ec) return fail_with(ec);
  if (!message_->is_header_done()) return fail(400, "bad_request", "The header is malformed.");
  header_size_ = size;
  if (!check_header()) return ParseStep::failed;
  if (message_->is_done()) return ParseStep::complete;
  if (expects_continue_ && version_ == 11 && input.size() == header_size_) {
    expects_continue_ = false;
    return ParseStep::expect_continue;
  }
  return parse_body(input);
}

ParseStep RequestParser::parse_body(InputBuffer& input) {
  while (!message_->is_done()) {
    const std::size_t available = input.size() - header_size_;
    if (available == 0) return ParseStep::need_more;
    beast::error_code ec;
    const std::size_t used = message_->put({input.data() + header_size_, available}, ec);
    input.erase(header_size_, used);
    if (ec == beast::http::error::need_more) {
      if (input.full()) return fail(400, "bad_request", "A chunk's header is too long.");
      return ParseStep::need_more;
    }
    if (ec) return fail_with(ec);
  }
  return ParseStep::complete;
}

bool RequestParser::check_header() {
  if (too_many_fields_) {
    fail(431, "header_too_large", "The request has too many header lines.");
  } else if (!without_authority({base_ + target_.offset, target_.size})) {
    fail(400, "bad_request", "The target of a request is a path.");
  } else if (doubled_) {
    fail(400, "bad_request", "A header line is there twice that must be there once.");
  } else if (host_count_ > 1 || (host_count_ == 0 && version_ == 11)) {
    fail(400, "bad_request", "The request must have one Host header.");
  } else if (length_count_ > 1 || (length_count_ > 0 && encoding_count_ > 0)) {
    fail(400, "bad_request", "The request's length is given more than once.");
  } else if (length_unclear_) {
    fail(400, "bad_request", "The request's length is not given clearly.");
  } else if (encoding_count_ > 0 && version_ != 11) {
    fail(400, "bad_request", "HTTP/1.0 knows no Transfer-Encoding.");
  } else if (encoding_count_ > 1 || encoding_unknown_) {
    fail(501, "not_implemented", "The only Transfer-Encoding known here is chunked.");
  } else if (expectation_unknown_) {
    fail(417, "expectation_failed", "The only expectation known here is 100-continue.");
  } else {
    return true;
  }
  return false;
}

void RequestParser::finish(InputBuffer& input) {
  input.erase(0, header_size_);
  message_.reset();
  scanned_ = header_size_ = 0;
  spans_.clear();
  host_count_ = length_count_ = encoding_count_ = 0;
  length_unclear_ = encoding_unknown_ = doubled_ = too_many_fields_ = false;
  expects_continue_ = expectation_unknown_ = false;
  body_.clear();
}

Request RequestParser::request(const InputBuffer& input) {
  Request request;
  request.method = method_;
  request.method_name = text_of(input, method_name_);
  const std::string_view target = *without_authority(text_of(input, target_));
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (request.path.empty()) request.path = "/";
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  fields_.clear();
  for (const auto& span : spans_) {
    fields_.push_back({text_of(input, span.name), text_of(input, span.value)});
  }
  request.fields = fields_;
  request.body = body_;
  return request;
}

ParsePart RequestParser::part(const InputBuffer& input) const noexcept {
  if (header_size_ != 0) return ParsePart::body;
  return input.empty() ? ParsePart::nothing : ParsePart::header;
}

ParseStep RequestParser::fail(int status, std::string_view code, std::string_view reason) noexcept {
  failure_ = {status, code, reason};
  return ParseStep::failed;
}

ParseStep RequestParser::fail_with(const beast::error_code& ec) noexcept {
  using beast::http::error;
  if (ec == error::body_limit) return fail(413, "body_too_large", "The body is too large.");
  if (ec == error::header_limit) {
    return fail(431, "header_too_large", "The request's header is too large.");
  }
  if (ec == error::bad_version) {
    return fail(505, "http_version", "This server speaks HTTP/1.1 and HTTP/1.0.");
  }
  if (ec == error::bad_content_length || ec == error::multiple_content_length ||
      ec == error::bad_transfer_encoding) {
    return fail(400, "bad_request", "The request's length is not given clearly.");
  }
  if (ec == error::bad_chunk || ec == error::bad_chunk_extension) {
    return fail(400, "bad_request", "The chunked body is malformed.");
  }
  return fail(400, "bad_request", "This is not an HTTP request.");
}

bool RequestParser::is_doubled(std::string_view name) const noexcept {
  const auto same = [&](std::string_view other) { return equal_ignoring_case(name, other); };
  return std::ranges::any_of(single_fields, same) &&
         std::ranges::any_of(spans_, [&](const FieldSpans& span) {
           return same({base_ + span.name.offset, span.name.size});
         });
}

RequestParser::Span RequestParser::span_of(std::string_view text) const noexcept {
  if (text.empty()) return {};
  return {static_cast<std::size_t>(text.data() - base_), text.size()};
}

std::string_view RequestParser::text_of(const InputBuffer& input, Span span) const noexcept {
  return input.view().substr(span.offset, span.size);
}

}  // namespace pourtocol::http
