// The API over real sockets, with a pouring side that is told what to answer.
#include "backend/routes/api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "backend/routes/csv.hpp"
#include "backend/routes/tests/fakes.hpp"
#include "http/tests/loopback.hpp"

namespace pourtocol::routes {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    server_.on_loop([this] {
      api_.emplace(service_, reader_,
                   Options{.web_root = "/nowhere",
                           .server_id = "cafe",
                           .public_url = "http://bar.example",
                           .hosts = {"h", "bar"},
                           .dispense_rate = {}},
                   Surroundings{.now = [this] { return now_; },
                                .wall_time = [this] { return wall_time_; },
                                .http_counters = [this] { return server_.server().counters(); },
                                .wake_at = [this](Instant at) { woken_at_.push_back(at); }});
    });
  }
  ~ApiTest() override {
    server_.on_loop([this] { api_.reset(); });
  }

  std::string get(std::string_view target, std::string_view fields = {}) {
    return ask("GET " + std::string{target} + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" +
               std::string{fields} + "\r\n");
  }
  std::string post(std::string_view target, std::string_view body,
                   std::string_view type = "application/json", std::string_view fields = {}) {
    return ask("POST " + std::string{target} + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" +
               "Content-Type: " + std::string{type} + "\r\n" + std::string{fields} +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body});
  }
  std::string ask(std::string_view bytes) {
    auto client = server_.connect();
    client.send(bytes);
    return client.read_to_end();
  }
  http::Client join() {
    auto client = server_.connect();
    client.get("/api/events");
    return client;
  }
  template <class Change>
  void change(Change change) {
    server_.on_loop([&] { change(*service_.listener); });
  }

  FakeService service_;
  FakeReader reader_;
  Instant now_{std::chrono::hours{1}};
  std::vector<Instant> woken_at_;
  WallTime wall_time_{std::chrono::seconds{1'700'000'000}};
  std::optional<Api> api_;
  http::LoopbackServer server_{{}, [this](const http::Request& request, http::Responder responder) {
                                 api_->handle(request, std::move(responder));
                               }};
};

TEST_F(ApiTest, PoursForAGuest) {
  const std::string answer = post("/api/dispense", R"({"amount_ml":30,"user_token":"ann"})");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(answer, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Access-Control")));
  EXPECT_THAT(answer, EndsWith(R"({"success":true,"message":"Pouring 30 ml.",)"
                               R"("request_id":"wish-1","tap":"main","state":"accepted"})"));
  ASSERT_EQ(service_.wishes.size(), 1U);
  EXPECT_EQ(service_.wishes[0].amount_ml, 30);
}

TEST_F(ApiTest, AnswersWhenThePouringSideDoes) {
  service_.hold_answers = true;
  auto client = server_.connect();
  client.send(
      "POST /api/dispense HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
      "Idempotency-Key: a-1\r\nContent-Length: 35\r\n\r\n"
      R"({"amount_ml":30,"user_token":"ann"})");
  while (server_.on_loop([this] { return service_.held.empty(); })) std::this_thread::yield();
  EXPECT_EQ(service_.wishes[0].key, id_named("a-1"));
  server_.on_loop([this] {
    control::DispenseAnswer refused;
    refused.code = control::AnswerCode::no_glass;
    refused.message = "Place a glass.";
    service_.held[0](refused);
  });
  const std::string answer = client.read_answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 409 Conflict\r\n"));
  EXPECT_THAT(answer, EndsWith(R"({"success":false,"code":"no_glass","reason":"Place a glass."})"));
}

TEST_F(ApiTest, OrdersNothingOnABadRequest) {
  EXPECT_THAT(post("/api/dispense", R"({"amount_ml":30.5,"user_token":"ann"})"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(post("/api/dispense", R"({"amount_ml":30,"user_token":"ann"})", "text/plain"),
              StartsWith("HTTP/1.1 415 "));
  EXPECT_THAT(post("/api/dispense", R"({"amount_ml":30,"user_token":"ann"})",
                   "application/x-www-form-urlencoded"),
              StartsWith("HTTP/1.1 415 "));
  EXPECT_TRUE(service_.wishes.empty());
}

TEST_F(ApiTest, TakesJsonUnderItsOtherSpellings) {
  EXPECT_THAT(post("/api/dispense", R"({"amount_ml":30,"user_token":"ann"})",
                   "Application/JSON ; charset=utf-8"),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(ApiTest, LimitsHowOftenOneAddressOrders) {
  server_.on_loop([this] {
    api_.emplace(service_, reader_,
                 Options{.web_root = {},
                         .server_id = "cafe",
                         .public_url = {},
                         .hosts = {"h"},
                         .dispense_rate = {.burst = 2, .per_second = 1}},
                 Surroundings{.now = [] { return Instant{std::chrono::hours{1}}; },
                              .wall_time = [this] { return wall_time_; },
                              .http_counters = [] { return http::Counters{}; },
                              .wake_at = [](Instant) {}});
  });
  const auto* order = R"({"amount_ml":30,"user_token":"ann"})";
  EXPECT_THAT(post("/api/dispense", order), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(post("/api/dispense", order), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(post("/api/dispense", order), HasSubstr(R"("code":"too_many_requests")"));
  EXPECT_THAT(post("/api/stop", "{}"), StartsWith("HTTP/1.1 200 ")) << "stopping is never limited";
}

TEST_F(ApiTest, LimitsHowManyIdsOneAddressGivesUpAndNoStopOfWhatRuns) {
  server_.on_loop([this] {
    api_.emplace(service_, reader_,
                 Options{.web_root = {},
                         .server_id = "cafe",
                         .public_url = {},
                         .hosts = {"h"},
                         .dispense_rate = {.burst = 1, .per_second = 1}},
                 Surroundings{.now = [] { return Instant{std::chrono::hours{1}}; },
                              .wall_time = [this] { return wall_time_; },
                              .http_counters = [] { return http::Counters{}; },
                              .wake_at = [](Instant) {}});
  });
  service_.stop_answer = {
      .code = control::ControlCode::given_up, .message = "Given up.", .taps = {}};
  EXPECT_THAT(post("/api/stop", R"({"request_id":"a"})"),
              EndsWith(R"({"success":true,"message":"Given up.","code":"given_up","taps":[]})"));
  EXPECT_THAT(post("/api/stop", R"({"request_id":"b"})"),
              HasSubstr(R"("code":"too_many_requests")"));
  EXPECT_EQ(service_.stops.size(), 1U);
  service_.taps[1].pour.emplace().request_id = id_named("c");
  EXPECT_THAT(post("/api/stop", R"({"request_id":"c"})"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(post("/api/stop", "{}"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ApiTest, SaysWhenToComeAgainWhileItStarts) {
  service_.dispense_answer = {};
  service_.dispense_answer.code = control::AnswerCode::starting;
  service_.dispense_answer.message = "The server is starting: try again in a moment.";
  const std::string answer = post("/api/dispense", R"({"amount_ml":30,"user_token":"ann"})");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_THAT(answer, HasSubstr(R"("code":"starting")"));
}

TEST_F(ApiTest, StopsAndResumes) {
  EXPECT_THAT(post("/api/stop", "{}"),
              EndsWith(R"({"success":true,"message":"Stopped.",)"
                       R"("taps":[{"tap":"main","code":"stopped","reason":"The pump is off."}]})"));
  EXPECT_THAT(ask("POST /api/stop HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                  "Content-Length: 0\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(service_.stops.size(), 2U);
  EXPECT_THAT(post("/api/resume", R"({"tap":"main","stop":7})"),
              EndsWith(R"({"success":true,"message":"Resumed."})"));
  EXPECT_EQ(std::get<TapName>(service_.resumes.at(0).scope), tap_named("main"));
  EXPECT_EQ(service_.resumes.at(0).stop, control::StopNumber{7});
}

TEST_F(ApiTest, SaysWhichTapsAResumeLeavesStopped) {
  service_.resume_answer = {.code = control::ControlCode::stopped_again,
                            .message = "Stopped again meanwhile.",
                            .still_stopped = {tap_named("second")}};
  const std::string answer = post("/api/resume", R"({"stop":7})");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 409 "));
  EXPECT_THAT(answer, EndsWith(R"({"success":false,"code":"stopped_again",)"
                               R"("reason":"Stopped again meanwhile.","taps":["second"]})"));
}

TEST_F(ApiTest, ShowsByWhichNumberAStopIsLifted) {
  service_.taps[0].stopped = true;
  service_.taps[0].stop = control::StopNumber{7};
  EXPECT_THAT(get("/api/status"), HasSubstr(R"("stopped":true,"stop_id":7,)"));
  EXPECT_THAT(get("/api/status"), HasSubstr(R"("stopped":false,"stop_id":0,)"));
}

TEST_F(ApiTest, SaysWhichPumpsAreOffEvenWhenTheLogFails) {
  service_.stop_answer.code = control::ControlCode::store_failed;
  const std::string answer = post("/api/stop", "{}");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr(R"("code":"store_failed")"));
  EXPECT_THAT(answer, HasSubstr(R"("taps":[{"tap":"main","code":"stopped")"));
}

TEST_F(ApiTest, StopsByAPlainFormWithoutScripts) {
  EXPECT_THAT(get("/stop"), HasSubstr(R"(<form method="post" action="/stop">)"));
  EXPECT_TRUE(service_.stops.empty()) << "looking stops nothing";
  const std::string answer = post("/stop", "", "application/x-www-form-urlencoded",
                                  "Origin: http://h\r\nAccept-Language: de\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("<li>main: Die Pumpe ist aus.</li>"));
  ASSERT_EQ(service_.stops.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<control::AllTaps>(service_.stops[0]));
}

TEST_F(ApiTest, TellsAFormOfAnotherPageInPlainWordsThatItStopsNothing) {
  const std::string answer =
      post("/stop", "", "application/x-www-form-urlencoded", "Origin: http://evil.example\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer, HasSubstr("<h1>The stop was not taken.</h1>"));
  EXPECT_TRUE(service_.stops.empty());
}

TEST_F(ApiTest, PutsTheStatusIntoBytesOncePerChangeAndSecond) {
  get("/api/status");
  const auto views = service_.views_asked;
  get("/api/status");
  EXPECT_EQ(service_.views_asked, views);
  change([](auto& listener) { listener.on_tap_changed(control::TapIndex{0}); });
  EXPECT_THAT(get("/api/status"), HasSubstr(R"("version":1)"));
  EXPECT_GT(service_.views_asked, views);
  server_.on_loop([this] { wall_time_ += std::chrono::seconds{1}; });
  EXPECT_THAT(get("/api/status"), HasSubstr(R"("timestamp":1700000001)"));
}

TEST_F(ApiTest, TellsWhereGuestsReachThePage) {
  EXPECT_THAT(get("/api/status"), HasSubstr(R"("public_url":"http://bar.example","taps":[)"));
}

TEST_F(ApiTest, ShowsAReceipt) {
  const std::string answer = get("/api/pours/wish-1");
  EXPECT_THAT(answer, HasSubstr(R"("history":[{"at":1700000000.123,"from":"new","to":"sending",)"
                                R"("code":"checks_passed","detail":""}])"));
  EXPECT_THAT(get("/api/pours/wish%2D1"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get("/api/pours/other"), HasSubstr(R"("code":"unknown_request")"));
  EXPECT_THAT(get("/api/pours/a%2Fb"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(get("/api/pours/" + std::string(65, 'x')), StartsWith("HTTP/1.1 400 "));
}

TEST_F(ApiTest, ShowsTheLog) {
  const std::string answer = get("/api/logs?limit=2&tap=main");
  EXPECT_THAT(answer, HasSubstr("\r\n\r\n[{\"id\":3,"));
  EXPECT_THAT(answer, HasSubstr(R"({"id":2,)"));
  EXPECT_THAT(answer, Not(HasSubstr(R"({"id":1,)")));
  EXPECT_EQ(reader_.queries.at(0).tap, tap_named("main"));
  reader_.rows = 0;
  EXPECT_THAT(get("/api/logs"), EndsWith("\r\n\r\n[]"));
}

TEST_F(ApiTest, ReadsAPageOfTheLogAgainOnlyWhenARowWasAdded) {
  const std::string first = get("/api/logs?limit=2");
  EXPECT_EQ(get("/api/logs?limit=2"), first);
  EXPECT_EQ(reader_.queries.size(), 1U);
  reader_.rows = 4;
  service_.newest_row = 42;
  EXPECT_THAT(get("/api/logs?limit=2"), HasSubstr("[{\"id\":4,"));
  EXPECT_THAT(get("/api/logs?limit=1"), HasSubstr("[{\"id\":4,"));
  EXPECT_EQ(reader_.queries.size(), 3U);
}

TEST_F(ApiTest, SendsTheWholeLogAsCsvPageByPage) {
  reader_.rows = 12'345;
  const std::string answer = get("/api/logs?format=csv");
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/csv"));
  EXPECT_THAT(answer, EndsWith("0\r\n\r\n")) << "complete";
  EXPECT_EQ(reader_.queries.size(), 13U);
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = answer.find(",done,", at)) != std::string::npos; ++at) ++lines;
  EXPECT_EQ(lines, 12'345U);
}

TEST_F(ApiTest, BeginsEveryCsvWithTheMarkThatTellsSpreadsheetsItIsUtf8) {
  reader_.rows = 3;
  for (const auto* path : {"/api/logs?format=csv", "/api/logs?format=csv&limit=2"}) {
    const std::string answer = get(path);
    const auto mark = answer.find(utf8_mark);
    ASSERT_NE(mark, std::string::npos) << path;
    EXPECT_THAT(answer.substr(mark + utf8_mark.size()), StartsWith(csv_header())) << path;
    EXPECT_EQ(answer.find(utf8_mark, mark + 1), std::string::npos) << path << ": once";
  }
}

TEST_F(ApiTest, CutsACsvThatItCannotFinish) {
  reader_.rows = 12'345;
  reader_.fail_after = 3;
  EXPECT_THAT(get("/api/logs?format=csv"), Not(EndsWith("0\r\n\r\n")));
  reader_.queries.clear();
  reader_.fail_after = 0;
  EXPECT_THAT(get("/api/logs?format=csv"), StartsWith("HTTP/1.1 503 "));
}

TEST_F(ApiTest, AddsUpWhatEachTapPoured) {
  EXPECT_THAT(get("/api/totals?since=1700000000.5"),
              EndsWith(R"({"since":1700000000.5,"taps":[)"
                       R"({"tap":"main","pours":2,"delivered_ml":59.8},)"
                       R"({"tap":"second","pours":2,"delivered_ml":59.8}]})"));
  EXPECT_EQ(reader_.totals_asked.at(0), WallTime{std::chrono::milliseconds{1'700'000'000'500}});
  EXPECT_THAT(get("/api/totals"), HasSubstr(R"({"since":0,"taps":[)"));
  EXPECT_THAT(get("/api/totals?since=yesterday"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(ApiTest, AddsUpAgainOnlyWhenARowWasAdded) {
  const std::string first = get("/api/totals?since=1");
  EXPECT_EQ(get("/api/totals?since=1"), first);
  EXPECT_EQ(reader_.totals_asked.size(), 1U);
  service_.newest_row = 42;
  get("/api/totals?since=1");
  EXPECT_EQ(reader_.totals_asked.size(), 2U);
  reader_.fail_after = 2;
  EXPECT_THAT(get("/api/totals?since=2"), StartsWith("HTTP/1.1 503 "));
}

TEST_F(ApiTest, TellsWhereTheLogEnds) {
  EXPECT_THAT(get("/api/log/head"),
              EndsWith(R"({"head":"3-4-0-0-0:00112233445566778899aabbccddeeff"})"));
  EXPECT_THAT(post("/api/log/head", "{}"), StartsWith("HTTP/1.1 405 "));
  reader_.fail_after = 0;
  EXPECT_THAT(get("/api/log/head"), StartsWith("HTTP/1.1 503 "));
}

TEST_F(ApiTest, TellsWhyATapDoesNotPour) {
  EXPECT_THAT(get("/api/why?tap=second"),
              EndsWith(R"({"tap":"second","ready":false,"interlocks":[{"name":"glass_present",)"
                       R"("ok":false,"value":"absent","action":"Place a glass."}],)"
                       R"("machine":{"known_id":null,"says_id":null,"says_tap":null,)"
                       R"("mismatch":null,"machine_of":null,"also_at":[],"adoptable":false}})"));
  EXPECT_THAT(get("/api/why"), HasSubstr(R"("tap":"main")"));
  EXPECT_THAT(get("/api/why?tap=cellar"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(ApiTest, TellsWhoseMachineAnswersAtATapsAddress) {
  service_.machine_view = {.known = MachineId{1},
                           .told = MachineId{0x0000'240a'c412'3456},
                           .named = tap_named("terrace"),
                           .mismatch = control::Mismatch::another_machine,
                           .owner = tap_named("second"),
                           .also_at = {tap_named("third")},
                           .adoptable = true};
  EXPECT_THAT(get("/api/why"),
              EndsWith(R"("machine":{"known_id":"0000000000000001","says_id":"0000240ac4123456",)"
                       R"("says_tap":"terrace","mismatch":"another_machine",)"
                       R"("machine_of":"second","also_at":["third"],"adoptable":true}})"));
}

TEST_F(ApiTest, TakesAMachineOver) {
  const auto answer =
      post("/api/taps/main/machine", R"({"action":"adopt","machine_id":"0000240ac4123456"})");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, EndsWith(R"({"success":true,"message":"Taken."})"));
  ASSERT_EQ(service_.takeovers.size(), 1U);
  EXPECT_EQ(service_.takeovers[0].tap, tap_named("main"));
  EXPECT_EQ(service_.takeovers[0].machine, MachineId{0x0000'240a'c412'3456});
  post("/api/taps/main/machine", R"({"action":"adopt","user_token":"h"})");
  ASSERT_EQ(service_.takeovers.size(), 2U);
  EXPECT_EQ(service_.takeovers[1].machine, std::nullopt);
  EXPECT_EQ(service_.takeovers[1].user, user_named("h"));
  EXPECT_THAT(post("/api/taps/main/machine", "{}"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(post("/api/taps/main/machine", R"({"action":"adopt"})", "text/plain"),
              StartsWith("HTTP/1.1 415"));
  EXPECT_EQ(service_.takeovers.size(), 2U);
}

TEST_F(ApiTest, SaysWhyAMachineIsNotTakenOver) {
  using Code = control::MachineCode;
  for (const auto& [code, status] :
       {std::pair{Code::unknown_tap, "404"}, std::pair{Code::offline, "503"},
        std::pair{Code::wrong_machine, "409"}, std::pair{Code::store_failed, "503"},
        std::pair{Code::shutting_down, "503"}}) {
    service_.machine_answer = {.code = code, .message = "No."};
    const auto answer = post("/api/taps/main/machine", R"({"action":"adopt"})");
    EXPECT_THAT(answer, StartsWith(std::string{"HTTP/1.1 "} + status));
    EXPECT_THAT(answer, HasSubstr(R"("code":")" + std::string{control::name_of(code)}));
  }
}

TEST_F(ApiTest, ReportsItsHealth) {
  EXPECT_THAT(get("/healthz"), EndsWith(R"({"ok":true,"store":"ok","taps":2,"taps_online":2})"));
  service_.healthy = false;
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(get("/metrics"), HasSubstr("pourtocol_store_healthy 0\n"));
}

TEST_F(ApiTest, DescribesItself) {
  const std::string answer = get("/api/openapi.json");
  EXPECT_THAT(answer, HasSubstr(R"("openapi": "3.1.0")"));
  for (const auto* path :
       {"/api/status", "/api/dispense", "/api/pours/{request_id}", "/api/stop", "/api/admission",
        "/api/resume", "/api/logs", "/api/log/head", "/api/totals", "/api/why", "/api/events",
        "/healthz", "/metrics", "/api/openapi.json"}) {
    EXPECT_THAT(answer, HasSubstr("\"" + std::string{path} + "\": {")) << path;
  }
}

TEST_F(ApiTest, TellsAPageBeforeAnEmergencyWhetherItMayStop) {
  const auto origin = [](const std::string& page) { return "Origin: " + page + "\r\n"; };
  for (const auto* page : {"http://h", "http://bar.example", "http://proxy.example"}) {
    const std::string fields = origin(page);
    const std::string asked = post("/api/admission", "{}", "application/json", fields);
    const std::string stopped = post("/api/stop", "{}", "application/json", fields);
    const std::string ours = page == std::string_view{"http://proxy.example"} ? "403" : "200";
    EXPECT_THAT(asked, StartsWith("HTTP/1.1 " + ours)) << page;
    EXPECT_THAT(stopped, StartsWith("HTTP/1.1 " + ours)) << page;
    EXPECT_THAT(asked,
                HasSubstr(ours == "403" ? R"("code":"foreign_origin")" : R"({"success":true})"));
  }
  EXPECT_THAT(get("/api/admission"), HasSubstr("Allow: POST\r\n"));
}

TEST_F(ApiTest, NamesTheMethodsOfAPlace) {
  EXPECT_THAT(get("/api/dispense"), HasSubstr("Allow: POST\r\n"));
  EXPECT_THAT(post("/api/status", "{}"), HasSubstr("Allow: GET, HEAD\r\n"));
  EXPECT_THAT(post("/index.html", "{}"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(get("/api/nowhere"), HasSubstr(R"("code":"not_found")"));
  EXPECT_THAT(get("/api/pours/"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(ApiTest, GivesTheWholeStateOnJoiningThenEveryChange) {
  change([](auto& listener) { listener.on_tap_changed(control::TapIndex{1}); });
  auto client = join();
  const std::string first = client.read_until("}\n\n");
  EXPECT_THAT(first, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(first,
              HasSubstr("event: snapshot\nid: 1\ndata: {\"version\":1,\"server_id\":\"cafe\","));
  EXPECT_THAT(first, HasSubstr(R"("last_log_id":41)"));

  change([](auto& listener) {
    listener.on_tap_changed(control::TapIndex{1});
    listener.on_log_row(log_row(42));
  });
  EXPECT_THAT(client.read_until("}\n\n"),
              HasSubstr("event: tap\nid: 2\ndata: {\"version\":2,\"tap\":{\"name\":\"second\""));
  EXPECT_THAT(client.read_until("}\n\n"),
              HasSubstr("event: log\nid: 3\ndata: {\"version\":3,\"row\":{\"id\":42,"));
  server_.on_loop([this] { api_->heartbeat(); });
  EXPECT_THAT(client.read_until("}\n\n"),
              HasSubstr("event: heartbeat\ndata: {\"version\":3,\"timestamp\":1700000000,"
                        "\"server_id\":\"cafe\",\"uptime_ms\":0}"));
}

TEST_F(ApiTest, MergesTheChangesOfABusyHouseAndLosesNothing) {
  auto client = join();
  client.read_until("}\n\n");
  const auto tap_changes = [](auto& listener) { listener.on_tap_changed(control::TapIndex{1}); };
  for (int i = 0; i < PendingChanges::burst; ++i) {
    change(tap_changes);
    client.read_until("}\n\n");
  }
  const std::string before = get("/api/status");
  service_.taps[1].drink = "gin";
  change(tap_changes);
  change([](auto& listener) { listener.on_log_row(log_row(42)); });
  EXPECT_THAT(get("/api/status"), HasSubstr("gin")) << "who asks is told at once";
  service_.taps[1].drink = "rum";
  change(tap_changes);
  change([](auto& listener) { listener.on_log_row(log_row(43)); });
  ASSERT_EQ(woken_at_, std::vector{now_ + PendingChanges::interval});

  now_ = woken_at_.front();
  server_.on_loop([this] { api_->tell_changes(); });
  EXPECT_THAT(client.read_until("}\n\n"),
              AllOf(HasSubstr("event: tap\nid: 11\ndata: {\"version\":11,"), HasSubstr("rum")));
  EXPECT_THAT(client.read_until("}\n\n"), HasSubstr("event: log\nid: 12\n"));
  EXPECT_THAT(client.read_until("}\n\n"), HasSubstr("event: log\nid: 13\n"));
  server_.on_loop([this] { api_->heartbeat(); });
  EXPECT_THAT(client.read_until("}\n\n"), HasSubstr("data: {\"version\":13,"));
}

TEST_F(ApiTest, TellsWhoJoinsNothingTwice) {
  auto first = join();
  first.read_until("}\n\n");
  for (int i = 0; i <= PendingChanges::burst; ++i) {
    change([&](auto& listener) { listener.on_log_row(log_row(42 + i)); });
  }
  ASSERT_EQ(woken_at_.size(), 1U) << "the last waits";
  auto second = join();
  EXPECT_THAT(second.read_until("}\n\n"), HasSubstr("event: snapshot\nid: 11\n"));
  EXPECT_THAT(first.read_until("\"id\":52,"), HasSubstr("id: 11\n"));
  now_ = woken_at_.front();
  server_.on_loop([this] { api_->tell_changes(); });
  change([](auto& listener) { listener.on_log_row(log_row(53)); });
  EXPECT_THAT(second.read_until("}\n\n"), HasSubstr("event: log\nid: 12\n"));
}

TEST_F(ApiTest, ForgetsListenersWhoLeft) {
  {
    auto client = join();
    client.read_until("}\n\n");
    EXPECT_THAT(get("/metrics"), HasSubstr("pourtocol_live_clients 1\n"));
  }
  while (server_.counters().streams > 0) std::this_thread::yield();
  server_.on_loop([this] { api_->heartbeat(); });
  EXPECT_THAT(get("/metrics"), HasSubstr("pourtocol_live_clients 0\n"));
}

TEST_F(ApiTest, CountsWhatItDid) {
  get("/api/status");
  get("/api/nowhere");
  change([](auto& listener) { listener.on_log_row(log_row(1)); });
  const std::string metrics = get("/metrics");
  EXPECT_THAT(metrics,
              HasSubstr(R"(pourtocol_http_requests_total{route="/api/status",status="200"} 1)"));
  EXPECT_THAT(metrics, HasSubstr(R"(pourtocol_http_requests_total{route="other",status="404"} 1)"));
  EXPECT_THAT(metrics, HasSubstr(R"(pourtocol_pours_total{outcome="done"} 1)"));
}

TEST_F(ApiTest, RunsAMachineForItsHost) {
  const auto answer =
      post("/api/taps/second/service", R"({"kind":"calibrate","amount_ml":100,"user_token":"h"})");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  ASSERT_EQ(service_.wishes.size(), 1U);
  EXPECT_EQ(service_.wishes[0].tap, tap_named("second"));
  EXPECT_EQ(service_.wishes[0].purpose, protocol::Purpose::calibrate);
  EXPECT_THAT(post("/api/taps/a%20b/service", "{}"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(post("/api/taps/second/serve", "{}"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(post("/api/taps/service", "{}"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(get("/api/taps/second/service"), HasSubstr("Allow: POST"));
  EXPECT_EQ(service_.wishes.size(), 1U);
}

TEST_F(ApiTest, ShowsACalibrationInTheMachinesWordsAndTheLogsTime) {
  service_.calibration_answer.report.emplace().flow = FlowRate{12'100};
  EXPECT_THAT(get("/api/taps/main/calibration"),
              HasSubstr(R"("proposal":null,"accepted_at":null,"act_id":0})"));
  service_.calibration_answer.act = 7;
  service_.calibration_answer.accepted_at = WallTime{std::chrono::milliseconds{1'700'000'000'500}};
  const auto answer = get("/api/taps/main/calibration");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr(R"("flow_ml_s":12.1,)"));
  EXPECT_THAT(answer, HasSubstr(R"("accepted_at":1700000000.5,"act_id":7})"));
  EXPECT_FALSE(service_.calibrations.back().action);
}

TEST_F(ApiTest, TellsAMachineWhatToDoAboutItsCalibration) {
  service_.calibration_answer.report.emplace();
  const auto answer =
      post("/api/taps/main/calibration", R"({"action":"new_bottle","user_token":"h"})");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  ASSERT_EQ(service_.calibrations.size(), 1U);
  EXPECT_EQ(service_.calibrations[0].user, user_named("h"));
  EXPECT_THAT(post("/api/taps/main/calibration", "{}"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(post("/api/taps/main/calibration", "{}", "text/plain"), StartsWith("HTTP/1.1 415"));
  EXPECT_EQ(service_.calibrations.size(), 1U);
}

TEST_F(ApiTest, SaysWhyACalibrationStaysAsItIs) {
  service_.calibration_answer = {.code = control::CalibrationCode::refused,
                                 .message = "Measure a run first.",
                                 .refusal = protocol::CalibrationRefusal::nothing_to_accept,
                                 .report = {},
                                 .accepted_at = {}};
  const auto refused =
      post("/api/taps/main/calibration", R"({"action":"accept","user_token":"h"})");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 409"));
  EXPECT_THAT(refused, EndsWith(R"({"success":false,"code":"nothing_to_accept",)"
                                R"("reason":"Measure a run first."})"));
  using Code = control::CalibrationCode;
  for (const auto& [code, status] :
       {std::pair{Code::unknown_tap, "404"}, std::pair{Code::service_unsupported, "409"},
        std::pair{Code::changed_meanwhile, "409"}, std::pair{Code::offline, "503"},
        std::pair{Code::no_answer, "504"}, std::pair{Code::store_failed, "503"},
        std::pair{Code::shutting_down, "503"}, std::pair{Code::too_many_requests, "429"}}) {
    service_.calibration_answer = {
        .code = code, .message = "No.", .refusal = {}, .report = {}, .accepted_at = {}};
    const auto answer = get("/api/taps/main/calibration");
    EXPECT_THAT(answer, StartsWith(std::string{"HTTP/1.1 "} + status));
    EXPECT_THAT(answer, HasSubstr(std::string{control::name_of(code)}));
  }
}

}  // namespace
}  // namespace pourtocol::routes
