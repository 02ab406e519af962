#include "backend/esp32/device_url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pourtocol::esp32 {
namespace {

using ::testing::HasSubstr;

TEST(DeviceUrl, TakesNamesAddressesPortsAndPrefixes) {
  const auto url = [](std::string_view text) { return DeviceUrl::parse(text).value(); };
  EXPECT_EQ(url("http://esp32.local"), (DeviceUrl{"esp32.local", 80, "", false}));
  EXPECT_EQ(url("http://esp32.local/"), (DeviceUrl{"esp32.local", 80, "", false}));
  EXPECT_EQ(url("HTTP://tap_1:8080"), (DeviceUrl{"tap_1", 8080, "", false}));
  EXPECT_EQ(url("http://192.168.4.1"), (DeviceUrl{"192.168.4.1", 80, "", true}));
  EXPECT_EQ(url("http://bar:81/left/tap//"), (DeviceUrl{"bar", 81, "/left/tap", false}));
  EXPECT_EQ(url("http://[fe80::1]"), (DeviceUrl{"fe80::1", 80, "", true}));
  EXPECT_EQ(url("http://[::1]:65535/x"), (DeviceUrl{"::1", 65535, "/x", true}));
  EXPECT_EQ(url("http://[fe80::1%25lo]:80"), (DeviceUrl{"fe80::1%lo", 80, "", true}));
}

TEST(DeviceUrl, SaysInTheHostFieldWhatTheDeviceExpects) {
  const auto field = [](std::string_view text) {
    return DeviceUrl::parse(text).value().host_field();
  };
  EXPECT_EQ(field("http://esp32.local"), "esp32.local");
  EXPECT_EQ(field("http://esp32.local:80/x"), "esp32.local");
  EXPECT_EQ(field("http://esp32.local:8080"), "esp32.local:8080");
  EXPECT_EQ(field("http://[::1]:8080"), "[::1]:8080");
  EXPECT_EQ(field("http://[fe80::1%lo]"), "[fe80::1]");
}

TEST(DeviceUrl, KnowsItsPlaceHoweverItIsSpelt) {
  const auto place = [](std::string_view text) { return DeviceUrl::parse(text).value().place(); };
  const std::pair<const char*, const char*> same[] = {
      {"http://esp32.local", "http://esp32.local:80/"},
      {"http://esp32.local", "HTTP://ESP32.Local."},
      {"http://bar/left/", "http://BAR/left"},
      {"http://[::1]:8080", "http://[0:0:0:0:0:0:0:1]:8080"},
      {"http://192.168.4.1", "http://[::ffff:192.168.4.1]"},
  };
  for (const auto& [one, other] : same) EXPECT_EQ(place(one), place(other)) << other;
  const std::pair<const char*, const char*> different[] = {
      {"http://esp32.local", "http://esp33.local"}, {"http://esp32.local", "http://esp32.local:81"},
      {"http://bar/left", "http://bar/Left"},       {"http://bar/left", "http://bar"},
      {"http://[fe80::1%lo]", "http://[fe80::1]"},  {"http://[::1]:80", "http://[::1:80]"},
  };
  for (const auto& [one, other] : different) EXPECT_NE(place(one), place(other)) << other;
}

TEST(DeviceUrl, SaysWhatIsWrongWithAnother) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "should look like"},
      {"esp32.local", "should look like"},
      {"ftp://esp32.local", "should look like"},
      {"https://esp32.local", "https is not supported"},
      {"HTTPS://esp32.local", "https is not supported"},
      {"http://", "host is missing"},
      {"http:///status", "host is missing"},
      {"http://:80", "host is missing"},
      {"http://user:pass@esp32.local", "user name"},
      {"http://esp32.local:0", "port"},
      {"http://esp32.local:65536", "port"},
      {"http://esp32.local:80a", "port"},
      {"http://esp32.local:", "port"},
      {"http://a:b:c", "not a name or an address"},
      {"http://[fe80::1", "']' is missing"},
      {"http://[192.168.4.1]", "no IPv6 address"},
      {"http://[fe80::1]x", "only a port"},
      {"http://192.168.4.256", "IPv4"},
      {"http://1.2.3", "IPv4"},
      {"http://esp 32.local", "characters"},
      {"http://esp32.local/a\r\nX: y", "characters"},
      {"http://esp32.local/status?x=1", "'?'"},
      {"http://b\u00fcro.local", "characters"},
      {"http://esp32$.local", "not a name"},
  };
  for (const auto& [text, complaint] : cases) {
    const auto url = DeviceUrl::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error(), HasSubstr(complaint)) << text;
    EXPECT_THAT(url.error(), HasSubstr(text));
    EXPECT_NE(url.error().back(), '.') << "whoever says it ends the sentence";
  }
}

TEST(DeviceUrl, WritesOutWhatAnIpv6AddressWithoutBracketsIsMeantToBe) {
  const std::pair<const char*, const char*> cases[] = {
      {"http://::1:5000", "http://[::1]:5000 (or, if all of it is the address, http://[::1:5000])"},
      {"http://::1", "http://[::1]"},
      {"http://::", "http://[::]"},
      {"http://fe80::1", "http://[fe80::1]"},
      {"http://fe80::abcd/left", "http://[fe80::abcd]/left"},
      {"http://2001:db8:0:0:0:0:0:1", "http://[2001:db8:0:0:0:0:0:1]"},
      {"http://2001:db8:0:0:0:0:0:1:80", "http://[2001:db8:0:0:0:0:0:1]:80"},
      {"http://::ffff:192.168.4.1:80", "http://[::ffff:192.168.4.1]:80"},
  };
  for (const auto& [text, right] : cases) {
    const auto url = DeviceUrl::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error(), testing::EndsWith(std::string{"brackets: "} + right)) << text;
  }
}

}  // namespace
}  // namespace pourtocol::esp32
