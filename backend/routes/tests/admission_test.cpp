// Whom the server answers: names that are its own, and pages that are its own.
#include "backend/routes/admission.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pourtocol::routes {
namespace {

using testing::HasSubstr;

/// One request, and what came of it: 200 stands for "let through".
class AdmissionTest : public testing::Test {
 protected:
  int get(std::string_view host) { return ask(http::Method::get, {{"Host", host}}); }
  int post(std::string_view host, std::string_view origin) {
    return ask(http::Method::post, {{"host", host}, {"origin", origin}});
  }
  int ask(http::Method method, std::vector<http::Field> fields) {
    http::Request request;
    request.method = method;
    request.fields = fields;
    const auto admitted = Admission{rules_}.check(request);
    reason_ = admitted ? "" : admitted.error().reason;
    return admitted ? 200 : admitted.error().status;
  }

  Admission::Rules rules_;
  std::string reason_;
};

TEST_F(AdmissionTest, AnswersToAddressesAndToNamesNobodyElseCanOwn) {
  for (const char* host :
       {"127.0.0.1", "192.168.1.20:5000", "[::1]", "[fe80::1%25eth0]:5000", "[2001:DB8::1]:80",
        "localhost", "LocalHost:5000", "localhost.", "esp32.local", "Bar.LOCAL:5000", "bar.local.",
        "x.localhost", "127.0.0.1:"}) {
    EXPECT_EQ(get(host), 200) << host;
  }
}

TEST_F(AdmissionTest, DoesNotAnswerToANameThatWasPointedAtIt) {
  for (const char* host :
       {"evil.example", "evil.example:5000", "192.168.1.20.evil.example", "local", "evillocal",
        "localhost.evil.example", "bar.local.evil.example", "1.2.3", "1.2.3.4.5", "1.2.3.4a",
        "1.2.3.1234", "1..2.3", "0x7f000001", "2130706433"}) {
    EXPECT_EQ(get(host), 421) << host;
    EXPECT_THAT(reason_, HasSubstr("allowed_hosts"));
  }
}

TEST_F(AdmissionTest, DoesNotAnswerToWhatIsNoName) {
  for (const char* host : {"",
                           ":5000",
                           ".",
                           "a b",
                           "localhost,evil.example",
                           "localhost@evil.example",
                           "[::1",
                           "[::1]x",
                           "[::1]:5000x",
                           "[localhost]",
                           "[]",
                           "localhost:port",
                           "localhost:123456",
                           "[fe80::1%]",
                           "[fe80::1%a\\b]",
                           "localhost:1:2",
                           "::1",
                           "http://localhost",
                           "localhost/",
                           "\xff.local"}) {
    EXPECT_EQ(get(host), 421) << host;
  }
}

TEST_F(AdmissionTest, AnswersToNamesItWasTold) {
  rules_ = {.hosts = {"Bar.example", "thekenrechner"}, .public_url = "https://party.example:8443"};
  EXPECT_EQ(get("bar.example"), 200);
  EXPECT_EQ(get("BAR.example.:5000"), 200);
  EXPECT_EQ(get("thekenrechner:5000"), 200);
  EXPECT_EQ(get("party.example"), 200);
  EXPECT_EQ(get("sub.bar.example"), 421);
  EXPECT_EQ(get("example"), 421);
}

TEST_F(AdmissionTest, NamesTheNameItDoesNotAnswerToAndNoMoreOfIt) {
  get("evil.example");
  EXPECT_THAT(reason_, HasSubstr("\"evil.example\""));
  get(std::string(5'000, 'x'));
  EXPECT_LT(reason_.size(), 300U);
}

TEST_F(AdmissionTest, TakesOrdersFromItsOwnPageUnderAnyOfItsNames) {
  EXPECT_EQ(post("192.168.1.20:5000", "http://192.168.1.20:5000"), 200);
  EXPECT_EQ(post("bar.local", "http://bar.local"), 200);
  EXPECT_EQ(post("Bar.local", "http://bar.LOCAL"), 200);
  EXPECT_EQ(post("bar.local:80", "http://bar.local"), 200);
  EXPECT_EQ(post("bar.local:443", "https://bar.local"), 200);
  EXPECT_EQ(post("bar.local:80", "http://bar.local:80"), 200) << "no browser says so, but it is so";
  EXPECT_EQ(post("[::1]:5000", "http://[::1]:5000"), 200);
  EXPECT_EQ(post("bar.local", "https://bar.local"), 200) << "a proxy may speak TLS for us";
}

TEST_F(AdmissionTest, TakesOrdersFromNoOtherPage) {
  for (const char* origin :
       {"http://evil.example", "null", "", "http://127.0.0.1", "http://127.0.0.1:5001",
        "http://127.0.0.1:5000.evil.example", "http://localhost:5000", "127.0.0.1:5000",
        "ftp://127.0.0.1:5000", "http://127.0.0.1:5000/", "file://"}) {
    EXPECT_EQ(post("127.0.0.1:5000", origin), 403) << origin;
    EXPECT_THAT(reason_, HasSubstr("public_url"));
  }
}

TEST_F(AdmissionTest, TakesOrdersFromThePublicPageWhateverNameAProxyAsksUnder) {
  rules_.public_url = "https://party.example";
  EXPECT_EQ(post("127.0.0.1:5000", "https://party.example"), 200);
  EXPECT_EQ(post("127.0.0.1:5000", "https://Party.example"), 200);
  EXPECT_EQ(post("127.0.0.1:5000", "http://party.example"), 403);
  EXPECT_EQ(post("127.0.0.1:5000", "https://party.example:8443"), 403);
  rules_.public_url = "https://party.example:443";
  EXPECT_EQ(post("127.0.0.1:5000", "https://party.example"), 200);
}

TEST_F(AdmissionTest, TakesOrdersFromProgramsWhichTellNoOrigin) {
  EXPECT_EQ(ask(http::Method::post, {{"Host", "localhost:5000"}}), 200);
  EXPECT_EQ(ask(http::Method::post, {}), 200) << "HTTP/1.0 knows no Host";
}

TEST_F(AdmissionTest, BelievesABrowserThatCallsARequestForeign) {
  const auto ask_from = [&](http::Method method, std::string_view site) {
    return ask(method, {{"Host", "localhost"}, {"Sec-Fetch-Site", site}});
  };
  EXPECT_EQ(ask_from(http::Method::post, "cross-site"), 403);
  for (const char* site : {"same-origin", "none", "same-site"}) {
    EXPECT_EQ(ask_from(http::Method::post, site), 200) << site;
  }
  EXPECT_EQ(ask_from(http::Method::get, "cross-site"), 200) << "a link to us from elsewhere";
}

TEST_F(AdmissionTest, HoldsEveryMethodThatIsNotMeantForLookingToTheSame) {
  for (const http::Method method : {http::Method::post, http::Method::put, http::Method::patch,
                                    http::Method::delete_, http::Method::other}) {
    EXPECT_EQ(ask(method, {{"Host", "localhost"}, {"Origin", "http://evil.example"}}), 403);
  }
  for (const http::Method method : {http::Method::get, http::Method::head}) {
    EXPECT_EQ(ask(method, {{"Host", "localhost"}, {"Origin", "http://evil.example"}}), 200);
  }
}

TEST_F(AdmissionTest, BelievesNothingThatIsForwarded) {
  EXPECT_EQ(ask(http::Method::get, {{"Host", "evil.example"},
                                    {"X-Forwarded-Host", "localhost"},
                                    {"Forwarded", "host=localhost"}}),
            421);
  EXPECT_EQ(ask(http::Method::post, {{"Host", "localhost"},
                                     {"Origin", "http://evil.example"},
                                     {"X-Forwarded-Host", "evil.example"}}),
            403);
}

}  // namespace
}  // namespace pourtocol::routes
