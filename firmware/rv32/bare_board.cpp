// The smallest image that holds the whole core: a board whose devices are plain words of memory. It
// is linked, not run, to see what the core drags along; and it shows how little a new board has to
// write.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "firmware/core/board_loop.hpp"
#include "firmware/core/config.hpp"
#include "firmware/hal/board.hpp"
#include "protocol/codec.hpp"
#include "protocol/limits.hpp"

namespace {

using namespace pourtocol::firmware;

// What a linker script would put at the addresses of registers.
volatile std::uint32_t pump_pin;
volatile std::uint32_t pump_timer_ms;
volatile std::uint32_t glass_pin;
volatile std::uint32_t pulse_counter;
volatile std::uint32_t tick_counter;
volatile std::uint32_t button_pin;
volatile std::uint32_t noise;
volatile std::uint32_t serial_number;
volatile std::uint8_t settings[stored_confirmed_bytes];
volatile std::uint32_t flash_words[16][32][hal::slot_bytes / 4];

class BareBoard {
 public:
  BareBoard& pump() noexcept { return *this; }
  BareBoard& glass_sensor() noexcept { return *this; }
  BareBoard& flow_meter() noexcept { return *this; }
  BareBoard& clock() noexcept { return *this; }
  BareBoard& stop_button() noexcept { return *this; }
  BareBoard& entropy() noexcept { return *this; }
  BareBoard& journal_store() noexcept { return *this; }

  void switch_on(hal::Milliseconds cut_off) noexcept {
    pump_timer_ms = static_cast<std::uint32_t>(cut_off.count());
    pump_pin = 1;
  }
  void renew_cut_off(hal::Milliseconds cut_off) noexcept {
    pump_timer_ms = static_cast<std::uint32_t>(cut_off.count());
  }
  void switch_off() noexcept { pump_pin = 0; }
  hal::GlassReading read() noexcept { return {.present = glass_pin != 0, .valid = true}; }
  std::uint32_t pulses() noexcept { return pulse_counter; }
  std::uint32_t ticks_ms() noexcept { return tick_counter; }
  bool pressed() noexcept { return button_pin != 0; }
  std::uint64_t random_bits() noexcept { return std::uint64_t{noise} << 32 | noise; }
  std::optional<pourtocol::MachineId> machine_id() noexcept {
    return pourtocol::MachineId{std::uint64_t{serial_number} << 32 | serial_number};
  }
  bool keep_confirmed(std::span<const std::uint8_t> bytes) noexcept {
    for (std::size_t i = 0; i < bytes.size() && i < stored_confirmed_bytes; ++i) {
      settings[i] = bytes[i];
    }
    return bytes.size() == stored_confirmed_bytes;
  }

  std::size_t sector_count() noexcept { return 16; }
  std::size_t slots_per_sector() noexcept { return 32; }
  bool read_slot(std::size_t index, hal::Slot& out) noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<std::uint8_t>(flash_words[index / 32][index % 32][i / 4] >> (i % 4 * 8));
    }
    return true;
  }
  bool write_slot(std::size_t index, const hal::Slot& in) noexcept {
    for (std::size_t i = 0; i < in.size(); ++i) {
      flash_words[index / 32][index % 32][i / 4] =
          flash_words[index / 32][index % 32][i / 4] | std::uint32_t{in[i]} << (i % 4 * 8);
    }
    return true;
  }
  bool erase_sector(std::size_t index) noexcept {
    for (auto& slot : flash_words[index]) {
      for (auto& word : slot) word = 0;
    }
    return true;
  }
};

// What a web server would have taken in and would send.
char request[pourtocol::protocol::body_bytes_max];
volatile std::size_t request_size;
pourtocol::protocol::MessageBuffer answer;

BareBoard board;
std::optional<BoardLoop<BareBoard>> loop;

// Each of these is where a stack of its own begins on a real board, in the control task or the web
// server's; CMakeLists.txt holds what lies below them to budgets.

[[gnu::noipa]] void boot() {
  Config config;
  config.metered = true;
  loop.emplace(board, config, Tuning{});
}

[[gnu::noipa]] void take_turn() {
  loop->step();
}

void tell(const OrderReply& reply, const pourtocol::RequestId& id) {
  using namespace pourtocol::protocol;
  if (const auto* refused = std::get_if<OrderRejected>(&reply)) {
    (void)encode_refusal(refused->refusal, refused->text.view(), answer);
  } else {
    (void)encode_accepted(id, std::get_if<OrderAccepted>(&reply)->repeated, answer);
  }
}

[[gnu::noipa]] void take_order(std::string_view body) {
  using namespace pourtocol::protocol;
  const auto order = decode_order(body);
  if (!order) {
    (void)encode_refusal(Refusal::bad_order, order.error().message.view(), answer);
    return;
  }
  tell(loop->handle_order(*order), order->request_id);
}

[[gnu::noipa]] void take_service(std::string_view body) {
  const auto order = pourtocol::protocol::decode_service(body);
  if (order) tell(loop->handle_service(*order), order->request_id);
}

[[gnu::noipa]] void take_calibration(std::string_view body) {
  using namespace pourtocol::protocol;
  const auto action = decode_calibration_action(body);
  if (!action) return;
  const CalibrationAnswer reply = loop->handle_calibration(action->action, action->guard);
  if (reply) {
    (void)encode_calibration(*reply, answer);
  } else {
    (void)encode_calibration_refused(reply.error(), answer);
  }
}

[[gnu::noipa]] void take_stop(std::string_view body) {
  if (const auto stop = pourtocol::protocol::decode_stop(body)) (void)loop->handle_stop(*stop);
}

[[gnu::noipa]] void tell_status() {
  (void)pourtocol::protocol::encode_status(loop->status(), answer);
}

}  // namespace

int main() {
  boot();
  for (;;) {
    take_turn();
    const std::string_view body{request, request_size};
    if (body.empty()) continue;
    take_order(body);
    take_service(body);
    take_calibration(body);
    take_stop(body);
    tell_status();
  }
}
