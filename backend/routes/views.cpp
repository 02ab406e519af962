#include "backend/routes/views.hpp"

#include <array>
#include <chrono>
#include <cstdio>

#include "backend/routes/utf8.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::routes {

using control::LinkState;

namespace {

void text_or_null(JsonText& json, std::string_view text) {
  if (text.empty()) {
    json.null();
  } else {
    json.text(text);
  }
}

/// The seed's four words for a device.
[[nodiscard]] std::string_view state_of(const control::TapView& tap) {
  switch (tap.link) {
    case LinkState::offline:
      return "offline";
    case LinkState::error:
      return "error";
    case LinkState::online:
      break;
  }
  return tap.status ? protocol::name_of(tap.status->state) : "offline";
}

[[nodiscard]] bool is_online(const control::TapView& tap) {
  return tap.link == LinkState::online;
}

[[nodiscard]] bool is_pouring(const control::TapView& tap) {
  return state_of(tap) == "pouring" || (tap.pour && tap.pour->phase != control::PourPhase::unclear);
}

/// What is known of the last pour: by the device, else by our own record of it.
[[nodiscard]] std::optional<Microlitres> last_pour_of(const control::TapView& tap) {
  if (tap.status && tap.status->last_pour) return tap.status->last_pour;
  if (tap.last) return shown(tap.last->delivery).delivered;
  return std::nullopt;
}

/// The tag that lies on the machine's reader now, if it can stand for a person; empty: none.
[[nodiscard]] std::string_view tag_of(const control::TapView& tap) {
  if (!is_online(tap) || !tap.status || !tap.status->nfc || !tap.status->nfc->tag_present)
    return {};
  const std::string_view uid = tap.status->nfc->uid.view();
  return UserToken::from(uid) && is_printable_utf8(uid) ? uid : std::string_view{};
}

/// The four fields of the seed's contract.
void write_device_fields(JsonText& json, const control::TapView& tap) {
  json.key("state").text(state_of(tap));
  json.key("glass_present").boolean(is_online(tap) && tap.status && tap.status->glass_present);
  json.key("uptime").whole(tap.status ? tap.status->uptime.count() : 0);
  json.key("last_pour_ml").ml_or_null(last_pour_of(tap));
}

void write_faults(JsonText& json, const control::TapView& tap) {
  json.begin_array();
  if (tap.status && tap.status->details) {
    for (std::size_t i = 0; i < protocol::fault_count; ++i) {
      const auto fault = static_cast<protocol::Fault>(i);
      if (tap.status->details->faults.contains(fault)) json.text(protocol::name_of(fault));
    }
  }
  json.end_array();
}

/// Why the device started; empty: it has not said so.
[[nodiscard]] std::string_view reset_reason_of(const control::TapView& tap) {
  if (!tap.status || !tap.status->details || !tap.status->details->reset_reason) return {};
  return protocol::name_of(*tap.status->details->reset_reason);
}

void write_pour(JsonText& json, const control::PourView& pour) {
  json.begin_object();
  json.key("request_id").text(pour.request_id.view());
  json.key("user_token").text(pour.user.view());
  json.key("requested_ml").whole(pour.requested.count());
  json.key("delivered_ml").ml_or_null(pour.delivered);
  json.key("state").text(control::name_of(pour.phase));
  json.key("purpose").text(protocol::name_of(pour.purpose));
  json.end_object();
}

void machine_id_or_null(JsonText& json, std::optional<MachineId> id) {
  const auto text = id.value_or(MachineId{}).text();
  text_or_null(json, id ? std::string_view{text.data(), text.size()} : std::string_view{});
}

void write_machine(JsonText& json, const control::MachineView& machine) {
  json.begin_object();
  json.key("known_id");
  machine_id_or_null(json, machine.known);
  json.key("says_id");
  machine_id_or_null(json, machine.told);
  json.key("says_tap");
  text_or_null(json, machine.named.view());
  json.key("mismatch");
  text_or_null(json, machine.mismatch ? control::name_of(*machine.mismatch) : std::string_view{});
  json.key("machine_of");
  text_or_null(json, machine.owner.view());
  json.key("also_at").begin_array();
  for (const TapName& tap : machine.also_at) json.text(tap.view());
  json.end_array();
  json.key("adoptable").boolean(machine.adoptable);
  json.end_object();
}

}  // namespace

