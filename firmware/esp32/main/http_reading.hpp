// How long the server's one task waits for what people send.
#pragma once

#include <esp_http_server.h>

namespace pourtocol::board {

/// The server's `open_fn`. ESP-IDF reads one request at a time and bounds each reading of its
/// bytes, not their sum: one byte a second would hold up everybody else for as long as the longest
/// header lasts, a stop too. From here on all connections share one `Patience`; who wants more of
/// it than is left is hung up on.
esp_err_t share_patience(httpd_handle_t server, int connection) noexcept;

/// For a request whose body another task reads: it keeps nobody waiting. Before that task reads.
void wait_freely(httpd_req_t* request) noexcept;

}  // namespace pourtocol::board
