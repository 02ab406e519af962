#include "firmware/simulator/control_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace pourtocol::firmware {

namespace {

constexpr std::uint64_t bottle_ml_max = 100'000;
constexpr std::uint64_t delay_ms_max = 600'000;
constexpr std::uint64_t count_max = 1'000'000;
constexpr std::chrono::milliseconds truth_wait_max{60'000};

http::Response json(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

http::Response wrong(int status, std::string sentence) {
  // It may quote what the client sent.
  std::ranges::replace_if(
      sentence, [](char c) { return c == '\\' || static_cast<unsigned char>(c) < 0x20; }, '?');
  std::ranges::replace(sentence, '"', '\'');
  return json(status, fmt::format(R"({{"error":"{}"}})", sentence));
}

double ml(Microlitres volume) {
  return static_cast<double>(volume.count()) / 1000.0;
}

double ms(Duration duration) {
  return static_cast<double>(duration.count()) / 1000.0;
}

std::int64_t unix_ms(WallTime time) {
  return time.time_since_epoch().count();
}

std::string episode_json(const Episode& episode, const EpisodeOrder& order, WallTime began,
                         WallTime ended) {
  return fmt::format(
      R"({{"request_id":"{}","ml":{},"in_glass_ml":{},"pump_on_ms":{},"started_at_ms":{},)"
      R"("began_ms":{},"ended_ms":{},"boot":{},"pump_on":{},"final":{},"glass_at_start":{},)"
      R"("longest_without_glass_ms":{}}})",
      order.request_id.view(), ml(episode.total), ml(episode.in_glass),
      ms(episode.ended - episode.started), ms(episode.started - order.booted_at), unix_ms(began),
      unix_ms(ended), order.boot, episode.pump_on, episode.final, episode.glass_at_start,
      ms(episode.longest_without_glass));
}

std::string stop_json(const ArrivedStop& stop, WallTime arrived) {
  return fmt::format(R"({{"request_id":"{}","arrived_ms":{},"pump_on":{}}})",
                     stop.request_id.value_or(RequestId{}).view(), unix_ms(arrived), stop.pump_on);
}

std::string late_json(const LateTurn& late, WallTime from) {
  return fmt::format(R"({{"from_ms":{},"ms":{}}})", unix_ms(from), ms(late.length));
}

std::optional<SensorMode> sensor_mode(std::string_view stuck) {
  if (stuck == "none") return SensorMode::works;
  if (stuck == "present") return SensorMode::stuck_present;
  if (stuck == "absent") return SensorMode::stuck_absent;
  if (stuck == "silent") return SensorMode::silent;
  return std::nullopt;
}

Duration milliseconds(std::uint64_t count) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(count)};
}

}  // namespace

const ControlApi::Entry ControlApi::commands[] = {
    {"/glass", &ControlApi::glass},   {"/bottle", &ControlApi::bottle},
    {"/clog", &ControlApi::clog},     {"/power", &ControlApi::power},
    {"/sensor", &ControlApi::sensor}, {"/network", &ControlApi::network},
    {"/button", &ControlApi::button}, {"/tag", &ControlApi::tag},
};

ControlOutcome ControlApi::handle(const http::Request& request) {
  if (request.path == "/truth") {
    if (request.method == http::Method::get) return get_truth(request.query);
    return wrong(405, "Ask for the truth with GET.");
  }
  for (const Entry& entry : commands) {
    if (entry.path != request.path) continue;
    if (request.method != http::Method::post) return wrong(405, "This is done with POST.");
    FlatJson body{request.body};
    (this->*entry.command)(body);
    if (const auto complaint = body.complaint()) return wrong(400, *complaint);
    ++commands_;
    return json(200, R"({"ok":true})");
  }
  return wrong(
      404, "There is /truth, /glass, /bottle, /clog, /power, /sensor, /network, /button, /tag.");
}

ControlOutcome ControlApi::get_truth(std::string_view query) const {
  const auto held = read_wait(query, version(), truth_wait_max);
  if (!held) return wrong(400, "after and wait_ms must be whole numbers");
  if (held->wait.count() == 0) return truth_answer();
  return *held;
}

std::uint64_t ControlApi::version() const {
  // A sum of what only ever grows.
  const std::vector<Episode>& episodes = machine_.plant().episodes();
  std::uint64_t steps = 3 * episodes.size();  // pump on, pump off, the last drop
  if (!episodes.empty() && episodes.back().pump_on) --steps;
  if (!episodes.empty() && !episodes.back().final) --steps;
  return steps + machine_.stops().size() + commands_;
}

http::Response ControlApi::truth_answer() const {
  return json(200, truth());
}

