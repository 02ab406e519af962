// pourtocol-dispenser: a dispenser without hardware, to try things out on.
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <variant>

#include "core/assert.hpp"
#include "firmware/simulator/options.hpp"
#include "firmware/simulator/process.hpp"

namespace pourtocol::firmware {

namespace {

[[noreturn]] void end_on_failed_assertion(const char* condition, const char* file, int line) {
  fmt::print(stderr, "pourtocol-dispenser: this should never be false: {} ({}:{})\n", condition,
             file, line);
  std::abort();
}

int run(const Options& options) {
  std::random_device random;
  const std::uint64_t entropy = std::uint64_t{random()} << 32 | random();

  boost::asio::io_context context{1};
  const auto process = Process::start(context, options, entropy);
  if (!process) {
    fmt::print(stderr, "pourtocol-dispenser: {}\n", process.error());
    return EXIT_FAILURE;
  }
  boost::asio::signal_set signals{context, SIGINT, SIGTERM};
  signals.async_wait([&](const boost::system::error_code& cancelled, int) {
    if (!cancelled) (*process)->shut_down();
  });

  if (const auto control_port = (*process)->control_port()) {
    fmt::print("control on http://127.0.0.1:{}\n", *control_port);
  }
  const bool v6 = options.host.find(':') != std::string::npos;
  fmt::print("ready on http://{}{}{}:{}\n", v6 ? "[" : "", options.host, v6 ? "]" : "",
             (*process)->port());
  std::fflush(stdout);

  while (!(*process)->failure() && context.run_one() > 0) {
  }
  if (const auto& failure = (*process)->failure()) {
    fmt::print(stderr, "pourtocol-dispenser: {}\n", *failure);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

}  // namespace

}  // namespace pourtocol::firmware

int main(int argc, char** argv) {
  using namespace pourtocol::firmware;
  pourtocol::set_assert_handler(end_on_failed_assertion);
  try {
    const auto parsed = parse_options(argc, argv);
    if (const auto* end = std::get_if<EndAtOnce>(&parsed)) {
      std::fputs(end->text.c_str(), end->exit_code == 0 ? stdout : stderr);
      return end->exit_code;
    }
    return run(std::get<Options>(parsed));
  } catch (const std::exception& error) {
    fmt::print(stderr, "pourtocol-dispenser: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
