// Listening, and how a server ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "http/tests/loopback.hpp"

namespace pourtocol::http {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class HttpLifecycle : public testing::Test {
 protected:
  void answer(const Request& request, Responder responder) {
    if (request.path == "/later") {
      kept_.emplace(std::move(responder));
      arrived_.set_value();
    } else if (request.path == "/stream") {
      Response response;
      response.body = "first";
      stream_ = std::move(responder).stream(std::move(response));
    } else {
      std::move(responder).send(Response{});
    }
  }
  /// Begins to shut down; the future is ready when all is closed.
  std::future<void> shut_down(milliseconds grace) {
    auto done = std::make_shared<std::promise<void>>();
    server_.on_loop([&] { server_.server().shutdown(grace, [done] { done->set_value(); }); });
    return done->get_future();
  }

  std::promise<void> arrived_;
  std::optional<Responder> kept_;
  Stream stream_;
  LoopbackServer server_{{}, [this](const Request& request, Responder responder) {
                           answer(request, std::move(responder));
                         }};
};

TEST_F(HttpLifecycle, RefusesAPortThatIsTaken) {
  boost::asio::io_context context;
  Server second{context, {}, [](const Request&, Responder) {}};
  const auto port = second.listen("127.0.0.1", server_.port());
  ASSERT_FALSE(port.has_value());
  EXPECT_THAT(port.error(), HasSubstr("Cannot listen on 127.0.0.1 port "));
}

TEST_F(HttpLifecycle, RefusesAHostThatIsNoAddress) {
  boost::asio::io_context context;
  Server server{context, {}, [](const Request&, Responder) {}};
  const auto port = server.listen("the bar", 0);
  ASSERT_FALSE(port.has_value());
  EXPECT_EQ(port.error(), "\"the bar\" is not an IP address to listen on.");
}

TEST_F(HttpLifecycle, LetsRequestsInProgressFinish) {
  auto busy = server_.connect();
  busy.get("/later");
  arrived_.get_future().wait();
  auto idle = server_.connect();
  idle.get("/");
  EXPECT_THAT(idle.read_answer(), StartsWith("HTTP/1.1 200 "));

  auto done = shut_down(milliseconds{10'000});
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_FALSE(server_.connect().connected());

  server_.on_loop([&] { std::move(*std::exchange(kept_, {})).send(Response{}); });
  const std::string answer = busy.read_to_end();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  done.wait();
}

TEST_F(HttpLifecycle, EndsStreamsProperly) {
  auto client = server_.connect();
  client.get("/stream");
  client.read_until("first");
  auto done = shut_down(milliseconds{10'000});
  EXPECT_THAT(client.read_to_end(), EndsWith("0\r\n\r\n"));
  done.wait();
}

TEST_F(HttpLifecycle, CutsWhatIsNotDoneInTime) {
  auto busy = server_.connect();
  busy.get("/later");
  arrived_.get_future().wait();
  shut_down(milliseconds{1}).wait();
  EXPECT_EQ(busy.read_to_end(), "");
  server_.on_loop([&] {
    EXPECT_FALSE(kept_->client_connected());
    kept_.reset();
  });
}

TEST_F(HttpLifecycle, EndsAtOnceWhenNobodyIsConnected) {
  shut_down(milliseconds{10'000}).wait();
}

TEST_F(HttpLifecycle, ResetsEverybodyAndGoesOn) {
  auto client = server_.connect();
  client.get("/");
  EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200 "));
  server_.on_loop([&] { server_.server().reset_all(); });
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(client.was_reset());
  auto next = server_.connect();
  next.get("/");
  EXPECT_THAT(next.read_answer(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpLifecycle, SurvivesARespondersOutlivingItsServer) {
  auto client = server_.connect();
  client.get("/later");
  arrived_.get_future().wait();
  std::optional<Responder> orphan;
  server_.on_loop([&] {
    orphan = std::move(kept_);
    kept_.reset();
    server_.server().shutdown(milliseconds{0}, [] {});
  });
  EXPECT_EQ(client.read_to_end(), "");
  server_.on_loop([&] { std::move(*orphan).send(Response{}); });
}

}  // namespace
}  // namespace pourtocol::http
