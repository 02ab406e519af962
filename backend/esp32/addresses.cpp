#include "backend/esp32/addresses.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/post.hpp>

namespace pourtocol::esp32 {

namespace {

constexpr std::size_t addresses_max = 4;  // each costs its share of a call's time

std::vector<std::string> resolve_safely(const ResolveName& resolve, const std::string& host) {
  try {
    return resolve(host);
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace

std::vector<std::string> resolve_by_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{list, &::freeaddrinfo};
  std::vector<std::string> texts;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      texts.emplace_back(text.data());
    }
  }
  return texts;
}

Addresses::Addresses(boost::asio::io_context& context, const DeviceUrl& url,
                     const LinkOptions& options)
    : host_{url.host},
      fixed_{url.is_address},
      options_{options},
      way_back_{std::make_shared<WayBack>()} {
  way_back_->context = &context;
  if (fixed_) known_.push_back(boost::asio::ip::make_address(host_));
}

Addresses::~Addresses() {
  close();
}

void Addresses::close() noexcept {
  {
    const std::scoped_lock guard{way_back_->mutex};
    way_back_->context = nullptr;
  }
  // Whoever waits holds on to this object: let go of each other.
  std::exchange(waiting_, {}).clear();
}

void Addresses::get(Found found) {
  const bool wanted = !fixed_ && !looking_ && (known_.empty() || doubtful_);
  if (wanted && std::chrono::steady_clock::now() >= next_lookup_) look_up();
  if (known_.empty() && looking_) {
    waiting_.push_back(std::move(found));
  } else {
    // A doubtful address may be right again (a board that restarts); the lookup goes on beside.
    found(known_);
  }
}

void Addresses::doubt_machine() {
  doubtful_ = true;
  if (known_.size() > 1) std::rotate(known_.begin(), known_.begin() + 1, known_.end());
}

void Addresses::prefer(const boost::asio::ip::address& address) {
  doubtful_ = false;
  const auto place = std::ranges::find(known_, address);
  if (place != known_.end()) std::rotate(known_.begin(), place, place + 1);
}

void Addresses::look_up() {
  looking_ = true;
  auto work = [resolve = options_.resolve, host = host_, way_back = way_back_,
               self = weak_from_this()] {
    auto texts = resolve_safely(resolve, host);
    const std::scoped_lock guard{way_back->mutex};
    if (way_back->context == nullptr) return;
    boost::asio::post(*way_back->context, [self, texts = std::move(texts)] {
      if (const auto addresses = self.lock()) addresses->looked_up(texts);
    });
  };
  try {
    std::thread{std::move(work)}.detach();
  } catch (const std::system_error&) {
    looked_up({});  // no thread to be had; a later call will try again
  }
}

void Addresses::looked_up(const std::vector<std::string>& texts) {
  looking_ = false;
  next_lookup_ = std::chrono::steady_clock::now() + options_.resolve_again_after;
  List found;
  for (const std::string& text : texts) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(text, error);
    if (!error && found.size() < addresses_max) found.push_back(address);
  }
  if (!found.empty()) {
    known_ = std::move(found);
    doubtful_ = false;
  }
  for (Found& waiting : std::exchange(waiting_, {})) waiting(known_);
}

}  // namespace pourtocol::esp32
