// The whole process over real sockets, in real time.
#include "firmware/simulator/process.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "http/tests/loopback.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::firmware {
namespace {

/// A dispenser whose event loop runs on a thread of its own, and a person who talks to it.
class ProcessTest : public ::testing::Test {
 protected:
  void start(int protocol) {
    Options options;
    options.port = 0;
    options.control_port = 0;
    options.protocol = protocol;
    auto started = Process::start(context_, options, 1);
    ASSERT_TRUE(started.has_value()) << started.error();
    process_ = std::move(*started);
    port_ = process_->port();
    control_port_ = *process_->control_port();
    thread_ = std::thread{[this] { context_.run(); }};
  }
  void end() {
    if (!thread_.joinable()) return;
    boost::asio::post(context_, [this] { process_->shut_down(); });
    thread_.join();
    process_.reset();
  }
  ~ProcessTest() override { end(); }

  static std::string request(const std::string& method, const std::string& target,
                             const std::string& body) {
    return method + " " + target +
           " HTTP/1.1\r\nHost: bar\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
  }
  static std::string body_of(const std::string& answer) {
    const auto end_of_head = answer.find("\r\n\r\n");
    return end_of_head == std::string::npos ? "" : answer.substr(end_of_head + 4);
  }
  static int status_of(const std::string& answer) {
    return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
  }

  std::string ask(std::uint16_t port, const std::string& method, const std::string& target,
                  const std::string& body = "") {
    http::Client client{port};
    client.send(request(method, target, body));
    return client.read_answer();
  }
  int control(const std::string& path, const std::string& body) {
    return status_of(ask(control_port_, "POST", path, body));
  }
  std::string truth() { return body_of(ask(control_port_, "GET", "/truth")); }
  int order(const std::string& id, int amount_ml) {
    return status_of(
        ask(port_, "POST", "/dispense",
            R"({"amount_ml":)" + std::to_string(amount_ml) + R"(,"request_id":")" + id + R"("})"));
  }

  protocol::DeviceStatus status(const std::string& query = "") {
    const auto decoded = protocol::decode_status(body_of(ask(port_, "GET", "/status" + query)));
    EXPECT_TRUE(decoded.has_value());
    return decoded.value_or(protocol::DeviceStatus{});
  }
  /// Follows the device by long polls until it is as wished; at most 60 answers.
  template <class Wish>
  protocol::DeviceStatus wait_until(Wish wish) {
    protocol::DeviceStatus now = status();
    for (int answers = 0; answers < 60 && !wish(now); ++answers) {
      if (!now.details) break;
      now = status("?after=" + std::to_string(now.details->version) + "&wait_ms=5000");
    }
    EXPECT_TRUE(wish(now));
    return now;
  }
  protocol::DeviceStatus wait_until_ready() {
    return wait_until([](const protocol::DeviceStatus& now) { return now.glass_present; });
  }
  protocol::RecentPour wait_until_poured(const std::string& id) {
    const auto now = wait_until([&](const protocol::DeviceStatus& status) {
      return status.details && !status.details->recent.empty() &&
             status.details->recent.back().request_id.view() == id;
    });
    return now.details && !now.details->recent.empty() ? now.details->recent.back()
                                                       : protocol::RecentPour{};
  }