std::string ControlApi::truth() const {
  const Plant& plant = machine_.plant();
  std::vector<std::string> episodes;
  for (std::size_t i = 0; i < plant.episodes().size(); ++i) {
    const Episode& episode = plant.episodes()[i];
    episodes.push_back(episode_json(episode, machine_.order_of_episode(i),
                                    wall_clock_(episode.started), wall_clock_(episode.ended)));
  }
  std::vector<std::string> stops;
  for (const ArrivedStop& stop : machine_.stops()) {
    stops.push_back(stop_json(stop, wall_clock_(stop.at)));
  }
  std::vector<std::string> late_turns;
  for (const LateTurn& late : machine_.late_turns()) {
    late_turns.push_back(late_json(late, wall_clock_(late.from)));
  }
  return fmt::format(
      R"({{"episodes":[{}],"stops":[{}],"late_turns":[{}],"total_ml":{},"pump_on":{},)"
      R"("glass_present":{},"bottle_ml":{},)"
      R"("powered":{},"boots":{},"now_ms":{},"version":{}}})",
      fmt::join(episodes, ","), fmt::join(stops, ","), fmt::join(late_turns, ","),
      ml(plant.total()), plant.pump_on(), plant.glass_present(), ml(plant.bottle()),
      machine_.powered(), machine_.boots(), ms(machine_.now() - Instant{}), version());
}

void ControlApi::glass(FlatJson& body) {
  const bool present = body.needed_flag("present");
  if (body.complaint()) return;
  if (present) {
    machine_.plant().place_glass(machine_.now());
  } else {
    machine_.plant().lift_glass(machine_.now());
  }
}

void ControlApi::bottle(FlatJson& body) {
  const auto volume = body.needed_whole("ml", bottle_ml_max);
  if (body.complaint()) return;
  machine_.plant().fill_bottle(machine_.now(),
                               Microlitres{static_cast<std::int64_t>(volume) * 1000});
}

void ControlApi::clog(FlatJson& body) {
  const bool clogged = body.needed_flag("clogged");
  if (body.complaint()) return;
  machine_.plant().set_clogged(machine_.now(), clogged);
}

void ControlApi::power(FlatJson& body) {
  const bool on = body.needed_flag("on");
  if (body.complaint()) return;
  machine_.set_power(on);
}

void ControlApi::sensor(FlatJson& body) {
  const auto stuck = body.text("stuck");
  const auto spike_ms = body.whole("spike_ms", delay_ms_max);
  const auto mode = stuck ? sensor_mode(*stuck) : std::nullopt;
  if (stuck && !mode) body.complain("stuck must be present, absent, silent or none");
  if (!stuck && !spike_ms) body.complain("there must be stuck, spike_ms or both");
  if (body.complaint()) return;
  if (mode) machine_.plant().set_sensor(machine_.now(), *mode);
  if (spike_ms) machine_.plant().spike_sensor(machine_.now(), milliseconds(*spike_ms));
}

void ControlApi::network(FlatJson& body) {
  NetworkFaults faults = faults_;
  if (const auto delay = body.whole("delay_ms", delay_ms_max)) faults.delay = milliseconds(*delay);
  const auto count = [&body](std::string_view name, std::uint32_t& into) {
    if (const auto given = body.whole(name, count_max)) into = static_cast<std::uint32_t>(*given);
  };
  count("drop_answers", faults.drop_answers);
  count("garbage_answers", faults.garbage_answers);
  count("hang_answers", faults.hang_answers);
  if (const auto refuse = body.flag("refuse")) faults.refuse = *refuse;
  if (const auto only = body.text("only")) {
    faults.only_some = *only != "all";
    if (*only == "status") {
      faults.some = RequestKind::status;
    } else if (*only == "dispense") {
      faults.some = RequestKind::dispense;
    } else if (*only == "stop") {
      faults.some = RequestKind::stop;
    } else if (*only == "service") {
      faults.some = RequestKind::service;
    } else if (*only == "calibration") {
      faults.some = RequestKind::calibration;
    } else if (faults.only_some) {
      body.complain("only must be status, dispense, stop, service, calibration or all");
    }
  }
  if (!body.complaint()) faults_ = faults;
}

void ControlApi::button(FlatJson& body) {
  const bool held = body.needed_flag("held");
  if (body.complaint()) return;
  machine_.hold_stop_button(held);
}

void ControlApi::tag(FlatJson& body) {
  const auto uid = body.needed_text_or_null("uid");
  const auto fits = TagId::from(uid.value_or(""));
  if (uid && (uid->empty() || !fits)) {
    body.complain(fmt::format("uid must be null or 1 to {} bytes of text", TagId::capacity));
  }
  if (body.complaint()) return;
  machine_.plant().lay_tag(*fits);
}

}  // namespace pourtocol::firmware
