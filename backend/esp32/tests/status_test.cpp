#include <condition_variable>
#include <cstring>
#include <mutex>

#include "backend/esp32/keeping.hpp"
#include "backend/esp32/tests/link_fixture.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::esp32::testing {
namespace {

using control::NoStatus;
using control::StopResult;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string status_2() {
  protocol::DeviceStatus status;
  status.glass_present = true;
  status.details.emplace();
  status.details->boot_id = BootId{1};
  status.details->journal_whole = true;
  protocol::MessageBuffer buffer;
  return std::string{protocol::encode_status(status, buffer)};
}

class Status : public LinkFixture {
 protected:
  void TearDown() override {
    link_.reset();
    settle();
  }
  /// Answers any number of requests over one connection, as our firmware does.
  static Scene ours() {
    return {.answer = answer_of(200, status_2()), .after = Scene::After::listen};
  }
};

TEST_F(Status, IsReadFromAnyDeviceOfTheContract) {
  device_.plays({.answer = answer_of(200, status_1)});
  const auto result = status();
  ASSERT_TRUE(is_received(result));
  EXPECT_EQ(std::get<control::StatusReceived>(result).status.uptime.count(), 7);
  EXPECT_THAT(device_.requests().front(), StartsWith("GET /status HTTP/1.1\r\n"));
}

TEST_F(Status, SaysWhenItWasAsked) {
  device_.plays({.answer = answer_of(200, status_1)});
  status();
  EXPECT_EQ(asked_at_, Instant{Duration{2}}) << "when it was sent; at 1 it was ordered";
}

TEST_F(Status, ALongPollNamesTheVersionAndMayTakeItsWait) {
  device_.plays({.answer = answer_of(200, status_2()), .pause_per_byte = 1ms});
  control::StatusCall call{.after_version = 42, .wait = 20'000ms, .timeout = 1ms};
  EXPECT_TRUE(is_received(status(call)));
  EXPECT_THAT(device_.requests().front(), StartsWith("GET /status?after=42&wait_ms=20000 "));
}

TEST_F(Status, WhateverElseAnswersIsNotADevice) {
  for (const auto& answer :
       {answer_of(200, "<html></html>"), answer_of(404, status_1), answer_of(200, ""),
        answer_of(200, R"({"state":"idle"})"), std::string{"220 ftp ready\r\n"},
        answer_of(200, std::string(9000, ' '))}) {
    device_.plays({.answer = answer});
    EXPECT_EQ(failure_of(status()), NoStatus::not_a_device) << answer.substr(0, 60);
  }
}

TEST_F(Status, WhoeverDoesNotAnswerIsUnreachable) {
  device_.plays({.answer = "", .after = Scene::After::hold});
  EXPECT_EQ(failure_of(status(20ms)), NoStatus::unreachable);
  connect_to("http://127.0.0.1:" + std::to_string(closed_port()));
  EXPECT_EQ(failure_of(status()), NoStatus::unreachable);
}

TEST_F(Status, ReusesTheConnectionOfOurFirmware) {
  device_.plays(ours());
  status();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(is_received(status()));
  EXPECT_LE(device_.connections(), 2) << "the first call cannot know whose device it is";
  EXPECT_EQ(device_.requests().size(), 6U);
}

TEST_F(Status, AStaleConnectionIsReplacedWithoutAWord) {
  device_.plays(ours());
  status();
  status();
  const int before = device_.connections();
  device_.hang_up();
  settle();
  EXPECT_TRUE(is_received(status()));
  EXPECT_EQ(device_.connections(), before + 1);
}

TEST_F(Status, LeavesTheConnectionToAMachineThatIsNotTheTaps) {
  device_.plays(ours());
  status();
  status();
  const int before = device_.connections();
  link_->doubt_address(tap);
  EXPECT_TRUE(is_received(status()));
  EXPECT_EQ(device_.connections(), before + 1);
}

TEST_F(Status, AConnectionThatDiesAfterTheRequestIsReplacedOnce) {
  // The third request, the first over a reused connection, is read and then reset.
  device_.plays(ours());
  status();
  device_.plays(
      std::vector<Scene>{{.answer = "", .after = Scene::After::reset, .reads_first = true}});
  device_.hang_up();
  settle();
  EXPECT_EQ(failure_of(status()), NoStatus::broke_off);
  EXPECT_EQ(device_.requests().size(), 2U) << "one retry, no more";
}

TEST_F(Status, BytesAfterTheAnswerSpoilTheConnection) {
  device_.plays({.answer = answer_of(200, status_2()) + "HTTP/1.1 200 OK\r\n",
                 .after = Scene::After::listen});
  status();
  status();
  status();
  EXPECT_EQ(device_.connections(), 3);
}

TEST_F(Status, StopIsConfirmedByTheDevice) {
  device_.plays({.answer = answer_of(200, R"({"ok":true})")});
  EXPECT_EQ(stop(RequestId::parse("r1")), StopResult::stopped);
  EXPECT_THAT(device_.requests().back(), StartsWith("POST /stop HTTP/1.1\r\n"));
  EXPECT_THAT(device_.requests().back(), HasSubstr("\"r1\""));
  EXPECT_EQ(stop(), StopResult::stopped);
}

TEST_F(Status, StopIsUnknownToTheSeedsContract) {
  for (const int code : {404, 405, 501}) {
    device_.plays({.answer = answer_of(code, "not here")});
    EXPECT_EQ(stop(), StopResult::unsupported) << code;
  }
  device_.plays({.answer = answer_of(200, "<html></html>")});
  EXPECT_EQ(stop(), StopResult::unsupported);
}

TEST_F(Status, StopThatFailsOrIsNotHeardIsNoAnswer) {
  device_.plays({.answer = answer_of(500, "{}")});
  EXPECT_EQ(stop(), StopResult::no_answer);
  device_.plays({.answer = "", .after = Scene::After::hold});
  EXPECT_EQ(stop(std::nullopt, 20ms), StopResult::no_answer);
  connect_to("http://127.0.0.1:" + std::to_string(closed_port()));
  EXPECT_EQ(stop(), StopResult::no_answer);
}

TEST_F(Status, StopIsRepeatedWhenTheConnectionIsLost) {
  device_.plays(std::vector<Scene>{{.answer = "", .after = Scene::After::reset},
                                   {.answer = answer_of(200, "{}")}});
  EXPECT_EQ(stop(), StopResult::stopped);
  EXPECT_EQ(device_.requests().size(), 2U);
}

/// The connection to a device of the seed's contract, from one status to the next.
class Kept : public Status {
 protected:
  void SetUp() override {
    connect_to("http://127.0.0.1:" + std::to_string(device_.port()), {.patience_with_kept = 50ms});
  }
  static Scene seed(Scene::After after, const std::string& head = "HTTP/1.1 200 OK\r\n") {
    return {.answer = head + "Content-Length: " + std::to_string(std::strlen(status_1)) +
                      "\r\n\r\n" + status_1,
            .after = after};
  }
  /// That many statuses, none of which fails.
  void statuses(int count) {
    for (int i = 0; i < count; ++i) {
      EXPECT_TRUE(is_received(status()));
      settle();
    }
  }
  [[nodiscard]] bool last_asked_to_close() const {
    return device_.requests().back().find("Connection: close\r\n") != std::string::npos;
  }
};

TEST_F(Kept, IsNoneWhereNothingIsKnownOfTheDeviceYet) {
  device_.plays(seed(Scene::After::listen));
  statuses(1);
  EXPECT_TRUE(last_asked_to_close());
  EXPECT_EQ(device_.open(), 0);
}

TEST_F(Kept, IsTheOneOfADeviceThatServesTwo) {
  device_.plays(seed(Scene::After::listen));
  statuses(10);
  EXPECT_EQ(device_.connections(), 3) << "plain, kept, and beside that to see whether it may be";
  EXPECT_EQ(device_.open(), 1);
}

TEST_F(Kept, StandsInNobodysWay) {
  device_.plays(seed(Scene::After::listen));
  statuses(5);
  ASSERT_EQ(device_.open(), 1);
  device_.plays(seed(Scene::After::hold));  // so that what is open stays to be seen
  order();
  settle();
  EXPECT_EQ(device_.open(), 1) << "the order's";
  device_.hang_up();
}

TEST_F(Kept, LeavesADeviceThatServesOneAtATimeToOthers) {
  device_.serves_one_at_a_time();
  device_.plays(seed(Scene::After::listen));
  statuses(2);
  EXPECT_EQ(device_.open(), 1);
  statuses(4);
  EXPECT_TRUE(last_asked_to_close());
  EXPECT_EQ(device_.open(), 0);
  EXPECT_EQ(stop(), StopResult::stopped);
}

TEST_F(Kept, IsGoneBeforeAnOrderToADeviceThatServesOneAtATime) {
  device_.serves_one_at_a_time();
  device_.plays(seed(Scene::After::listen));
  statuses(2);
  ASSERT_EQ(device_.open(), 1);
  EXPECT_TRUE(is_accepted(order()));
  statuses(1);
  EXPECT_EQ(stop(), StopResult::stopped);
}

TEST_F(Kept, IsNotKeptOfAStatusThatEndsWhileAnOrderIsUnderWay) {
  device_.plays(seed(Scene::After::listen));
  statuses(1);
  device_.plays(
      std::vector<Scene>{{.answer = "", .after = Scene::After::hold}, seed(Scene::After::listen)});
  link_->call_order(tap, next_id(), order_of(plenty));
  statuses(1);
  EXPECT_EQ(device_.open(), 1) << "the order's";
}

TEST_F(Kept, ThatTheDeviceDoesNotAnswerIsNoFailureOfTheDevice) {
  device_.plays(seed(Scene::After::hold));
  statuses(6);
  EXPECT_TRUE(last_asked_to_close());
}

TEST_F(Kept, ThatTheDeviceClosesWithoutAWordIsNoFailureOfTheDevice) {
  device_.plays(seed(Scene::After::close));
  statuses(6);
  EXPECT_TRUE(last_asked_to_close());
}

TEST_F(Kept, IsNoneWhereTheDeviceWantsNone) {
  for (const auto* head : {"HTTP/1.0 200 OK\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n"}) {
    device_.plays(seed(Scene::After::close, head));
    const int before = device_.connections();
    statuses(5);
    EXPECT_EQ(device_.connections(), before + 5);
    EXPECT_EQ(device_.open(), 0);
  }
}

TEST_F(Kept, IsNoneWhereAnAnswerToldNoEnd) {
  // It ends its answers by closing, but only where it is asked to close.
  device_.plays(std::vector<Scene>{
      seed(Scene::After::close),
      {.answer = std::string{"HTTP/1.1 200 OK\r\n\r\n"} + status_1, .after = Scene::After::hold},
      seed(Scene::After::close)});
  statuses(4);
  EXPECT_EQ(device_.connections(), 5) << "the second was asked for once more";
  EXPECT_TRUE(last_asked_to_close());
}

TEST(Keeping, TriesAgainLaterAndLater) {
  Keeping keeping;
  Instant now{};
  keeping.on_status(Keeping::Way::plain, false);
  for (Duration pause = Keeping::first_pause; pause < 10 * Keeping::longest_pause; pause *= 2) {
    const Duration wait = std::min(pause, Keeping::longest_pause);
    ASSERT_EQ(keeping.next(false, now), Keeping::Way::kept);
    keeping.on_failure(Keeping::Way::kept, now);
    keeping.on_status(Keeping::Way::plain, false);
    EXPECT_EQ(keeping.next(false, now + wait - Duration{1}), Keeping::Way::plain);
    now += wait;
  }
}

TEST(Keeping, HoldsNothingAgainstADeviceThatIsAway) {
  Keeping keeping;
  keeping.on_status(Keeping::Way::plain, false);
  keeping.on_failure(Keeping::Way::plain, Instant{});
  EXPECT_EQ(keeping.next(false, Instant{}), Keeping::Way::plain);
  keeping.on_status(Keeping::Way::plain, false);
  EXPECT_EQ(keeping.next(false, Instant{}), Keeping::Way::kept);
}

/// A resolver that does as it is told and counts.
class Names : public Status {
 protected:
  struct Book {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> answer;
    bool hangs = false;
    int asked = 0;
  };

  void connect_by_name(std::chrono::milliseconds again_after = std::chrono::milliseconds{0}) {
    connect_to("http://tap.local:" + std::to_string(device_.port()),
               {.resolve =
                    [book = book_](const std::string& host) {
                      EXPECT_EQ(host, "tap.local");
                      std::unique_lock guard{book->mutex};
                      ++book->asked;
                      book->changed.notify_all();
                      book->changed.wait(guard, [&book] { return !book->hangs; });
                      return book->answer;
                    },
                .resolve_again_after = again_after});
  }
  void answer(std::vector<std::string> addresses, bool hangs = false) {
    {
      const std::scoped_lock guard{book_->mutex};
      book_->answer = std::move(addresses);
      book_->hangs = hangs;
    }
    book_->changed.notify_all();
  }
  void wait_until_asked() {
    std::unique_lock guard{book_->mutex};
    book_->changed.wait(guard, [this] { return book_->asked > 0; });
  }
  int asked() {
    const std::scoped_lock guard{book_->mutex};
    return book_->asked;
  }
  void TearDown() override {
    answer({}, false);  // lets go of threads that hang
    Status::TearDown();
  }

  std::shared_ptr<Book> book_ = std::make_shared<Book>();
};

TEST_F(Names, AreLookedUpOnceAndKept) {
  answer({"127.0.0.1"});
  connect_by_name();
  device_.plays({.answer = answer_of(200, status_1)});
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(is_received(status()));
  EXPECT_EQ(asked(), 1);
}

TEST_F(Names, TheNextAddressIsTriedWhenOneRefuses) {
  answer({"127.0.0.9", "not an address", "127.0.0.1"});
  connect_by_name();
  device_.plays({.answer = answer_of(200, status_1)});
  EXPECT_TRUE(is_received(status()));
  EXPECT_EQ(device_.connections(), 1);
}

TEST_F(Names, ADeviceThatComesBackElsewhereIsFoundAgain) {
  answer({"127.0.0.9"});
  connect_by_name();
  device_.plays({.answer = answer_of(200, status_1)});
  EXPECT_EQ(failure_of(status()), NoStatus::unreachable);
  answer({"127.0.0.1"});
  // Calls go on to the old address while the name is looked up again.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!is_received(status()) && std::chrono::steady_clock::now() < end) {
  }
  EXPECT_TRUE(is_received(status()));
}

TEST_F(Names, AreLookedUpAgainWhenAnotherMachineAnswersThere) {
  answer({"127.0.0.1"});
  connect_by_name();
  device_.plays({.answer = answer_of(200, status_1)});
  EXPECT_TRUE(is_received(status()));
  answer({"127.0.0.9"});
  // All goes well there, so that nothing but the doubt tells that the name leads elsewhere by now.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  const auto found = [&] {
    link_->doubt_address(tap);
    return !is_received(status());
  };
  while (!found() && std::chrono::steady_clock::now() < end) {
  }
  EXPECT_EQ(failure_of(status()), NoStatus::unreachable);
  EXPECT_GT(asked(), 1);
}

