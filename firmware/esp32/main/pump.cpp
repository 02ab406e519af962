#include "firmware/esp32/main/pump.hpp"

#include <driver/gpio.h>
#include <driver/ledc.h>
#include <esp_attr.h>
#include <esp_brownout.h>
#include <esp_log.h>
#include <esp_private/panic_internal.h>
#include <esp_rom_gpio.h>
#include <esp_rom_sys.h>
#include <soc/gpio_sig_map.h>

#include "core/assert.hpp"
#include "firmware/esp32/main/pins.hpp"

// The linker puts these before ESP-IDF's own (main/CMakeLists.txt). In a panic interrupts are off,
// so that the guard cannot act, and printing takes longer than a glass takes to leave.
extern "C" void __real_esp_panic_handler(panic_info_t* info);
extern "C" void IRAM_ATTR __wrap_esp_panic_handler(panic_info_t* info) {
  pourtocol::board::force_pump_off();
  __real_esp_panic_handler(info);
}

// A restart by software, also that of a panic within a panic, resets the processor and leaves the
// pins as they are: a pump that is on would stay on until the next `app_main`.
extern "C" [[noreturn]] void __real_esp_restart_noos();
extern "C" [[noreturn]] void IRAM_ATTR __wrap_esp_restart_noos() {
  pourtocol::board::force_pump_off();
  __real_esp_restart_noos();
}

