// What a host is told of an answer that is of no use: raw bytes from a machine's port, and the
// words for them.

#include "backend/esp32/bad_answer.hpp"

#include "backend/esp32/tests/link_fixture.hpp"

namespace pourtocol::esp32::testing {
namespace {

using control::NoStatus;

struct Said {
  const char* name;
  std::string bytes;
  NoStatus why;
  std::string detail;
  Scene::After after = Scene::After::close;
};
void PrintTo(const Said& said, std::ostream* out) {
  *out << said.name;
}

std::string typed(int status, const char* type, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " So\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::vector<Said> all_said() {
  using enum NoStatus;
  const std::string json = R"({"state":"idle","glass_present":true,"uptime":7})";
  return {
      {"a page to log in to",
       typed(200, "text/html; charset=utf-8",
             "<!DOCTYPE html>\n<html><head><TITLE lang=\"de\">\n Gäste-WLAN: "
             "Anmeldung\n</TITLE></head><body>...</body></html>"),
       not_a_device,
       "answers 200, text/html, but no status (the message is not valid JSON at byte 0): "
       "\"Gäste-WLAN: Anmeldung\""},
      {"a redirection",
       "HTTP/1.1 302 Found\r\nLocation: http://portal.test/login?from=x\r\nContent-Length: "
       "0\r\n\r\n",
       not_a_device,
       "answers 302, which leads to \"http://portal.test/login?from=x\", with nothing in it"},
      {"a router's 404", typed(404, "text/html", "<h1>404 Not Found</h1>"), not_a_device,
       "answers 404, text/html: \"<h1>404 Not Found</h1>\""},
      {"a 404 without a body", "HTTP/1.0 404 Not Found\r\n\r\n", not_a_device,
       "answers 404, with nothing in it"},
      {"an error of the machine", typed(503, "application/json", R"({"error":"busy"})"),
       device_error, "answers 503, application/json: \"{\"error\":\"busy\"}\""},
      {"TLS", std::string{"\x15\x03\x01\x00\x02\x02\x46", 7}, not_a_device,
       "answers in TLS, as an https address does, and not in HTTP"},
      {"TLS that stays open", std::string{"\x15\x03\x03\x00\x02\x02\x16", 7}, not_a_device,
       "answers in TLS, as an https address does, and not in HTTP", Scene::After::hold},
      {"another protocol", "SSH-2.0-OpenSSH_9.2\r\n", not_a_device,
       "answers \"SSH-2.0-OpenSSH_9.2\", which is no HTTP"},
      {"any bytes", std::string{"\x7f\x45LF\x00\xff\x1b[2J", 10}, not_a_device,
       "answers \"\\x7fELF\\x00\\xff\\x1b[2J\", which is no HTTP"},
      {"another's JSON", typed(200, "application/json", R"({"temperature":21.5})"), not_a_device,
       "answers 200, application/json, but no status (state is missing): "
       "\"{\"temperature\":21.5}\""},
      {"an empty answer", typed(200, "application/json", ""), not_a_device,
       "answers 200, application/json, but no status (the message is empty), with nothing in it"},
      {"nothing", "", broke_off, "takes the connection and says nothing: it closed the connection"},
      {"a reset", "", broke_off, "takes the connection and says nothing: Connection reset by peer",
       Scene::After::reset},
      {"half a head", "HTTP/1.1 200 OK\r\nContent-Le", broke_off,
       "breaks its answer off (it closed the connection): \"HTTP/1.1 200 OK Content-Le\""},
      {"half a body", typed(200, "application/json", json).substr(0, 96), broke_off,
       "breaks its answer 200, application/json off (it closed the connection) after 25 of 48 "
       "bytes: \"{\"state\":\"idle\",\"glass_pr\""},
      {"half of a chunked body",
       "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"sta\r\n", broke_off,
       "breaks its answer 200 off (it closed the connection) after 5 bytes: \"{\"sta\""},
      {"a head without an end", "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x'), not_a_device,
       "answers with a head that does not end: \"HTTP/1.1 200 OK X: " + std::string(41, 'x') +
           "…\"",
       Scene::After::hold},
      {"a body without an end",
       "HTTP/1.1 200 OK\r\nContent-Type: video/x\r\n\r\n" + std::string(20'000, '-'), not_a_device,
       "answers 200, video/x, but with more than 8192 bytes: \"" + std::string(60, '-') + "…\"",
       Scene::After::hold},
      {"a body that is announced too long",
       "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n<title>Shop</title>", not_a_device,
       "answers 200, but with more than 8192 bytes: \"Shop\"", Scene::After::hold},
      {"a body without a measure", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", not_a_device,
       "answers 200, but where its body ends cannot be told, with nothing in it"},
  };
}

class BadAnswer : public LinkFixture, public ::testing::WithParamInterface<Said> {
 protected:
  void TearDown() override {
    link_.reset();
    settle();
  }
};

TEST_P(BadAnswer, IsToldAsWhatItIs) {
  const Said& said = GetParam();
  device_.plays({.answer = said.bytes, .after = said.after});
  const auto result = status();
  ASSERT_EQ(failure_of(result), said.why) << ::testing::PrintToString(result.index());
  EXPECT_EQ(std::get<control::StatusFailed>(result).detail, said.detail);
}

INSTANTIATE_TEST_SUITE_P(Raw, BadAnswer, ::testing::ValuesIn(all_said()));

class LateAnswer : public BadAnswer {};

TEST_F(LateAnswer, ThatDoesNotComeToItsEndIsToldWithItsBeginning) {
  device_.plays(
      {.answer = typed(200, "application/json", "{}").substr(0, 30), .after = Scene::After::hold});
  const auto result = status(200ms);
  ASSERT_EQ(failure_of(result), NoStatus::broke_off);
  EXPECT_EQ(std::get<control::StatusFailed>(result).detail,
            "breaks its answer off (no end in time): \"HTTP/1.1 200 So Content-Type:\"");
}

TEST_F(LateAnswer, ThatDoesNotBeginIsOutOfReach) {
  device_.plays({.answer = "", .after = Scene::After::hold});
  const auto result = status(50ms);
  ASSERT_EQ(failure_of(result), NoStatus::unreachable);
  EXPECT_EQ(std::get<control::StatusFailed>(result).detail,
            "takes the connection and says nothing: no end in time");
}

TEST_F(LateAnswer, OfSingleBytesIsReadWhenItIsTrue) {
  device_.plays({.answer = "HTTP/1.1 102\n\nHTTP/1.1 200\nTransfer-Encoding: chunked\n\n 30 \n" +
                           std::string{status_1} + "\n0\n\n",
                 .pause_per_byte = 1ms});
  EXPECT_TRUE(is_received(status()));
}

TEST(Quoted, EscapesWhatALineCannotShow) {
  EXPECT_EQ(esp32::in_quotes(" \r\n two \t\n words "), "\"two words\"");
  EXPECT_EQ(esp32::in_quotes("\x01 ü \xc3 \xc2\x85"), "\"\\x01 ü \\xc3 \\xc2\\x85\"");
  EXPECT_EQ(esp32::in_quotes("\xe2\x80\xae|\xed\xa0\x80|\xf0\x9f\x8d\xb8|\xe0\x80\xaf"),
            "\"\\xe2\\x80\\xae|\\xed\\xa0\\x80|🍸|\\xe0\\x80\\xaf\"");
  EXPECT_EQ(esp32::in_quotes(""), "\"\"");
  EXPECT_LE(esp32::in_quotes(std::string(100'000, '\0')).size(), 80U);
}

}  // namespace
}  // namespace pourtocol::esp32::testing