TEST_F(Names, LeadToAnotherOfTheirAddressesWhenTheFirstIsAnotherMachines) {
  answer({"127.0.0.1", "127.0.0.9"});
  connect_by_name(std::chrono::hours{1});
  device_.plays({.answer = answer_of(200, status_1)});
  EXPECT_TRUE(is_received(status()));
  link_->doubt_address(tap);
  const int before = device_.connections();
  // The other one refuses, and only then is the first asked again.
  EXPECT_TRUE(is_received(status()));
  EXPECT_EQ(device_.connections(), before + 1);
  EXPECT_EQ(asked(), 1);
}

TEST_F(Names, AreNotLookedUpMoreOftenThanSensible) {
  answer({});
  connect_by_name(std::chrono::hours{1});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(failure_of(status()), NoStatus::unreachable);
  EXPECT_EQ(asked(), 1);
}

TEST_F(Names, ALookupThatHangsCostsTheCallItsTimeAndNoMore) {
  answer({"127.0.0.1"}, true);
  connect_by_name();
  EXPECT_TRUE(is_not_sent(order(20ms)));
  EXPECT_EQ(failure_of(status(20ms)), NoStatus::unreachable);
  wait_until_asked();
  EXPECT_EQ(asked(), 1) << "one thread hangs, not one per call";
  device_.plays({.answer = answer_of(200, status_1)});
  answer({"127.0.0.1"}, false);
  EXPECT_TRUE(is_received(status())) << "its answer is still good";
  EXPECT_EQ(device_.requests().size(), 1U) << "the order was given up, and stays so";
}

TEST_F(Names, ALookupThatHangsHoldsUpNoExit) {
  answer({"127.0.0.1"}, true);
  {
    boost::asio::io_context context;
    auto lookup = book_;
    HttpDeviceLink link{context,
                        {DeviceUrl::parse("http://tap.local").value()},
                        listener(),
                        [] { return Instant{}; },
                        {.resolve = [lookup](const std::string&) {
                          std::unique_lock guard{lookup->mutex};
                          ++lookup->asked;
                          lookup->changed.notify_all();
                          lookup->changed.wait(guard, [&lookup] { return !lookup->hangs; });
                          return lookup->answer;
                        }}};
    link.call_order(tap, control::CallId{1}, order_of(plenty));
    context.poll();
    wait_until_asked();
  }  // the link and its event loop are gone, the lookup still hangs
  EXPECT_EQ(answers_, 0);
}

TEST_F(Names, TheSystemKnowsLocalhost) {
  EXPECT_THAT(resolve_by_system("localhost"),
              ::testing::Contains(::testing::AnyOf("127.0.0.1", "::1")));
  EXPECT_THAT(resolve_by_system("nowhere.invalid"), ::testing::IsEmpty());
}

}  // namespace
}  // namespace pourtocol::esp32::testing
