// What the API shows, as JSON. Each function appends one value to `json`; openapi.json describes
// the same shapes. Pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "backend/control/log_reader.hpp"
#include "backend/control/service.hpp"
#include "backend/routes/json_text.hpp"
#include "http/message.hpp"

namespace pourtocol::routes {

void write_tap(JsonText& json, const control::TapView& tap);

/// What the status says of the server itself.
struct StatusFacts {
  std::uint64_t version = 0;  ///< of the live stream
  WallTime now{};
  std::string_view server_id;           ///< of this run
  std::chrono::milliseconds uptime{0};  ///< of this run, monotonic: what deadlines are made of
  std::string_view public_url;          ///< may be empty: not told
};

/// The whole status. `taps` is not empty; the top-level fields speak of the first.
void write_status(JsonText& json, const std::vector<control::TapView>& taps,
                  const StatusFacts& facts);

/// `history` is left out when it is null.
void write_receipt(JsonText& json, const control::Pour& pour,
                   const std::vector<control::HistoryStep>* history);

void write_log_row(JsonText& json, const control::LogRow& row);
void write_totals(JsonText& json, WallTime since, const std::vector<control::TapTotal>& totals);
void write_why(JsonText& json, const control::WhyView& why);

void write_dispense_answer(JsonText& json, const control::DispenseAnswer& answer);
[[nodiscard]] int status_of(control::AnswerCode code) noexcept;
/// The whole answer to an order; it says when to come again where that helps.
[[nodiscard]] http::Response dispense_response(const control::DispenseAnswer& answer);

void write_stop_answer(JsonText& json, const control::StopAnswer& answer);
void write_resume_answer(JsonText& json, const control::ResumeAnswer& answer);
void write_machine_answer(JsonText& json, const control::MachineAnswer& answer);
[[nodiscard]] int status_of(control::ControlCode code) noexcept;

/// What a receipt and a row of the log show of a delivery: nothing where nobody measured, except
/// that "nothing flowed" is known to be 0.
struct ShownDelivery {
  std::optional<Microlitres> delivered;
  std::optional<Microlitres> uncertainty;
  std::optional<Microlitres> min;
  std::optional<Microlitres> max;
};
[[nodiscard]] ShownDelivery shown(const std::optional<control::Delivery>& delivery) noexcept;

/// What the pump ran for, or "calibration" of a row that belongs to no pour.
[[nodiscard]] std::string_view purpose_of(const control::LogRow& row) noexcept;

/// What the log says a row's step was taken for, and why the pump stopped; empty: not said.
[[nodiscard]] std::string_view code_of(const control::LogRow& row) noexcept;
[[nodiscard]] std::string_view stop_reason_of(const control::LogRow& row) noexcept;

/// "2026-11-22 13:05:09", UTC.
[[nodiscard]] std::string utc_text(WallTime time);

}  // namespace pourtocol::routes
