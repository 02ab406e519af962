// Where a tap's name leads: looked up on a thread that nobody waits for, kept, and looked up anew
// when it leads nowhere.
//
// Asio's own resolver will not do: it runs getaddrinfo on a thread that cannot be interrupted and
// that destroying the io_context waits for, and an absent `.local` name takes five seconds.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include "backend/esp32/device_url.hpp"
#include "backend/esp32/http_device_link.hpp"

namespace pourtocol::esp32 {

/// Used on the event loop only.
class Addresses : public std::enable_shared_from_this<Addresses> {
 public:
  using List = std::vector<boost::asio::ip::address>;
  using Found = std::move_only_function<void(const List&)>;

  Addresses(boost::asio::io_context& context, const DeviceUrl& url, const LinkOptions& options);
  Addresses(const Addresses&) = delete;
  Addresses& operator=(const Addresses&) = delete;
  ~Addresses();

  /// Calls `found` with what is known, be it doubtful; at once if anything is. If nothing is: when
  /// the lookup under way has ended, or, if one has just failed, at once with an empty list.
  void get(Found found);
  /// Something went wrong with what was found there: the next `get` looks the name up again.
  void doubt() noexcept { doubtful_ = true; }
  /// What was found there is another machine than it should be: the next `get` looks the name up
  /// again, and whatever else the name leads to is tried before that one.
  void doubt_machine();
  /// A connection to `address` came about: it goes first.
  void prefer(const boost::asio::ip::address& address);
  /// No lookup will touch the io_context any more; who waits for one will not be called.
  void close() noexcept;

 private:
  /// What a lookup's thread holds on to: the way back, while there is one.
  struct WayBack {
    std::mutex mutex;
    boost::asio::io_context* context;
  };

  void look_up();
  void looked_up(const std::vector<std::string>& texts);

  const std::string host_;
  const bool fixed_;  ///< the URL has an address
  const LinkOptions options_;
  const std::shared_ptr<WayBack> way_back_;
  List known_;
  bool doubtful_ = false;
  bool looking_ = false;
  std::chrono::steady_clock::time_point next_lookup_{};
  std::vector<Found> waiting_;
};

}  // namespace pourtocol::esp32
