# How everything is compiled and linked, whatever it is.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_COLOR_DIAGNOSTICS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Release, RelWithDebInfo or Debug" FORCE)
endif()
# -g1 is enough for a stack trace, and a third of the size of -g. Assertions stay on (no NDEBUG): a
# state that cannot be must stop the process, not reach the database.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")

set(SEATSAGA_SANITIZE "" CACHE STRING "Sanitizers to build with: 'address,undefined' or 'thread'")
if(SEATSAGA_SANITIZE)
  add_compile_options(-fsanitize=${SEATSAGA_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SEATSAGA_SANITIZE})
endif()

# gRPC's imported targets name some 60 shared libraries; a process loads only those that it calls.
add_link_options(LINKER:--as-needed)

find_program(SEATSAGA_MOLD mold)
if(SEATSAGA_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

find_program(SEATSAGA_CCACHE ccache)
if(SEATSAGA_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths are relative to the checkout, so that every checkout is served from the same cache. The
  # sloppiness is what ccache demands for precompiled headers: none of ours uses __TIME__, or macros
  # that a file defines before it.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${SEATSAGA_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)  # ccache learns which precompiled header a file read
  endif()
endif()

# One set of flags for all, so that all can share a precompiled header.
add_compile_options(-pthread)

# What our own code is held to; generated code does not link it.
add_library(seatsaga_options INTERFACE)
target_include_directories(seatsaga_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(seatsaga_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -Werror
  # A designated initializer leaves out the fields whose default is meant.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees overlapping copies in std::string's operator+ where there are none (GCC PR 105651).
  target_compile_options(seatsaga_options INTERFACE -Wno-restrict)
  if(SEATSAGA_SANITIZE)
    # The code that a sanitizer adds hides initialisations from this warning.
    target_compile_options(seatsaga_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
