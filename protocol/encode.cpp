// Writes statuses, orders and their answers.
#include <cstdint>

#include "protocol/codec.hpp"
#include "protocol/object_writer.hpp"

namespace pourtocol::protocol {

namespace {

using detail::ObjectWriter;
using detail::Thousandths;

/// A guest's pour need not say that it is one.
void write_purpose(Purpose purpose, ObjectWriter& out) noexcept {
  if (purpose != Purpose::pour) out.field("purpose", name_of(purpose));
}

void write_details(const DeviceDetails& details, ObjectWriter& out) noexcept {
  out.field("protocol", std::int64_t{protocol_version});
  out.field("boot_id", details.boot_id);
  out.field("uptime_ms", std::int64_t{details.uptime_ms.count()});
  if (details.reset_reason) out.field("reset_reason", name_of(*details.reset_reason));
  if (details.machine_id) out.field("machine_id", *details.machine_id);
  out.field("tap", details.tap.view());
  out.field("version", details.version);
  out.start_list("faults");
  for (std::size_t i = 0; i < fault_count; ++i) {
    const auto fault = static_cast<Fault>(i);
    if (details.faults.contains(fault)) out.item(name_of(fault));
  }
  out.end_list();
  out.field("flow_ml_s", Thousandths{details.flow.microlitres_per_second()});
  out.field("pour_time_max_ms", Thousandths{details.pour_time_max.count()});
  out.field("journal_whole", details.journal_whole);
  out.field("pours_total", std::uint64_t{details.pours_total});

  if (details.pour) {
    out.start_object("pour");
    out.field("request_id", details.pour->request_id.view());
    out.field("requested_ml", details.pour->requested);
    out.field("delivered_ml", details.pour->delivered);
    write_purpose(details.pour->purpose, out);
    out.end_object();
  } else {
    out.null("pour");
  }

  out.start_list("recent");
  for (const RecentPour& pour : details.recent) {
    out.start_object();
    out.field("request_id", pour.request_id.view());
    out.field("requested_ml", pour.requested);
    out.field("outcome", name_of(pour.outcome));
    out.field("stop_reason", name_of(pour.stop_reason));
    out.field("measured_by", name_of(pour.measure));
    out.field("delivered_ml", pour.delivered);
    out.field("uncertainty_ml", pour.uncertainty);
    out.field("ml_min", pour.min);
    out.field("ml_max", pour.max);
    write_purpose(pour.purpose, out);
    out.end_object();
  }
  out.end_list();
}

}  // namespace

std::string_view encode_status(const DeviceStatus& status, MessageBuffer& buffer) noexcept {
  ObjectWriter out{buffer};
  out.field("state", name_of(status.state));
  out.field("glass_present", status.glass_present);
  out.field("uptime", std::int64_t{status.uptime.count()});
  if (status.last_pour) out.field("last_pour_ml", *status.last_pour);
  if (status.nfc) {
    out.field("nfc_ready", status.nfc->ready);
    out.field("nfc_tag_present", status.nfc->tag_present);
    out.field("nfc_uid", status.nfc->uid.view());
  }
  if (status.details) write_details(*status.details, out);
  return out.finish();
}

std::string_view encode_order(const DispenseOrder& order, MessageBuffer& buffer) noexcept {
  POURTOCOL_ASSERT(order.amount >= amount_min && order.amount <= amount_max);
  POURTOCOL_ASSERT(!order.request_id.empty());
  ObjectWriter out{buffer};
  out.field("amount_ml", order.amount);
  out.field("request_id", order.request_id.view());
  detail::write_guard(order.guard, out);
  return out.finish();
}

std::string_view encode_service(const ServiceOrder& order, MessageBuffer& buffer) noexcept {
  POURTOCOL_ASSERT(flaw_of(order).empty());
  POURTOCOL_ASSERT(!order.request_id.empty());
  ObjectWriter out{buffer};
  out.field("kind", name_of(order.kind));
  if (const auto* amount = std::get_if<Millilitres>(&order.extent)) {
    out.field("amount_ml", *amount);
    if (order.portions != 1) out.field("portions", std::int64_t{order.portions});
  } else {
    out.field("run_ms", *std::get_if<std::chrono::milliseconds>(&order.extent));
  }
  if (order.confirmed) out.field("confirm", true);
  out.field("request_id", order.request_id.view());
  detail::write_guard(order.guard, out);
  return out.finish();
}

std::string_view encode_stop(const StopOrder& order, MessageBuffer& buffer) noexcept {
  ObjectWriter out{buffer};
  if (order.request_id) out.field("request_id", order.request_id->view());
  return out.finish();
}

std::string_view encode_accepted(const RequestId& id, bool repeated,
                                 MessageBuffer& buffer) noexcept {
  ObjectWriter out{buffer};
  out.field("ok", true);
  out.field("request_id", id.view());
  out.field("repeated", repeated);
  return out.finish();
}

std::string_view encode_refusal(Refusal refusal, std::string_view text,
                                MessageBuffer& buffer) noexcept {
  ObjectWriter out{buffer};
  out.field("error", name_of(refusal));
  out.field("message", detail::cut_at_character(text, RefusalText::capacity));
  return out.finish();
}

int http_status_of(Refusal refusal) noexcept {
  return refusal == Refusal::bad_order ? 400 : 409;
}

}  // namespace pourtocol::protocol
