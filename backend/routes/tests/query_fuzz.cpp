// Any bytes as a query string, a path, and the headers that are read. What is understood is within
// its bounds, and means the same when it is written down as cautiously as can be.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "backend/routes/admission.hpp"
#include "backend/routes/requests.hpp"
#include "backend/routes/static_site.hpp"
#include "backend/routes/utf8.hpp"
#include "core/tests/fuzzing.hpp"
#include "http/target.hpp"

namespace pourtocol::routes {
namespace {

[[nodiscard]] std::string encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += '%';
    result += "0123456789ABCDEF"[byte >> 4];
    result += "0123456789abcdef"[byte & 0xF];
  }
  return result;
}

void check_parameters(std::string_view query) {
  const auto parameters = http::parse_query(query);
  if (!parameters) return;
  std::string again;
  for (const auto& parameter : *parameters) {
    POURTOCOL_ASSERT(parameter.name.size() + parameter.value.size() <= query.size());
    again += '&' + encoded(parameter.name) + '=' + encoded(parameter.value);
  }
  const auto same = http::parse_query(again);
  POURTOCOL_ASSERT(same && same->size() == parameters->size());
  for (std::size_t i = 0; i < same->size(); ++i) {
    POURTOCOL_ASSERT((*same)[i].name == (*parameters)[i].name);
    POURTOCOL_ASSERT((*same)[i].value == (*parameters)[i].value);
  }
}

void check_refusal(const ApiError& error) {
  POURTOCOL_ASSERT(error.status == 400 || error.status == 404 || error.status == 421);
  POURTOCOL_ASSERT(error.reason.size() > 10 && error.reason.size() < 1000);
  POURTOCOL_ASSERT(is_utf8(error_response(error).body));
}

void check_log_request(std::string_view query) {
  const auto request = read_log_request(query);
  if (!request) return check_refusal(request.error());
  POURTOCOL_ASSERT(request->query.limit >= 1 && request->query.limit <= 1000);
  POURTOCOL_ASSERT(request->query.before_id.value_or(0) >= 0);
  POURTOCOL_ASSERT(request->query.after_id.value_or(0) >= 0);
  if (request->query.user) POURTOCOL_ASSERT(is_printable_utf8(request->query.user->view()));
  POURTOCOL_ASSERT(!request->whole_log || request->format == LogFormat::csv);
}

/// A name we answer to says so, or is an address; and its origin is then ours, no other is.
void check_host(std::string_view host) {
  const Admission admission{{.hosts = {"bar.example"}, .public_url = {}}};
  const std::string origin = "http://" + std::string{host};
  const std::array fields{http::Field{"Host", host}, http::Field{"Origin", origin}};
  http::Request request;
  request.method = http::Method::post;
  request.fields = fields;
  const auto admitted = admission.check(request);
  if (!admitted) return check_refusal(admitted.error());
  const auto name = host_name_of(host);
  POURTOCOL_ASSERT(name.has_value());
  POURTOCOL_ASSERT(name->ends_with(".local") || name->ends_with("localhost") ||
                   *name == "bar.example" || is_address(*name));
  POURTOCOL_ASSERT(name->find_first_of("/@\\#? \t") == std::string::npos);
  const std::array foreign{http::Field{"Host", host}, http::Field{"Origin", "http://x.example"}};
  request.fields = foreign;
  POURTOCOL_ASSERT(!admission.check(request));
}

}  // namespace
}  // namespace pourtocol::routes

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pourtocol;
  using namespace pourtocol::routes;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check_parameters(text);
  check_log_request(text);
  check_host(text);
  if (const auto why = read_why(text); !why) check_refusal(why.error());
  if (const auto since = read_totals(text); !since) check_refusal(since.error());
  if (const auto path = http::percent_decode(text, false)) {
    POURTOCOL_ASSERT(http::percent_decode(encoded(*path), true) == *path);
  }
  (void)accepts_coding(text, "br");
  return 0;
}
