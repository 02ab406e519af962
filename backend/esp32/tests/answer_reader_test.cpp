// Answers as bytes, whole, in single bytes, and cut anywhere.

#include "backend/esp32/answer_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/limits.hpp"

namespace pourtocol::esp32 {
namespace {

using Flaw = AnswerReader::Flaw;
using Progress = AnswerReader::Progress;

constexpr std::size_t body_max = protocol::body_bytes_max;

struct Read {
  Progress progress = Progress::more;
  AnswerReader reader;
};

/// All of `bytes`, `piece` at a time, and then the end of the connection if it is to `end`.
Read read(std::string_view bytes, std::size_t piece, bool end) {
  Read read;
  while (!bytes.empty() && read.progress == Progress::more) {
    read.progress = read.reader.take(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (end && read.progress == Progress::more) read.progress = read.reader.end();
  return read;
}

struct Case {
  const char* name;
  std::string bytes;
  int status = 200;
  std::string body = "{}";
  bool reusable = true;
  bool ends_with_connection = false;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::vector<Case> whole_answers() {
  const std::string sized = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  return {
      {"as the contract has it", sized + "\r\n{}"},
      {"lines that end in LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}"},
      {"both kinds of line ends", "HTTP/1.1 200 OK\nContent-Length: 2\r\n\n{}"},
      {"no reason phrase", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}"},
      {"no reason phrase, no blank", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}"},
      {"two blanks", "HTTP/1.1  200  OK\r\nContent-Length: 2\r\n\r\n{}"},
      {"a reason in UTF-8", "HTTP/1.1 200 Schön\r\nContent-Length: 2\r\n\r\n{}"},
      {"names in any case", "HTTP/1.1 200 OK\r\ncontent-LENGTH:2\r\n\r\n{}"},
      {"blanks around a value", "HTTP/1.1 200 OK\r\nContent-Length :\t 2 \t\r\n\r\n{}"},
      {"a folded field", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\t2\r\nX: y\r\n z\r\n\r\n{}"},
      {"a line without a colon", sized + "what is this\r\n\r\n{}"},
      {"the same length twice", sized + "Content-Length: 2, 2\r\n\r\n{}"},
      {"nothing", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
      {"304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, ""},
      {"101", "HTTP/1.1 101 Switching Protocols\r\n\r\n", 101, ""},
      {"100 first", "HTTP/1.1 100 Continue\r\n\r\n" + sized + "\r\n{}"},
      {"102 and 103 first",
       "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\nLink: </x>\nContent-Length: "
       "7\n\n" +
           sized + "\r\n{}"},
      {"many interim answers", repeated("HTTP/1.1 102\r\n\r\n", 1000) + sized + "\r\n{}"},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", false},
      {"HTTP/1.0 kept open",
       "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\n{}"},
      {"to be closed", sized + "Connection: x, Close\r\n\r\n{}", 200, "{}", false},
      {"no length", "HTTP/1.1 200 OK\r\n\r\n{}", 200, "{}", false, true},
      {"no length, LF", "HTTP/1.0 200\n\n{}", 200, "{}", false, true},
      {"identity", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n{}", 200, "{}", false,
       true},
      {"chunks", chunked + "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"},
      {"chunks among blanks", chunked + " 1 \r\n{\r\n1\t\r\n}\r\n0  \r\n\r\n"},
      {"chunks padded by zeros", chunked + "00002\r\n{}\r\n000\r\n\r\n"},
      {"chunks with LF", "HTTP/1.1 200\nTransfer-Encoding: Chunked\n\n2\n{}\n0\n\n"},
      {"extensions", chunked + "2 ; a=b;c\r\n{}\r\n0;last\r\n\r\n"},
      {"trailers", chunked + "2\r\n{}\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n"},
      {"chunks and a length",
       "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n"
       "2\r\n{}\r\n0\r\n\r\n",
       200, "{}", false},
      {"hexadecimal", chunked + "A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n", 200,
       "01234567890123456789a"},
      {"the largest body",
       "HTTP/1.1 200 OK\r\nContent-Length: 8192\r\n\r\n" + std::string(body_max, ' '), 200,
       std::string(body_max, ' ')},
      {"the largest body in single bytes", chunked + repeated("1\r\n \r\n", body_max) + "0\r\n\r\n",
       200, std::string(body_max, ' ')},
  };
}

class Whole : public ::testing::TestWithParam<Case> {};

TEST_P(Whole, IsReadInAnyPieces) {
  const Case& expected = GetParam();
  for (const std::size_t piece : {expected.bytes.size(), std::size_t{1}, std::size_t{7}}) {
    const Read got = read(expected.bytes, piece, expected.ends_with_connection);
    ASSERT_EQ(got.progress, Progress::whole) << expected.name << " by " << piece;
    EXPECT_EQ(got.reader.answer().status, expected.status);
    EXPECT_EQ(got.reader.answer().body, expected.body);
    EXPECT_EQ(got.reader.reusable(), expected.reusable);
  }
}

TEST_P(Whole, IsNotWholeBeforeItsLastByte) {
  const Case& expected = GetParam();
  if (expected.bytes.size() > 2000) return;
  // An answer that has no length ends wherever the connection does.
  if (expected.ends_with_connection) return;
  for (std::size_t size = 0; size < expected.bytes.size(); ++size) {
    const Read got = read(expected.bytes.substr(0, size), body_max, true);
    ASSERT_EQ(got.progress, Progress::more) << expected.name << " cut at " << size;
    EXPECT_EQ(got.reader.begun(), size > 0);
  }
}

TEST_P(Whole, IsNotUsedAgainWithMoreBehindIt) {
  const Case& expected = GetParam();
  if (expected.ends_with_connection) return;
  const Read got = read(expected.bytes + "H", expected.bytes.size() + 1, false);
  EXPECT_EQ(got.progress, Progress::whole);
  EXPECT_FALSE(got.reader.reusable());
  EXPECT_EQ(got.reader.answer().body, expected.body);
}

INSTANTIATE_TEST_SUITE_P(Answers, Whole, ::testing::ValuesIn(whole_answers()));

struct Flawed {
  std::string bytes;
  Flaw flaw;
};

TEST(AnswerReader, TellsWhatIsWrong) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  const std::vector<Flawed> all{
      {"SSH-2.0-OpenSSH_9.2\r\n", Flaw::not_http},
      {"\x15\x03\x01", Flaw::not_http},
      {"<html>", Flaw::not_http},
      {"\r\nHTTP/1.1 200 OK\r\n", Flaw::not_http},
      {"HTTP/2 200\r\n", Flaw::not_http},
      {"HTTP/1.1\r\n", Flaw::not_http},
      {"HTTP/1.1 OK\r\n", Flaw::not_http},
      {"HTTP/1.1 20\r\n", Flaw::not_http},
      {"HTTP/1.1 2000 OK\r\n", Flaw::not_http},
      {"HTTP/1.1 -20 OK\r\n", Flaw::not_http},
      {"HTTP/1.1 099 OK\r\n", Flaw::not_http},
      {"HTTP/1.x 200 OK\r\n", Flaw::not_http},
      {"HTTP/1.12 200 OK\r\n", Flaw::not_http},
      {head + "Content-Length: x\r\n\r\n", Flaw::bad_framing},
      {head + "Content-Length: -2\r\n\r\n", Flaw::bad_framing},
      {head + "Content-Length: +2\r\n\r\n", Flaw::bad_framing},
      {head + "Content-Length: 2 3\r\n\r\n", Flaw::bad_framing},
      {head + "Content-Length:\r\n\r\n", Flaw::bad_framing},
      {head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", Flaw::bad_framing},
      {head + "Content-Length: 2, 3\r\n\r\n{}", Flaw::bad_framing},
      {head + "Content-Length: 99999999999999999999999\r\n\r\n", Flaw::body_too_long},
      {head + "Content-Length: 8193\r\n\r\n", Flaw::body_too_long},
      {head + "Transfer-Encoding: gzip, chunked\r\n\r\n", Flaw::bad_framing},
      {head + "\r\n" + std::string(body_max + 1, ' '), Flaw::body_too_long},
      {chunked + "x\r\n", Flaw::bad_framing},
      {chunked + "0x2\r\n{}\r\n", Flaw::bad_framing},
      {chunked + "-2\r\n", Flaw::bad_framing},
      {chunked + "\r\n", Flaw::bad_framing},
      {chunked + "2\r\n{}}\r\n", Flaw::bad_framing},
      {chunked + "ffffffffffffffffffff\r\n", Flaw::body_too_long},
      {chunked + "2001\r\n", Flaw::body_too_long},
      {chunked + "2000\r\n" + std::string(body_max, ' ') + "\r\n1\r\n", Flaw::body_too_long},
      {head + "X: " + std::string(10'000, 'x'), Flaw::head_too_long},
      {repeated("HTTP/1.1 102 Processing\r\n\r\n", 10'000), Flaw::head_too_long},
      {chunked + "1;" + std::string(10'000, 'x'), Flaw::head_too_long},
      {chunked + repeated("1;" + std::string(100, 'x') + "\r\n \r\n", 1000), Flaw::head_too_long},
      {chunked + "0\r\n" + repeated("X: y\r\n", 10'000), Flaw::head_too_long},
  };
  for (const auto& [bytes, flaw] : all) {
    for (const std::size_t piece : {bytes.size(), std::size_t{1}}) {
      const Read got = read(bytes, piece, false);
      EXPECT_EQ(got.progress, Progress::broken) << bytes.substr(0, 80);
      EXPECT_EQ(got.reader.flaw(), flaw) << bytes.substr(0, 80);
      EXPECT_FALSE(got.reader.reusable());
    }
  }
}

TEST(AnswerReader, KeepsNoMoreThanItsBounds) {
  Read got = read("HTTP/1.1 200 OK\r\nContent-Type: " + std::string(5000, 'x') + "\r\n\r\n" +
                      std::string(20'000, ' '),
                  4096, false);
  EXPECT_EQ(got.reader.flaw(), Flaw::body_too_long);
  EXPECT_LE(got.reader.answer().content_type.size(), 200U);
  EXPECT_LE(got.reader.opening().size(), 200U);
  EXPECT_LE(got.reader.answer().body.size(), body_max);
}

}  // namespace
}  // namespace pourtocol::esp32
