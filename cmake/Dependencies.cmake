# All of these are packages of Debian 12 (the list is in ./dev); nothing is vendored or downloaded.

find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(Catch2 2.13 CONFIG REQUIRED)
include(Catch)

# What the hot path calls is linked from archives: a call into a shared library goes through a table, a
# thread-local variable of one through a function, and after each wake-up all of their pages have to be
# found again (docs/adr/0010). Needs a linker that finds symbols whatever the archives' order, as mold.
# OpenSSL stays shared: its fixes must not wait for a build of ours.
if(SEATSAGA_MOLD)
  set(static_by_default ON)
endif()
option(SEATSAGA_STATIC "Link gRPC, Abseil, Protobuf, SQLite and tcmalloc statically"
       ${static_by_default})

# Lets an imported target stand for the archive beside its shared library, if there is one.
function(seatsaga_prefer_archive target)
  set(properties IMPORTED_LOCATION)
  get_target_property(configurations ${target} IMPORTED_CONFIGURATIONS)
  list(TRANSFORM configurations PREPEND IMPORTED_LOCATION_ OUTPUT_VARIABLE of_configurations)
  foreach(property IN LISTS properties of_configurations)
    get_target_property(shared ${target} ${property})
    string(REGEX REPLACE "\\.so[.0-9]*$" ".a" archive "${shared}")
    if(EXISTS "${archive}")
      set_target_properties(${target} PROPERTIES ${property} "${archive}")
    endif()
  endforeach()
endfunction()

if(SEATSAGA_STATIC)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  list(FILTER targets INCLUDE REGEX "^(gRPC|absl|protobuf|SQLite)::")
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(NOT type MATCHES "INTERFACE|EXECUTABLE")
      seatsaga_prefer_archive(${target})
    endif()
  endforeach()
  set(static_allocator libtcmalloc_minimal.a)
endif()

# The allocator of every program: measured at 128 reservations in flight it takes 7 % off the CPU that a
# reservation costs (docs/performance.md). Sanitizers bring their own.
find_library(SEATSAGA_ALLOCATOR NAMES ${static_allocator} tcmalloc_minimal)
