// Any bytes, in any pieces, over a real connection into the real parser, routes and page, with a
// pouring side that answers at once. Whatever was said: the server answers in whole, well-formed
// HTTP, its JSON is JSON, it says no more often than it was asked, and nothing reaches the pouring
// side that a strict reader would not have let through.
//
// The first byte says into how many pieces the rest is cut.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "backend/routes/api.hpp"
#include "backend/routes/rapidjson.hpp"
#include "backend/routes/tests/fakes.hpp"
#include "backend/routes/tests/http_answers.hpp"
#include "backend/routes/utf8.hpp"
#include "core/tests/fuzzing.hpp"
#include "http/server.hpp"

namespace pourtocol::routes {
namespace {

constexpr std::size_t answers_bytes_max = 4 * 1024 * 1024;

/// A page in a folder that is gone again when it has been read.
class Page {
 public:
  Page() {
    std::string name = (std::filesystem::temp_directory_path() / "pourtocol-fuzz-XXXXXX").string();
    POURTOCOL_ASSERT(::mkdtemp(name.data()) != nullptr);
    root_ = name;
    std::ofstream{root_ / "index.html"} << "<!doctype html><title>The page</title>";
    std::ofstream{root_ / "index.html.br"} << "brotli";
    std::ofstream{root_ / "favicon.svg"} << "<svg/>";
  }
  ~Page() { std::filesystem::remove_all(root_); }
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

/// The fuzzer's end of a connection.
class Visitor {
 public:
  explicit Visitor(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    // The fuzzer's alarm clock may ring meanwhile: the connection is made all the same.
    const bool made = ::connect(socket_, to, sizeof address) == 0;
    POURTOCOL_ASSERT(made || errno == EINTR);
    if (made) return;
    pollfd ready{.fd = socket_, .events = POLLOUT, .revents = 0};
    while (::poll(&ready, 1, -1) < 0) POURTOCOL_ASSERT(errno == EINTR);
    POURTOCOL_ASSERT((ready.revents & (POLLERR | POLLHUP)) == 0);
  }
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;
  /// By a reset, so that no port is left behind that waits.
  ~Visitor() {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(socket_);
  }

  /// How much of it could be sent: nothing, once the server has enough.
  std::size_t say(std::string_view bytes) const {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return count < 0 ? 0 : static_cast<std::size_t>(count);
  }
  void be_done() const { ::shutdown(socket_, SHUT_WR); }
  /// True at the end of the connection.
  bool hear(std::string& said) const {
    std::array<char, 65536> more;
    const ssize_t count = ::recv(socket_, more.data(), more.size(), MSG_DONTWAIT);
    if (count > 0) said.append(more.data(), static_cast<std::size_t>(count));
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
  }

 private:
  int socket_;
};

/// A whole server on this thread: nothing happens but what is asked for.
class House {
 public:
  House() {
    api_.emplace(service, reader,
                 Options{.web_root = Page{}.root(),
                         .server_id = "cafe",
                         .public_url = "http://bar.example",
                         .hosts = {},
                         .dispense_rate = {.burst = 0}},
                 Surroundings{.now = [] { return Instant{std::chrono::hours{1}}; },
                              .wall_time = [] { return WallTime{std::chrono::hours{1}}; },
                              .http_counters = [this] { return server_.counters(); },
                              .wake_at = [](Instant) {}});
    port_ = server_.listen("127.0.0.1", 0).value();
  }

  /// Everything the server says to these bytes, until it ends the connection.
  std::string converse(std::string_view bytes, std::size_t pieces) {
    std::string said;
    {
      const Visitor visitor{port_};
      const std::size_t size = bytes.size() / pieces + 1;
      while (!bytes.empty()) {
        const std::size_t sent = visitor.say(bytes.substr(0, size));
        if (sent == 0) break;
        bytes.remove_prefix(sent);
        settle();
      }
      visitor.be_done();
      while (!visitor.hear(said)) {
        POURTOCOL_ASSERT(said.size() < answers_bytes_max);
        settle();
      }
    }
    settle();
    return said;
  }

  FakeService service;
  FakeReader reader;

 private:
  void settle() {
    context_.restart();
    context_.poll();
  }
  boost::asio::io_context context_{1};
  std::optional<Api> api_;
  std::uint16_t port_ = 0;
  http::Server server_{context_, {}, [this](const http::Request& request, http::Responder answer) {
                         api_->handle(request, std::move(answer));
                       }};
};

[[nodiscard]] bool is_json(std::string_view text) {
  rapidjson::MemoryStream stream{text.data(), text.size()};
  rapidjson::BaseReaderHandler<> nobody;
  rapidjson::Reader reader;
  return !reader.Parse<rapidjson::kParseValidateEncodingFlag>(stream, nobody).IsError();
}

void check_answer(const HttpAnswer& answer, bool without_body) {
  if (answer.status == 100) return;
  POURTOCOL_ASSERT(answer.has("date"));
  POURTOCOL_ASSERT(answer.field("x-content-type-options") == "nosniff");
  POURTOCOL_ASSERT(!answer.has("access-control-allow-origin"));
  if (without_body || answer.status == 304) return;
  // The live stream ends only with the connection, which the fuzzer ends first.
  POURTOCOL_ASSERT(answer.whole || answer.field("content-type") == "text/event-stream");
  if (answer.field("content-type") != "application/json") return;
  POURTOCOL_ASSERT(is_json(answer.body));
  if (answer.status >= 400 && answer.body.find("\"ok\":") == std::string::npos) {
    POURTOCOL_ASSERT(answer.body.starts_with(R"({"success":false,"code":")"));
  }
}

void check_wishes(const FakeService& service, std::string_view asked) {
  for (const auto& wish : service.wishes) {
    POURTOCOL_ASSERT(!wish.user.empty() && is_printable_utf8(wish.user.view()));
    POURTOCOL_ASSERT(wish.purpose != protocol::Purpose::pour || wish.run_time.count() == 0);
    POURTOCOL_ASSERT(asked.find("user_token") != std::string_view::npos ||
                     asked.find('\\') != std::string_view::npos ||
                     asked.find("chunked") != std::string_view::npos);
  }
}

}  // namespace
}  // namespace pourtocol::routes

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pourtocol;
  using namespace pourtocol::routes;
  if (size == 0) return 0;
  static House house;
  house.service.wishes.clear();
  house.service.stops.clear();
  house.service.resumes.clear();
  house.service.calibrations.clear();
  house.reader.queries.clear();
  house.reader.totals_asked.clear();
  const std::string_view asked{reinterpret_cast<const char*>(data) + 1, size - 1};
  const std::string said = house.converse(asked, 1U + data[0] % 8U);
  check_wishes(house.service, asked);

  // Whether an answer has its body depends on what it answers; that is plain only without HEAD.
  const bool maybe_head = asked.find("HEAD ") != std::string_view::npos;
  AnswerReader answers{said};
  std::size_t count = 0;
  while (!answers.over()) {
    const auto answer = answers.next(maybe_head);
    POURTOCOL_ASSERT(answer.has_value());
    check_answer(*answer, maybe_head);
    if (maybe_head) break;
    if (answer->status != 100) ++count;
  }
  const auto line_ends = std::ranges::count(asked, '\n');
  POURTOCOL_ASSERT(count <= static_cast<std::size_t>(line_ends) / 2 + 1);
  return 0;
}
