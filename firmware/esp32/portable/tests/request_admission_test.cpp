#include "firmware/esp32/portable/request_admission.hpp"

#include <gtest/gtest.h>

namespace pourtocol::board {
namespace {

int status_of(Deed deed, const Origins& origins) {
  return why_not_admitted(deed, origins).value_or(NotAdmitted{}).status;
}

constexpr Deed all_deeds[] = {Deed::look, Deed::act, Deed::stop, Deed::update, Deed::setup};
constexpr Deed changes[] = {Deed::act, Deed::stop, Deed::update, Deed::setup};

TEST(RequestAdmission, LetsInWhatServersAndProgramsSend) {
  for (const Deed deed : all_deeds) {
    EXPECT_EQ(status_of(deed, {.host = "192.168.4.20", .content_type = "application/json"}), 0);
    EXPECT_EQ(status_of(deed, {.host = "esp32.local:80",
                               .content_type = "Application/JSON; charset=utf-8"}),
              0);
    EXPECT_EQ(status_of(deed, {.host = "esp32"}), 0);
    EXPECT_EQ(status_of(deed, {}), 0);  // HTTP/1.0, and no type
  }
}

TEST(RequestAdmission, AnswersToAddressesAndNamesOfTheLocalNetwork) {
  for (const std::string_view host :
       {"127.0.0.1", "127.0.0.1:8080", "10.0.0.1:", "[::1]", "[fe80::1%eth0]:80", "[2001:DB8::2]",
        "localhost:5000", "bar.localhost", "esp32-A1B2.LOCAL", "esp32.local.", "esp32.lan",
        "esp32.fritz.box", "esp32.home.arpa:80", "tap_1"}) {
    EXPECT_EQ(status_of(Deed::look, {.host = host}), 0) << host;
  }
}

TEST(RequestAdmission, AnswersToNoNameThatSomebodyElseMayOwn) {
  for (const std::string_view host : {"evil.example",
                                      "evil.example:80",
                                      "192.168.4.20.evil.example",
                                      "esp32.local.evil.example",
                                      "1.2.3",
                                      "1.2.3.4.5",
                                      "1.2.3.1000",
                                      "local.com",
                                      "notlocal.example",
                                      ".local",
                                      "",
                                      ":80",
                                      "esp32.local:80:80",
                                      "esp32.local:eighty",
                                      "esp32.local:123456",
                                      "[::1",
                                      "[]",
                                      "[evil]",
                                      "[::1]x",
                                      "evil.example/.local",
                                      "user@esp32.local",
                                      "evil .local",
                                      "xlan.example"}) {
    for (const Deed deed : all_deeds) {
      EXPECT_EQ(status_of(deed, {.host = host}), 421) << host;
    }
  }
}

TEST(RequestAdmission, NoPageOfAnotherOriginChangesAnything) {
  for (const Deed deed : changes) {
    for (const std::string_view origin :
         {"http://evil.example", "null", "", "http://192.168.4.21", "http://192.168.4.20:5000",
          "https://192.168.4.20", "http://", "http://192.168.4.20.evil.example",
          "file://192.168.4.20"}) {
      EXPECT_EQ(status_of(deed, {.host = "192.168.4.20", .origin = origin}), 403) << origin;
    }
    // A page that sends no type (a Blob without one) is known by its origin.
    EXPECT_EQ(status_of(deed, {.host = "esp32.local", .origin = "http://evil.example"}), 403);
    EXPECT_EQ(status_of(deed, {.host = "esp32.local", .fetch_site = "cross-site"}), 403);
    EXPECT_EQ(status_of(deed, {.origin = "http://esp32.local"}), 403);  // whose page would that be
  }
}

TEST(RequestAdmission, APageMayLookForItIsShownNoAnswer) {
  EXPECT_EQ(status_of(Deed::look, {.host = "esp32.local", .origin = "http://evil.example"}), 0);
}

TEST(RequestAdmission, APageOfTheMachineItselfMayAsk) {
  for (const Deed deed : changes) {
    EXPECT_EQ(status_of(deed, {.host = "192.168.4.1", .origin = "http://192.168.4.1"}), 0);
    EXPECT_EQ(status_of(deed, {.host = "ESP32.local:80",
                               .origin = "http://esp32.local",
                               .fetch_site = "same-origin"}),
              0);
  }
}

TEST(RequestAdmission, WhatAFormCanSendIsNoOrder) {
  for (const std::string_view type :
       {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
        "application/jsonp", "text/plain; application/json", "json"}) {
    EXPECT_EQ(status_of(Deed::act, {.host = "esp32.local", .content_type = type}), 415) << type;
  }
}

TEST(RequestAdmission, WhatIsNoJsonNeedNotCallItselfSo) {
  for (const Deed deed : {Deed::stop, Deed::update, Deed::setup}) {
    EXPECT_EQ(status_of(deed, {.host = "esp32.local",
                               .content_type = "application/x-www-form-urlencoded"}),
              0);
  }
}

}  // namespace
}  // namespace pourtocol::board
