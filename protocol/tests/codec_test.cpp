#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/enumeration.hpp"
#include "protocol/codec.hpp"
#include "protocol/tests/json.hpp"

namespace pourtocol::protocol {
namespace {

const Json plain{{"state", "\"idle\""}, {"glass_present", "true"}, {"uptime", "5"}};

const Json details{{"protocol", "2"},         {"boot_id", "\"0123456789abcdef\""},
                   {"uptime_ms", "5000"},     {"tap", "\"main\""},
                   {"version", "3"},          {"faults", "[]"},
                   {"flow_ml_s", "25"},       {"pour_time_max_ms", "3600"},
                   {"journal_whole", "true"}, {"pours_total", "0"},
                   {"pour", "null"},          {"recent", "[]"}};

const Json past{{"request_id", "\"r\""},     {"requested_ml", "30"},
                {"outcome", "\"finished\""}, {"stop_reason", "\"target_reached\""},
                {"measured_by", "\"time\""}, {"delivered_ml", "29.8"},
                {"uncertainty_ml", "0.4"},   {"ml_min", "29.4"},
                {"ml_max", "30.2"}};

Json version_2() {
  return plain.and_all_of(details);
}

std::string complaint_of(const Json& status) {
  const auto decoded = decode_status(status.text());
  return decoded ? "" : std::string{decoded.error().message.view()};
}

TEST(Status, NeedsEachOfItsThreeFields) {
  for (const auto& name : plain.names()) {
    EXPECT_EQ(complaint_of(plain.without(name)), name + " is missing");
    EXPECT_EQ(complaint_of(plain.doubling(name)), name + " is given twice");
    EXPECT_NE(complaint_of(plain.with(name, "null")), "");
    EXPECT_NE(complaint_of(plain.with(name, "{}")), "");
  }
}

TEST(Status, OfVersion2NeedsAllItsFields) {
  ASSERT_EQ(complaint_of(version_2()), "");
  for (const auto& name : details.names()) {
    if (name == "protocol") continue;
    EXPECT_EQ(complaint_of(version_2().without(name)), name + " is missing");
    EXPECT_EQ(complaint_of(version_2().doubling(name)), name + " is given twice");
    EXPECT_NE(complaint_of(version_2().with(name, "[[1]]")), "");
  }
}

TEST(Status, OfVersion2NeedsAllFieldsOfAPastPour) {
  ASSERT_EQ(complaint_of(version_2().with("recent", "[" + past.text() + "]")), "");
  for (const auto& name : past.names()) {
    const auto recent = [](const Json& pour) {
      return version_2().with("recent", "[" + past.text() + "," + pour.text() + "]");
    };
    EXPECT_EQ(complaint_of(recent(past.without(name))), "recent." + name + " is missing");
    EXPECT_EQ(complaint_of(recent(past.doubling(name))), name + " of a pour is given twice");
    EXPECT_NE(complaint_of(recent(past.with(name, "[]"))), "");
  }
}

TEST(Status, OfVersion2NeedsAllFieldsOfARunningPour) {
  const Json pour{{"request_id", "\"r\""}, {"requested_ml", "30"}, {"delivered_ml", "1.5"}};
  ASSERT_EQ(complaint_of(version_2().with("pour", pour.text())), "");
  for (const auto& name : pour.names()) {
    EXPECT_EQ(complaint_of(version_2().with("pour", pour.without(name).text())),
              "pour." + name + " is missing");
  }
}

TEST(Status, SkipsWhatARunningPourMaySayBesides) {
  const std::string pour =
      R"({"request_id":"r","requested_ml":30,"ml_min":"?","outcome":{},"delivered_ml":1.5})";
  const auto status = decode_status(version_2().with("pour", pour).text());
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->details->pour->delivered, Microlitres{1'500});
}

TEST(Status, WithoutAnAnnouncementSpeaksVersion1WhateverElseItHolds) {
  for (const std::string protocol : {"1", "0", "-2", "2.0", "\"2\"", "null", "[2]"}) {
    const auto status = decode_status(version_2().with("protocol", protocol).text());
    ASSERT_TRUE(status.has_value()) << protocol;
    EXPECT_FALSE(status->details.has_value()) << protocol;
  }
}

TEST(Status, OfVersion1MayHoldWreckedFieldsOfVersion2) {
  for (const auto& name : details.names()) {
    for (const std::string value : {"null", "\"?\"", "[[1],{}]", "{\"a\":[]}", "1e5"}) {
      EXPECT_EQ(complaint_of(plain.with(name, value)), "") << name << " " << value;
    }
  }
}

TEST(Status, IsNotRefusedForItsDecorations) {
  for (const std::string name : {"last_pour_ml", "nfc_ready", "nfc_tag_present", "nfc_uid"}) {
    for (const std::string value :
         {"null", "\"?\"", "[1]", "{}", "-1e5", "1e5", "99999999999999"}) {
      EXPECT_EQ(complaint_of(plain.with(name, value)), "") << name << " " << value;
    }
  }
}

TEST(Status, TakesTheLastPourOfFirmwareThatPrintsFloats) {
  const auto last_pour = [](const std::string& number) {
    return decode_status(plain.with("last_pour_ml", number).text())->last_pour;
  };
  EXPECT_EQ(last_pour("30.200001"), Microlitres{30'200});
  EXPECT_EQ(last_pour("30"), Microlitres{30'000});
  EXPECT_EQ(last_pour("30.2"), Microlitres{30'200});
  EXPECT_EQ(last_pour("3.02e1"), std::nullopt);
  EXPECT_EQ(last_pour("-0.1"), std::nullopt);
}

TEST(Status, KeepsAnNfcTagThatFitsAndDropsOneThatDoesNot) {
  const auto tag = [](std::size_t size) {
    const auto text = plain.with("nfc_uid", '"' + std::string(size, 'A') + '"').text();
    return decode_status(text)->nfc;
  };
  ASSERT_TRUE(tag(64).has_value());
  EXPECT_EQ(tag(64)->uid.size(), 64U);
  EXPECT_FALSE(tag(65).has_value());
}

TEST(Status, BoundsItsNumbersFarBelowWhereArithmeticOverflows) {
  EXPECT_EQ(complaint_of(plain.with("uptime", "4294967295")), "");
  EXPECT_EQ(complaint_of(plain.with("uptime", "4294967296")), "uptime is too large");
  EXPECT_EQ(complaint_of(version_2().with("uptime_ms", "4294967295001")), "uptime_ms is too large");
  EXPECT_EQ(complaint_of(version_2().with("flow_ml_s", "1000.001")), "flow_ml_s is too large");
  EXPECT_EQ(complaint_of(version_2().with("pour_time_max_ms", "86400001")),
            "pour_time_max_ms is too large");
  EXPECT_EQ(complaint_of(version_2().with("pours_total", "4294967296")),
            "pours_total is too large");
  EXPECT_EQ(complaint_of(version_2().with("version", "18446744073709551615")), "");
  EXPECT_EQ(complaint_of(version_2().with("version", "18446744073709551616")),
            "version is too large");
  EXPECT_EQ(complaint_of(version_2().with("flow_ml_s", "-1")), "flow_ml_s must not be negative");
}

TEST(Status, RefusesListsOfTheWrongThings) {
  EXPECT_EQ(complaint_of(version_2().with("recent", "[1]")), "recent must hold objects only");
  EXPECT_EQ(complaint_of(version_2().with("recent", "[[]]")), "recent must hold objects only");
  EXPECT_EQ(complaint_of(version_2().with("recent", "{}")), "recent must be a list");
  EXPECT_EQ(complaint_of(version_2().with("faults", "[1]")),
            "a fault is not a name the contract knows");
  EXPECT_EQ(complaint_of(version_2().with("faults", "[[\"no_flow\"]]")),
            "a fault is not a name the contract knows");
  EXPECT_EQ(complaint_of(version_2().with("tap", "\"two words\"")),
            "tap must be a text of up to 32 letters, digits or any of - _");
}

std::optional<ResetReason> reset_reason_of(const Json& status) {
  const auto decoded = decode_status(status.text());
  EXPECT_TRUE(decoded.has_value() && decoded->details.has_value());
  return decoded ? decoded->details->reset_reason : std::nullopt;
}

TEST(Status, NeedNotSayWhyTheDeviceStarted) {
  EXPECT_EQ(reset_reason_of(version_2()), std::nullopt);
  EXPECT_EQ(reset_reason_of(version_2().with("reset_reason", "\"brown_out\"")),
            ResetReason::brown_out);
}

TEST(Status, ReadsAnUnknownReasonOfAStartAsAnother) {
  for (const std::string word : {"\"sunspots\"", "\"\"", "\"Panic\"", "\"other\""}) {
    EXPECT_EQ(reset_reason_of(version_2().with("reset_reason", word)), ResetReason::other) << word;
  }
}

TEST(Status, IsNotRefusedForAnIllTypedReasonOfAStart) {
  for (const std::string value : {"null", "3", "true", "[\"panic\"]", "{\"panic\":1}"}) {
    EXPECT_EQ(reset_reason_of(version_2().with("reset_reason", value)), std::nullopt) << value;
  }
}

TEST(Status, GivesTheReasonOfAStartOnce) {
  const Json twice = version_2().with("reset_reason", "\"panic\"").doubling("reset_reason");
  EXPECT_EQ(complaint_of(twice), "reset_reason is given twice");
}

std::optional<MachineId> machine_id_of(const Json& status) {
  const auto decoded = decode_status(status.text());
  EXPECT_TRUE(decoded.has_value() && decoded->details.has_value());
  return decoded ? decoded->details->machine_id : std::nullopt;
}

TEST(Status, NeedNotSayWhichMachineItIs) {
  EXPECT_EQ(machine_id_of(version_2()), std::nullopt);
  EXPECT_EQ(machine_id_of(version_2().with("machine_id", "\"0000240ac4123456\"")),
            MachineId{0x0000'240a'c412'3456});
}

TEST(Status, TakesAMachineIdThatIsNotWrittenAsOneForNone) {
  for (const std::string value :
       {"null", "3", "true", "[\"0000240ac4123456\"]", "{}", "\"\"", "\"0000240AC4123456\"",
        "\"240ac4123456\"", "\"0000240ac41234567\"", "\"0000240ac412345 \"",
        "\"24:0a:c4:12:34:56\""}) {
    EXPECT_EQ(machine_id_of(version_2().with("machine_id", value)), std::nullopt) << value;
  }
}

TEST(Status, NamesItsMachineOnce) {
  const Json twice = version_2().with("machine_id", "\"0000240ac4123456\"").doubling("machine_id");
  EXPECT_EQ(complaint_of(twice), "machine_id is given twice");
}

TEST(Status, OfVersion1MayHoldAReasonOfAStartThatMeansNothing) {
  const Json twice = plain.with("reset_reason", "\"panic\"").doubling("reset_reason");
  const auto decoded = decode_status(twice.text());
  ASSERT_TRUE(decoded.has_value());
  EXPECT_FALSE(decoded->details.has_value());
}

TEST(Encoding, IsCheckedEverywhereAlsoInWhatIsSkipped) {
  EXPECT_EQ(complaint_of(plain.with("x", "\"\xff\"")), "the message is not valid UTF-8 at byte 53");
  EXPECT_NE(complaint_of(plain.with("\xc0\xaf", "1")), "");          // overlong
  EXPECT_NE(complaint_of(plain.with("x", "\"\xed\xa0\x80\"")), "");  // a surrogate in UTF-8
  EXPECT_NE(complaint_of(plain.with("x", "\"\\ud800\"")), "");
  EXPECT_EQ(complaint_of(plain.with("x", "\"\\udc00\"")), "a text is not valid Unicode");
  EXPECT_EQ(complaint_of(plain.with("x", "\"\\ud83c\\udf78 \u00ed\\ud7ff\"")), "");
}

TEST(Encoding, OfTheWholeTextIsOneObject) {
  const std::string whole = plain.text();
  EXPECT_TRUE(decode_status(" \r\n\t" + whole + " \n").has_value());
  EXPECT_FALSE(decode_status(whole + "x").has_value());
  EXPECT_FALSE(decode_status("\xef\xbb\xbf" + whole).has_value());
  EXPECT_EQ(decode_status("").error().message.view(), "the message is empty");
  EXPECT_EQ(decode_status("5").error().message.view(), "the message must be a JSON object");
  const auto hidden = decode_status(whole + std::string{"\0x", 2});
  EXPECT_EQ(hidden.error().message.view(), "the message has more after its end");
}

TEST(Stop, WithoutABodyStopsWhateverPours) {
  EXPECT_EQ(decode_stop("")->request_id, std::nullopt);
  EXPECT_EQ(decode_stop("{}")->request_id, std::nullopt);
}

TEST(Answer, WithoutABodyCountsByItsStatus) {
  const auto id = *RequestId::parse("r");
  EXPECT_TRUE(std::holds_alternative<OrderAccepted>(read_order_answer(204, "", id)));
  EXPECT_TRUE(std::holds_alternative<OrderAccepted>(read_order_answer(200, " \r\n", id)));
  EXPECT_TRUE(std::holds_alternative<OrderRejected>(read_order_answer(404, "", id)));
  for (const int status : {-1, 0, 100, 199, 300, 304, 399, 600, 999}) {
    EXPECT_EQ(std::get<UnclearAnswer>(read_order_answer(status, "", id)),
              UnclearAnswer::not_the_contract)
        << status;
  }
  EXPECT_EQ(std::get<UnclearAnswer>(read_order_answer(503, "", id)), UnclearAnswer::server_error);
}

TEST(Answer, MayHoldMoreThanTheContractNames) {
  const auto id = *RequestId::parse("r");
  const auto answer = read_order_answer(200, R"({"ok":true,"mood":["good",{}]})", id);
  EXPECT_TRUE(std::holds_alternative<OrderAccepted>(answer));
}

TEST(Answer, ThatNamesNoProperRequestIdIsForAnother) {
  const auto id = *RequestId::parse("5");
  for (const std::string other : {"5", "null", "[]", "{}", "\"6\""}) {
    EXPECT_EQ(std::get<UnclearAnswer>(
                  read_order_answer(200, R"({"ok":true,"request_id":)" + other + "}", id)),
              UnclearAnswer::wrong_request_id)
        << other;
  }
}

TEST(Answer, ThatIsLongIsCutBetweenCharacters) {
  const auto id = *RequestId::parse("r");
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "é";
  const auto answer = read_order_answer(409, R"({"error":"a)" + wide + R"("})", id);
  const auto& words = std::get<OrderRejected>(answer).text;
  EXPECT_EQ(words.size(), 119U);  // "a" and 59 times two bytes
  EXPECT_EQ(words.view(), "a" + wide.substr(0, 118));
}

TEST(Refusals, TravelUnderTheStatusTheContractNames) {
  for (const Refusal refusal : enumerators<Refusal>) {
    EXPECT_EQ(http_status_of(refusal), refusal == Refusal::bad_order ? 400 : 409);
  }
}

TEST(ServiceRuns, AreLoggedForWhatTheyAre) {
  for (const ServiceKind kind : enumerators<ServiceKind>) {
    EXPECT_EQ(name_of(purpose_of(kind)), name_of(kind));
  }
}

TEST(Names, AreThoseOfTheEnumerators) {
  EXPECT_EQ(name_of(DeviceState::pouring), "pouring");
  EXPECT_EQ(name_of(Fault::journal_failed), "journal_failed");
  EXPECT_EQ(name_of(PourOutcome::cancelled), "cancelled");
  EXPECT_EQ(name_of(Fault::too_slow), "too_slow");
  EXPECT_EQ(name_of(StopReason::power_lost), "power_lost");
  EXPECT_EQ(name_of(StopReason::too_slow), "too_slow");
  EXPECT_EQ(name_of(Purpose::empty_line), "empty_line");
  EXPECT_EQ(name_of(ServiceKind::empty_line), "empty_line");
  EXPECT_EQ(name_of(ProposalSource::bottle), "bottle");
  EXPECT_EQ(name_of(CalibrationRefusal::journal_failed), "journal_failed");
  EXPECT_EQ(name_of(Measure::time), "time");
  EXPECT_EQ(name_of(ResetReason::power_on), "power_on");
  EXPECT_EQ(name_of(ResetReason::brown_out), "brown_out");
  EXPECT_EQ(name_of(ResetReason::watchdog), "watchdog");
  EXPECT_EQ(name_of(ResetReason::panic), "panic");
  EXPECT_EQ(name_of(ResetReason::software), "software");
  EXPECT_EQ(name_of(ResetReason::other), "other");
  EXPECT_EQ(name_of(Refusal::not_calibrated), "not_calibrated");
  EXPECT_EQ(name_of(UnclearAnswer::wrong_request_id), "wrong_request_id");
}

TEST(Names, AreReadBackAsTheEnumeratorsTheyStandFor) {
  for (const auto reason : enumerators<StopReason>) {
    EXPECT_EQ(stop_reason_named(name_of(reason)), reason);
  }
  for (const auto purpose : enumerators<Purpose>) {
    EXPECT_EQ(purpose_named(name_of(purpose)), purpose);
  }
  for (const auto kind : enumerators<ServiceKind>) {
    EXPECT_EQ(service_kind_named(name_of(kind)), kind);
  }
}

TEST(Names, ThatNobodyKnowsAreNotGuessedAt) {
  for (const char* name : {"", "thirst", "Pour", "pour ", "no_flo"}) {
    EXPECT_FALSE(stop_reason_named(name)) << name;
    EXPECT_FALSE(purpose_named(name)) << name;
    EXPECT_FALSE(service_kind_named(name)) << name;
  }
  EXPECT_FALSE(service_kind_named("pour")) << "a guest's order is no service run";
}

}  // namespace
}  // namespace pourtocol::protocol
