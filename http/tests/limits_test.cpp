// What slow, silent and too many clients get.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>
#include <vector>

#include "http/tests/loopback.hpp"

namespace pourtocol::http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::StartsWith;

void say_hello(const Request&, Responder responder) {
  Response response;
  response.body = R"("hello")";
  std::move(responder).send(std::move(response));
}

Limits impatient() {
  Limits limits;
  limits.header_timeout = milliseconds{60};
  limits.body_timeout = milliseconds{60};
  limits.idle_timeout = milliseconds{60};
  limits.write_timeout = milliseconds{60};
  limits.linger_timeout = milliseconds{60};
  return limits;
}

TEST(HttpLimits, CutAHeaderThatTricklesIn) {
  LoopbackServer server{impatient(), say_hello};
  auto client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost: h\r\nX: ");
  // One byte after another until the server speaks: more bytes earn no more time.
  int sent = 0;
  while (!client.hears_within(milliseconds{1}) && ++sent < 7000) client.send("x");
  EXPECT_LT(sent, 7000);
  EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 408 "));
}

TEST(HttpLimits, CutABodyThatStaysOut) {
  LoopbackServer server{impatient(), say_hello};
  auto client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  const std::string answer = client.read_to_end();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(answer, HasSubstr("The body did not arrive in time."));
}

