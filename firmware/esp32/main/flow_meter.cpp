#include "firmware/esp32/main/flow_meter.hpp"

#include <driver/gpio.h>
#include <esp_attr.h>
#include <esp_err.h>

#include "firmware/esp32/main/pins.hpp"

#if !SOC_PCNT_SUPPORTED && SOC_GPIO_SUPPORT_PIN_GLITCH_FILTER
#include <driver/gpio_filter.h>
#endif

namespace pourtocol::board {

#if SOC_PCNT_SUPPORTED

namespace {

/// The counter goes back to 0 here. A YF-S401 at its fastest (600 Hz) takes 50 s to get there.
constexpr int counter_limit = 30'000;
/// A meter's pulses are a millisecond and more; what is shorter than this came through the air.
constexpr std::uint32_t glitch_ns = 1'000;

}  // namespace

FlowMeter::FlowMeter() noexcept {
  if (pins::flow == GPIO_NUM_NC) return;
  pcnt_unit_config_t config{};
  config.low_limit = -1;
  config.high_limit = counter_limit;
  ESP_ERROR_CHECK(pcnt_new_unit(&config, &unit_));
  const pcnt_glitch_filter_config_t filter{.max_glitch_ns = glitch_ns};
  ESP_ERROR_CHECK(pcnt_unit_set_glitch_filter(unit_, &filter));
  pcnt_chan_config_t channel_config{};
  channel_config.edge_gpio_num = pins::flow;
  channel_config.level_gpio_num = -1;
  pcnt_channel_handle_t channel = nullptr;
  ESP_ERROR_CHECK(pcnt_new_channel(unit_, &channel_config, &channel));
  ESP_ERROR_CHECK(pcnt_channel_set_edge_action(channel, PCNT_CHANNEL_EDGE_ACTION_INCREASE,
                                               PCNT_CHANNEL_EDGE_ACTION_HOLD));
  // Without a watch on the limit the hardware does not compare with it, and would not go back to 0.
  ESP_ERROR_CHECK(pcnt_unit_add_watch_point(unit_, counter_limit));
  // The meter's output is an open collector.
  ESP_ERROR_CHECK(gpio_set_pull_mode(pins::flow, GPIO_PULLUP_ONLY));
  ESP_ERROR_CHECK(pcnt_unit_enable(unit_));
  ESP_ERROR_CHECK(pcnt_unit_clear_count(unit_));
  ESP_ERROR_CHECK(pcnt_unit_start(unit_));
}

std::uint32_t FlowMeter::pulses() noexcept {
  int count = 0;
  if (unit_ == nullptr || pcnt_unit_get_count(unit_, &count) != ESP_OK) return total_;
  // The hardware's 16 bits become 32 without an interrupt: between two readings there is less than
  // one round.
  total_ += static_cast<std::uint32_t>((count - last_ + counter_limit) % counter_limit);
  last_ = count;
  return total_;
}

#else

FlowMeter::FlowMeter() noexcept {
  if constexpr (pins::flow != GPIO_NUM_NC) {
    gpio_config_t config{};
    config.pin_bit_mask = 1ULL << pins::flow;
    config.mode = GPIO_MODE_INPUT;
    config.pull_up_en = GPIO_PULLUP_ENABLE;  // the meter's output is an open collector
    config.intr_type = GPIO_INTR_POSEDGE;
    ESP_ERROR_CHECK(gpio_config(&config));
#if SOC_GPIO_SUPPORT_PIN_GLITCH_FILTER
    gpio_pin_glitch_filter_config_t filter_config{};
    filter_config.clk_src = GLITCH_FILTER_CLK_SRC_DEFAULT;
    filter_config.gpio_num = pins::flow;
    gpio_glitch_filter_handle_t filter = nullptr;
    ESP_ERROR_CHECK(gpio_new_pin_glitch_filter(&filter_config, &filter));
    ESP_ERROR_CHECK(gpio_glitch_filter_enable(filter));
#endif
    ESP_ERROR_CHECK(gpio_isr_handler_add(pins::flow, &FlowMeter::on_pulse, this));
  }
}

void IRAM_ATTR FlowMeter::on_pulse(void* meter) noexcept {
  auto& total = static_cast<FlowMeter*>(meter)->total_;
  // Not `fetch_add`: this is the only writer, and the C3 has no atomic addition.
  total.store(total.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

std::uint32_t FlowMeter::pulses() noexcept {
  return total_.load(std::memory_order_relaxed);
}

#endif

}  // namespace pourtocol::board
