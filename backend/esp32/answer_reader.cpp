#include "backend/esp32/answer_reader.hpp"

#include <algorithm>
#include <charconv>

#include "protocol/limits.hpp"

namespace pourtocol::esp32 {

namespace {

constexpr std::size_t opening_bytes_max = 160;
constexpr std::size_t value_bytes_max = 160;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes the first of a list's items off its front.
std::string_view take_item(std::string_view& list) {
  const std::string_view item = list.substr(0, list.find(','));
  list.remove_prefix(std::min(item.size() + 1, list.size()));
  return trimmed(item);
}

/// A number of that base, all of `text`. One that is too great for any answer is the greatest.
std::optional<std::size_t> number_in(std::string_view text, int base) {
  std::size_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) return SIZE_MAX;
  return number;
}

}  // namespace

AnswerReader::Progress AnswerReader::fail(Flaw flaw) {
  flaw_ = flaw;
  place_ = Place::ended;
  return Progress::broken;
}

AnswerReader::Progress AnswerReader::take(std::string_view bytes) {
  opening_.append(bytes.substr(0, opening_bytes_max - opening_.size()));
  while (!bytes.empty() && place_ != Place::ended) {
    if (place_ == Place::sized_body || place_ == Place::open_body || place_ == Place::chunk) {
      take_body(bytes);
      continue;
    }
    const auto line_end = bytes.find('\n');
    const std::size_t taken = line_end == std::string_view::npos ? bytes.size() : line_end + 1;
    line_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    head_bytes_ += taken;
    framing_bytes_ += taken;
    // What is no answer is known by its first bytes: there may never be an end to its first line.
    constexpr std::string_view beginning = "HTTP/1.";
    if (place_ == Place::status_line && !line_.starts_with(beginning.substr(0, line_.size()))) {
      return fail(Flaw::not_http);
    }
    if (head_bytes_ > head_bytes_max || framing_bytes_ > framing_bytes_max) {
      return fail(Flaw::head_too_long);
    }
    if (line_end == std::string_view::npos) break;
    line_.pop_back();
    if (line_.ends_with('\r')) line_.pop_back();
    take_line(line_);
    line_.clear();
  }
  if (flaw_ == Flaw::body_too_long && answer_.body.empty()) {
    answer_.body = bytes.substr(0, opening_bytes_max);  // to tell what it was
  }
  if (flaw_ != Flaw::none) return Progress::broken;
  more_came_ = !bytes.empty();
  return place_ == Place::ended ? Progress::whole : Progress::more;
}

AnswerReader::Progress AnswerReader::end() {
  if (place_ == Place::open_body) place_ = Place::ended;
  if (flaw_ != Flaw::none) return Progress::broken;
  return place_ == Place::ended ? Progress::whole : Progress::more;
}

bool AnswerReader::reusable() const noexcept {
  return place_ == Place::ended && flaw_ == Flaw::none && keeps_open_ && !more_came_;
}

void AnswerReader::take_line(std::string_view line) {
  switch (place_) {
    case Place::status_line:
      return read_status_line(line);
    case Place::field:
      return take_field_line(line);
    case Place::chunk_size:
      return read_chunk_size(line);
    case Place::chunk_end:
      place_ = Place::chunk_size;
      if (!trimmed(line).empty()) fail(Flaw::bad_framing);
      return;
    case Place::trailer:
      if (line.empty()) place_ = Place::ended;
      return;
    default:
      return;
  }
}

void AnswerReader::take_body(std::string_view& bytes) {
  const bool open = place_ == Place::open_body;
  const std::size_t taken = open ? bytes.size() : std::min(bytes.size(), left_);
  const std::size_t room = protocol::body_bytes_max - answer_.body.size();
  answer_.body.append(bytes.substr(0, std::min(taken, room)));
  bytes.remove_prefix(taken);
  if (open) {
    if (taken > room) fail(Flaw::body_too_long);
    return;
  }
  left_ -= taken;
  if (left_ == 0) place_ = place_ == Place::chunk ? Place::chunk_end : Place::ended;
}