TEST(HttpLimits, CloseIdleConnectionsWithoutAWord) {
  LoopbackServer server{impatient(), say_hello};
  auto fresh = server.connect();
  EXPECT_EQ(fresh.read_to_end(), "");
  auto used = server.connect();
  used.get("/");
  EXPECT_THAT(used.read_answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(used.read_to_end(), "");
}

TEST(HttpLimits, CutAClientThatDoesNotReadItsAnswer) {
  const auto big = prepare([] {
    Response response;
    response.body.assign(64 * 1024 * 1024, 'x');
    return response;
  }());
  LoopbackServer server{
      impatient(), [big](const Request&, Responder responder) { std::move(responder).send(big); }};
  Client client{server.port(), 4096};
  client.get("/");
  while (server.counters().timed_out == 0) std::this_thread::yield();
  EXPECT_LT(client.read_to_end().size(), big->body().size());
}

/// A server that owes all answers but to "/".
class Debtor {
 public:
  explicit Debtor(Limits limits)
      : server{limits, [this](const Request& request, Responder responder) {
                 if (request.path == "/") return say_hello(request, std::move(responder));
                 owed_.push_back(std::move(responder));
               }} {}
  ~Debtor() {
    server.on_loop([this] { owed_.clear(); });
  }
  Debtor(const Debtor&) = delete;
  Debtor& operator=(const Debtor&) = delete;

  /// A connection whose request has come, and is owed its answer.
  [[nodiscard]] Client creditor(int address = 1) {
    const auto before = server.counters().requests;
    Client client{server.port(), 0, address};
    client.get("/owed");
    while (server.counters().requests == before) std::this_thread::yield();
    return client;
  }

 private:
  std::vector<Responder> owed_;

 public:
  LoopbackServer server;
};

TEST(HttpLimits, TellConnectionsBeyondTheLimitToComeLater) {
  Limits limits;
  limits.connections_max = 3;
  Debtor debtor{limits};
  LoopbackServer& server = debtor.server;
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(debtor.creditor());
  auto refused = server.connect();
  const std::string answer = refused.read_to_end();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr(R"("code":"overloaded")"));

  clients.back().reset();  // an orderly end might still wait for its answer
  clients.pop_back();
  while (server.counters().connections > 2) std::this_thread::yield();
  auto next = server.connect();
  next.get("/");
  EXPECT_THAT(next.read_answer(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpLimits, KeepPlacesForAddressesThatHoldFew) {
  Limits limits;
  limits.connections_max = 3;
  limits.reserved_connections = 1;
  Debtor debtor{limits};
  LoopbackServer& server = debtor.server;
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(debtor.creditor());
  EXPECT_THAT(server.connect().read_to_end(), StartsWith("HTTP/1.1 503 "));

  Client guest{server.port(), 0, 2};
  guest.get("/");
  EXPECT_THAT(guest.read_answer(), StartsWith("HTTP/1.1 200 "));
  clients.push_back(
      debtor.creditor(3));  // in the place of the guest, who has asked for nothing more
  EXPECT_EQ(guest.read_to_end(), "");
  Client late{server.port(), 0, 4};
  EXPECT_THAT(late.read_to_end(), StartsWith("HTTP/1.1 503 ")) << "the reserve has an end, too";
}

TEST(HttpLimits, LetGoNoGuestForAnAddressThatHoldsMany) {
  Limits limits;
  limits.connections_max = 3;
  Debtor debtor{limits};
  LoopbackServer& server = debtor.server;
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(debtor.creditor());
  Client guest{server.port(), 0, 2};
  while (server.counters().connections < 4) std::this_thread::yield();
  // All others are owed an answer: who could be let go is the guest alone.
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(server.connect().read_to_end(), StartsWith("HTTP/1.1 503 "));
  }
  guest.get("/");
  EXPECT_THAT(guest.read_answer(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpLimits, LetGoWhoHasOwedARequestForTheLongest) {
  Limits limits;
  limits.connections_max = 3;
  LoopbackServer server{limits, say_hello};
  auto half = server.connect();
  half.send("GET / HTTP/1.1\r\nHo");  // a beginning is no request
  while (server.counters().connections < 1) std::this_thread::yield();
  auto silent = server.connect();
  while (server.counters().connections < 2) std::this_thread::yield();
  auto used = server.connect();
  used.get("/");
  EXPECT_THAT(used.read_answer(), StartsWith("HTTP/1.1 200 "));
  std::vector<Client> next;
  for (Client* longest : {&half, &silent}) {
    next.push_back(server.connect());
    next.back().get("/");
    EXPECT_THAT(next.back().read_answer(), StartsWith("HTTP/1.1 200 "));
    EXPECT_EQ(longest->read_to_end(), "");
  }
  used.get("/");
  EXPECT_THAT(used.read_answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(server.counters().over_limit, 0U);
}

TEST(HttpLimits, KeepOneAddressFromTakingAllConnections) {
  Limits limits;
  limits.connections_per_address_max = 2;
  Debtor debtor{limits};
  LoopbackServer& server = debtor.server;
  std::vector<Client> clients;
  for (int i = 0; i < 2; ++i) clients.push_back(debtor.creditor());
  auto refused = server.connect();
  EXPECT_THAT(refused.read_to_end(), StartsWith("HTTP/1.1 429 "));
  EXPECT_EQ(server.counters().over_limit, 1U);
}

TEST(HttpLimits, LeaveConnectionsToOthersThanStreams) {
  for (const bool by_address : {false, true}) {
    Limits limits;
    (by_address ? limits.connections_per_address_max : limits.connections_max) = 4;
    std::vector<Stream> streams;
    LoopbackServer server{limits, [&](const Request& request, Responder responder) {
                            if (request.path == "/")
                              return say_hello(request, std::move(responder));
                            streams.push_back(std::move(responder).stream({}));
                          }};
    std::vector<Client> looking;
    for (int i = 0; i < 3; ++i) {
      looking.push_back(server.connect());
      looking.back().get("/live");
      EXPECT_THAT(looking.back().read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
    }
    auto next = server.connect();
    next.get("/live");
    EXPECT_THAT(next.read_answer(), StartsWith("HTTP/1.1 503 "));
    next.get("/");
    EXPECT_THAT(next.read_answer(), StartsWith("HTTP/1.1 200 "));
    looking.pop_back();
    while (server.counters().streams == 3) std::this_thread::yield();
    next.get("/live");
    EXPECT_THAT(next.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
    server.on_loop([&] { streams.clear(); });
  }
}

TEST(HttpLimits, LetGoOfOneAddressItsOwn) {
  Limits limits;
  limits.connections_per_address_max = 2;
  LoopbackServer server{limits, say_hello};
  auto first = server.connect();
  while (server.counters().connections < 1) std::this_thread::yield();
  auto second = server.connect();
  while (server.counters().connections < 2) std::this_thread::yield();
  auto third = server.connect();
  third.get("/");
  EXPECT_THAT(third.read_answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(first.read_to_end(), "");
  second.get("/");
  EXPECT_THAT(second.read_answer(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpLimits, OutlastAShortageOfFileDescriptors) {
  LoopbackServer server{Limits{}, say_hello};
  auto waiting = server.connect();
  waiting.get("/");
  EXPECT_THAT(waiting.read_answer(), StartsWith("HTTP/1.1 200 "));

  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto client = Client{server.port()};  // its descriptor exists before the shortage
  while (server.counters().accepted < 2) std::this_thread::yield();
  const int probe = ::dup(0);
  const rlimit none_left{static_cast<rlim_t>(probe), before.rlim_max};
  ::close(probe);
  const int unconnected = ::socket(AF_INET, SOCK_STREAM, 0);
  ::setrlimit(RLIMIT_NOFILE, &none_left);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(unconnected, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  while (server.counters().accept_failures == 0) std::this_thread::yield();
  ::setrlimit(RLIMIT_NOFILE, &before);
  while (server.counters().accepted < 3) std::this_thread::yield();
  ::close(unconnected);
}

}  // namespace
}  // namespace pourtocol::http