ShownDelivery shown(const std::optional<control::Delivery>& delivery) noexcept {
  if (!delivery) return {};
  ShownDelivery shown{{}, {}, delivery->min, delivery->max};
  const bool known = delivery->basis != control::Basis::none || delivery->max <= Microlitres{0};
  if (known) {
    shown.delivered = delivery->delivered;
    shown.uncertainty = delivery->uncertainty;
  }
  return shown;
}

std::string_view purpose_of(const control::LogRow& row) noexcept {
  return row.action.empty() ? protocol::name_of(row.purpose) : control::purpose_of_act(row.action);
}

std::string_view code_of(const control::LogRow& row) noexcept {
  return row.cause ? control::name_of(*row.cause) : std::string_view{};
}

std::string_view stop_reason_of(const control::LogRow& row) noexcept {
  return row.stop_reason ? protocol::name_of(*row.stop_reason) : std::string_view{};
}

std::string utc_text(WallTime time) {
  using namespace std::chrono;
  const sys_time<milliseconds> moment{time.time_since_epoch()};
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(moment - day)};
  std::array<char, 48> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

void write_tap(JsonText& json, const control::TapView& tap) {
  json.begin_object();
  json.key("name").text(tap.name.view());
  json.key("drink");
  text_or_null(json, tap.drink);
  json.key("online").boolean(is_online(tap));
  write_device_fields(json, tap);
  json.key("protocol");
  if (tap.status) {
    json.whole(tap.status->details ? protocol::protocol_version : 1);
  } else {
    json.null();
  }
  json.key("tag");
  text_or_null(json, tag_of(tap));
  json.key("reset_reason");
  text_or_null(json, reset_reason_of(tap));
  json.key("stopped").boolean(tap.stopped);
  json.key("stop_id").whole(static_cast<std::int64_t>(tap.stop));
  json.key("faults");
  write_faults(json, tap);
  json.key("ready").boolean(!tap.blocked);
  json.key("blocked_by");
  if (tap.blocked) {
    json.begin_object();
    json.key("code").text(control::name_of(tap.blocked->cause));
    json.key("reason").text(tap.blocked->action);
    json.end_object();
  } else {
    json.null();
  }
  json.key("pour");
  if (tap.pour) {
    write_pour(json, *tap.pour);
  } else {
    json.null();
  }
  json.key("last");
  if (tap.last) {
    write_receipt(json, *tap.last, nullptr);
  } else {
    json.null();
  }
  json.end_object();
}

void write_status(JsonText& json, const std::vector<control::TapView>& taps,
                  const StatusFacts& facts) {
  const control::TapView& first = taps.front();
  json.begin_object();
  json.key("server_online").boolean(true);
  json.key("esp_online").boolean(is_online(first));
  json.key("esp_status").begin_object();
  write_device_fields(json, first);
  json.end_object();
  json.key("timestamp").seconds(facts.now);
  json.key("is_pouring").boolean(is_pouring(first));
  json.key("version").whole(static_cast<std::int64_t>(facts.version));
  json.key("server_id").text(facts.server_id);
  json.key("uptime_ms").whole(facts.uptime.count());
  json.key("public_url");
  text_or_null(json, facts.public_url);
  json.key("taps").begin_array();
  for (const auto& tap : taps) write_tap(json, tap);
  json.end_array();
  json.end_object();
}

