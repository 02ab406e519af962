// The whole log as one CSV file, however long it is.
#pragma once

#include "backend/control/log_reader.hpp"
#include "backend/routes/reply.hpp"

namespace pourtocol::routes {

/// Reads page by page, newest first, and asks for the next page only when the last one has left:
/// the event loop is never held up and memory stays at one page. Rows that are added meanwhile are
/// not in it. If reading fails in the middle, the connection is cut, so that nobody takes a part
/// for the whole.
///
/// `query.limit` is the size of a page. `reader` must outlive the download.
void send_whole_log(control::LogReader& reader, control::LogQuery query, Reply reply);

/// One page as a whole answer.
[[nodiscard]] http::Response csv_response(const std::vector<control::LogRow>& rows);

[[nodiscard]] ApiError read_error(control::ReadError error);

}  // namespace pourtocol::routes
