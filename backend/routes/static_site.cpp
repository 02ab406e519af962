#include "backend/routes/static_site.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "backend/routes/api_error.hpp"
#include "backend/routes/gzip.hpp"
#include "http/target.hpp"

namespace pourtocol::routes {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t file_bytes_max = 16 * 1024 * 1024;
/// A file up to that is held as it is, too, rather than unpacked.
constexpr std::size_t small_file_bytes = 8 * 1024;
/// A brotli form up to that is held beside the one by gzip. It is a fifth smaller, and browsers
/// take it only from behind a proxy that speaks TLS.
constexpr std::size_t brotli_bytes_max = 128 * 1024;

/// No script and no style but our own files; pictures and video also from memory, for the camera.
/// The QR reader is WebAssembly in a worker.
constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; "
    "worker-src 'self' blob:; manifest-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

constexpr std::string_view not_built_page =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Pourtocol</title>"
    "<h1>The page has not been built</h1>"
    "<p>The server runs, and its API answers under <a href=\"/api/status\">/api/status</a>, but "
    "the "
    "folder of the web page is missing or empty.</p>"
    "<p>Build it with <code>./dev build</code> and restart the server, or name the folder with "
    "<code>--web-root</code>.</p></html>";

[[nodiscard]] std::string_view content_type_of(std::string_view path) {
  struct Type {
    std::string_view ending;
    std::string_view name;
  };
  static constexpr std::array types{
      Type{".html", "text/html; charset=utf-8"},
      Type{".js", "text/javascript; charset=utf-8"},
      Type{".mjs", "text/javascript; charset=utf-8"},
      Type{".css", "text/css; charset=utf-8"},
      Type{".json", "application/json"},
      Type{".map", "application/json"},
      Type{".webmanifest", "application/manifest+json"},
      Type{".svg", "image/svg+xml"},
      Type{".png", "image/png"},
      Type{".jpg", "image/jpeg"},
      Type{".webp", "image/webp"},
      Type{".ico", "image/x-icon"},
      Type{".woff2", "font/woff2"},
      Type{".wasm", "application/wasm"},
      Type{".txt", "text/plain; charset=utf-8"},
  };
  for (const auto& type : types) {
    if (path.ends_with(type.ending)) return type.name;
  }
  return "application/octet-stream";
}

/// Vite puts the hash of a file's content into its name: "/assets/index-3KfDFnCH.js". What is under
/// such a name never changes.
[[nodiscard]] bool is_hashed(std::string_view path) {
  constexpr std::size_t hash_size = 8;
  if (!path.starts_with("/assets/")) return false;
  const std::string_view stem = path.substr(0, path.rfind('.'));
  return stem.size() > hash_size && stem[stem.size() - hash_size - 1] == '-';
}

void add_site_fields(http::Response& response) {
  response.add_field("Content-Security-Policy", content_policy)
      .add_field("X-Content-Type-Options", "nosniff")
      // No other server learns of our addresses. With less the browser would send our own form for
      // STOP with the origin "null".
      .add_field("Referrer-Policy", "same-origin")
      .add_field("Cross-Origin-Opener-Policy", "same-origin")
      .add_field("Cross-Origin-Resource-Policy", "same-origin")
      .add_field("Permissions-Policy", "camera=(self), microphone=(), geolocation=()");
}

/// FNV-1a over the content: tells versions of our own files apart, nothing more is asked of it.
[[nodiscard]] std::string etag_of(std::string_view content, std::string_view coding) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : content) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  std::string etag{"\""};
  for (int shift = 60; shift >= 0; shift -= 4) etag += "0123456789abcdef"[hash >> shift & 0xF];
  return etag.append(coding.empty() ? "" : "-").append(coding).append("\"");
}

[[nodiscard]] std::optional<std::string> read_file(const fs::path& path) {
  std::error_code ec;
  const auto size = fs::file_size(path, ec);
  std::ifstream file{path, std::ios::binary};
  if (ec || !file) return std::nullopt;
  std::string content(size, '\0');
  file.read(content.data(), static_cast<std::streamsize>(size));
  content.resize(static_cast<std::size_t>(file.gcount()));
  return content;
}

/// The head of a file's answer.
[[nodiscard]] http::Response head_for(int status, std::string_view name, std::string_view coding,
                                      std::string_view etag) {
  http::Response response;
  response.status = status;
  response.content_type = status == 304 ? "" : content_type_of(name);
  if (!coding.empty() && status != 304) response.add_field("Content-Encoding", coding);
  response.add_field("ETag", etag)
      .add_field("Vary", "Accept-Encoding")
      .add_field("Cache-Control",
                 is_hashed(name) ? "public, max-age=31536000, immutable" : "no-cache");
  add_site_fields(response);
  return response;
}

[[nodiscard]] bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

[[nodiscard]] std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// Whether the page routes by `path` itself (frontend/src/App.tsx), in any case.
[[nodiscard]] bool is_page(std::string_view path) {
  static constexpr std::array<std::string_view, 4> names{"/host", "/wall", "/tap", "/b"};
  const std::string_view name = path.substr(0, path.find('/', 1));
  const auto is_letter = [](char letter, char small) { return (letter | 0x20) == (small | 0x20); };
  return path == "/" || std::ranges::any_of(names, [&](std::string_view known) {
           return std::ranges::equal(name, known, is_letter);
         });
}

/// Whether the client names a page among what it wants, as a browser does.
[[nodiscard]] bool asks_for_page(const http::Request& request) {
  return request.field("accept").find("text/html") != std::string_view::npos;
}

