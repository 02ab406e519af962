// What a device answered that is of no use, in words for whoever has to put it right: "answers 404,
// text/html: “Hotel Wi-Fi”". Pure, and bounded however long the answer was.
#pragma once

#include <string>
#include <string_view>

#include "backend/esp32/answer_reader.hpp"

namespace pourtocol::esp32 {

/// The first words of `bytes` in quotes, on one line: what cannot be printed is escaped.
[[nodiscard]] std::string in_quotes(std::string_view bytes);

/// A whole answer. `but` says why it is of no use where its status does not.
[[nodiscard]] std::string told(const HttpAnswer& answer, std::string_view but = {});

/// An answer with a flaw.
[[nodiscard]] std::string told_flaw(const AnswerReader& reader);

/// An answer that did not come to its end, or of which nothing came; `how` says what happened
/// instead: "the connection ended".
[[nodiscard]] std::string told_broken_off(const AnswerReader& reader, std::string_view how);

}  // namespace pourtocol::esp32
