// Thousands of pages that watch the live stream, each from an address of its own (127.1.0.1 and
// up): none may miss a version, and each should hear of it soon.
//
// pourtocol-live-clients PORT CLIENTS SECONDS: joins, says "all are here" on a line of its own,
// watches for so long, and prints what it saw as JSON. "publish → received" is reckoned from the
// moment the first of the clients has a version: the server writes it to all of them in one turn,
// so that moment is one system call after the publishing.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

/// Times in steps of a tenth of a millisecond, up to ten seconds.
class Times {
 public:
  void add(Clock::duration time) {
    const auto tenths = std::chrono::duration_cast<std::chrono::microseconds>(time).count() / 100;
    ++counts_[static_cast<std::size_t>(std::clamp<std::int64_t>(tenths, 0, last))];
    ++count_;
    longest_ = std::max(longest_, time);
  }
  [[nodiscard]] double quantile_ms(double share) const {
    auto left = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] > left) return static_cast<double>(i + 1) / 10;
      left -= counts_[i];
    }
    return longest_ms();
  }
  [[nodiscard]] double longest_ms() const {
    return std::chrono::duration<double, std::milli>(longest_).count();
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  static constexpr std::int64_t last = 100'000;
  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(last + 1);
  std::uint64_t count_ = 0;
  Clock::duration longest_{};
};

struct Totals {
  Times times;
  std::unordered_map<std::uint64_t, Clock::time_point> first_seen;
  std::uint64_t missed = 0;
  std::uint64_t out_of_order = 0;
  std::size_t lost = 0;  ///< connections that ended
};

class Viewer {
 public:
  explicit Viewer(int socket) : socket_{socket} {}

  [[nodiscard]] bool here() const { return version_.has_value(); }
  [[nodiscard]] int socket() const { return socket_; }

  /// False once the server has ended the connection.
  bool hear(Totals& totals) {
    std::array<char, 16384> bytes;
    while (true) {
      const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (count == 0) return false;
      if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
      text_.append(bytes.data(), static_cast<std::size_t>(count));
      read_ids(totals);
    }
  }

 private:
  /// Each event that changes something has its version on a line of its own; what guests write
  /// stands within JSON, on one line.
  void read_ids(Totals& totals) {
    constexpr std::string_view mark = "\nid: ";
    std::size_t done = 0;
    while (true) {
      const std::size_t at = text_.find(mark, done);
      if (at == std::string::npos) break;
      const std::size_t end = text_.find('\n', at + mark.size());
      if (end == std::string::npos) {
        done = at;
        text_.erase(0, done);
        return;
      }
      std::uint64_t version = 0;
      std::from_chars(text_.data() + at + mark.size(), text_.data() + end, version);
      take(version, totals);
      done = end;
    }
    text_.erase(0, std::max(done, text_.size() > mark.size() ? text_.size() - mark.size() : 0));
  }
  void take(std::uint64_t version, Totals& totals) {
    if (!version_) {  // the snapshot it begins with
      version_ = version;
      return;
    }
    if (version <= *version_) {
      ++totals.out_of_order;
      return;
    }
    totals.missed += version - *version_ - 1;
    version_ = version;
    const auto now = Clock::now();
    const auto [first, is_first] = totals.first_seen.try_emplace(version, now);
    totals.times.add(now - first->second);
  }

  int socket_;
  std::string text_;
  std::optional<std::uint64_t> version_;
};

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

int join(std::uint16_t port, std::uint32_t number) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  if (socket < 0) give_up("socket");
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(0x7f010001U + number);
  if (::bind(socket, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0) give_up("bind");
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(port);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&server), sizeof server) != 0) {
    give_up("connect");
  }
  constexpr std::string_view wish = "GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  if (::send(socket, wish.data(), wish.size(), MSG_NOSIGNAL) < 0) give_up("send");
  return socket;
}

/// Lets everybody listen until `over`.
template <class Over>
void listen(int poll, std::vector<Viewer>& viewers, Totals& totals, Over over) {
  std::array<epoll_event, 1024> ready;
  while (!over()) {
    const int count = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), 100);
    for (int i = 0; i < count; ++i) {
      Viewer& viewer = viewers[ready[static_cast<std::size_t>(i)].data.u32];
      if (viewer.hear(totals)) continue;
      ++totals.lost;
      ::epoll_ctl(poll, EPOLL_CTL_DEL, viewer.socket(), nullptr);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("pourtocol-live-clients PORT CLIENTS SECONDS\n", stderr);
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const auto clients = static_cast<std::uint32_t>(std::atoi(argv[2]));
  const std::chrono::seconds watching{std::atoi(argv[3])};
  const rlimit files{clients + 64, clients + 64};
  if (::setrlimit(RLIMIT_NOFILE, &files) != 0) give_up("setrlimit");

  const int poll = ::epoll_create1(0);
  Totals totals;
  std::vector<Viewer> viewers;
  viewers.reserve(clients);
  for (std::uint32_t i = 0; i < clients; ++i) {
    viewers.emplace_back(join(port, i));
    epoll_event event{.events = EPOLLIN, .data = {.u32 = i}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, viewers.back().socket(), &event);
    // Now and then, so that nobody falls behind before all have come.
    if (i % 64 == 0) {
      listen(poll, viewers, totals, [once = false]() mutable { return std::exchange(once, true); });
    }
  }
  const auto patience = Clock::now() + std::chrono::seconds{60};
  listen(poll, viewers, totals,
         [&] { return Clock::now() > patience || std::ranges::all_of(viewers, &Viewer::here); });
  const auto here = std::ranges::count_if(viewers, &Viewer::here);
  std::puts("all are here");
  std::fflush(stdout);

  totals.times = {};
  const auto end = Clock::now() + watching;
  listen(poll, viewers, totals, [&] { return Clock::now() >= end; });
  std::printf(
      "{\"clients\":%u,\"joined\":%ld,\"lost\":%zu,\"versions\":%zu,\"received\":%llu,"
      "\"missed\":%llu,\"out_of_order\":%llu,\"p50_ms\":%.1f,\"p99_ms\":%.1f,"
      "\"longest_ms\":%.1f}\n",
      clients, static_cast<long>(here), totals.lost, totals.first_seen.size(),
      static_cast<unsigned long long>(totals.times.count()),
      static_cast<unsigned long long>(totals.missed),
      static_cast<unsigned long long>(totals.out_of_order), totals.times.quantile_ms(0.5),
      totals.times.quantile_ms(0.99), totals.times.longest_ms());
  return 0;
}