/// "HTTP/1.1 200 OK", of which "OK" and the blank before it may be missing.
void AnswerReader::read_status_line(std::string_view line) {
  constexpr std::size_t version_size = 8;  // "HTTP/1.1"
  if (line.size() <= version_size || !is_digit(line[version_size - 1]) ||
      line[version_size] != ' ') {
    fail(Flaw::not_http);
    return;
  }
  std::string_view rest = line.substr(version_size);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const auto status = number_in(rest.substr(0, 3), 10);
  const bool ends = rest.size() == 3 || (rest.size() > 3 && !is_digit(rest[3]));
  if (!status || *status < 100 || !ends) {
    fail(Flaw::not_http);
    return;
  }
  keeps_open_ = line[version_size - 1] != '0';
  answer_.status = static_cast<int>(*status);
  place_ = Place::field;
}

void AnswerReader::take_field_line(std::string_view line) {
  if (!line.empty() && (line.front() == ' ' || line.front() == '\t')) {
    field_.append(" ").append(trimmed(line));
    return;
  }
  if (!field_.empty()) read_field(field_);
  field_ = line;
  if (line.empty() && flaw_ == Flaw::none) end_head();
}

void AnswerReader::read_field(std::string_view field) {
  const auto colon = field.find(':');
  if (colon == std::string_view::npos) return;  // says nothing of the body
  const std::string_view name = trimmed(field.substr(0, colon));
  const std::string_view value = trimmed(field.substr(colon + 1));
  if (same(name, "content-length")) return read_length(value);
  if (same(name, "connection")) return read_connection(value);
  if (same(name, "content-type")) answer_.content_type = value.substr(0, value_bytes_max);
  if (same(name, "location")) answer_.location = value.substr(0, value_bytes_max);
  if (!same(name, "transfer-encoding") || same(value, "identity")) return;
  // Any other coding was not asked for, and where its body ends is anybody's guess.
  chunked_ = same(value, "chunked");
  if (!chunked_) fail(Flaw::bad_framing);
}

/// It may be told more than once, as long as it is the same.
void AnswerReader::read_length(std::string_view value) {
  do {
    const auto length = number_in(take_item(value), 10);
    if (!length || length_.value_or(*length) != *length) {
      fail(Flaw::bad_framing);
      return;
    }
    length_ = length;
  } while (!value.empty());
}

void AnswerReader::read_connection(std::string_view value) {
  while (!value.empty()) {
    const std::string_view wish = take_item(value);
    if (same(wish, "close")) keeps_open_ = false;
    if (same(wish, "keep-alive")) keeps_open_ = true;
  }
}

void AnswerReader::end_head() {
  constexpr int switching_protocols = 101;  // to what nobody asked for: no answer comes any more
  head_bytes_ = 0;
  const int status = answer_.status;
  if (status < 200 && status != switching_protocols) {
    answer_ = {};
    length_.reset();
    chunked_ = false;
    place_ = Place::status_line;
  } else if (status < 200 || status == 204 || status == 304) {
    place_ = Place::ended;
  } else if (chunked_) {
    // A length beside chunks means nothing; but whoever sends both may mix them up the next time.
    if (length_) keeps_open_ = false;
    length_.reset();
    place_ = Place::chunk_size;
  } else if (!length_) {
    keeps_open_ = false;
    place_ = Place::open_body;
  } else {
    expect(*length_, Place::sized_body, Place::ended);
  }
}

/// That many bytes of the body come next; after none there comes what comes after it.
void AnswerReader::expect(std::size_t bytes, Place body, Place after) {
  left_ = bytes;
  place_ = bytes == 0 ? after : body;
  if (bytes > protocol::body_bytes_max - answer_.body.size()) fail(Flaw::body_too_long);
}

/// " 1a ; name=value"
void AnswerReader::read_chunk_size(std::string_view line) {
  const auto size = number_in(trimmed(line.substr(0, line.find(';'))), 16);
  if (!size) {
    fail(Flaw::bad_framing);
    return;
  }
  head_bytes_ = 0;
  expect(*size, Place::chunk, Place::trailer);
}

}  // namespace pourtocol::esp32