/// Whether it would take one: curl, and what watches over servers, take anything.
[[nodiscard]] bool takes_page(const http::Request& request) {
  const std::string_view accept = trimmed(request.field("accept"));
  return asks_for_page(request) || accept.empty() || accept.find("*/*") != std::string_view::npos ||
         accept.find("text/*") != std::string_view::npos;
}

}  // namespace

bool accepts_coding(std::string_view header, std::string_view coding) {
  while (!header.empty()) {
    const std::size_t comma = header.find(',');
    const std::string_view item = header.substr(0, comma);
    header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
    const std::size_t semicolon = item.find(';');
    if (trimmed(item.substr(0, semicolon)) != coding) continue;
    if (semicolon == std::string_view::npos) return true;
    const std::string_view weight = trimmed(item.substr(semicolon + 1));
    return weight.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

StaticSite::StaticSite(const fs::path& root)
    : not_found_{http::prepare(error_response({404, "not_found", "There is nothing here."}))} {
  http::Response not_built;
  not_built.status = 503;
  not_built.content_type = "text/html; charset=utf-8";
  not_built.body = not_built_page;
  add_site_fields(not_built);
  not_built_ = http::prepare(std::move(not_built.add_field("Cache-Control", "no-store")));

  std::vector<fs::path> paths;
  std::error_code ec;
  for (fs::recursive_directory_iterator it{root, ec}, end; !ec && it != end; it.increment(ec)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && it->file_size(ignored) <= file_bytes_max) {
      paths.push_back(it->path());
    }
  }
  std::ranges::sort(paths);  // a file, then its forms
  for (const fs::path& path : paths) load(root, path);
  // A form without its file cannot be served.
  std::erase_if(files_, [](const auto& entry) { return !entry.second.plain.not_modified; });
}

void StaticSite::load(const fs::path& root, const fs::path& path) {
  auto content = read_file(path);
  if (!content) return;
  std::string name = "/" + path.lexically_relative(root).generic_string();
  std::string_view coding;
  if (name.ends_with(".br")) {
    coding = "br";
  } else if (name.ends_with(".gz")) {
    coding = "gzip";
  }
  if (!coding.empty()) name.resize(name.size() - 3);

  File& file = files_[name];
  if (coding.empty()) file.size = content->size();
  Variant variant;
  variant.etag = etag_of(*content, coding);
  http::Response whole = head_for(200, name, coding, variant.etag);
  whole.body = std::move(*content);
  variant.whole = http::prepare(std::move(whole), http::Held::anyway);
  variant.not_modified = http::prepare(head_for(304, name, coding, variant.etag));
  (coding == "br" ? file.brotli : coding == "gzip" ? file.gzip : file.plain) = std::move(variant);
  if (coding == "gzip") hold_once(file);
}

void StaticSite::hold_once(File& file) {
  if (file.brotli.whole && file.brotli.whole->body().size() > brotli_bytes_max) file.brotli = {};
  if (!file.plain.whole || file.size <= small_file_bytes) return;
  // What is not its packed form, left over from another build, gives nothing back.
  const auto content = gunzip(file.gzip.whole->body(), file.size);
  if (content == file.plain.whole->body()) file.plain.whole = nullptr;
}

std::size_t StaticSite::bytes_held() const noexcept {
  std::size_t bytes = 0;
  for (const auto& [name, file] : files_) {
    for (const auto& whole :
         {file.plain.whole, file.gzip.whole, file.brotli.whole, file.unpacked}) {
      if (whole) bytes += whole->body().size();
    }
  }
  return bytes;
}

void StaticSite::forget_unpacked() {
  for (auto& [name, file] : files_) {
    if (std::exchange(file.asked_for, false)) continue;
    // Somebody may still be sent it: it is not unpacked beside that once more.
    if (file.unpacked) file.on_its_way = file.unpacked;
    file.unpacked = nullptr;
  }
}

http::SharedResponse StaticSite::whole_of(const std::string& name, const File& file,
                                          const Variant& variant) {
  if (variant.whole) return variant.whole;
  file.asked_for = true;
  if (!file.unpacked) file.unpacked = file.on_its_way.lock();
  if (!file.unpacked) {
    http::Response whole = head_for(200, name, {}, variant.etag);
    whole.body = gunzip(file.gzip.whole->body(), file.size).value();
    file.unpacked = http::prepare(std::move(whole), http::Held::anyway);
  }
  return file.unpacked;
}

const StaticSite::Variant& StaticSite::choose(const File& file, std::string_view accept_encoding) {
  if (file.brotli.whole && accepts_coding(accept_encoding, "br")) return file.brotli;
  if (file.gzip.whole && accepts_coding(accept_encoding, "gzip")) return file.gzip;
  return file.plain;
}

http::SharedResponse StaticSite::get(const http::Request& request) const {
  const auto path = http::percent_decode(request.path, false);
  auto found = files_.end();
  if (path) found = files_.find(path->ends_with('/') ? *path + "index.html" : *path);
  // Also for an address that cannot be decoded: the page says what is wrong with it.
  const bool gives_page = asks_for_page(request) || (is_page(request.path) && takes_page(request));
  if (found == files_.end() && gives_page) found = files_.find("/index.html");
  if (found == files_.end()) return files_.empty() && gives_page ? not_built_ : not_found_;
  const Variant& variant = choose(found->second, request.field("accept-encoding"));
  const bool known = matches_etag(request.field("if-none-match"), variant.etag);
  return known ? variant.not_modified : whole_of(found->first, found->second, variant);
}

}  // namespace pourtocol::routes
