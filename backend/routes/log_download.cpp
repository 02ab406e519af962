#include "backend/routes/log_download.hpp"

#include <memory>
#include <string>
#include <utility>

#include "backend/routes/csv.hpp"

namespace pourtocol::routes {

namespace {

using Page = std::expected<std::vector<control::LogRow>, control::ReadError>;

http::Response csv_head() {
  http::Response response;
  response.content_type = "text/csv; charset=utf-8; header=present";
  add_api_fields(response);
  response.add_field("Content-Disposition", "attachment; filename=\"pourtocol-log.csv\"");
  response.body = utf8_mark;
  response.body += csv_header();
  return response;
}

std::string csv_of(const std::vector<control::LogRow>& rows) {
  std::string csv;
  csv.reserve(rows.size() * 160);
  for (const auto& row : rows) append_csv_row(csv, row);
  return csv;
}

/// Kept alive by the callback it waits for: a page, or room for the next.
class Download : public std::enable_shared_from_this<Download> {
 public:
  Download(control::LogReader& reader, control::LogQuery query)
      : reader_{reader}, query_{std::move(query)} {}

  void start(Reply reply) {
    reader_.read_log(query_,
                     [self = shared_from_this(), reply = std::move(reply)](Page page) mutable {
                       // A failure before the first byte can still be told in words.
                       if (!page) return std::move(reply).refuse(read_error(page.error()));
                       self->stream_ = std::move(reply).download(csv_head());
                       self->send(*page);
                     });
  }

 private:
  void send(const std::vector<control::LogRow>& rows) {
    if (!stream_.open()) return;
    if (!rows.empty()) stream_.send(csv_of(rows));
    if (rows.size() < query_.limit) return stream_.finish();
    query_.before_id = rows.back().id;
    stream_.when_drained([self = shared_from_this()] { self->next(); });
  }
  void next() {
    reader_.read_log(query_, [self = shared_from_this()](Page page) {
      if (!page) return self->stream_.abort();
      self->send(*page);
    });
  }

  control::LogReader& reader_;
  control::LogQuery query_;
  http::Stream stream_;
};

}  // namespace

void send_whole_log(control::LogReader& reader, control::LogQuery query, Reply reply) {
  std::make_shared<Download>(reader, std::move(query))->start(std::move(reply));
}

http::Response csv_response(const std::vector<control::LogRow>& rows) {
  http::Response response = csv_head();
  response.body += csv_of(rows);
  return response;
}

ApiError read_error(control::ReadError error) {
  if (error == control::ReadError::overloaded) {
    return {503, "overloaded", "Too many people read the log at once: try again in a moment."};
  }
  return {503, "store_failed", "The log cannot be read: check the server's disk."};
}

}  // namespace pourtocol::routes
