// The log's RocksDB: its options, and what is checked before and after it is opened.
#ifndef QUARTERMASTER_STORAGE_LOG_DATABASE_H_
#define QUARTERMASTER_STORAGE_LOG_DATABASE_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "storage/partition_state.h"
#include "storage/rocksdb_log.h"

namespace quartermaster::storage {

// An open database. Closes it when it ends.
class LogDatabase {
 public:
  // Errors: those of OpenRocksDbLog.
  static absl::StatusOr<std::unique_ptr<LogDatabase>> Open(const RocksDbLogOptions& options);
  ~LogDatabase();

  rocksdb::DB* db() const { return db_.get(); }
  rocksdb::ColumnFamilyHandle* frames() const { return frames_; }
  rocksdb::ColumnFamilyHandle* meta() const { return meta_; }

  // The partitions' states, each checked against its last frame.
  absl::StatusOr<std::map<PartitionId, PartitionState, ByTenantAndName>> LoadStates() const;

 private:
  explicit LogDatabase(const RocksDbLogOptions& options);

  // That nothing which every log has is missing. RocksDB would take a directory without its
  // CURRENT file for an empty one, and does not miss its newest write-ahead log.
  absl::Status CheckFilesBefore() const;
  absl::Status OpenDatabase();
  absl::Status OpenForReading();
  // RocksDB checks that its SST files are there; this, that its blob files are.
  absl::Status CheckBlobFiles() const;
  absl::Status CheckFormatLevel();
  absl::Status CheckLastFrame(const PartitionId& partition, const PartitionState& state) const;

  const RocksDbLogOptions options_;
  const std::string what_;
  std::shared_ptr<rocksdb::FileSystem> file_system_;
  std::unique_ptr<rocksdb::Env> env_;
  // Held by a reader; a writer's is RocksDB's own.
  rocksdb::FileLock* lock_ = nullptr;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* default_ = nullptr;
  rocksdb::ColumnFamilyHandle* frames_ = nullptr;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_LOG_DATABASE_H_
