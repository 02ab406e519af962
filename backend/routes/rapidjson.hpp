// RapidJSON as this room uses it: SAX reader and Writer only, and its assertions are ours. Only
// .cpp files of this room include this.
//
// The codec of protocol/ configures the same library otherwise (no heap). A namespace of our own
// keeps the two from being taken for one by the linker.
#pragma once

#include "core/assert.hpp"

#define RAPIDJSON_HAS_STDSTRING 0
#define RAPIDJSON_ASSERT(condition) POURTOCOL_ASSERT(condition)
#define RAPIDJSON_NAMESPACE pourtocol::routes::rapidjson
#define RAPIDJSON_NAMESPACE_BEGIN namespace pourtocol::routes::rapidjson {
#define RAPIDJSON_NAMESPACE_END }

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
