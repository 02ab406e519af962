# How every room of the house is built: the same language, warnings and test runner for all.

include(CTest)
include(GoogleTest)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(POURTOCOL_SANITIZE "" CACHE STRING "Sanitizers for everything, e.g. address,undefined or thread")
option(POURTOCOL_TESTS "Build the tests" ON)
option(POURTOCOL_FUZZ "Build the fuzz targets, with clang 19 or newer" OFF)

# Not where a compiler cache is: it keeps what a precompiled header would save, and is undone by one.
# So whoever builds with a cache compiles every file as it stands, and finds the include it forgot.
set(precompile ON)
if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(precompile OFF)
endif()
option(POURTOCOL_PRECOMPILE "Read the standard library's headers and the tests' once" ${precompile})

# For everything in a program, other people's sources too: half an instrumented program reports what
# is not there.
add_library(pourtocol_sanitizers INTERFACE)
if(POURTOCOL_SANITIZE)
  target_compile_options(pourtocol_sanitizers INTERFACE
    -fsanitize=${POURTOCOL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(pourtocol_sanitizers INTERFACE -fsanitize=${POURTOCOL_SANITIZE})
endif()
if(POURTOCOL_FUZZ)
  # Everywhere, so that the fuzzer sees which branches an input reached.
  target_compile_options(pourtocol_sanitizers INTERFACE -fsanitize=fuzzer-no-link
    -fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/fuzz-ignore.txt)
endif()

# Include paths start at the root of the repository, so that every include line names its room.
add_library(pourtocol_options INTERFACE)
target_include_directories(pourtocol_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(pourtocol_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Werror)
# This one guesses: which std::optional it suspects differs with compiler and optimisation.
target_compile_options(pourtocol_options INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-error=maybe-uninitialized>)
# clang reports, out of a precompiled header, what libstdc++ 12 uses of its own; g++ looks at ours.
target_compile_options(pourtocol_options INTERFACE
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
target_link_libraries(pourtocol_options INTERFACE pourtocol_sanitizers)

# pourtocol_precompile(KIND HEADERS …): a header for all targets of one kind, which must agree in the
# options they compile with. Other people's headers only: ours change too often.
function(pourtocol_precompile kind)
  set(source ${CMAKE_BINARY_DIR}/precompiled/${kind}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Carries a precompiled header.\n")
  add_library(pourtocol_precompiled_${kind} STATIC EXCLUDE_FROM_ALL ${source})
  target_link_libraries(pourtocol_precompiled_${kind} PRIVATE pourtocol_options)
  target_precompile_headers(pourtocol_precompiled_${kind} PRIVATE ${ARGN})
endfunction()

# pourtocol_reuse(NAME KIND): the target NAME is one of that kind.
function(pourtocol_reuse name kind)
  if(POURTOCOL_PRECOMPILE AND TARGET pourtocol_precompiled_${kind})
    target_precompile_headers(${name} REUSE_FROM pourtocol_precompiled_${kind})
  endif()
endfunction()

set(standard_headers <algorithm> <array> <chrono> <cstdint> <expected> <functional> <map> <memory>
  <optional> <span> <string> <string_view> <utility> <variant> <vector>)
if(POURTOCOL_PRECOMPILE)
  # The release build reads the product's sources as they stand, like a cache's.
  if(POURTOCOL_SANITIZE)
    pourtocol_precompile(hosted ${standard_headers})
    pourtocol_precompile(embedded ${standard_headers})
    target_compile_options(pourtocol_precompiled_embedded PRIVATE -fno-exceptions -fno-rtti)
  endif()
  if(POURTOCOL_TESTS)
    find_package(GTest REQUIRED)
    pourtocol_precompile(tests <gmock/gmock.h> <gtest/gtest.h> ${standard_headers})
    target_link_libraries(pourtocol_precompiled_tests PRIVATE GTest::gmock)
  endif()
endif()

# A test under a sanitizer is not optimised itself: what it tests is, and the tests' own long functions
# are most of what the compiler has to do.
add_library(pourtocol_test_options INTERFACE)
if(POURTOCOL_SANITIZE)
  # What clang adds to -Wconversion and g++ does not: both shall take the same tests. Where several files
  # are one (TOGETHER), a name may shadow another file's.
  target_compile_options(pourtocol_test_options INTERFACE -O0 -Wno-sign-conversion -Wno-shadow)
endif()
if(TARGET pourtocol_precompiled_tests)
  target_link_libraries(pourtocol_precompiled_tests PRIVATE pourtocol_test_options)
endif()

# pourtocol_library(NAME [EMBEDDED] SOURCES … [LINKS …])
# One room, or one part of a room. EMBEDDED code also runs on a board: no exceptions, no RTTI.
function(pourtocol_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "EMBEDDED" "" "SOURCES;LINKS")
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC pourtocol_options ${arg_LINKS})
  if(arg_EMBEDDED)
    target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
    pourtocol_reuse(${name} embedded)
  else()
    pourtocol_reuse(${name} hosted)
  endif()
endfunction()

# All test programs, and what they start: for a build that only runs tests.
add_custom_target(pourtocol_tests)

# pourtocol_test(NAME [OPTIMISED] [TOGETHER] SOURCES … [LINKS …])
# One GoogleTest program; each of its tests is a CTest test named after it. OPTIMISED: what it spends
# its time on is its own code, so sanitizers get that optimised as well. TOGETHER: its files share a
# fixture that is most of what there is to compile, so for sanitizers that is done for several at a
# time. Each alone is compiled by the release build.
function(pourtocol_test name)
  if(NOT POURTOCOL_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "OPTIMISED;TOGETHER" "" "SOURCES;LINKS")
  find_package(GTest REQUIRED)
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE pourtocol_options ${arg_LINKS} GTest::gmock_main GTest::gtest)
  if(NOT arg_OPTIMISED)
    target_link_libraries(${name} PRIVATE pourtocol_test_options)
    pourtocol_reuse(${name} tests)
  endif()
  if(arg_TOGETHER AND POURTOCOL_SANITIZE)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
  add_dependencies(pourtocol_tests ${name})
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60)
endfunction()

# pourtocol_fuzz(NAME SOURCES … [LINKS …])
# One libFuzzer program. Built only by the preset `asan`; run by `./dev test fuzz` and `./dev fuzz`.
function(pourtocol_fuzz name)
  if(NOT POURTOCOL_FUZZ)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE pourtocol_options ${arg_LINKS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  pourtocol_reuse(${name} hosted)
endfunction()
