// Requests and answers over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "http/tests/loopback.hpp"

namespace pourtocol::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Response text(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

class HttpConnection : public testing::Test {
 protected:
  void answer(const Request& request, Responder responder) {
    if (request.path == "/later") {
      kept_.emplace(std::move(responder));
      kept_promise_.set_value();
    } else if (request.path == "/throw") {
      throw std::runtime_error{"no"};
    } else if (request.path == "/drop") {
      // leaves without an answer
    } else if (request.path == "/abort") {
      std::move(responder).abort();
    } else if (request.path == "/raw-reset") {
      std::move(responder).send_raw("HTTP/1.1 200 O", Responder::Then::reset);
    } else if (request.path == "/raw") {
      std::move(responder).send_raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
                                    Responder::Then::keep_open);
    } else if (request.path == "/garbage") {
      std::move(responder).send_raw("<html>", Responder::Then::close);
    } else if (request.path == "/big") {
      std::move(responder).send(big_);
    } else {
      std::move(responder).send(text(std::string{request.method_name} + " " +
                                     std::string{request.path} + " " + std::string{request.body}));
    }
  }
  void wait_until_kept() { kept_promise_.get_future().wait(); }
  void complete_kept(std::string body) {
    server_.on_loop([&] { std::move(*std::exchange(kept_, {})).send(text(std::move(body))); });
  }

  SharedResponse big_ = prepare(text(std::string(3'000'000, 'b')));
  std::promise<void> kept_promise_;
  std::optional<Responder> kept_;
  LoopbackServer server_{{}, [this](const Request& request, Responder responder) {
                           answer(request, std::move(responder));
                         }};
};

TEST_F(HttpConnection, AnswersOneRequestAfterAnotherOnOneConnection) {
  auto client = server_.connect();
  for (const auto* path : {"/one", "/two", "/three"}) {
    client.get(path);
    EXPECT_THAT(client.read_answer(), EndsWith(std::string{"GET "} + path + " "));
  }
}

TEST_F(HttpConnection, AnswersPipelinedRequestsInOrder) {
  auto client = server_.connect();
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  client.send(requests);
  for (int i = 0; i < 200; ++i) {
    EXPECT_THAT(client.read_answer(), EndsWith("GET /" + std::to_string(i) + " "));
  }
}

TEST_F(HttpConnection, KeepsThePipelinesOrderWhenAnAnswerComesLater) {
  auto client = server_.connect();
  client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  wait_until_kept();
  complete_kept("finally");
  EXPECT_THAT(client.read_answer(), EndsWith("finally"));
  EXPECT_THAT(client.read_answer(), EndsWith("GET /next "));
}

TEST_F(HttpConnection, AnswersAClientThatHasClosedItsSendingHalf) {
  auto client = server_.connect();
  client.get("/later");
  client.finish_sending();
  wait_until_kept();
  complete_kept("still here");
  // Whether the answer already says that it is the last depends on which of the two came first.
  EXPECT_THAT(client.read_to_end(), EndsWith("still here"));
}

TEST_F(HttpConnection, AnswersEverythingAskedBeforeTheSendingHalfWasClosed) {
  auto client = server_.connect();
  client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  client.finish_sending();
  wait_until_kept();
  complete_kept("first");
  EXPECT_THAT(client.read_answer(), EndsWith("first"));
  EXPECT_THAT(client.read_answer(), EndsWith("GET /next "));
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpConnection, SurvivesAClientThatResetsWhileItsAnswerIsPending) {
  auto gone = server_.connect();
  gone.get("/later");
  wait_until_kept();
  gone.reset();
  complete_kept("for nobody");
  auto client = server_.connect();
  client.get("/x");
  EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpConnection, SendsLargeAnswersBetweenSmallOnes) {
  auto client = server_.connect();
  client.send(
      "GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /big HTTP/1.1\r\nHost: h\r\n\r\n"
      "GET /big HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_answer(), EndsWith("GET /a "));
  for (int i = 0; i < 2; ++i) {
    const std::string answer = client.read_answer();
    EXPECT_GT(answer.size(), big_->body().size());
    EXPECT_TRUE(answer.ends_with("\r\n\r\n" + std::string{big_->body()}));
  }
  EXPECT_THAT(client.read_answer(), EndsWith("GET /b "));
}

TEST_F(HttpConnection, LeavesTheBodyOutForHead) {
  auto client = server_.connect();
  client.send("HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(HttpConnection, SpeaksHttp10) {
  auto closing = server_.connect();
  closing.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(closing.read_to_end(), HasSubstr("Connection: close\r\n"));

  auto staying = server_.connect();
  for (int i = 0; i < 2; ++i) {
    staying.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(staying.read_answer(), HasSubstr("Connection: keep-alive\r\n"));
  }
}

TEST_F(HttpConnection, ClosesWhenAskedTo) {
  auto client = server_.connect();
  client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpConnection, InvitesTheBodyOfAClientThatAsksFirst) {
  auto client = server_.connect();
  client.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_THAT(client.read_answer(), EndsWith("POST /p body"));
}

TEST_F(HttpConnection, PassesMethodsItDoesNotKnowOn) {
  auto client = server_.connect();
  client.send("BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_answer(), EndsWith("BREW /pot "));
}

TEST_F(HttpConnection, AnswersForAHandlerThatThrowsOrForgets) {
  for (const auto* path : {"/throw", "/drop"}) {
    auto client = server_.connect();
    client.get(path);
    const std::string answer = client.read_answer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
    EXPECT_THAT(answer, HasSubstr(R"("success":false)"));
    client.get("/next");
    EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200 OK"));
  }
}

TEST_F(HttpConnection, AbortsWithAReset) {
  auto client = server_.connect();
  client.get("/abort");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(client.was_reset());
}

TEST_F(HttpConnection, SendsRawBytesAsToldAndThenEndsAsTold) {
  auto reset = server_.connect();
  reset.get("/raw-reset");
  reset.read_to_end();
  EXPECT_TRUE(reset.was_reset());

  auto closed = server_.connect();
  closed.get("/garbage");
  EXPECT_EQ(closed.read_to_end(), "<html>");
  EXPECT_FALSE(closed.was_reset());

  auto kept = server_.connect();
  for (int i = 0; i < 2; ++i) {
    kept.get("/raw");
    EXPECT_THAT(kept.read_answer(), EndsWith("hi"));
  }
}

TEST_F(HttpConnection, RefusesWithAReasonInJsonAndCloses) {
  auto client = server_.connect();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n" +
              std::string(5000, 'x'));
  const std::string answer = client.read_to_end();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, HasSubstr(R"("code":"body_too_large")"));
  EXPECT_FALSE(client.was_reset()) << "the answer must survive the unread body";
}

}  // namespace
}  // namespace pourtocol::http
