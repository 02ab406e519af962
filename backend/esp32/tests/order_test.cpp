// Every row of safety.md's table that leaves `sending`, as bytes on a wire.

#include "backend/esp32/tests/link_fixture.hpp"

namespace pourtocol::esp32::testing {
namespace {

using protocol::UnclearAnswer;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Order : public LinkFixture {
 protected:
  void TearDown() override {
    link_.reset();
    settle();
  }
};

TEST_F(Order, TravelsAsTheContractSays) {
  connect_to("http://127.0.0.1:" + std::to_string(device_.port()) + "/bar/");
  device_.plays({.answer = answer_of(200, "{}")});
  order();
  ASSERT_EQ(device_.requests().size(), 1U);
  const std::string& request = device_.requests().front();
  EXPECT_THAT(request, StartsWith("POST /bar/dispense HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Host: 127.0.0.1:" + std::to_string(device_.port()) + "\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(request, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(request, HasSubstr("\"amount_ml\":30"));
  EXPECT_THAT(request, HasSubstr("\"request_id\":\"r1\""));
}

TEST_F(Order, AWholeYesIsAccepted) {
  for (const char* body : {"", "{}", R"({"ok":true})", R"({"request_id":"r1","ok":true})"}) {
    device_.plays({.answer = answer_of(200, body)});
    EXPECT_TRUE(is_accepted(order())) << body;
  }
  device_.plays({.answer = "HTTP/1.1 204 No Content\r\n\r\n"});
  EXPECT_TRUE(is_accepted(order()));
  device_.plays({.answer = "HTTP/1.0 202 Accepted\r\n\r\n{}"});
  EXPECT_TRUE(is_accepted(order())) << "its end is the connection's";
  device_.plays(
      {.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"});
  EXPECT_TRUE(is_accepted(order()));
}

TEST_F(Order, AWholeNoIsRejected) {
  device_.plays({.answer = answer_of(409, R"({"error":"no_glass","message":"Place a glass"})")});
  const auto result = order();
  ASSERT_TRUE(is_rejected(result));
  EXPECT_EQ(std::get<protocol::OrderRejected>(result).refusal, protocol::Refusal::no_glass);
  EXPECT_EQ(std::get<protocol::OrderRejected>(result).text.view(), "Place a glass");
  device_.plays({.answer = answer_of(400, "")});
  EXPECT_TRUE(is_rejected(order()));
}

TEST_F(Order, WhatIsNeitherIsUnclear) {
  device_.plays({.answer = answer_of(500, "{}")});
  EXPECT_EQ(unclear_of(order()), UnclearAnswer::server_error);
  device_.plays({.answer = answer_of(200, R"({"request_id":"other"})")});
  EXPECT_EQ(unclear_of(order()), UnclearAnswer::wrong_request_id);
  device_.plays({.answer = answer_of(200, "<html>Welcome to your router</html>")});
  EXPECT_EQ(unclear_of(order()), UnclearAnswer::not_the_contract);
  device_.plays({.answer = answer_of(302, "")});
  EXPECT_EQ(unclear_of(order()), UnclearAnswer::not_the_contract);
  device_.plays({.answer = "SSH-2.0-OpenSSH_9.2\r\n"});
  EXPECT_EQ(unclear_of(order()), UnclearAnswer::not_the_contract);
  device_.plays({.answer = "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"});
  EXPECT_EQ(unclear_of(order()), UnclearAnswer::not_the_contract);
}

TEST_F(Order, CutAtAnyByteIsUnclear) {
  const std::string whole = answer_of(200, R"({"ok":true,"request_id":"r1"})");
  for (const auto after : {Scene::After::close, Scene::After::reset}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      device_.plays({.answer = whole.substr(0, size), .after = after});
      const auto requests = device_.requests().size();
      EXPECT_EQ(unclear_of(order()), UnclearAnswer::connection_lost) << size;
      EXPECT_EQ(device_.requests().size(), requests + 1) << "sent once, at cut " << size;
    }
  }
}

TEST_F(Order, CutAtAnyByteOfAChunkedAnswerIsUnclear) {
  const std::string whole =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{\"ok\":true}\r\n0\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    device_.plays({.answer = whole.substr(0, size)});
    EXPECT_EQ(unclear_of(order()), UnclearAnswer::connection_lost) << size;
  }
}

TEST_F(Order, ASilentDeviceTimesOut) {
  device_.plays({.answer = "", .after = Scene::After::hold});
  EXPECT_EQ(unclear_of(order(500ms)), UnclearAnswer::timed_out);
  EXPECT_EQ(device_.requests().size(), 1U);
}

TEST_F(Order, ATrickledAnswerIsCutByTheOneDeadline) {
  device_.plays({.answer = answer_of(200, "{}"), .pause_per_byte = 20ms});
  EXPECT_EQ(unclear_of(order(500ms)), UnclearAnswer::timed_out);
  EXPECT_EQ(device_.requests().size(), 1U);
}

TEST_F(Order, AnOversizedAnswerIsNotReadToItsEnd) {
  device_.plays({.answer = answer_of(200, std::string(protocol::body_bytes_max + 1, ' ')),
                 .after = Scene::After::hold});
  EXPECT_EQ(unclear_of(order()), UnclearAnswer::not_the_contract);
  device_.plays({.answer = "HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, ' '),
                 .after = Scene::After::hold});
  EXPECT_EQ(unclear_of(order()), UnclearAnswer::not_the_contract);
  device_.plays({.answer = "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'),
                 .after = Scene::After::hold});
  EXPECT_EQ(unclear_of(order()), UnclearAnswer::not_the_contract);
}

TEST_F(Order, TheLargestBodyThatIsAllowedIsRead) {
  const std::string body = "{}" + std::string(protocol::body_bytes_max - 2, ' ');
  device_.plays({.answer = answer_of(200, body)});
  EXPECT_TRUE(is_accepted(order()));
}

TEST_F(Order, AConnectionResetAtOnceIsNeverTriedAgain) {
  device_.plays({.answer = "", .after = Scene::After::reset, .reads_first = false});
  // The reset may overtake the news of the connection (then nothing was sent) or follow it.
  const auto result = order();
  EXPECT_TRUE(is_not_sent(result) || unclear_of(result) == UnclearAnswer::connection_lost);
  EXPECT_EQ(device_.connections(), 1);
}

TEST_F(Order, ARefusedConnectionIsNotSent) {
  connect_to("http://127.0.0.1:" + std::to_string(closed_port()));
  const auto result = order();
  ASSERT_TRUE(is_not_sent(result));
  EXPECT_THAT(std::get<control::NotSent>(result).detail, HasSubstr("refused"));
}

TEST_F(Order, AConnectionThatDoesNotComeAboutIsNotSent) {
  DeafPort deaf{context_};
  settle();
  connect_to("http://127.0.0.1:" + std::to_string(deaf.port()));
  const auto result = order(40ms);
  ASSERT_TRUE(is_not_sent(result));
  EXPECT_THAT(std::get<control::NotSent>(result).detail, HasSubstr("in time"));
}

TEST_F(Order, AnUnknownNameIsNotSent) {
  connect_to("http://nowhere.invalid",
             {.resolve = [](const std::string&) { return std::vector<std::string>{}; }});
  EXPECT_TRUE(is_not_sent(order()));
}

TEST_F(Order, NeverUsesTheConnectionOfAStatus) {
  device_.plays({.answer = answer_of(200, status_1), .after = Scene::After::listen});
  status();
  device_.plays({.answer = answer_of(200, "{}")});
  order();
  EXPECT_EQ(device_.connections(), 2);
}

TEST_F(Order, IsAnsweredLaterAndNotAfterTheLinkIsGone) {
  device_.plays({.answer = answer_of(200, "{}")});
  link_->call_order(tap, next_id(), order_of(plenty));
  EXPECT_EQ(answers_, 0) << "not within the call";
  link_.reset();
  settle();
  EXPECT_EQ(answers_, 0);
}

TEST_F(Order, ManyAtOnceAreAnsweredOnceEach) {
  device_.plays({.answer = "", .after = Scene::After::hold});
  link_->call_order(tap, control::CallId{1}, order_of(20ms));
  last_id_ = 1;
  run_until([this] { return answers_ == 1; });
  settle();
  EXPECT_EQ(answers_, 1);
}

}  // namespace
}  // namespace pourtocol::esp32::testing
