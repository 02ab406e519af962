// The dispenser's application: pump low, board, core, network, in that order.
#include <driver/gpio.h>
#include <esp_intr_alloc.h>
#include <esp_log.h>
#include <esp_rom_sys.h>
#include <esp_system.h>
#include <esp_timer.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>

#include <cstdint>

#include "core/assert.hpp"
#include "firmware/core/journal.hpp"
#include "firmware/esp32/main/board.hpp"
#include "firmware/esp32/main/boot_guard.hpp"
#include "firmware/esp32/main/control_task.hpp"
#include "firmware/esp32/main/http_api.hpp"
#include "firmware/esp32/main/network.hpp"
#include "firmware/esp32/main/pins.hpp"
#include "firmware/esp32/main/portal.hpp"
#include "firmware/esp32/main/settings.hpp"
#include "firmware/esp32/main/status_feed.hpp"
#include "firmware/esp32/main/stop_button.hpp"
#include "firmware/esp32/main/update.hpp"
#include "firmware/esp32/portable/held_button.hpp"
#include "firmware/esp32/portable/trial.hpp"

namespace pourtocol::board {

namespace {

constexpr const char* tag = "pourtocol";
constexpr std::uint32_t watch_period_ms = 100;
constexpr std::int64_t setup_held_us = 5 * 1'000'000;

[[noreturn]] void end_on_failed_assertion(const char* condition, const char* file, int line) {
  force_pump_off();
  esp_rom_printf("this should never be false: %s (%s:%d)\n", condition, file, line);
  esp_system_abort("assertion failed");
}

/// Opens the journal's flash, and formats it on a board that never ran. False: there is no journal,
/// and without one nothing may pour.
bool prepare_journal(JournalPartition& journal) {
  if (!journal.open()) return false;
  if (journal_was_formatted()) return true;
  if (journal.blank() && !firmware::format_journal(journal)) {
    ESP_LOGE(tag, "the journal could not be formatted");
    return true;  // the core finds no record in it and says that it is not whole
  }
  remember_journal_formatted();
  return true;
}

/// No journal: the core cannot run, the pump stays low, and a firmware on trial has failed.
[[noreturn]] void stay_off() {
  if (Update::on_trial()) Update::fail_trial();
  for (;;) {
    force_pump_off();
    vTaskDelay(pdMS_TO_TICKS(1'000));
  }
}

/// What is left to do once everything runs: the setup button, and the proof of an update.
class Watch {
 public:
  Watch(ControlTask& control, const Network& network, bool guarded) noexcept
      : control_{control}, network_{network}, guarded_{guarded} {}

  [[noreturn]] void run() noexcept {
    if (on_trial_) ESP_LOGI(tag, "this firmware is on trial");
    for (;;) {
      vTaskDelay(pdMS_TO_TICKS(watch_period_ms));
      const std::int64_t now = esp_timer_get_time();
      watch_button(now);
      if (on_trial_) watch_trial(now);
    }
  }

 private:
  void watch_button(std::int64_t now) noexcept {
    if (!setup_.update(button_.pressed(), now) || !control_.hold(Holder::button)) {
      return;
    }
    ESP_LOGI(tag, "restarting for setup");
    ask_for_portal();
    esp_restart();
  }

  void watch_trial(std::int64_t now) noexcept {
    control_.read_status(status_);
    const auto& details = status_.status.details;
    const Verdict verdict = judge_trial(
        {.pump_guarded = guarded_,
         .journal_works = details && !details->faults.contains(protocol::Fault::journal_failed),
         .network_up = network_.up()},
        now);
    // Either verdict writes flash: not while something pours.
    if (verdict == Verdict::wait || !control_.hold(Holder::trial)) return;
    if (verdict == Verdict::passed) {
      Update::pass_trial();
    } else {
      Update::fail_trial();
    }
    control_.release(Holder::trial);
    on_trial_ = false;
  }

  ControlTask& control_;
  const Network& network_;
  bool guarded_;  ///< the pump
  Button button_{pins::setup};
  HeldButton setup_{setup_held_us};
  bool on_trial_ = Update::on_trial();
  StatusSnapshot status_;
};

}  // namespace

void run() {
  Pump::hold_low();
  set_assert_handler(&end_on_failed_assertion);
  const esp_reset_reason_t reason = esp_reset_reason();
  ESP_LOGI(tag, "started after: %s", name_of(reason));

  const std::uint64_t boot_bits = Entropy::draw();
  const std::uint64_t portal_bits = Entropy::draw();
  static const Settings settings = load_settings();
  static BootGuard guard{reason};
  ESP_ERROR_CHECK(gpio_install_isr_service(ESP_INTR_FLAG_IRAM));
  static Board board{boot_bits};
  // Without its guard the pump is not to be trusted: the machine answers, but takes no order.
  const bool guarded = board.pump().begin(settings.config.pump_power);
  if (!prepare_journal(board.journal_store())) stay_off();
#if CONFIG_POURTOCOL_NFC
  board.tag_reader().begin();
#endif

  static ControlTask control;
  static StatusFeed feed;
  feed.start(control);
  control.start(board, settings.config, tuning_unless_known(), guarded, reset_reason_of(reason));
  ESP_LOGI(tag, "the control task runs%s", guarded ? "" : ", out of service");

  static Update update{control, settings.update_key};
  static HttpApi api{control, feed, update, settings.key};
  static Portal portal{control, settings, portal_bits};
  static Network network{settings, api, portal, control, guard};
  network.start();

  static Watch watch{control, network, guarded};
  watch.run();
}

}  // namespace pourtocol::board

extern "C" void app_main() {
  pourtocol::board::run();
}
