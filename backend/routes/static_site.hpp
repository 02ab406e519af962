// The web page's files, read once at the start and served from memory: no path of a request ever
// touches the file system.
#pragma once

#include <filesystem>
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

  [[nodiscard]] bool empty() const noexcept { return files_.empty(); }

 private:
  struct Variant {
    http::SharedResponse whole;
    http::SharedResponse not_modified;
    std::string etag;
  };
  /// One file: as it is, and compressed where that was found. The first is always there.
  struct File {
    Variant plain;
    Variant gzip;
    Variant brotli;
  };
  void load(const std::filesystem::path& root, const std::filesystem::path& path);
  [[nodiscard]] static const Variant& choose(const File& file, std::string_view accept_encoding);

  std::unordered_map<std::string, File> files_;  // by path, "/index.html"
  http::SharedResponse not_found_;
  http::SharedResponse not_built_;
};

/// Whether `Accept-Encoding: header` allows `coding`, with its weight: "br;q=0" does not.
[[nodiscard]] bool accepts_coding(std::string_view header, std::string_view coding);

}  // namespace pourtocol::routes
