// What a server said on one connection, read as strictly as the most suspicious client would. For
// fuzz targets and tests: whatever was asked, each answer has to be whole and well formed.
#pragma once

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pourtocol::routes {

struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  ///< names in lower case
  std::string body;
  bool whole = true;  ///< false: the connection ended within the body

  [[nodiscard]] std::string_view field(std::string_view name) const {
    for (const auto& [known, value] : fields) {
      if (known == name) return value;
    }
    return {};
  }
  [[nodiscard]] bool has(std::string_view name) const {
    return std::ranges::any_of(fields, [&](const auto& field) { return field.first == name; });
  }
};

/// Takes one answer off `bytes`. Nothing, if what is there is no answer. `without_body`: to a HEAD.
class AnswerReader {
 public:
  explicit AnswerReader(std::string_view bytes) : left_{bytes} {}

  [[nodiscard]] bool over() const { return left_.empty(); }

  std::optional<HttpAnswer> next(bool without_body) {
    HttpAnswer answer;
    const auto status = line();
    if (!status || !read_status(*status, answer.status)) return std::nullopt;
    while (true) {
      const auto text = line();
      if (!text) return std::nullopt;
      if (text->empty()) break;
      if (!read_field(*text, answer)) return std::nullopt;
    }
    const bool bodiless =
        without_body || answer.status < 200 || answer.status == 204 || answer.status == 304;
    if (bodiless) return answer;
    if (answer.field("transfer-encoding") == "chunked") return chunked(std::move(answer));
    if (!answer.has("content-length")) return to_end(std::move(answer));
    return of_length(std::move(answer));
  }

 private:
  /// Without its CR LF, which has to be there; and no other control character may be.
  std::optional<std::string_view> line() {
    const std::size_t end = left_.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view text = left_.substr(0, end);
    left_.remove_prefix(end + 2);
    const bool clean = std::ranges::none_of(text, [](unsigned char c) { return c < 0x20; });
    return clean ? std::optional{text} : std::nullopt;
  }
  static bool read_status(std::string_view text, int& status) {
    if (!text.starts_with("HTTP/1.1 ") || text.size() < 14 || text[12] != ' ') return false;
    const auto [end, error] = std::from_chars(text.data() + 9, text.data() + 12, status);
    return error == std::errc{} && end == text.data() + 12 && status >= 100 && status < 600 &&
           text.substr(13) != "Unknown";
  }
  static bool read_field(std::string_view text, HttpAnswer& answer) {
    const std::size_t colon = text.find(": ");
    if (colon == std::string_view::npos || colon == 0) return false;
    std::string name{text.substr(0, colon)};
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (answer.has(name)) return false;
    answer.fields.emplace_back(std::move(name), text.substr(colon + 2));
    return true;
  }
  std::optional<HttpAnswer> of_length(HttpAnswer answer) {
    std::size_t size = 0;
    const std::string_view text = answer.field("content-length");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    answer.body = left_.substr(0, size);
    answer.whole = answer.body.size() == size;
    left_.remove_prefix(answer.body.size());
    return answer;
  }
  std::optional<HttpAnswer> to_end(HttpAnswer answer) {
    if (answer.field("connection") != "close") return std::nullopt;
    answer.body = left_;
    left_ = {};
    return answer;
  }
  std::optional<HttpAnswer> chunked(HttpAnswer answer) {
    while (true) {
      const auto head = line();
      if (!head) {
        answer.whole = false;
        left_ = {};
        return answer;
      }
      std::size_t size = 0;
      const auto [end, error] =
          std::from_chars(head->data(), head->data() + head->size(), size, 16);
      if (error != std::errc{} || end != head->data() + head->size()) return std::nullopt;
      answer.body += left_.substr(0, size);
      left_.remove_prefix(std::min(size, left_.size()));
      const auto after = line();
      if (!after || !after->empty()) return std::nullopt;
      if (size == 0) return answer;
    }
  }

  std::string_view left_;
};

}  // namespace pourtocol::routes