void write_receipt(JsonText& json, const control::Pour& pour,
                   const std::vector<control::HistoryStep>* history) {
  const ShownDelivery delivery = shown(pour.delivery);
  json.begin_object();
  json.key("request_id").text(pour.request_id.view());
  json.key("tap").text(pour.tap.view());
  json.key("user_token").text(pour.user.view());
  json.key("amount_ml").whole(pour.amount_ml);
  json.key("state").text(control::name_of(pour.state));
  json.key("final").boolean(control::is_final(pour.state));
  json.key("status").text(control::name_of(control::event_status_of(pour.state)));
  json.key("code").text(control::name_of(pour.cause));
  json.key("reason").text(control::reason_for(pour));
  json.key("delivered_ml").ml_or_null(delivery.delivered);
  json.key("uncertainty_ml").ml_or_null(delivery.uncertainty);
  json.key("ml_min").ml_or_null(delivery.min);
  json.key("ml_max").ml_or_null(delivery.max);
  json.key("measured_by");
  const bool measured = pour.delivery && pour.delivery->basis != control::Basis::none;
  text_or_null(json, measured ? control::name_of(pour.delivery->basis) : std::string_view{});
  json.key("stop_reason");
  text_or_null(json, pour.stop_reason ? protocol::name_of(*pour.stop_reason) : std::string_view{});
  json.key("started_at").seconds(pour.started_at);
  json.key("updated_at").seconds(pour.updated_at);
  json.key("purpose").text(protocol::name_of(pour.purpose));
  if (history != nullptr) {
    json.key("history").begin_array();
    for (const auto& step : *history) {
      json.begin_object();
      json.key("at").seconds(step.at);
      json.key("from").text(control::name_of(step.from));
      json.key("to").text(control::name_of(step.to));
      json.key("code").text(control::name_of(step.cause));
      json.key("detail").text(step.detail);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

void write_log_row(JsonText& json, const control::LogRow& row) {
  const ShownDelivery delivery = shown(row.delivery);
  json.begin_object();
  json.key("id").whole(row.id);
  json.key("timestamp").text(utc_text(row.timestamp));
  json.key("timestamp_ms").whole(row.timestamp.time_since_epoch().count());
  json.key("user_token").text(row.user.view());
  json.key("amount_ml").whole(row.amount_ml);
  json.key("status").text(control::name_of(row.status));
  json.key("reason");
  text_or_null(json, row.reason);
  json.key("tap").text(row.tap.view());
  json.key("request_id").text(row.request_id.view());
  json.key("outcome").text(control::name_of(row.outcome));
  json.key("delivered_ml").ml_or_null(delivery.delivered);
  json.key("ml_min").ml_or_null(delivery.min);
  json.key("ml_max").ml_or_null(delivery.max);
  json.key("code");
  text_or_null(json, code_of(row));
  json.key("stop_reason");
  text_or_null(json, stop_reason_of(row));
  json.key("purpose").text(purpose_of(row));
  json.key("action");
  text_or_null(json, row.action);
  json.end_object();
}

void write_totals(JsonText& json, WallTime since, const std::vector<control::TapTotal>& totals) {
  json.begin_object();
  json.key("since").seconds(since);
  json.key("taps").begin_array();
  for (const auto& total : totals) {
    json.begin_object();
    json.key("tap").text(total.tap.view());
    json.key("pours").whole(total.pours);
    json.key("delivered_ml").ml(total.delivered);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_why(JsonText& json, const control::WhyView& why) {
  bool ready = true;
  for (const auto& interlock : why.interlocks) ready = ready && interlock.ok;
  json.begin_object();
  json.key("tap").text(why.tap.view());
  json.key("ready").boolean(ready);
  json.key("interlocks").begin_array();
  for (const auto& interlock : why.interlocks) {
    json.begin_object();
    json.key("name").text(control::name_of(interlock.name));
    json.key("ok").boolean(interlock.ok);
    json.key("value").text(interlock.value);
    json.key("action").text(interlock.action);
    if (interlock.kind) json.key("kind").text(control::name_of(*interlock.kind));
    json.end_object();
  }
  json.end_array();
  json.key("machine");
  write_machine(json, why.machine);
  json.end_object();
}

}  // namespace pourtocol::routes
