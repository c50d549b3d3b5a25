# Headers of other projects (Abseil, Protobuf, Catch2) are most of what a file's compilation reads.
# cmake/precompiled/*.h are read once each, and every target takes one of them.

option(SEATSAGA_PRECOMPILE "Read the headers of other projects once" ON)

if(SEATSAGA_PRECOMPILE)
  foreach(name product test)
    add_library(seatsaga_precompiled_${name} OBJECT ${PROJECT_SOURCE_DIR}/cmake/precompiled/empty.cc)
    target_link_libraries(seatsaga_precompiled_${name} PRIVATE
      seatsaga_options absl::flat_hash_map absl::random_random absl::statusor absl::time
      protobuf::libprotobuf Threads::Threads)
    # In quotes, CMake keeps the path as it is: an absolute one would differ in every checkout, and with
    # it what ccache knows.
    target_precompile_headers(seatsaga_precompiled_${name} PRIVATE
      "\"cmake/precompiled/${name}.h\"")
  endforeach()
endif()

# seatsaga_precompile(TARGET product|test)
function(seatsaga_precompile target name)
  if(SEATSAGA_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM seatsaga_precompiled_${name})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # libstdc++ suppresses these where GCC 12 is wrong about its strings, by pragmas that a precompiled
      # header does not keep. The sanitizer presets, which use none, still check them.
      target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-stringop-overflow
                             -Wno-stringop-overread)
    endif()
  endif()
endfunction()