namespace pourtocol::board {

namespace {

constexpr const char* tag = "pump";
constexpr std::uint32_t timer_hz = 1'000'000;
constexpr std::uint64_t trial_us = 2'000;
constexpr std::uint32_t trial_patience_us = 50'000;
/// Beyond hearing, and slow beside the microsecond or two that a pin takes to charge a gate.
constexpr std::uint32_t modulator_hz = 20'000;
constexpr ledc_mode_t modulator_mode = LEDC_LOW_SPEED_MODE;
constexpr ledc_channel_t modulator_channel = LEDC_CHANNEL_0;
constexpr std::uint32_t modulator_signal = LEDC_LS_SIG_OUT0_IDX;
constexpr ledc_timer_bit_t duty_resolution = LEDC_TIMER_10_BIT;
constexpr std::uint32_t duty_one = 1U << duty_resolution;

/// Writes to registers only, from ROM or IRAM: also in an interrupt while flash is written.
inline __attribute__((always_inline)) void connect_pin_to(std::uint32_t signal) noexcept {
  esp_rom_gpio_connect_out_signal(pins::pump, signal, false, false);
}

bool set_duty(std::uint32_t duty) noexcept {
  return ledc_set_duty(modulator_mode, modulator_channel, duty) == ESP_OK &&
         ledc_update_duty(modulator_mode, modulator_channel) == ESP_OK;
}

/// Runs it for good, connected to nothing.
bool start_modulator(firmware::PumpPower power) noexcept {
  ledc_timer_config_t timer{};
  timer.speed_mode = modulator_mode;
  timer.duty_resolution = duty_resolution;
  timer.timer_num = LEDC_TIMER_0;
  timer.freq_hz = modulator_hz;
  timer.clk_cfg = LEDC_AUTO_CLK;
  ledc_channel_config_t channel{};
  channel.gpio_num = pins::pump;
  channel.speed_mode = modulator_mode;
  channel.channel = modulator_channel;
  channel.timer_sel = LEDC_TIMER_0;
  channel.duty = 0;
  // Configuring connects the pin, so there must be no duty until the pin is free again. A restart
  // by software leaves the modulator running, and what is set holds from its next period on.
  if (ledc_timer_config(&timer) != ESP_OK || !set_duty(0)) return false;
  esp_rom_delay_us(2 * 1'000'000 / modulator_hz);
  const bool configured = ledc_channel_config(&channel) == ESP_OK;
  force_pump_off();
  return configured && set_duty(duty_one * power / firmware::full_power);
}

}  // namespace

void IRAM_ATTR force_pump_off() noexcept {
  gpio_set_level(pins::pump, 0);
  connect_pin_to(SIG_GPIO_OUT_IDX);
}

void Pump::hold_low() noexcept {
  // Not `gpio_reset_pin`: that one switches a pull-up on. The level is set before the pin drives,
  // and a modulator that survived a restart is cut off.
  force_pump_off();
  gpio_config_t config{};
  config.pin_bit_mask = 1ULL << pins::pump;
  config.mode = GPIO_MODE_OUTPUT;
  config.pull_down_en = GPIO_PULLDOWN_ENABLE;
  ESP_ERROR_CHECK(gpio_config(&config));
  gpio_set_level(pins::pump, 0);
  // The detector's interrupt empties the console before it resets.
  if (esp_brownout_register_callback(&force_pump_off) != ESP_OK) {
    ESP_LOGE(tag, "a sagging supply switches the pump off no sooner than its reset");
  }
}

bool IRAM_ATTR Pump::on_alarm(gptimer_handle_t, const gptimer_alarm_event_data_t*,
                              void* pump) noexcept {
  // First, so that a `switch_on` on the other core that does not see it is still before what
  // follows.
  static_cast<Pump*>(pump)->expired_.store(true);
  force_pump_off();
  return false;  // no task was woken
}

bool Pump::begin(firmware::PumpPower power) noexcept {
  modulated_ = power != firmware::full_power;
  if (modulated_ && !start_modulator(power)) {
    ESP_LOGE(tag, "the pump cannot be slowed to %d %%", power);
    return false;
  }
  return claim_timer() && try_out();
}

bool Pump::claim_timer() noexcept {
  gptimer_config_t config{};
  config.clk_src = GPTIMER_CLK_SRC_DEFAULT;
  config.direction = GPTIMER_COUNT_UP;
  config.resolution_hz = timer_hz;
  config.intr_priority = 3;  // the highest that may be written in C
  gptimer_event_callbacks_t callbacks{};
  callbacks.on_alarm = &Pump::on_alarm;
  if (gptimer_new_timer(&config, &timer_) != ESP_OK ||
      gptimer_register_event_callbacks(timer_, &callbacks, this) != ESP_OK ||
      gptimer_enable(timer_) != ESP_OK || gptimer_start(timer_) != ESP_OK) {
    ESP_LOGE(tag, "no hardware timer for the pump's guard");
    return false;
  }
  return true;
}

bool Pump::try_out() noexcept {
  if (!arm(trial_us)) return false;
  for (std::uint32_t waited = 0; waited < trial_patience_us; waited += 100) {
    if (expired_.load(std::memory_order_relaxed)) return true;
    esp_rom_delay_us(100);
  }
  ESP_LOGE(tag, "the pump's guard did not act when it was tried out");
  return false;
}

bool Pump::arm(std::uint64_t microseconds) noexcept {
  expired_.store(false, std::memory_order_relaxed);
  std::uint64_t now = 0;
  if (gptimer_get_raw_count(timer_, &now) != ESP_OK) return false;
  gptimer_alarm_config_t alarm{};
  alarm.alarm_count = now + microseconds;
  if (gptimer_set_alarm_action(timer_, &alarm) != ESP_OK) return false;
  // Whoever was held up in between (by a flash write on the other core) must not have set an alarm
  // in the past and wait for it for ever.
  return gptimer_get_raw_count(timer_, &now) == ESP_OK && now < alarm.alarm_count;
}

void Pump::switch_on(firmware::hal::Milliseconds cut_off) noexcept {
  POURTOCOL_ASSERT(timer_ != nullptr);
  if (cut_off.count() <= 0) return;
  if (!arm(static_cast<std::uint64_t>(cut_off.count()) * 1'000)) return switch_off();
  if (modulated_) {
    connect_pin_to(modulator_signal);
  } else {
    gpio_set_level(pins::pump, 1);
  }
  // The alarm may have passed since it was set; its interrupt does not come again.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (expired_.load()) switch_off();
}

void Pump::renew_cut_off(firmware::hal::Milliseconds cut_off) noexcept {
  // Only the timer: the pin is driven by `switch_on` alone, so a pump that was cut off stays off.
  if (cut_off.count() <= 0 || !arm(static_cast<std::uint64_t>(cut_off.count()) * 1'000)) {
    switch_off();
  }
}

void Pump::switch_off() noexcept {
  force_pump_off();
  if (timer_ != nullptr) (void)gptimer_set_alarm_action(timer_, nullptr);
}

}  // namespace pourtocol::board
