// RocksDB's errors in our words.
#ifndef QUARTERMASTER_STORAGE_ROCKSDB_STATUS_H_
#define QUARTERMASTER_STORAGE_ROCKSDB_STATUS_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "rocksdb/status.h"

namespace quartermaster::storage {

// `what` is what was being done, to stand before RocksDB's own words: "open the log in DIRECTORY".
// OK stays OK. kFailedPrecondition: the directory is in use, or written by a newer binary.
// kResourceExhausted: the disk is full. kDataLoss: a file is missing, too short, or damaged.
// kInternal: any other.
absl::Status FromRocksDb(const rocksdb::Status& status, std::string_view what);

// The number of a write-ahead log that the manifest names and that is not there; none if that is
// not what the status says.
std::optional<uint64_t> MissingWal(const rocksdb::Status& status);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_ROCKSDB_STATUS_H_
