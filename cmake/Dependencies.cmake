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

# The allocator of every program: measured at 128 reservations in flight it takes 7 % off the CPU that a
# reservation costs (docs/performance.md). Sanitizers bring their own.
find_library(SEATSAGA_ALLOCATOR tcmalloc_minimal)
