# Tests are compiled more often than they run: less of the optimizer for their own code, all of it
# for the code that they test.
set(QM_TEST_OPTIONS $<IF:$<CONFIG:Release>,-O1,-O0>)

# With sanitizers the optimizer takes half of the build. Only the layers that tests run millions of
# times are worth it: the rules, their codecs, the log.
set(QM_OPTIMISED_LAYERS "_(base|storage|engine|codec|domain|testing)$")
function(qm_optimise target)
  if(QM_SANITIZE AND NOT target MATCHES "${QM_OPTIMISED_LAYERS}")
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# qm_library(NAME SOURCES... [DEPS targets...])
# One layer of one part. Its DEPS are the edges that ARCHITECTURE's layer table allows it.
function(qm_library name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PRIVATE qm_flags PUBLIC ${arg_DEPS})
    qm_optimise(${name})
    set_property(GLOBAL APPEND PROPERTY QM_TARGETS ${name})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${arg_DEPS})
  endif()
endfunction()

# qm_binary(NAME SOURCES... [DEPS targets...])
function(qm_binary name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE qm_flags ${arg_DEPS})
  qm_optimise(${name})
  set_property(GLOBAL APPEND PROPERTY QM_TARGETS ${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# qm_benchmark(NAME SOURCES... [DEPS targets...])
# A program that measures: nobody measures with sanitizers, so it is built there on demand only.
function(qm_benchmark name)
  qm_binary(${name} ${ARGN})
  if(QM_SANITIZE)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()

# qm_test(NAME SOURCES... [DEPS targets...] [TIMEOUT seconds] [LABELS labels...] [ARGS args...]
#         [BUSY])
# A GoogleTest binary, run as one ctest test. BUSY: its own code is most of what runs, so that it is
# optimised like the code that it tests.
function(qm_test name)
  cmake_parse_arguments(arg "BUSY" "TIMEOUT" "DEPS;LABELS;ARGS" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE qm_flags ${arg_DEPS} GTest::gtest GTest::gmock
                                        GTest::gtest_main)
  if(NOT arg_BUSY)
    target_compile_options(${name} PRIVATE ${QM_TEST_OPTIONS})
  endif()
  set_property(GLOBAL APPEND PROPERTY QM_TARGETS ${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} ${arg_ARGS} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
