// The log as a table for spreadsheets: RFC 4180, UTF-8, first line the names. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "backend/control/log_reader.hpp"

namespace pourtocol::routes {

/// The names of the columns, with the line break.
[[nodiscard]] std::string_view csv_header() noexcept;

/// Appends one line.
void append_csv_row(std::string& csv, const control::LogRow& row);

/// Appends one text, quoted where it must be. What a spreadsheet would take for a formula (what
/// begins with = + - @ or their wide forms, a tab or a line break; the same behind a semicolon)
/// gets an apostrophe in front: a guest names himself, and the host opens the file.
void append_csv_text(std::string& csv, std::string_view text);

}  // namespace pourtocol::routes
