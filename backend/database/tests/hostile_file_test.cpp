// A file that somebody wrote who means no good: it is refused with a sentence, and ends nothing.
#include "backend/database/tests/log_fixture.hpp"

namespace pourtocol::database::testing {
namespace {

using ::testing::HasSubstr;

class HostileFile : public LogFixture {
 protected:
  /// A log with a pour that is open, changed by somebody who knows SQL and no bounds.
  void make(const std::string& sql) {
    open_log();
    pour_out("a", "main");
    start(wish("b", "main"));
    close_log();
    forge_unseen("PRAGMA ignore_check_constraints = ON; " + sql);
  }
  /// Why the log is not taken up, when it is opened or when what is open is read.
  std::string refusal() {
    if (std::string error = open_error(); !error.empty()) return error;
    const auto result = recover();
    const auto* failed = std::get_if<control::RecoverFailed>(&result);
    return failed == nullptr ? "none" : failed->what;
  }
};

TEST_F(HostileFile, UnchangedIsTakenUp) {
  make("");
  EXPECT_EQ(refusal(), "none");
}

struct Case {
  const char* name;
  const char* sql;
  const char* says;
};

class HostileValue : public HostileFile, public ::testing::WithParamInterface<Case> {};

TEST_P(HostileValue, OfAnOpenPourIsRefused) {
  make(GetParam().sql);
  EXPECT_THAT(refusal(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Each, HostileValue,
    ::testing::Values(
        Case{"NoPortions", "UPDATE pours SET portions = 0 WHERE request_id = 'b'",
             "pour b asks for what cannot be asked"},
        Case{"NegativePortions", "UPDATE pours SET portions = -5 WHERE request_id = 'b'",
             "column portions holds -5"},
        Case{"ManyPortions", "UPDATE pours SET portions = 9000000000 WHERE request_id = 'b'",
             "column portions holds 9000000000"},
        Case{"HugeAmount",
             "UPDATE pours SET amount_ml = 9223372036854775807 WHERE request_id = 'b'",
             "pour b asks for what cannot be asked"},
        Case{"HugeMost", "UPDATE pours SET most_ul = 9223372036854775807 WHERE request_id = 'b'",
             "column most_ul holds 9223372036854775807"},
        Case{"NegativeMost", "UPDATE pours SET most_ul = -1 WHERE request_id = 'b'",
             "column most_ul holds -1"},
        Case{"HugeUptime",
             "UPDATE pours SET device_uptime_s = 9223372036854775807 WHERE request_id = 'b'",
             "column device_uptime_s holds 9223372036854775807"},
        Case{"HugeTime", "UPDATE pours SET started_ms = 9223372036854775807 WHERE request_id = 'b'",
             "column started_ms holds 9223372036854775807"},
        Case{"HugeCount", "UPDATE pours SET pours_total = 4294967296 WHERE request_id = 'b'",
             "column pours_total holds 4294967296"},
        Case{"HugeRowNumber", "UPDATE events SET id = 9223372036854775806 WHERE id = 3",
             "events counts to 9223372036854775806: no log is that long"},
        Case{"HugeText",
             "UPDATE pours SET detail = printf('%.50000000c', 'x') WHERE request_id = 'b'",
             "a row holds more than 1 MB"}),
    [](const auto& one) { return std::string{one.param.name}; });

TEST_F(HostileFile, WithAHugeTextIsCheckedAndReadWithoutIt) {
  make("UPDATE events SET reason = printf('%.50000000c', 'x') WHERE id = 1");
  const auto report = check(file_);
  ASSERT_FALSE(report && report->whole());
  EXPECT_EQ(refusal(), "none") << "nobody pours by that row";
}

}  // namespace
}  // namespace pourtocol::database::testing
