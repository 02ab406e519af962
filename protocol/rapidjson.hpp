// RapidJSON as this room uses it: its SAX reader and writer, no heap, and its assertions are ours.
// Only the codec's .cpp files include this, so no public header depends on the library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/assert.hpp"

#define RAPIDJSON_HAS_STDSTRING 0
#define RAPIDJSON_ASSERT(condition) POURTOCOL_ASSERT(condition)
// RapidJSON makes an allocator of its own where it is given none. We always give one, and a board
// has no `operator new` to link against.
#define RAPIDJSON_NEW(x) nullptr
#define RAPIDJSON_DELETE(x) static_cast<void>(x)

#include <rapidjson/encodings.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/writer.h>

namespace pourtocol::protocol::detail {

/// RapidJSON's notion of an allocator, over memory that the caller owns. It can serve one block,
/// once, which is all a reader or a writer asks for if it is told the largest size at the start.
class OneBlock {
 public:
  static constexpr bool kNeedFree = false;

  explicit OneBlock(std::span<char> memory) noexcept : memory_{memory} {}

  void* Malloc(std::size_t size) noexcept { return Realloc(nullptr, 0, size); }
  void* Realloc(void* old, std::size_t, std::size_t size) noexcept {
    POURTOCOL_ASSERT(old == nullptr && size <= memory_.size());
    return memory_.data();
  }
  static void Free(void*) noexcept {}

 private:
  std::span<char> memory_;
};

}  // namespace pourtocol::protocol::detail
