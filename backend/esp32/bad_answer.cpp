#include "backend/esp32/bad_answer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "protocol/limits.hpp"

namespace pourtocol::esp32 {

namespace {

constexpr std::size_t words_max = 60;  // characters

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// How many bytes at the beginning of `text` are one character beyond ASCII that a line can show;
/// none where they are no UTF-8, a control character, or one that turns the direction of reading.
std::size_t printable_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t size = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2);
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
  std::uint32_t code = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const auto within = [code](std::uint32_t a, std::uint32_t b) { return code >= a && code <= b; };
  const bool hidden = within(0x80, 0x9F) || within(0x200B, 0x200F) || within(0x2028, 0x202E) ||
                      within(0x2060, 0x206F) || code == 0xFEFF || within(0xD800, 0xDFFF);
  return code < smallest.at(size) || code > 0x10FFFF || hidden ? 0 : size;
}

/// What an HTML page calls itself, where it does: more telling than its first bytes.
std::string_view title_of(std::string_view body) {
  const auto find = [&](std::string_view tag, std::size_t from) {
    const auto found =
        std::search(body.begin() + static_cast<std::ptrdiff_t>(from), body.end(), tag.begin(),
                    tag.end(), [](char have, char want) {
                      return (have >= 'A' && have <= 'Z' ? have | 0x20 : have) == want;
                    });
    return found == body.end() ? std::string_view::npos
                               : static_cast<std::size_t>(found - body.begin());
  };
  const auto tag = find("<title", 0);
  const auto begin = tag == std::string_view::npos ? tag : body.find('>', tag);
  if (begin == std::string_view::npos) return {};
  const std::string_view title = body.substr(begin + 1, body.find('<', begin) - begin - 1);
  return std::ranges::all_of(title, is_blank) ? std::string_view{} : title;
}

/// "404, text/html" and where a redirection leads.
std::string head_of(const HttpAnswer& answer) {
  std::string text = std::to_string(answer.status);
  const std::string_view type = answer.content_type;
  if (!type.empty()) {
    const std::string plain = in_quotes(type.substr(0, type.find(';')));
    text += ", " + plain.substr(1, plain.size() - 2);
  }
  if (!answer.location.empty()) text += ", which leads to " + in_quotes(answer.location);
  return text;
}

std::string body_of(const HttpAnswer& answer) {
  if (std::ranges::all_of(answer.body, is_blank)) return ", with nothing in it";
  const std::string_view title = title_of(answer.body);
  return ": " + in_quotes(title.empty() ? std::string_view{answer.body} : title);
}

}  // namespace

std::string in_quotes(std::string_view bytes) {
  while (!bytes.empty() && is_blank(bytes.front())) bytes.remove_prefix(1);
  while (!bytes.empty() && is_blank(bytes.back())) bytes.remove_suffix(1);
  std::string text = "\"";
  std::size_t characters = 0;
  for (; !bytes.empty() && characters < words_max; ++characters) {
    const char first = bytes.front();
    std::size_t size = 1;
    if (is_blank(first)) {
      size = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());
      text += ' ';
    } else if (first >= '!' && first <= '~') {
      text += first;
    } else if (static_cast<unsigned char>(first) >= 0x80 && printable_size(bytes) > 0) {
      size = printable_size(bytes);
      text += bytes.substr(0, size);
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(first));
      characters += 3;
    }
    bytes.remove_prefix(size);
  }
  return text + (bytes.empty() ? "\"" : "…\"");
}

std::string told(const HttpAnswer& answer, std::string_view but) {
  const std::string why = but.empty() ? "" : fmt::format(", but {}", but);
  return "answers " + head_of(answer) + why + body_of(answer);
}

std::string told_flaw(const AnswerReader& reader) {
  const HttpAnswer& answer = reader.answer();
  switch (reader.flaw()) {
    case AnswerReader::Flaw::bad_framing:
      return told(answer, "where its body ends cannot be told");
    case AnswerReader::Flaw::body_too_long:
      return told(answer, fmt::format("with more than {} bytes", protocol::body_bytes_max));
    case AnswerReader::Flaw::head_too_long:
      return "answers with a head that does not end: " + in_quotes(reader.opening());
    default:
      break;
  }
  // An alert or a handshake of TLS.
  const std::string_view opening = reader.opening();
  const bool tls =
      opening.size() > 1 && (opening[0] == '\x15' || opening[0] == '\x16') && opening[1] == '\x03';
  if (tls) return "answers in TLS, as an https address does, and not in HTTP";
  return fmt::format("answers {}, which is no HTTP", in_quotes(opening));
}

std::string told_broken_off(const AnswerReader& reader, std::string_view how) {
  if (!reader.begun()) return fmt::format("takes the connection and says nothing: {}", how);
  const HttpAnswer& answer = reader.answer();
  // Of a head nothing is certain before its end.
  if (!reader.in_body()) {
    return fmt::format("breaks its answer off ({}): {}", how, in_quotes(reader.opening()));
  }
  std::string text = fmt::format("breaks its answer {} off ({}) after {}", head_of(answer), how,
                                 answer.body.size());
  if (reader.length()) text += fmt::format(" of {}", *reader.length());
  return text + " bytes" + (answer.body.empty() ? "" : ": " + in_quotes(answer.body));
}

}  // namespace pourtocol::esp32
