# Precompiled headers, shared by all targets of ours: one for each set of what targets link of the
# libraries whose headers take the longest to read. Every file still includes what it uses;
# tools/check_layers reads the includes.
#
# GCC leaves what inline functions of a precompiled header instantiate to each file that uses the
# header: the stubs of our services cost every file 0.7 s, and JSON's literals 0.9 s, more than the
# few that need them take to read them. clang instantiates once, with the header.
set(QM_PRECOMPILED <algorithm> <cstdint> <functional> <map> <memory> <optional> <set> <string>
    <string_view> <utility> <variant> <vector>
    <absl/container/flat_hash_map.h> <absl/status/statusor.h> <absl/strings/str_cat.h>)
set(QM_HEAVY_LIBRARIES qm_proto GTest::gtest)
set(QM_PRECOMPILED_OF_GTest::gtest <gtest/gtest.h> <gmock/gmock.h>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  list(APPEND QM_HEAVY_LIBRARIES nlohmann_json::nlohmann_json)
  set(QM_PRECOMPILED_OF_nlohmann_json::nlohmann_json <nlohmann/json.hpp>)
endif()

# qm_links(TARGET): appends to `found` of the caller all targets that TARGET links, directly or not.
function(qm_links target)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    get_target_property(links ${target} INTERFACE_LINK_LIBRARIES)
  else()
    get_target_property(links ${target} LINK_LIBRARIES)
  endif()
  foreach(link ${links})
    if(TARGET ${link} AND NOT ${link} IN_LIST found)
      list(APPEND found ${link})
      qm_links(${link})
    endif()
  endforeach()
  set(found "${found}" PARENT_SCOPE)
endfunction()

# Gives each target of QM_TARGETS the header of its set. Called once all targets are known.
function(qm_precompile_headers)
  get_property(QM_PRECOMPILED_OF_qm_proto GLOBAL PROPERTY QM_MESSAGE_HEADERS)
  list(APPEND QM_PRECOMPILED_OF_qm_proto <grpcpp/grpcpp.h>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    get_property(services GLOBAL PROPERTY QM_SERVICE_HEADERS)
    list(APPEND QM_PRECOMPILED_OF_qm_proto ${services})
  endif()
  # For what reads the sources without building them: clang-tidy.
  add_custom_target(precompiled_headers)
  get_property(targets GLOBAL PROPERTY QM_TARGETS)
  foreach(target ${targets})
    set(found "")
    qm_links(${target})
    set(heavy "")
    set(headers ${QM_PRECOMPILED})
    foreach(library ${QM_HEAVY_LIBRARIES})
      if(library IN_LIST found)
        list(APPEND heavy ${library})
        list(APPEND headers ${QM_PRECOMPILED_OF_${library}})
      endif()
    endforeach()
    # A header is only for what is compiled like it.
    get_target_property(options ${target} COMPILE_OPTIONS)
    if(NOT options)
      set(options "")
    endif()
    # To GCC every level of optimisation is like -O3 in that.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release")
      list(FILTER options EXCLUDE REGEX "-O[1-3]")
    endif()
    string(REGEX REPLACE "[^a-zA-Z0-9]+" "_" name "qm_precompiled;${heavy};${options}")
    if(NOT TARGET ${name})
      add_library(${name} OBJECT ${CMAKE_SOURCE_DIR}/tools/cmake/precompiled.cc)
      target_link_libraries(${name} PRIVATE qm_flags ${heavy})
      target_compile_options(${name} PRIVATE ${options})
      target_precompile_headers(${name} PRIVATE ${headers})
      add_dependencies(precompiled_headers ${name})
    endif()
    target_precompile_headers(${target} REUSE_FROM ${name})
  endforeach()
endfunction()
