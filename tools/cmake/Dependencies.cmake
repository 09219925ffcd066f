# Everything comes from Debian 12's own packages; tools/setup installs them.

find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(RocksDB CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(GTest REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)

# What long-running servers allocate with: gRPC takes and frees some hundred blocks per call, on
# other threads than those that took them (a quarter more calls per second than with the C library's).
# Not with a sanitizer, which brings its own.
add_library(qm_malloc INTERFACE)
if(NOT QM_SANITIZE)
  pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
  target_link_libraries(qm_malloc INTERFACE PkgConfig::JEMALLOC)
endif()

find_program(QM_PROTOC protoc REQUIRED)
find_program(QM_GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

# google/api and google/rpc as plain proto files, from Debian's grpc-gateway package.
find_path(QM_GOOGLEAPIS google/api/annotations.proto REQUIRED
  PATHS /usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis)

# The command line: CLI11, libcsv without a CMake package of its own.
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_path(QM_LIBCSV_INCLUDE_DIR csv.h REQUIRED)
find_library(QM_LIBCSV csv REQUIRED)
