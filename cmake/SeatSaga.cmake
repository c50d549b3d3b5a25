# The words that the CMakeLists.txt of each folder are written in.

# seatsaga_library(NAME SOURCES ... [DEPS ...])
# A static library. Its headers are included from the repository's root: "common/id.h".
function(seatsaga_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC seatsaga_options ${arg_DEPS})
  seatsaga_precompile(${name} product)
endfunction()

# The programs of SeatSaga itself and the demo; the benchmarks start the servers among them. No test is
# part of either.
add_custom_target(products)
add_custom_target(benchmarks)
add_dependencies(benchmarks products)

# seatsaga_executable(NAME SOURCES ... [DEPS ...] [IN products|benchmarks])
# A program, build/<preset>/bin/NAME, which that target builds.
function(seatsaga_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "IN" "SOURCES;DEPS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE seatsaga_options ${arg_DEPS})
  seatsaga_precompile(${name} product)
  if(arg_IN)
    add_dependencies(${arg_IN} ${name})
  endif()
  if(SEATSAGA_ALLOCATOR AND NOT SEATSAGA_SANITIZE)
    # Nothing calls it by name, so the linker must be told to keep it, shared or not.
    target_link_options(${name} PRIVATE
      LINKER:--push-state,--no-as-needed,--whole-archive,${SEATSAGA_ALLOCATOR},--pop-state)
  endif()
endfunction()

# seatsaga_script(NAME SOURCE)
# A script that users run, copied to build/<preset>/bin/NAME whenever it changes.
function(seatsaga_script name source)
  configure_file(${source} ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${name} COPYONLY
                 USE_SOURCE_PERMISSIONS)
endfunction()

# seatsaga_proto_library(NAME PROTOS ... [ROOT dir] [IMPORTS dir] [GRPC] [DEPS ...])
# C++ messages of .proto files, which are named and import each other relative to ROOT (by default
# this folder), and others relative to IMPORTS; with GRPC also the stubs of their services. To its
# users generated code is a system header, and it is itself compiled without our warnings.
function(seatsaga_proto_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "GRPC" "ROOT;IMPORTS" "PROTOS;DEPS")
  if(NOT arg_ROOT)
    set(arg_ROOT ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  set(out ${PROJECT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${out})
  set(imports)
  if(arg_IMPORTS)
    set(imports -I ${arg_IMPORTS})
  endif()
  set(plugin)
  if(arg_GRPC)
    set(plugin --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin> --grpc_out=${out})
  endif()

  set(sources)
  foreach(proto IN LISTS arg_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(generated ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
    if(arg_GRPC)
      # In front, as in protoc's dependency file: Ninja expects the same first output in both.
      list(PREPEND generated ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h)
    endif()
    add_custom_command(
      OUTPUT ${generated}
      COMMAND protobuf::protoc -I ${arg_ROOT} ${imports} --cpp_out=${out} ${plugin}
              --dependency_out=${out}/${stem}.d ${arg_ROOT}/${proto}
      DEPENDS ${arg_ROOT}/${proto}
      DEPFILE ${out}/${stem}.d
      COMMENT "Generating ${stem}.pb"
      VERBATIM)
    list(APPEND sources ${generated})
  endforeach()

  add_library(${name} STATIC ${sources})
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf ${arg_DEPS})
  seatsaga_precompile(${name} product)
  if(arg_GRPC)
    target_link_libraries(${name} PUBLIC gRPC::grpc++)
  endif()
endfunction()

# seatsaga_test(NAME SOURCES ... LABEL label TIMEOUT seconds [LOCK name] [DEPS ...])
# A Catch2 executable whose test cases are one ctest each, "LABEL/name of the case". Cases of one
# LOCK do not run at the same time.
function(seatsaga_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT;LOCK" "SOURCES;DEPS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE seatsaga_options seatsaga_test_main ${arg_DEPS})
  seatsaga_precompile(${name} test)
  set(properties LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
                 ENVIRONMENT SEATSAGA_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  if(arg_LOCK)
    list(APPEND properties RESOURCE_LOCK ${arg_LOCK})
  endif()
  # NoTests: a name that Catch2 does not find again fails instead of passing.
  catch_discover_tests(${name} TEST_PREFIX "${arg_LABEL}/" EXTRA_ARGS -w NoTests
                       PROPERTIES ${properties})
endfunction()

# seatsaga_command_test(NAME LABEL label TIMEOUT seconds [LOCK name] COMMAND ...)
# A ctest that runs a command in the repository's root.
function(seatsaga_command_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT;LOCK" "COMMAND")
  add_test(NAME ${name} COMMAND ${arg_COMMAND} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES
    LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT SEATSAGA_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  if(arg_LOCK)
    set_tests_properties(${name} PROPERTIES RESOURCE_LOCK ${arg_LOCK})
  endif()
endfunction()
