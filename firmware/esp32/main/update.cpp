#include "firmware/esp32/main/update.hpp"

#include <esp_log.h>
#include <esp_system.h>
#include <esp_timer.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>
#include <sdkconfig.h>

#include <algorithm>
#include <cstddef>

#include "firmware/esp32/main/http_exchange.hpp"
#include "firmware/esp32/main/http_reading.hpp"

namespace pourtocol::board {

namespace {

constexpr const char* tag = "update";
constexpr std::int64_t patience_us = 10 * 60 * 1'000'000LL;
constexpr std::int64_t silence_us = 20 * 1'000'000LL;

constexpr bool signatures_are_checked() {
#if CONFIG_SECURE_SIGNED_ON_UPDATE
  return true;
#else
  return false;
#endif
}

}  // namespace

esp_err_t Update::begin(httpd_req_t* request) noexcept {
  if constexpr (!signatures_are_checked()) {
    (void)respond(
        request, "403 Forbidden",
        R"({"error":"no_key","message":"This firmware was built without a signing key."})");
    return ESP_FAIL;  // the image is not read: the connection ends
  }
  if (request->content_len == 0) {
    return respond(request, status_line(400),
                   R"({"error":"bad_update","message":"The body must be the signed image."})");
  }
  if (running_.exchange(true)) {
    (void)respond(request, status_line(409),
                  R"({"error":"busy","message":"Another update is coming in."})");
    return ESP_FAIL;
  }
  if (!control_.hold(Holder::update)) {
    running_ = false;
    (void)respond(request, status_line(409),
                  R"({"error":"busy","message":"The machine is pouring."})");
    return ESP_FAIL;
  }
  wait_freely(request);
  const bool begun = httpd_req_async_handler_begin(request, &request_) == ESP_OK;
  if (begun && xTaskCreate(&Update::run_task, "update", 8 * 1024, this, 4, nullptr) == pdPASS) {
    return ESP_OK;
  }
  if (begun) (void)httpd_req_async_handler_complete(request_);
  control_.release(Holder::update);
  running_ = false;
  return ESP_FAIL;
}

void Update::run_task(void* context) noexcept {
  auto& update = *static_cast<Update*>(context);
  const Outcome outcome = update.install();
  ESP_LOGI(tag, "%d %s", outcome.status, outcome.json);
  httpd_req_t* request = update.request_;
  (void)respond(request, status_line(outcome.status), outcome.json);
  const httpd_handle_t server = request->handle;
  const int connection = httpd_req_to_sockfd(request);
  (void)httpd_req_async_handler_complete(request);
  (void)httpd_sess_trigger_close(server, connection);  // what is left of the image is not read
  if (outcome.status == 200) {
    vTaskDelay(pdMS_TO_TICKS(1'000));  // until the answer has left
    esp_restart();
  }
  update.control_.release(Holder::update);
  update.running_ = false;
  vTaskDelete(nullptr);
}

Update::Outcome Update::install() noexcept {
  const esp_partition_t* place = esp_ota_get_next_update_partition(nullptr);
  esp_ota_handle_t handle = 0;
  if (place == nullptr || esp_ota_begin(place, OTA_WITH_SEQUENTIAL_WRITES, &handle) != ESP_OK) {
    return {500, R"({"error":"flash","message":"There is no place for an update."})"};
  }
  if (!receive(handle)) {
    (void)esp_ota_abort(handle);
    return {408, R"({"error":"bad_update","message":"The image did not come whole."})"};
  }
  // Checks the signature against the key of the firmware that runs.
  if (const esp_err_t checked = esp_ota_end(handle); checked != ESP_OK) {
    ESP_LOGE(tag, "the image was refused: %s", esp_err_to_name(checked));
    return {400, R"({"error":"bad_update","message":"That is no image signed with our key."})"};
  }
  if (esp_ota_set_boot_partition(place) != ESP_OK) {
    return {500, R"({"error":"flash","message":"The update could not be made the next to boot."})"};
  }
  return {200, R"({"ok":true})"};
}

bool Update::receive(esp_ota_handle_t handle) noexcept {
  std::size_t left = request_->content_len;
  std::int64_t last_us = esp_timer_get_time();
  const std::int64_t deadline = last_us + patience_us;
  while (left > 0) {
    const int got = httpd_req_recv(request_, chunk_.data(), std::min(left, chunk_.size()));
    const std::int64_t now = esp_timer_get_time();
    if (now > deadline || now - last_us > silence_us) return false;
    if (got == HTTPD_SOCK_ERR_TIMEOUT) continue;
    if (got <= 0) return false;
    last_us = now;
    left -= static_cast<std::size_t>(got);
    if (esp_ota_write(handle, chunk_.data(), static_cast<std::size_t>(got)) != ESP_OK) return false;
  }
  return true;
}

bool Update::on_trial() noexcept {
  esp_ota_img_states_t state{};
  return esp_ota_get_state_partition(esp_ota_get_running_partition(), &state) == ESP_OK &&
         state == ESP_OTA_IMG_PENDING_VERIFY;
}

void Update::pass_trial() noexcept {
  if (esp_ota_mark_app_valid_cancel_rollback() == ESP_OK) ESP_LOGI(tag, "this firmware stays");
}

void Update::fail_trial() noexcept {
  ESP_LOGE(tag, "this firmware has not proved itself: back to the one before");
  (void)esp_ota_mark_app_invalid_rollback_and_reboot();
}

}  // namespace pourtocol::board