  boost::asio::io_context context_;
  std::unique_ptr<Process> process_;
  std::thread thread_;
  std::uint16_t port_ = 0;
  std::uint16_t control_port_ = 0;
};

/// The number after `"name":` in the first object of `json` that has it.
double number_in(const std::string& json, const std::string& name) {
  const auto at = json.find("\"" + name + "\":");
  EXPECT_NE(at, std::string::npos) << name << " in " << json;
  return at == std::string::npos ? -1 : std::stod(json.substr(at + name.size() + 3));
}

TEST_F(ProcessTest, PoursOverHttpAndTheTruthLiesInWhatItReports) {
  start(2);
  wait_until_ready();
  ASSERT_EQ(order("wish-1", 10), 200);
  const auto pour = wait_until_poured("wish-1");
  EXPECT_EQ(pour.outcome, protocol::PourOutcome::finished);
  const double truth_ul = number_in(truth(), "ml") * 1000;
  EXPECT_GT(truth_ul, 0);
  EXPECT_GE(truth_ul, static_cast<double>(pour.min.count()));
  EXPECT_LE(truth_ul, static_cast<double>(pour.max.count()));
  EXPECT_NE(truth().find(R"("request_id":"wish-1")"), std::string::npos);
}

TEST_F(ProcessTest, OfVersion1PoursOverHttp) {
  start(1);
  // The plain contract has no other way than to ask again.
  int answer = 409;
  for (int tries = 0; tries < 100'000 && answer == 409; ++tries) answer = order("wish-1", 1);
  EXPECT_EQ(answer, 200);
  EXPECT_NE(truth().find(R"("request_id":"wish-1")"), std::string::npos);
  EXPECT_FALSE(status().details.has_value());
}

TEST_F(ProcessTest, TellsAboutALiftedGlassWithoutBeingAskedAgain) {
  start(2);
  const auto version = wait_until_ready().details->version;
  http::Client watcher{port_};
  watcher.get("/status?after=" + std::to_string(version) + "&wait_ms=10000");
  ASSERT_EQ(control("/glass", R"({"present":false})"), 200);
  const auto told = protocol::decode_status(body_of(watcher.read_answer()));
  ASSERT_TRUE(told.has_value());
  EXPECT_FALSE(told->glass_present);
}

TEST_F(ProcessTest, TellsTheTruthOfAPourWithoutBeingAskedAgain) {
  start(2);
  wait_until_ready();
  std::string known = truth();
  ASSERT_EQ(order("wish-1", 2), 200);
  int answers = 0;
  for (; answers < 10 && known.find(R"("final":true)") == std::string::npos; ++answers) {
    const auto version = static_cast<std::int64_t>(number_in(known, "version"));
    known =
        body_of(ask(control_port_, "GET", "/truth?wait_ms=20000&after=" + std::to_string(version)));
  }
  EXPECT_LE(answers, 3);  // on, off, the last drop
  EXPECT_NE(known.find(R"("final":true)"), std::string::npos) << known;
}

TEST_F(ProcessTest, AnswersAHeldTruthWhenItsTimeIsOver) {
  start(2);
  wait_until_ready();
  const auto version = static_cast<std::int64_t>(number_in(truth(), "version"));
  const std::string told =
      body_of(ask(control_port_, "GET", "/truth?wait_ms=30&after=" + std::to_string(version)));
  EXPECT_EQ(number_in(told, "version"), static_cast<double>(version));
}

TEST_F(ProcessTest, TellsAboutATagWithoutBeingAskedAgain) {
  start(2);
  const auto version = wait_until_ready().details->version;
  http::Client watcher{port_};
  watcher.get("/status?after=" + std::to_string(version) + "&wait_ms=10000");
  ASSERT_EQ(control("/tag", R"({"uid":"04A2247C9F6180"})"), 200);
  const auto told = protocol::decode_status(body_of(watcher.read_answer()));
  ASSERT_TRUE(told && told->nfc);
  EXPECT_TRUE(told->nfc->tag_present);
  EXPECT_EQ(told->nfc->uid.view(), "04A2247C9F6180");
}

TEST_F(ProcessTest, AnswersAPollWhenItsTimeIsUp) {
  start(2);
  const auto before = wait_until_ready();
  const auto after = status("?after=" + std::to_string(before.details->version) + "&wait_ms=20");
  EXPECT_GE(after.details->uptime_ms, before.details->uptime_ms + std::chrono::milliseconds{20});
}

TEST_F(ProcessTest, WithoutPowerRefusesConnectionsAndThenBootsAnew) {
  start(2);
  const auto before = wait_until_ready();
  http::Client watcher{port_};
  watcher.get("/status?after=" + std::to_string(before.details->version) + "&wait_ms=10000");
  // Answered only after the request above was, on the one thread: the poll is held by now.
  EXPECT_EQ(status().details->boot_id, before.details->boot_id);

  ASSERT_EQ(control("/power", R"({"on":false})"), 200);
  EXPECT_EQ(watcher.read_to_end(), "");
  EXPECT_TRUE(watcher.was_reset());
  EXPECT_FALSE(http::Client{port_}.connected());
  ASSERT_EQ(control("/power", R"({"on":true})"), 200);
  EXPECT_NE(status().details->boot_id, before.details->boot_id);
}

TEST_F(ProcessTest, PoursThoughItsAnswerIsDropped) {
  start(2);
  wait_until_ready();
  ASSERT_EQ(control("/network", R"({"drop_answers":1,"only":"dispense"})"), 200);
  http::Client client{port_};
  client.send(request("POST", "/dispense", R"({"amount_ml":2,"request_id":"a"})"));
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(client.was_reset());
  EXPECT_EQ(wait_until_poured("a").outcome, protocol::PourOutcome::finished);
}

TEST_F(ProcessTest, AnswersGarbageOrLateOrNotAtAllOnRequest) {
  start(2);
  ASSERT_EQ(control("/network", R"({"garbage_answers":1})"), 200);
  http::Client garbled{port_};
  garbled.get("/status");
  EXPECT_NE(garbled.read_to_end().find("not what you asked for"), std::string::npos);

  ASSERT_EQ(control("/network", R"({"hang_answers":1})"), 200);
  http::Client waiting{port_};
  waiting.get("/status");
  EXPECT_EQ(status_of(ask(port_, "GET", "/status")), 200) << "the others go on";

  ASSERT_EQ(control("/network", R"({"delay_ms":50})"), 200);
  const auto before = number_in(truth(), "now_ms");
  status();
  EXPECT_GE(number_in(truth(), "now_ms"), before + 50);

  ASSERT_EQ(control("/network", R"({"refuse":true})"), 200);
  EXPECT_FALSE(http::Client{port_}.connected());
  EXPECT_TRUE(waiting.read_to_end().empty());
  ASSERT_EQ(control("/network", R"({"refuse":false,"delay_ms":0})"), 200);
  EXPECT_EQ(status_of(ask(port_, "GET", "/status")), 200);
}

TEST_F(ProcessTest, RefusesBodiesLargerThanABoardTakes) {
  start(2);
  const std::string large(protocol::order_bytes_max + 1, ' ');
  EXPECT_EQ(status_of(ask(port_, "POST", "/dispense", large)), 413);
}

TEST_F(ProcessTest, EndsAtOnceThoughAPollIsHeldAndAPourIsRunning) {
  start(2);
  wait_until_ready();
  ASSERT_EQ(order("a", 60), 200);
  http::Client watcher{port_};
  watcher.get("/status?after=999999&wait_ms=10000");
  end();
  EXPECT_FALSE(http::Client{port_}.connected());
}

TEST(ProcessPorts, OnePortBelongsToOneDispenser) {
  boost::asio::io_context context;
  Options options;
  options.port = 0;
  const auto first = Process::start(context, options, 1);
  ASSERT_TRUE(first.has_value());
  options.port = (*first)->port();
  const auto second = Process::start(context, options, 2);
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().find("Cannot listen on"), std::string::npos);
}

TEST_F(ProcessTest, TakesOrdersAndStopsThoughOneAddressHoldsWhatItCan) {
  start(2);
  const auto version = std::to_string(wait_until_ready().details->version);
  std::vector<http::Client> strangers;
  for (int i = 0; i < 80; ++i) {
    strangers.emplace_back(port_);
    strangers.back().send(request("GET", "/status?after=" + version + "&wait_ms=10000", ""));
  }
  EXPECT_EQ(order("o1", 60), 200);
  EXPECT_EQ(status_of(ask(port_, "POST", "/stop", R"({"request_id":"o1"})")), 200);
  EXPECT_EQ(wait_until_poured("o1").outcome, protocol::PourOutcome::stopped);
}

}  // namespace
}  // namespace pourtocol::firmware
