// Answers without a foreseen end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "http/tests/loopback.hpp"

namespace pourtocol::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Limits tight() {
  Limits limits;
  limits.streams_max = 2;
  limits.stream_queue_messages_max = 4;
  return limits;
}

class HttpStream : public testing::Test {
 protected:
  void answer(const Request&, Responder responder) {
    Response response;
    response.content_type = "text/event-stream";
    response.body = "first\n";
    auto stream = std::move(responder).stream(std::move(response));
    stream.when_closed([this] { ++closed_; });
    streams_.push_back(std::move(stream));
  }
  /// A client that has joined and got the beginning.
  Client join(std::string_view version = "1.1") {
    auto client = server_.connect();
    client.send("GET /events HTTP/" + std::string{version} + "\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_until("first\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
    return client;
  }
  /// A download of many pages: each is made only when the one before has left.
  void send_page(int number) {
    if (number == 50) return last().finish();
    last().send(std::string(300'000, static_cast<char>('a' + number % 26)));
    last().when_drained([this, number] { send_page(number + 1); });
  }
  Stream& last() { return streams_.back(); }

  std::atomic<int> closed_ = 0;
  std::vector<Stream> streams_;
  LoopbackServer server_{tight(), [this](const Request& request, Responder responder) {
                           answer(request, std::move(responder));
                         }};
};

TEST_F(HttpStream, SendsChunksAndEndsProperly) {
  auto client = join();
  server_.on_loop([&] {
    EXPECT_TRUE(last().send(std::string{"second\n"}));
    last().finish();
    EXPECT_FALSE(last().send(std::string{"too late"}));
  });
  EXPECT_EQ(client.read_to_end(), "\r\n7\r\nsecond\n\r\n0\r\n\r\n");
}

TEST_F(HttpStream, SendsPlainBytesToHttp10) {
  auto client = join("1.0");
  server_.on_loop([&] {
    last().send(std::string{"second\n"});
    last().finish();
  });
  EXPECT_EQ(client.read_to_end(), "second\n");
}

TEST_F(HttpStream, ShowsThatAnAbortedAnswerIsIncomplete) {
  auto client = join();
  server_.on_loop([&] { last().abort(); });
  EXPECT_THAT(client.read_to_end(), Not(EndsWith("0\r\n\r\n")));
  EXPECT_TRUE(client.was_reset());
}

TEST_F(HttpStream, ClosesAClientThatDoesNotKeepUp) {
  Client client = join();
  const auto message = std::make_shared<const std::string>(1'000'000, 'x');
  const bool cut = server_.on_loop([&] {
    for (int i = 0; i < 1000; ++i) {
      if (!last().send(message)) return true;
    }
    return false;
  });
  EXPECT_TRUE(cut);
  EXPECT_EQ(server_.counters().streams_too_slow, 1U);
  EXPECT_EQ(server_.counters().streams, 0U);
  while (closed_ == 0) std::this_thread::yield();
  EXPECT_LT(client.read_to_end().size(), 100'000'000U);
}

TEST_F(HttpStream, NoticesAClientThatLeaves) {
  {
    const auto client = join();
    EXPECT_EQ(server_.counters().streams, 1U);
  }
  while (closed_ == 0) std::this_thread::yield();
  EXPECT_EQ(server_.counters().streams, 0U);
  server_.on_loop([&] { EXPECT_FALSE(last().open()); });
}

TEST_F(HttpStream, TellsTheProducerWhenEverythingIsSent) {
  auto client = join();
  server_.on_loop([this] { send_page(0); });
  const std::string received = client.read_to_end();
  EXPECT_THAT(received, EndsWith("0\r\n\r\n"));
  EXPECT_GT(received.size(), 50U * 300'000U);
}

TEST_F(HttpStream, RefusesMoreStreamsThanItCanServe) {
  const auto one = join();
  const auto two = join();
  auto three = server_.connect();
  three.get("/events");
  const std::string answer = three.read_answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr(R"("code":"too_many_streams")"));
}

TEST_F(HttpStream, AnswersHeadWithTheHeadAlone) {
  auto client = server_.connect();
  client.send("HEAD /events HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), EndsWith("\r\n\r\n"));
}

}  // namespace
}  // namespace pourtocol::http
