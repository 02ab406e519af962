#include "http/request_parser.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

namespace pourtocol::http {
namespace {

using namespace std::string_view_literals;

constexpr Limits limits;

struct Outcome {
  ParseStep step = ParseStep::need_more;
  int status = 0;
  std::string path;
  std::string body;
  std::size_t fields = 0;
  std::size_t left = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Feeds `bytes` in pieces no larger than `piece`, as the network might.
Outcome parse(std::string_view bytes, std::size_t piece = std::string_view::npos) {
  InputBuffer input{limits.header_bytes_max + limits.body_bytes_max + 1024};
  RequestParser parser{limits};
  Outcome outcome;
  while (outcome.step == ParseStep::need_more || outcome.step == ParseStep::expect_continue) {
    outcome.step = parser.advance(input);
    if (outcome.step == ParseStep::expect_continue) continue;
    if (outcome.step != ParseStep::need_more || bytes.empty()) break;
    const auto space = input.space();
    const std::size_t count = std::min({piece, space.size(), bytes.size()});
    std::copy_n(bytes.begin(), count, space.begin());
    input.received(count);
    bytes.remove_prefix(count);
  }
  if (outcome.step == ParseStep::failed) outcome.status = parser.failure().status;
  if (outcome.step == ParseStep::complete) {
    const Request request = parser.request(input);
    outcome.path = request.path;
    outcome.body = request.body;
    outcome.fields = request.fields.size();
    parser.finish(input);
    outcome.left = input.size() + bytes.size();
  }
  return outcome;
}

int status_of(std::string_view bytes) {
  const Outcome outcome = parse(bytes);
  EXPECT_NE(outcome.step, ParseStep::need_more) << bytes;
  return outcome.status;
}

TEST(RequestParser, TakesWholeRequests) {
  const Outcome get = parse("GET /a?b=c HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\nGET");
  EXPECT_EQ(get.step, ParseStep::complete);
  EXPECT_EQ(get.path, "/a");
  EXPECT_EQ(get.fields, 2U);
  EXPECT_EQ(get.left, 3U);
  EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc").body, "abc");
  EXPECT_EQ(parse("GET http://h:1/x HTTP/1.1\r\nHost: h\r\n\r\n").path, "/x");
  EXPECT_EQ(parse("\r\n\r\nGET / HTTP/1.0\r\n\r\n").step, ParseStep::complete);
}

TEST(RequestParser, JoinsChunks) {
  const Outcome outcome = parse(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\nnext");
  EXPECT_EQ(outcome.step, ParseStep::complete);
  EXPECT_EQ(outcome.body, "abcde");
  EXPECT_EQ(outcome.left, 4U);
}

RC_GTEST_PROP(RequestParser, DoesNotCareHowTheNetworkCutsARequest, ()) {
  const auto chunk = *rc::gen::container<std::string>(rc::gen::inRange('a', 'z'));
  const auto piece = *rc::gen::inRange<std::size_t>(1, 40);
  RC_PRE(!chunk.empty());
  char size[16];
  std::snprintf(size, sizeof size, "%zx", chunk.size());
  const std::string bytes = "POST /pour?x HTTP/1.1\r\nHost: h\r\nX: " + chunk +
                            "\r\nTransfer-Encoding: chunked\r\n\r\n" + size + "\r\n" + chunk +
                            "\r\n" + size + "\r\n" + chunk + "\r\n0\r\n\r\n";
  RC_ASSERT(parse(bytes, piece) == parse(bytes));
  RC_ASSERT(parse(bytes).body == chunk + chunk);
}

RC_GTEST_PROP(RequestParser, SurvivesADamagedRequest, ()) {
  std::string bytes =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
      "5\r\nabcde\r\n0\r\nT: u\r\n\r\n";
  const auto wounds = *rc::gen::container<std::vector<std::pair<std::size_t, char>>>(
      rc::gen::pair(rc::gen::inRange<std::size_t>(0, bytes.size()), rc::gen::arbitrary<char>()));
  for (const auto& [place, byte] : wounds) bytes[place] = byte;
  const auto piece = *rc::gen::inRange<std::size_t>(1, 40);
  RC_ASSERT(parse(bytes, piece).step == parse(bytes).step);
}

TEST(RequestParser, RefusesTwoLengths) {
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n"),
            400);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                      "Content-Length: 3\r\n\r\n"),
            400);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n"
                      "Content-Length: 3\r\n\r\n"),
            400);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                      "Content-Length: 3\r\n\r\n"),
            400);
}

TEST(RequestParser, RefusesLengthsThatAreNone) {
  for (const auto* length : {"-1", "+1", "0x10", "1e3", "99999999999999999999999", "", "1 2",
                             "2, 2", "2,2", "2;", "\r\n 2", "2\r\n\t"}) {
    EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::string{length} +
                        "\r\n\r\n"),
              400)
        << length;
  }
}

TEST(RequestParser, RefusesEncodingsItDoesNotKnow) {
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n"), 501);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"),
            501);
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  for (const auto* coding :
       {"gzip, chunked", "chunked;q=1", "chunked, chunked", "\"chunked\"", ""}) {
    EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + std::string{coding} +
                        "\r\n\r\n0\r\n\r\n"),
              501)
        << coding;
  }
  EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n").step,
            ParseStep::complete);
}

TEST(RequestParser, AsksForExactlyOneHost) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
}

TEST(RequestParser, RefusesTwoOfWhatThereIsOneOf) {
  for (const auto* field : {"Idempotency-Key", "origin", "CONTENT-TYPE", "Last-Event-ID"}) {
    const std::string line = std::string{field} + ": x\r\n";
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\n" + line + line + "\r\n"), 400) << field;
    EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: h\r\n" + line + "\r\n").fields, 2U) << field;
  }
}

TEST(RequestParser, TakesAPathOnlyForATarget) {
  for (const auto* target :
       {"x?u=://h/healthz", "healthz", "ftp://h/x", "://h/x", "h:80", "?a=b"}) {
    EXPECT_EQ(status_of("GET " + std::string{target} + " HTTP/1.1\r\nHost: h\r\n\r\n"), 400)
        << target;
  }
  EXPECT_EQ(parse("GET HTTPS://h?u=://h/x HTTP/1.1\r\nHost: h\r\n\r\n").path, "/");
  EXPECT_EQ(parse("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").path, "*");
}

TEST(RequestParser, RefusesWhatIsNotHttp) {
  EXPECT_EQ(status_of("\x16\x03\x01\x02\x00\x01\r\n\r\n"sv), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\nHost: h\n\n"), 400);
  EXPECT_EQ(status_of("GET /\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost : h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n"), 400);
}

TEST(RequestParser, BoundsTheHead) {
  const std::string long_text(limits.header_bytes_max, 'a');
  EXPECT_EQ(status_of("GET /" + long_text), 414);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\nX: " + long_text), 431);
  std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (std::size_t i = 0; i < limits.header_fields_max; ++i) many += "A: b\r\n";
  EXPECT_EQ(status_of(many + "\r\n"), 431);
}

TEST(RequestParser, BoundsTheBody) {
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4097\r\n\r\n"), 413);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1001\r\n"),
            413);
  const std::string chunk = "800\r\n" + std::string(0x800, 'x') + "\r\n";
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk +
                      chunk + "1\r\n"),
            413);
}

TEST(RequestParser, BoundsAChunksHeader) {
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                      std::string(20'000, 'x')),
            400);
}

TEST(RequestParser, KnowsOneExpectation) {
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nExpect: wine\r\nContent-Length: 1\r\n\r\n"),
            417);
}

}  // namespace
}  // namespace pourtocol::http
