# Language level, warnings, sanitizers: what every target of ours is built with.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# A release has CMake's own -O3: with -O2 it builds a tenth faster, and B6 of tools/bench makes 0.65
# of it, as GCC 12 inlines too little.

set(QM_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")
option(QM_FUZZ "Build the libFuzzer targets (clang only)" OFF)

# The compiler cache, when there is one. The sloppiness is what it needs for precompiled headers, and
# no more: a header that changes while it is compiled must not be cached.
find_program(QM_CCACHE ccache)
if(QM_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${QM_CCACHE})
endif()

add_library(qm_flags INTERFACE)
# Everywhere, as a precompiled header is only for what was compiled like it.
target_compile_options(qm_flags INTERFACE -pthread)
target_compile_options(qm_flags INTERFACE -Wall -Wextra -Wpedantic -Werror
  -Wnon-virtual-dtor -Wno-unused-parameter -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(qm_flags INTERFACE -Wthread-safety)
else()
  # ccache asks for -fpch-preprocess.
  target_compile_options(qm_flags INTERFACE -Wshadow=local -fpch-preprocess)
  # GCC 12 sees a string that is built from others as overlapping itself or beyond its bounds
  # (GCC bugs 105651, 105329); precompiled headers are no system headers to it.
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(qm_flags INTERFACE -Wno-restrict -Wno-array-bounds
      -Wno-stringop-overflow -Wno-stringop-overread -Wno-maybe-uninitialized)
  endif()
endif()

if(QM_SANITIZE)
  add_compile_options(-fsanitize=${QM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${QM_SANITIZE})
endif()
