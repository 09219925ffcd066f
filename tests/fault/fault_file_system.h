// A file system that loses what was not synced when the machine crashes, and that fails on
// request. For tests of what RocksDB and the log above it make of that.
//
//   auto faults = std::make_shared<FaultFileSystem>();
//   faults->CrashAfter(100);                      // the 100th change from now on never happens
//   ... use a RocksDB on it until it fails, then close it ...
//   faults->LoseUnsynced(random);                 // what the disk shows after the restart
//
// The model: bytes that were not synced are lost but for a prefix (a torn write: none, some or
// all); a file whose directory was not synced since its creation may be gone. Deletions and renames
// take effect in order, as in a metadata journal: each one makes the creations before it last.
// Nothing is really synced, so that tests do not wait for a disk.
#ifndef QUARTERMASTER_TESTS_FAULT_FAULT_FILE_SYSTEM_H_
#define QUARTERMASTER_TESTS_FAULT_FAULT_FILE_SYSTEM_H_

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "rocksdb/file_system.h"
#include "services/base/mutex.h"

namespace quartermaster::fault {

enum class Operation { kCreate, kAppend, kSync };

// Thread-safe.
class FaultFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FaultFileSystem();
  const char* Name() const override { return "FaultFileSystem"; }

  // Fails the change after the next `changes` ones, and all after that. A change is a creation, an
  // append, a sync, a rename or a deletion.
  void CrashAfter(int64_t changes) ABSL_LOCKS_EXCLUDED(mutex_);
  bool crashed() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Brings the files into a state that a crash may leave, and works again. Every file must have
  // been closed.
  void LoseUnsynced(std::mt19937_64& random) ABSL_LOCKS_EXCLUDED(mutex_);

  // Fails this operation on files whose names end so ("" is all files), until ClearErrors.
  void Fail(Operation operation, const std::string& suffix, const rocksdb::IOStatus& error)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void ClearErrors() ABSL_LOCKS_EXCLUDED(mutex_);

  // Lets creations of files whose names end so wait until the next Release.
  void HoldCreations(const std::string& suffix) ABSL_LOCKS_EXCLUDED(mutex_);
  void AwaitHeldCreation() ABSL_LOCKS_EXCLUDED(mutex_);
  void Release() ABSL_LOCKS_EXCLUDED(mutex_);

  // Appended to files whose names end so, since this file system was made.
  uint64_t BytesWritten(const std::string& suffix) const ABSL_LOCKS_EXCLUDED(mutex_);
  // How often a file whose name ends so was synced.
  int64_t Syncs(const std::string& suffix) const ABSL_LOCKS_EXCLUDED(mutex_);

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;

 private:
  friend class FaultFile;
  friend class FaultDirectory;

  struct File {
    uint64_t written = 0;
    uint64_t synced = 0;
  };
  struct Error {
    Operation operation;
    std::string suffix;
    rocksdb::IOStatus status;
  };
  struct Count {
    uint64_t bytes = 0;
    int64_t syncs = 0;
  };

  // OK if the change may happen.
  rocksdb::IOStatus Change() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  rocksdb::IOStatus Check(Operation operation, const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Settle(const std::string& directory) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // What the open files of this file system report.
  rocksdb::IOStatus BeforeAppend(const std::string& path);
  void Appended(const std::string& path, uint64_t bytes);
  rocksdb::IOStatus Sync(const std::string& path);
  rocksdb::IOStatus SyncDirectory(const std::string& path);

  mutable Mutex mutex_;
  CondVar changed_;
  int64_t changes_left_ ABSL_GUARDED_BY(mutex_);
  bool crashed_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Error> errors_ ABSL_GUARDED_BY(mutex_);
  std::string held_suffix_ ABSL_GUARDED_BY(mutex_);
  bool holding_ ABSL_GUARDED_BY(mutex_) = false;
  int held_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, File> files_ ABSL_GUARDED_BY(mutex_);
  // Files whose directory entry is not durable yet.
  std::set<std::string> created_ ABSL_GUARDED_BY(mutex_);
  // By file name extension, for the whole life.
  std::map<std::string, Count> counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quartermaster::fault

#endif  // QUARTERMASTER_TESTS_FAULT_FAULT_FILE_SYSTEM_H_
