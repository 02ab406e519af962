// Reads a device's HTTP/1.x answer as its bytes come. Pure.
//
// Liberal where HTTP clients commonly are: lines may end in LF alone, a reason phrase, the blank
// before it and a length may be missing, a field may be folded, a chunk's size may stand among
// blanks and before extensions, and any number of interim answers (1xx) may come first. Strict in
// what an answer amounts to: it is whole only when its own framing says so, and whatever has no
// bound of its own has one here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pourtocol::esp32 {

/// A whole HTTP answer.
struct HttpAnswer {
  int status = 0;
  std::string content_type;  ///< as it was sent, its beginning; so too `location`
  std::string location;
  std::string body;
};

class AnswerReader {
 public:
  /// The longest head; and the most that all heads and the framing of all chunks may take together.
  static constexpr std::size_t head_bytes_max = 8192;
  static constexpr std::size_t framing_bytes_max = 65536;

  enum class Progress : std::uint8_t {
    more,    ///< it goes on
    whole,   ///< here it ends
    broken,  ///< this is no answer, or is too long for one: see `flaw`
  };
  enum class Flaw : std::uint8_t {
    none,
    not_http,       ///< it does not begin like an answer
    bad_framing,    ///< where its body ends cannot be told
    head_too_long,  ///< or what stands between the pieces of its body
    body_too_long,  ///< longer than a message may be
  };

  /// What comes after the end, or after a flaw, is not looked at.
  Progress take(std::string_view bytes);
  /// The connection was ended in good order: where an answer tells no length, that is its end.
  Progress end();

  [[nodiscard]] bool begun() const noexcept { return !opening_.empty(); }
  /// Whether its whole head has come.
  [[nodiscard]] bool in_body() const noexcept {
    return place_ != Place::status_line && place_ != Place::field;
  }
  [[nodiscard]] Flaw flaw() const noexcept { return flaw_; }
  /// Whether the connection may carry another request: both sides know where this answer ended, and
  /// nothing came after it.
  [[nodiscard]] bool reusable() const noexcept;

  /// What has come of the answer so far; its status is 0 before the first line.
  [[nodiscard]] HttpAnswer& answer() noexcept { return answer_; }
  [[nodiscard]] const HttpAnswer& answer() const noexcept { return answer_; }
  /// The first bytes that came at all.
  [[nodiscard]] std::string_view opening() const noexcept { return opening_; }
  /// How long the body was said to be.
  [[nodiscard]] std::optional<std::size_t> length() const noexcept { return length_; }

 private:
  enum class Place : std::uint8_t {
    status_line,
    field,
    sized_body,
    open_body,  ///< up to the end of the connection
    chunk_size,
    chunk,
    chunk_end,
    trailer,
    ended,
  };

  Progress fail(Flaw flaw);
  void take_line(std::string_view line);
  void take_body(std::string_view& bytes);
  void read_status_line(std::string_view line);
  void take_field_line(std::string_view line);
  void read_field(std::string_view field);
  void read_length(std::string_view value);
  void read_connection(std::string_view value);
  void end_head();
  void expect(std::size_t bytes, Place body, Place after);
  void read_chunk_size(std::string_view line);

  Place place_ = Place::status_line;
  Flaw flaw_ = Flaw::none;
  std::string opening_;
  std::string line_;
  std::string field_;  ///< not read yet: the next line may continue it
  std::size_t head_bytes_ = 0;
  std::size_t framing_bytes_ = 0;
  std::size_t left_ = 0;  ///< of a body or chunk whose length is known
  HttpAnswer answer_;
  std::optional<std::size_t> length_;
  bool chunked_ = false;
  bool keeps_open_ = false;
  bool more_came_ = false;
};

}  // namespace pourtocol::esp32
