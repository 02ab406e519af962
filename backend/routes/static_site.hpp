// The web page's files, read once at the start and served from memory: no path of a request ever
// touches the file system. What compresses well is held compressed, for nearly everybody takes it
// so, and is unpacked for whoever does not.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "http/message.hpp"

namespace pourtocol::routes {

class StaticSite {
 public:
  /// Reads `root` with all its folders. A file `x.br` or `x.gz` beside `x` is a variant of it, made
  /// when the page was built. A missing or empty root is no error: the page is then a 503 that says
  /// how to build it. Files over 16 MiB and what is not a regular file are skipped.
  explicit StaticSite(const std::filesystem::path& root);

  /// The answer to GET or HEAD. An address the page routes by (`/host`, `/b/TOKEN`) is the page for
  /// for every client that does not rule it out; any other path that is no file is the page only
  /// where the client asks for HTML by name, else 404: a missing script is no page.
  [[nodiscard]] http::SharedResponse get(const http::Request& request) const;

  /// Forgets what was unpacked and has not been asked for since this was last called. To be called
  /// every few seconds: who asks again and again is not unpacked for each time.
  void forget_unpacked();

  [[nodiscard]] bool empty() const noexcept { return files_.empty(); }
  /// How many bytes it holds of all files, in all forms.
  [[nodiscard]] std::size_t bytes_held() const noexcept;

 private:
  struct Variant {
    http::SharedResponse whole;
    http::SharedResponse not_modified;
    std::string etag;
  };
  /// One file: as it is, and compressed where that was found. Of the first the whole is held only
  /// if it is small or nothing else holds it.
  struct File {
    Variant plain;
    Variant gzip;
    Variant brotli;
    std::size_t size = 0;
    mutable http::SharedResponse unpacked;  ///< of `plain`, while somebody asks for it
    mutable bool asked_for = false;         ///< that was
    mutable std::weak_ptr<const http::PreparedResponse> on_its_way;  ///< the one forgotten last
  };
  void load(const std::filesystem::path& root, const std::filesystem::path& path);
  static void hold_once(File& file);
  [[nodiscard]] static const Variant& choose(const File& file, std::string_view accept_encoding);
  [[nodiscard]] static http::SharedResponse whole_of(const std::string& name, const File& file,
                                                     const Variant& variant);

  std::unordered_map<std::string, File> files_;  // by path, "/index.html"
  http::SharedResponse not_found_;
  http::SharedResponse not_built_;
};

/// Whether `Accept-Encoding: header` allows `coding`, with its weight: "br;q=0" does not.
[[nodiscard]] bool accepts_coding(std::string_view header, std::string_view coding);

}  // namespace pourtocol::routes
