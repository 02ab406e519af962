// What clients get that ask for much and do not read it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/tests/loopback.hpp"

namespace pourtocol::http {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::StartsWith;

constexpr std::size_t mebibyte = 1024 * 1024;

Response text_of(std::size_t bytes) {
  Response response;
  response.body.assign(bytes, 'x');
  return response;
}

/// "/": a small answer. "/own": 1 MiB made for whoever asks. "/file": 64 MiB that are there anyway.
/// "/download": three pieces of 1 MiB each. "/live": a stream, "/live/much": that begins with 1
/// MiB.
/// "/owed": none.
class SlowReaders : public testing::Test {
 protected:
  ~SlowReaders() override {
    server().on_loop([this] { owed_.clear(); });
  }

  LoopbackServer& server() {
    if (!server_) {
      server_.emplace(limits, [this](const Request& request, Responder responder) {
        answer(request.path, std::move(responder));
      });
    }
    return *server_;
  }
  /// A client at 127.0.0.`address` that has asked, and whose request was answered as far as it goes
  /// without its reading.
  Client asks(std::string_view path, int address = 1) {
    const auto before = server().counters().requests;
    Client client{server().port(), 4096, address};
    client.get(path);
    while (server().counters().requests == before) std::this_thread::yield();
    return client;
  }
  [[nodiscard]] std::size_t unsent() { return server().counters().unsent_bytes; }

  Limits limits;
  std::vector<Stream> streams_;

 private:
  void answer(std::string_view path, Responder responder) {
    if (path == "/own") return std::move(responder).send(text_of(mebibyte));
    if (path == "/file") return std::move(responder).send(file_);
    if (path == "/download") return send_piece(std::move(responder).download(text_of(mebibyte)), 1);
    if (path.starts_with("/live")) {
      const std::size_t beginning = path == "/live" ? 5 : mebibyte;
      streams_.push_back(std::move(responder).stream(text_of(beginning)));
    } else if (path == "/owed") {
      owed_.push_back(std::move(responder));
    } else {
      std::move(responder).send(text_of(5));
    }
  }
  static void send_piece(Stream stream, int sent) {
    if (sent == 3) return stream.finish();
    stream.when_drained([stream, sent] {
      stream.send(std::string(mebibyte, 'x'));
      send_piece(stream, sent + 1);
    });
  }

