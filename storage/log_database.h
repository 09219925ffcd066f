// The log's RocksDB: its options, and what is checked before and after it is opened.
#ifndef QUARTERMASTER_STORAGE_LOG_DATABASE_H_
#define QUARTERMASTER_STORAGE_LOG_DATABASE_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
  using States = std::map<PartitionId, PartitionState, ByTenantAndName>;

  // Errors: those of OpenRocksDbLog.
  static absl::StatusOr<std::unique_ptr<LogDatabase>> Open(const RocksDbLogOptions& options);
  // A new one in an empty directory, which Open refuses until FinishRestore has returned OK.
  static absl::StatusOr<std::unique_ptr<LogDatabase>> CreateForRestore(
      const RocksDbLogOptions& options);
  ~LogDatabase();

  absl::Status FinishRestore();

  rocksdb::DB* db() const { return db_.get(); }
  rocksdb::ColumnFamilyHandle* frames() const { return frames_; }
  rocksdb::ColumnFamilyHandle* meta() const { return meta_; }
  // As they were when it was opened, each checked against its last frame.
  const States& states() const { return states_; }

 private:
  explicit LogDatabase(const RocksDbLogOptions& options);

  // Opens without writing and checks everything. kNotFound if nothing was ever written.
  absl::Status OpenForReading();
  absl::Status OpenForWriting();

  // Whether there is a database, and that nothing which each one has is missing: RocksDB would
  // take a directory without its CURRENT file for an empty one, and does not miss its newest
  // write-ahead log.
  absl::StatusOr<bool> FindFiles();
  absl::Status CheckNewestWal(const std::string& newest) const;
  std::vector<rocksdb::ColumnFamilyDescriptor> Families() const;
  absl::Status OpenDatabase();
  // RocksDB checks that its SST files are there; this, that its blob files are.
  absl::Status CheckBlobFiles() const;
  absl::Status CheckFormatLevel() const;
  absl::Status WriteFormatLevel(std::string_view level);
  absl::Status LoadStates();
  absl::Status CheckLastFrame(const PartitionId& partition, const PartitionState& state) const;
  absl::Status CheckFrameCount() const;

  const RocksDbLogOptions options_;
  // "open the log in DIRECTORY", for messages.
  const std::string what_;
  std::shared_ptr<rocksdb::FileSystem> file_system_;
  std::unique_ptr<rocksdb::Env> env_;
  // Held by a reader; a writer's is RocksDB's own.
  rocksdb::FileLock* lock_ = nullptr;
  // Whether there are SST or blob files. Every log has one before its first append.
  bool has_data_files_ = false;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* default_ = nullptr;
  rocksdb::ColumnFamilyHandle* frames_ = nullptr;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
  States states_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_LOG_DATABASE_H_
