// The event log of one process: RocksDB in a directory. See FORMAT.md for what is where.
#ifndef QUARTERMASTER_STORAGE_ROCKSDB_LOG_H_
#define QUARTERMASTER_STORAGE_ROCKSDB_LOG_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/event_log.h"

namespace rocksdb {
class FileSystem;
}  // namespace rocksdb

namespace quartermaster::storage {

struct RocksDbLogOptions {
  // Created if it does not exist.
  std::string directory;
  // Whether Append syncs. Off only to measure what the sync costs.
  bool sync = true;
  // Opens without changing anything: for tools that read a stopped or killed server's log, its
  // write-ahead log included. Refused while an owner has the directory; an owner is refused
  // meanwhile. A living server is read over LogReader.
  bool read_only = false;
  // How much is gathered in memory before it goes to a file of its own. Up to four times as much is
  // held in memory when the disk is slow, and read again by a restart.
  size_t memtable_bytes = size_t{64} << 20;
  // The file system underneath; null means the machine's. For fault tests.
  std::shared_ptr<rocksdb::FileSystem> file_system;
};

// Opens the log and checks what can be checked at once: that no other process has it, that its
// format level is known, that no file is missing, that heads and frames agree.
// Errors: kFailedPrecondition (in use; format level; each named), kDataLoss (missing or damaged
// file, named), kResourceExhausted (disk full), kInternal.
absl::StatusOr<std::unique_ptr<EventLog>> OpenRocksDbLog(const RocksDbLogOptions& options);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_ROCKSDB_LOG_H_
