// The golden messages of protocol/vectors, and the examples of PROTOCOL.md, which are taken from
// them.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "protocol/codec.hpp"

namespace pourtocol::protocol {
namespace {

const std::string protocol_folder = POURTOCOL_PROTOCOL_FOLDER;

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

/// One line of the index.
struct Vector {
  std::string kind;
  std::string file;
  std::string verdict;
};

std::vector<Vector> all_vectors() {
  std::istringstream index{read_file(protocol_folder + "/vectors/index.txt")};
  std::vector<Vector> result;
  for (std::string line; std::getline(index, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words{line};
    Vector vector;
    words >> vector.kind >> vector.file >> std::ws;
    std::getline(words, vector.verdict);
    result.push_back(vector);
  }
  return result;
}

std::string text_of(const Vector& vector) {
  std::string text = read_file(protocol_folder + "/vectors/" + vector.file);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

/// Without the white space between the tokens.
std::string compact(const std::string& json) {
  std::string result;
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '"' && (i == 0 || json[i - 1] != '\\')) in_text = !in_text;
    if (in_text || !std::isspace(static_cast<unsigned char>(json[i]))) result += json[i];
  }
  return result;
}

template <class Decode, class Encode>
void check_message(const Vector& vector, Decode decode, Encode encode) {
  const std::string text = text_of(vector);
  const auto message = decode(text);
  const std::string outcome = message ? "ok" : std::string{message.error().message.view()};
  if (vector.verdict != "same") {
    EXPECT_EQ(outcome, vector.verdict);
    return;
  }
  ASSERT_EQ(outcome, "ok");
  MessageBuffer buffer;
  EXPECT_EQ(encode(*message, buffer), compact(text));
}

std::string describe(const CalibrationReading& reading) {
  if (std::holds_alternative<CalibrationReport>(reading)) return "report";
  if (const auto* refused = std::get_if<CalibrationRefused>(&reading)) {
    return "refused " + std::string{name_of(refused->refusal)} + ": " +
           std::string{refused->text.view()};
  }
  return "unclear " + std::string{name_of(std::get<UnclearAnswer>(reading))};
}

std::string describe(const OrderAnswer& answer) {
  if (const auto* accepted = std::get_if<OrderAccepted>(&answer)) {
    return accepted->repeated ? "accepted before" : "accepted";
  }
  if (const auto* rejected = std::get_if<OrderRejected>(&answer)) {
    return "rejected " + std::string{name_of(rejected->refusal)} + ": " +
           std::string{rejected->text.view()};
  }
  return "unclear " + std::string{name_of(std::get<UnclearAnswer>(answer))};
}

int status_of(const Vector& vector) {
  return std::stoi(vector.kind.substr(vector.kind.find('-') + 1));
}

void check_answer(const Vector& vector) {
  const int status = status_of(vector);
  const auto id = *RequestId::parse("01HXAMPLE-3");
  std::string verdict = vector.verdict;
  if (verdict.ends_with(':')) verdict += ' ';  // editors strip what ends a line
  EXPECT_EQ(describe(read_order_answer(status, text_of(vector), id)), verdict);
}

TEST(Vectors, MeanWhatTheIndexSays) {
  const auto vectors = all_vectors();
  EXPECT_GT(vectors.size(), 80U);
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.file);
    if (vector.kind == "status") {
      check_message(vector, decode_status, encode_status);
    } else if (vector.kind == "order") {
      check_message(vector, decode_order, encode_order);
    } else if (vector.kind == "stop") {
      check_message(vector, decode_stop, encode_stop);
    } else if (vector.kind == "service") {
      check_message(vector, decode_service, encode_service);
    } else if (vector.kind == "calibration") {
      check_message(vector, decode_calibration, encode_calibration);
    } else if (vector.kind == "action") {
      check_message(vector, decode_calibration_action, encode_calibration_action);
    } else if (vector.kind.starts_with("calibration-")) {
      EXPECT_EQ(describe(read_calibration_answer(status_of(vector), text_of(vector))),
                vector.verdict);
    } else {
      ASSERT_TRUE(vector.kind.starts_with("answer-"));
      check_answer(vector);
    }
  }
}

TEST(Vectors, SayWhatTheyAreInTheirNames) {
  for (const Vector& vector : all_vectors()) {
    const bool good = vector.verdict == "same" || vector.verdict == "ok" ||
                      vector.verdict.starts_with("accepted") ||
                      vector.verdict.starts_with("rejected") ||
                      vector.verdict.starts_with("refused") || vector.verdict == "report";
    EXPECT_NE(vector.file.starts_with("bad-"), good) << vector.file;
  }
}

TEST(ProtocolDocument, ShowsVectorsAndNothingElse) {
  std::set<std::string> known;
  for (const Vector& vector : all_vectors()) known.insert(vector.file);

  std::istringstream document{read_file(protocol_folder + "/PROTOCOL.md")};
  int examples = 0;
  const std::string fence = "```json";
  for (std::string line; std::getline(document, line);) {
    if (!line.starts_with(fence)) continue;
    ASSERT_GT(line.size(), fence.size() + 1) << "an example must name its vector";
    const std::string name = line.substr(fence.size() + 1);
    SCOPED_TRACE(name);
    EXPECT_TRUE(known.contains(name));
    std::string example;
    while (std::getline(document, line) && line != "```") example += line + "\n";
    EXPECT_EQ(example, read_file(protocol_folder + "/vectors/" + name));
    ++examples;
  }
  EXPECT_GE(examples, 10);
}

}  // namespace
}  // namespace pourtocol::protocol