  const SharedResponse file_ = prepare(text_of(64 * mebibyte), Held::anyway);
  std::vector<Responder> owed_;
  std::optional<LoopbackServer> server_;
};

TEST_F(SlowReaders, AreCutThoughTheyReadALittleAllTheTime) {
  limits.answer_timeout = milliseconds{80};
  limits.answer_bytes_per_second_min = 1024 * mebibyte;
  Client client = asks("/file");
  // The deadline of the whole answer alone can end this: something is read every time.
  std::size_t read = 0;
  while (server().counters().timed_out == 0 && read < 64 * mebibyte) read += client.read_some();
  EXPECT_EQ(server().counters().timed_out, 1U);
  EXPECT_LT(read, 64 * mebibyte);
}

TEST_F(SlowReaders, EarnTimeByWhatTheyRead) {
  limits.answer_timeout = milliseconds{1};
  limits.answer_bytes_per_second_min = 1;
  Client client = asks("/file");
  EXPECT_GT(client.read_to(64 * mebibyte).size(), 64 * mebibyte);
  EXPECT_EQ(server().counters().timed_out, 0U);
}

TEST_F(SlowReaders, AreLetGoTheSlowestFirstWhenTooMuchWaitsInAll) {
  limits.unsent_bytes_max = 3 * mebibyte;
  std::vector<Client> readers;
  for (int address = 1; address <= 3; ++address) readers.push_back(asks("/own", address));
  EXPECT_EQ(unsent(), 3 * mebibyte);
  EXPECT_EQ(server().counters().readers_let_go, 0U);

  readers.push_back(asks("/own", 4));
  EXPECT_EQ(unsent(), 3 * mebibyte);
  EXPECT_EQ(server().counters().readers_let_go, 1U);
  EXPECT_LT(readers[0].read_to_end().size(), mebibyte);
  EXPECT_TRUE(readers[0].was_reset());
  for (const int patient : {1, 2, 3}) {
    EXPECT_THAT(readers[patient].read_answer(), StartsWith("HTTP/1.1 200 "));
  }
  while (unsent() > 0) std::this_thread::yield();
  EXPECT_EQ(server().counters().readers_let_go, 1U);
}

TEST_F(SlowReaders, AreLetGoAtTheirOwnAddressWhenTooMuchWaitsForIt) {
  limits.unsent_bytes_per_address_max = 2 * mebibyte;
  Client other = asks("/own", 2);
  std::vector<Client> readers;
  for (int i = 0; i < 10; ++i) readers.push_back(asks("/own", 1));
  EXPECT_EQ(unsent(), 3 * mebibyte);
  EXPECT_EQ(server().counters().readers_let_go, 8U);
  EXPECT_GT(other.read_answer().size(), mebibyte);
  EXPECT_GT(readers.back().read_answer().size(), mebibyte);
}

TEST_F(SlowReaders, MayEachBeOwedOneAnswerThatIsLargerThanAllBounds) {
  limits.unsent_bytes_per_address_max = limits.unsent_bytes_max = 1;
  Client client = asks("/own");
  EXPECT_EQ(unsent(), mebibyte);
  EXPECT_GT(client.read_answer().size(), mebibyte);
  EXPECT_EQ(server().counters().readers_let_go, 0U);
}

TEST_F(SlowReaders, DoNotCountForWhatIsHeldAnyway) {
  limits.unsent_bytes_max = mebibyte;
  const Client file = asks("/file");
  const Client live = asks("/live/much");
  EXPECT_EQ(unsent(), 0U);
  EXPECT_EQ(server().counters().streams, 1U);
}

TEST_F(SlowReaders, HoldOnePieceOfADownload) {
  Client client = asks("/download");
  EXPECT_EQ(unsent(), mebibyte);
  EXPECT_EQ(server().counters().streams, 0U);
  const std::string all = client.read_to_end();
  EXPECT_GT(all.size(), 3 * mebibyte);
  EXPECT_THAT(all, EndsWith("0\r\n\r\n"));
  EXPECT_EQ(unsent(), 0U);
}

TEST_F(SlowReaders, AreLetGoInTheMidstOfADownload) {
  limits.unsent_bytes_max = mebibyte;
  Client first = asks("/download");
  Client second = asks("/download");
  EXPECT_EQ(server().counters().readers_let_go, 1U);
  first.read_to_end();
  EXPECT_TRUE(first.was_reset());
  EXPECT_THAT(second.read_to_end(), EndsWith("0\r\n\r\n"));
}

TEST_F(SlowReaders, GetOneAnswerAfterAnotherHoweverManyTheyAskFor) {
  Client client{server().port(), 4096};
  std::string many;
  for (int i = 0; i < 50; ++i) many += "GET /own HTTP/1.1\r\nHost: h\r\n\r\n";
  client.send(many);
  while (unsent() == 0) std::this_thread::yield();
  EXPECT_EQ(unsent(), mebibyte);
  EXPECT_EQ(server().counters().requests, 1U);
  for (int i = 0; i < 50; ++i) EXPECT_GT(client.read_answer().size(), mebibyte);
}

TEST_F(SlowReaders, MakeRoomForAConnection) {
  limits.connections_max = 3;
  Client slow = asks("/file");
  const Client owed = asks("/owed");
  const Client also_owed = asks("/owed");
  Client next = asks("/");
  EXPECT_THAT(next.read_answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(server().counters().made_room, 1U);
  EXPECT_LT(slow.read_to_end().size(), 64 * mebibyte);
  EXPECT_TRUE(slow.was_reset());
}

TEST_F(SlowReaders, HaveAKernelBufferOfABoundedSize) {
  limits.stream_queue_messages_max = 10'000;
  limits.stream_queue_bytes_max = 1;
  const Client silent{server().port()};
  silent.get("/live");
  while (server().counters().streams == 0) std::this_thread::yield();
  const std::size_t taken = server().on_loop([this] {
    std::size_t bytes = 0;
    while (streams_.back().send(std::string(1024, 'x'))) bytes += 1024;
    return bytes;
  });
  // With what the client's own kernel takes.
  EXPECT_LT(taken, 512U * 1024);
}

}  // namespace
}  // namespace pourtocol::http
