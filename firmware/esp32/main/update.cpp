#include "firmware/esp32/main/update.hpp"

#include <esp_app_desc.h>
#include <esp_log.h>
#include <esp_system.h>
#include <esp_timer.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>
#include <sdkconfig.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "firmware/esp32/main/http_exchange.hpp"
#include "firmware/esp32/main/http_reading.hpp"
#include "firmware/esp32/main/signature.hpp"
#include "firmware/esp32/portable/firmware_image.hpp"

namespace pourtocol::board {

namespace {

constexpr const char* tag = "update";
constexpr std::int64_t lingering_us = 2 * 1'000'000LL;

constexpr bool signatures_are_checked() {
#if CONFIG_SECURE_SIGNED_ON_UPDATE
  return true;
#else
  return false;
#endif
}

RunningFirmware running_firmware() {
  const esp_app_desc_t* description = esp_app_get_description();
  return {.chip = CONFIG_IDF_FIRMWARE_CHIP_ID,
          .project = description->project_name,
          .version = description->version};
}

std::size_t place_bytes() {
  const esp_partition_t* place = esp_ota_get_next_update_partition(nullptr);
  return place == nullptr ? 0 : place->size;
}

UpdateRefused did_not_come() {
  return {408, "bad_update", "The image did not come whole, or too slowly."};
}

}  // namespace

std::expected<UpdateMeant, UpdateRefused> Update::admit(httpd_req_t* request) noexcept {
  std::array<char, 160> announcement{};
  std::array<char, 2 * 32 + 1> signature{};
  UpdateAsked asked{.build_checks_signatures = signatures_are_checked(),
                    .key_is_set = !key_.empty(),
                    .image_bytes = request->content_len,
                    .place_bytes = place_bytes(),
                    .another_comes_in = running_,
                    .on_trial = on_trial()};
  if (httpd_req_get_hdr_value_str(request, "X-Pourtocol-Update", announcement.data(),
                                  announcement.size()) == ESP_OK) {
    asked.announcement = std::string_view{announcement.data()};
    asked.signature_is_right =
        httpd_req_get_hdr_value_str(request, "X-Pourtocol-Signature", signature.data(),
                                    signature.size()) == ESP_OK &&
        signature_is_right(key_, *asked.announcement, {signature.data()});
  }
  control_.read_status(status_);
  if (const auto& details = status_.status.details) {
    asked.boot_id = details->boot_id;
    asked.uptime = details->uptime_ms;
  }
  return admit_update(asked);
}

esp_err_t Update::begin(httpd_req_t* request) noexcept {
  const auto admitted = admit(request);
  if (!admitted) {
    const UpdateRefused& why = admitted.error();
    (void)respond_in_words(request, why.status, why.error.data(), why.message.data());
    return ESP_FAIL;  // the image is not read: the connection ends
  }
  // Only this task begins one.
  running_ = true;
  meant_ = *admitted;
  wait_freely(request);
  const bool begun = httpd_req_async_handler_begin(request, &request_) == ESP_OK;
  if (begun && xTaskCreate(&Update::run_task, "update", 8 * 1024, this, 4, nullptr) == pdPASS) {
    return ESP_OK;
  }
  if (begun) give_back(request_, false);
  running_ = false;
  return ESP_FAIL;
}

void Update::run_task(void* context) noexcept {
  auto& update = *static_cast<Update*>(context);
  const auto refused = update.install();
  if (refused) {
    ESP_LOGW(tag, "%d %s", refused->status, refused->message.data());
    (void)respond_in_words(update.request_, refused->status, refused->error.data(),
                           refused->message.data());
    update.let_it_be_read();
  } else {
    ESP_LOGI(tag, "installed: restarting");
    (void)respond(update.request_, status_line(200), R"({"ok":true})");
  }
  give_back(update.request_, false);  // what is left of the image is not read
  if (!refused) {
    vTaskDelay(pdMS_TO_TICKS(1'000));  // until the answer has left
    esp_restart();
  }
  update.control_.release(Holder::update);
  update.running_ = false;
  vTaskDelete(nullptr);
}

std::optional<UpdateRefused> Update::install() noexcept {
  ImageTransfer transfer{request_->content_len, esp_timer_get_time()};
  for (std::size_t there = 0; there < image_head_bytes;) {
    const std::size_t got = read_some(transfer, there, image_head_bytes - there);
    if (got == 0) return did_not_come();
    there += got;
  }
  const auto* head = reinterpret_cast<const std::uint8_t*>(chunk_.data());
  if (const auto refused =
          why_not_installed({head, image_head_bytes}, running_firmware(), meant_.older)) {
    return refused;
  }
  // From here on flash is erased and written.
  if (!control_.hold(Holder::update)) {
    return UpdateRefused{409, "busy", "The machine is pouring. Try again in a moment."};
  }
  const esp_partition_t* place = esp_ota_get_next_update_partition(nullptr);
  esp_ota_handle_t handle = 0;
  if (place == nullptr || esp_ota_begin(place, OTA_WITH_SEQUENTIAL_WRITES, &handle) != ESP_OK) {
    return UpdateRefused{500, "flash", "There is no place for an update."};
  }
  if (const auto refused = receive(transfer, handle)) {
    (void)esp_ota_abort(handle);
    return refused;
  }
  // Checks the signature against the key of the firmware that runs.
  if (const esp_err_t checked = esp_ota_end(handle); checked != ESP_OK) {
    ESP_LOGE(tag, "the image was refused: %s", esp_err_to_name(checked));
    return UpdateRefused{400, "bad_update", "That is no image signed with our key."};
  }
  if (esp_ota_set_boot_partition(place) != ESP_OK) {
    return UpdateRefused{500, "flash", "The update could not be made the next to boot."};
  }
  return std::nullopt;
}

std::optional<UpdateRefused> Update::receive(ImageTransfer& transfer,
                                             esp_ota_handle_t handle) noexcept {
  for (std::size_t there = image_head_bytes;;) {
    if (esp_ota_write(handle, chunk_.data(), there) != ESP_OK) {
      return UpdateRefused{500, "flash", "The image could not be written."};
    }
    if (transfer.left() == 0) return std::nullopt;
    there = read_some(transfer, 0, chunk_.size());
    if (there == 0) return did_not_come();
  }
}

std::size_t Update::read_some(ImageTransfer& transfer, std::size_t offset,
                              std::size_t most) noexcept {
  for (;;) {
    if (transfer.too_slow(esp_timer_get_time())) return 0;
    const int got =
        httpd_req_recv(request_, chunk_.data() + offset, std::min(transfer.left(), most));
    if (got == HTTPD_SOCK_ERR_TIMEOUT) continue;
    if (got <= 0) return 0;
    transfer.came(static_cast<std::size_t>(got), esp_timer_get_time());
    return static_cast<std::size_t>(got);
  }
}

void Update::let_it_be_read() noexcept {
  const std::int64_t until = esp_timer_get_time() + lingering_us;
  while (esp_timer_get_time() < until) {
    const int got = httpd_req_recv(request_, chunk_.data(), chunk_.size());
    if (got <= 0 && got != HTTPD_SOCK_ERR_TIMEOUT) return;
  }
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
