// The log as a table for spreadsheets: RFC 4180, UTF-8, first line the names. Times are those of
// UTC, and a column says so: a spreadsheet takes what names no zone for its own. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "backend/control/log_reader.hpp"

namespace pourtocol::routes {

/// What a file begins with so that Excel takes it for UTF-8, and not for the code page of its
/// country: U+FEFF, the byte order mark. Not part of the first column's name.
inline constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

/// The names of the columns, with the line break. New ones come at the end: people's own scripts
/// count them.
[[nodiscard]] std::string_view csv_header() noexcept;

/// Appends one line.
void append_csv_row(std::string& csv, const control::LogRow& row);

/// Appends one text, quoted where it must be. What a spreadsheet would take for a formula (what
/// begins with = + - @ or their wide forms, a tab or a line break; the same behind a semicolon)
/// gets an apostrophe in front: a guest names himself, and the host opens the file.
void append_csv_text(std::string& csv, std::string_view text);

}  // namespace pourtocol::routes
