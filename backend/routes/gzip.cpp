#include "backend/routes/gzip.hpp"

#include <zlib.h>

namespace pourtocol::routes {

std::optional<std::string> gunzip(std::string_view packed, std::size_t size_max) {
  constexpr int gzip_only = 16 + MAX_WBITS;
  z_stream stream{};
  if (inflateInit2(&stream, gzip_only) != Z_OK) return std::nullopt;
  std::string content(size_max, '\0');
  // zlib never writes through it.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  const int result = inflate(&stream, Z_FINISH);
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  content.resize(stream.total_out);
  inflateEnd(&stream);
  return whole ? std::optional{std::move(content)} : std::nullopt;
}

}  // namespace pourtocol::routes
