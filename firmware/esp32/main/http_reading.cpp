#include "firmware/esp32/main/http_reading.hpp"

#include <esp_timer.h>
#include <lwip/sockets.h>

#include <cerrno>
#include <cstddef>

#include "firmware/esp32/portable/patience.hpp"

namespace pourtocol::board {

namespace {

constinit Patience patience{2'000'000};  // the httpd task's

bool nothing_came(int received) {
  return received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/// Waits as long as the connection's time-out says.
int read_freely(httpd_handle_t, int connection, char* space, std::size_t size, int flags) {
  const int got = static_cast<int>(recv(connection, space, size, flags));
  if (nothing_came(got)) return HTTPD_SOCK_ERR_TIMEOUT;
  return got < 0 ? HTTPD_SOCK_ERR_FAIL : got;
}

int read_with_patience(httpd_handle_t server, int connection, char* space, std::size_t size,
                       int flags) {
  const int there = read_freely(server, connection, space, size, flags | MSG_DONTWAIT);
  if (there != HTTPD_SOCK_ERR_TIMEOUT) return there;
  if (!patience.left(esp_timer_get_time())) return HTTPD_SOCK_ERR_FAIL;
  const int came = read_freely(server, connection, space, size, flags);
  patience.waited(esp_timer_get_time());
  return came;
}

}  // namespace

esp_err_t share_patience(httpd_handle_t server, int connection) noexcept {
  return httpd_sess_set_recv_override(server, connection, &read_with_patience);
}

void wait_freely(httpd_req_t* request) noexcept {
  (void)httpd_sess_set_recv_override(request->handle, httpd_req_to_sockfd(request), &read_freely);
}

}  // namespace pourtocol::board
