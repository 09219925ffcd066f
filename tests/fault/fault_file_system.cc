#include "tests/fault/fault_file_system.h"

#include <filesystem>
#include <limits>
#include <utility>

namespace quartermaster::fault {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

std::string DirectoryOf(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

std::string ExtensionOf(const std::string& path) {
  return std::filesystem::path(path).extension().string();
}

}  // namespace

class FaultFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultFile(FaultFileSystem* faults, std::string path, std::unique_ptr<FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), faults_(faults), path_(std::move(path)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* context) override {
    IOStatus status = faults_->BeforeAppend(path_);
    if (status.ok()) status = target()->Append(data, options, context);
    if (status.ok()) faults_->Appended(path_, data.size());
    return status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*verification*/,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Sync(const IOOptions& /*options*/, IODebugContext* /*context*/) override {
    return faults_->Sync(path_);
  }
  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*context*/) override {
    return faults_->Sync(path_);
  }
  // A hint: it promises nothing about a crash.
  IOStatus RangeSync(uint64_t /*offset*/, uint64_t /*bytes*/, const IOOptions& /*options*/,
                     IODebugContext* /*context*/) override {
    return IOStatus::OK();
  }

 private:
  FaultFileSystem* const faults_;
  const std::string path_;
};

class FaultDirectory : public FSDirectory {
 public:
  FaultDirectory(FaultFileSystem* faults, std::string path)
      : faults_(faults), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*context*/) override {
    return faults_->SyncDirectory(path_);
  }

 private:
  FaultFileSystem* const faults_;
  const std::string path_;
};

FaultFileSystem::FaultFileSystem()
    : FileSystemWrapper(rocksdb::FileSystem::Default()),
      changes_left_(std::numeric_limits<int64_t>::max()) {}

void FaultFileSystem::CrashAfter(int64_t changes) {
  MutexLock lock(&mutex_);
  changes_left_ = changes;
}

bool FaultFileSystem::crashed() const {
  MutexLock lock(&mutex_);
  return crashed_;
}

void FaultFileSystem::LoseUnsynced(std::mt19937_64& random) {
  MutexLock lock(&mutex_);
  for (auto& [path, file] : files_) {
    if (created_.contains(path) && random() % 2 == 0) {
      std::filesystem::remove(path);
      continue;
    }
    if (file.written == file.synced) continue;
    const uint64_t unsynced = file.written - file.synced;
    const uint64_t kept[] = {0, random() % (unsynced + 1), unsynced};
    std::filesystem::resize_file(path, file.synced + kept[random() % 3]);
  }
  files_.clear();
  created_.clear();
  crashed_ = false;
  changes_left_ = std::numeric_limits<int64_t>::max();
}

void FaultFileSystem::Fail(Operation operation, const std::string& suffix, const IOStatus& error) {
  MutexLock lock(&mutex_);
  errors_.push_back({operation, suffix, error});
}

void FaultFileSystem::ClearErrors() {
  MutexLock lock(&mutex_);
  errors_.clear();
}

void FaultFileSystem::HoldCreations(const std::string& suffix) {
  MutexLock lock(&mutex_);
  held_suffix_ = suffix;
  holding_ = true;
}

void FaultFileSystem::AwaitHeldCreation() {
  MutexLock lock(&mutex_);
  while (held_ == 0) changed_.Wait(&mutex_);
}

void FaultFileSystem::Release() {
  MutexLock lock(&mutex_);
  holding_ = false;
  changed_.NotifyAll();
}

uint64_t FaultFileSystem::BytesWritten(const std::string& suffix) const {
  MutexLock lock(&mutex_);
  uint64_t bytes = 0;
  for (const auto& [extension, count] : counts_) {
    if (extension.ends_with(suffix)) bytes += count.bytes;
  }
  return bytes;
}

int64_t FaultFileSystem::Syncs(const std::string& suffix) const {
  MutexLock lock(&mutex_);
  int64_t syncs = 0;
  for (const auto& [extension, count] : counts_) {
    if (extension.ends_with(suffix)) syncs += count.syncs;
  }
  return syncs;
}

