// Requests and machines for tests without sockets.
#pragma once

#include <chrono>
#include <string_view>

#include "firmware/simulator/machine.hpp"
#include "http/message.hpp"

namespace pourtocol::firmware::testing {

/// The texts must outlive the request.
inline http::Request make_request(http::Method method, std::string_view target,
                                  std::string_view body = {}) {
  http::Request request;
  request.method = method;
  request.method_name = http::name_of(method);
  const std::size_t question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  if (question < target.size()) request.query = target.substr(question + 1);
  request.body = body;
  return request;
}

inline http::Request get(std::string_view target) {
  return make_request(http::Method::get, target);
}
inline http::Request post(std::string_view target, std::string_view body) {
  return make_request(http::Method::post, target, body);
}

inline protocol::DispenseOrder order_of(int amount_ml, std::string_view id) {
  return {Millilitres{amount_ml}, *RequestId::parse(id), {}};
}

/// Lets the machine run for a while.
inline void let_pass(Machine& machine, std::chrono::milliseconds time) {
  const Instant end = machine.now() + time;
  while (machine.now() < end) machine.advance(std::min(end, machine.now() + loop_period));
}

/// Long enough for any pour, and for what coasts and drips after it.
inline constexpr std::chrono::milliseconds longest_pour{20'000};

/// A machine on which a glass has stood long enough.
class ReadyMachine : public Machine {
 public:
  explicit ReadyMachine(const MachineOptions& options = {}, VirtualFlash flash = {})
      : Machine{options, std::move(flash)} {
    let_pass(*this, std::chrono::milliseconds{1'000});
  }
};

}  // namespace pourtocol::firmware::testing