IOStatus FaultFileSystem::Change() {
  if (changes_left_ == 0) crashed_ = true;
  if (crashed_) return IOStatus::IOError("the machine has crashed");
  --changes_left_;
  return IOStatus::OK();
}

IOStatus FaultFileSystem::Check(Operation operation, const std::string& path) {
  for (const Error& error : errors_) {
    if (error.operation == operation && path.ends_with(error.suffix)) return error.status;
  }
  return Change();
}

void FaultFileSystem::Settle(const std::string& directory) {
  std::erase_if(created_, [&](const std::string& path) { return DirectoryOf(path) == directory; });
}

IOStatus FaultFileSystem::BeforeAppend(const std::string& path) {
  MutexLock lock(&mutex_);
  return Check(Operation::kAppend, path);
}

void FaultFileSystem::Appended(const std::string& path, uint64_t bytes) {
  MutexLock lock(&mutex_);
  files_[path].written += bytes;
  counts_[ExtensionOf(path)].bytes += bytes;
}

IOStatus FaultFileSystem::Sync(const std::string& path) {
  MutexLock lock(&mutex_);
  const IOStatus status = Check(Operation::kSync, path);
  if (!status.ok()) return status;
  files_[path].synced = files_[path].written;
  ++counts_[ExtensionOf(path)].syncs;
  return status;
}

IOStatus FaultFileSystem::SyncDirectory(const std::string& path) {
  MutexLock lock(&mutex_);
  const IOStatus status = Change();
  if (status.ok()) Settle(path);
  return status;
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& path, const FileOptions& options,
                                          std::unique_ptr<FSWritableFile>* file,
                                          IODebugContext* context) {
  {
    MutexLock lock(&mutex_);
    if (holding_ && path.ends_with(held_suffix_)) {
      ++held_;
      changed_.NotifyAll();
      while (holding_) changed_.Wait(&mutex_);
      --held_;
    }
    const IOStatus status = Check(Operation::kCreate, path);
    if (!status.ok()) return status;
    files_[path] = {};
    created_.insert(path);
  }
  std::unique_ptr<FSWritableFile> real;
  const IOStatus status = target()->NewWritableFile(path, options, &real, context);
  if (status.ok()) *file = std::make_unique<FaultFile>(this, path, std::move(real));
  return status;
}

IOStatus FaultFileSystem::ReopenWritableFile(const std::string& /*path*/,
                                             const FileOptions& /*options*/,
                                             std::unique_ptr<FSWritableFile>* /*file*/,
                                             IODebugContext* /*context*/) {
  return IOStatus::NotSupported("no file is reopened for writing");
}

IOStatus FaultFileSystem::ReuseWritableFile(const std::string& /*path*/,
                                            const std::string& /*old_path*/,
                                            const FileOptions& /*options*/,
                                            std::unique_ptr<FSWritableFile>* /*file*/,
                                            IODebugContext* /*context*/) {
  return IOStatus::NotSupported("no file is recycled");
}

IOStatus FaultFileSystem::NewDirectory(const std::string& path, const IOOptions& /*options*/,
                                       std::unique_ptr<FSDirectory>* directory,
                                       IODebugContext* /*context*/) {
  *directory = std::make_unique<FaultDirectory>(this, path);
  return IOStatus::OK();
}

IOStatus FaultFileSystem::DeleteFile(const std::string& path, const IOOptions& options,
                                     IODebugContext* context) {
  MutexLock lock(&mutex_);
  const IOStatus status = Change();
  if (!status.ok()) return status;
  files_.erase(path);
  Settle(DirectoryOf(path));
  return target()->DeleteFile(path, options, context);
}

IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to,
                                     const IOOptions& options, IODebugContext* context) {
  MutexLock lock(&mutex_);
  const IOStatus status = Change();
  if (!status.ok()) return status;
  if (const auto it = files_.find(from); it != files_.end()) {
    files_[to] = it->second;
    files_.erase(it);
  }
  Settle(DirectoryOf(from));
  return target()->RenameFile(from, to, options, context);
}

}  // namespace quartermaster::fault
