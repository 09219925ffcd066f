#include "storage/log_database.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rocksdb/metadata.h"
#include "rocksdb/options.h"
#include "rocksdb/table_properties.h"
#include "services/base/status_macros.h"
#include "storage/log_keys.h"
#include "storage/rocksdb_status.h"

namespace quartermaster::storage {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;

constexpr char kNewestWal[] = "the newest write-ahead log";
constexpr char kFramesFamily[] = "frames";
constexpr char kMetaFamily[] = "meta";
constexpr char kWalExtension[] = ".log";
// The format level of a directory that is being restored.
constexpr std::string_view kRestoring = "restoring";
constexpr size_t kWalMemtables = 4;
constexpr size_t kInfoLogBytes = size_t{16} << 20;

// Says nothing: a reader leaves no info log behind.
class NullLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

rocksdb::DBOptions DatabaseOptions(rocksdb::Env* env, size_t memtable_bytes, bool read_only) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = !read_only;
  options.create_missing_column_families = !read_only;
  options.paranoid_checks = true;
  // A torn last write was never acknowledged; damage anywhere else stops the start.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  // A recycled file could show old records after a torn write.
  options.recycle_log_file_num = 0;
  // States are small and would seldom be flushed; until then the write-ahead log is kept.
  options.max_total_wal_size = kWalMemtables * memtable_bytes;
  // Fail-stop: no second try after an error.
  options.max_bgerror_resume_count = 0;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.max_log_file_size = kInfoLogBytes;
  options.keep_log_file_num = 4;
  options.stats_dump_period_sec = 0;
  if (read_only) options.info_log = std::make_shared<NullLogger>();
  return options;
}

rocksdb::ColumnFamilyOptions FramesOptions(size_t memtable_bytes) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = memtable_bytes;
  options.max_write_buffer_number = 4;
  options.compression = rocksdb::kNoCompression;
  // Every frame goes to a blob file and stays in it: compaction moves only keys.
  options.enable_blob_files = true;
  options.min_blob_size = 0;
  options.blob_compression_type = rocksdb::kNoCompression;
  options.enable_blob_garbage_collection = false;
  return options;
}

bool EndsWith(const std::string& name, std::string_view end) { return name.ends_with(end); }

bool Any(const std::vector<std::string>& names, std::string_view end) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return EndsWith(name, end); });
}

absl::Status MissingFileError(const std::string& what, std::string_view which) {
  return absl::DataLossError(
      absl::StrCat("cannot ", what, ": a file is missing (", std::string(which), ")"));
}

// A view of a log without one of its write-ahead logs, which reads none of them.
class WithoutWal : public rocksdb::FileSystemWrapper {
 public:
  WithoutWal(const std::shared_ptr<rocksdb::FileSystem>& target, std::string hidden)
      : FileSystemWrapper(target), hidden_(std::move(hidden)) {}
  const char* Name() const override { return "WithoutWal"; }

  rocksdb::IOStatus GetChildren(const std::string& directory, const IOOptions& options,
                                std::vector<std::string>* names, IODebugContext* context) override {
    rocksdb::IOStatus status = target()->GetChildren(directory, options, names, context);
    std::erase(*names, hidden_);
    return status;
  }
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      IODebugContext* context) override {
    if (path.ends_with(kWalExtension)) return rocksdb::IOStatus::Aborted("it was only a question");
    return target()->NewSequentialFile(path, options, file, context);
  }

 private:
  const std::string hidden_;
};

// Creates the directory and those above it, durably.
rocksdb::IOStatus CreateDirectory(rocksdb::FileSystem* file_system, const std::string& path) {
  IODebugContext* const no_context = nullptr;
  if (path.empty() || file_system->FileExists(path, IOOptions(), no_context).ok()) {
    return rocksdb::IOStatus::OK();
  }
  const size_t slash = path.find_last_of('/');
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash);
  if (slash != path.size() - 1) {
    rocksdb::IOStatus status = CreateDirectory(file_system, parent);
    if (status.ok()) status = file_system->CreateDirIfMissing(path, IOOptions(), no_context);
    std::unique_ptr<rocksdb::FSDirectory> directory;
    if (status.ok()) {
      status = file_system->NewDirectory(parent.empty() ? "/" : parent, IOOptions(), &directory,
                                         no_context);
    }
    if (status.ok()) status = directory->Fsync(IOOptions(), no_context);
    return status;
  }
  return CreateDirectory(file_system, parent);
}

}  // namespace

LogDatabase::LogDatabase(const RocksDbLogOptions& options)
    : options_(options),
      what_(absl::StrCat("open the log in ", options.directory)),
      file_system_(options.file_system != nullptr ? options.file_system
                                                  : rocksdb::FileSystem::Default()),
      env_(rocksdb::NewCompositeEnv(file_system_)) {}

LogDatabase::~LogDatabase() {
  for (rocksdb::ColumnFamilyHandle* family : {default_, frames_, meta_}) {
    if (family != nullptr) db_->DestroyColumnFamilyHandle(family);
  }
  db_.reset();
  if (lock_ != nullptr) file_system_->UnlockFile(lock_, IOOptions(), nullptr);
}

absl::StatusOr<std::unique_ptr<LogDatabase>> LogDatabase::Open(const RocksDbLogOptions& options) {
  std::unique_ptr<LogDatabase> database(new LogDatabase(options));
  if (options.read_only) {
    QM_RETURN_IF_ERROR(database->OpenForReading());
    return database;
  }
  {
    // Opening for writing changes files, and deletes those that the manifest does not name: look
    // first, so that a damaged log stays as it is.
    RocksDbLogOptions reading = options;
    reading.read_only = true;
    const absl::Status found = LogDatabase(reading).OpenForReading();
    if (!found.ok() && !absl::IsNotFound(found)) return found;
  }
  QM_RETURN_IF_ERROR(database->OpenForWriting());
  return database;
}

absl::StatusOr<std::unique_ptr<LogDatabase>> LogDatabase::CreateForRestore(
    const RocksDbLogOptions& options) {
  std::unique_ptr<LogDatabase> database(new LogDatabase(options));
  QM_RETURN_IF_ERROR(FromRocksDb(CreateDirectory(database->file_system_.get(), options.directory),
                                 database->what_));
  QM_RETURN_IF_ERROR(database->OpenDatabase());
  QM_RETURN_IF_ERROR(database->WriteFormatLevel(kRestoring));
  return database;
}

absl::Status LogDatabase::FinishRestore() { return WriteFormatLevel(std::to_string(kFormatLevel)); }

absl::StatusOr<bool> LogDatabase::FindFiles() {
  if (!file_system_->FileExists(options_.directory, IOOptions(), nullptr).ok()) return false;
  std::vector<std::string> names;
  QM_RETURN_IF_ERROR(FromRocksDb(
      file_system_->GetChildren(options_.directory, IOOptions(), &names, nullptr), what_));
  std::string newest_wal;
  for (const std::string& name : names) {
    // Their numbers have the same length, or the longer one is the larger.
    if (EndsWith(name, kWalExtension) &&
        std::pair(name.size(), name) > std::pair(newest_wal.size(), newest_wal)) {
      newest_wal = name;
    }
  }
  const bool has_wal = !newest_wal.empty();
  has_data_files_ = Any(names, ".sst") || Any(names, ".blob");
  if (std::find(names.begin(), names.end(), "CURRENT") == names.end()) {
    if (has_wal || has_data_files_) return MissingFileError(what_, "CURRENT");
    return false;
  }
  // The first flush comes after the first write-ahead log, and from then on there is always one.
  if (has_data_files_ && !has_wal) return MissingFileError(what_, kNewestWal);
  if (has_wal) QM_RETURN_IF_ERROR(CheckNewestWal(newest_wal));
  return true;
}

// RocksDB's manifest names each write-ahead log that was closed, from the first synced write to
// its successor on. The newest one that is there must not be among them. There is no way to ask
// but to see whether RocksDB misses it.
absl::Status LogDatabase::CheckNewestWal(const std::string& newest) const {
  const std::unique_ptr<rocksdb::Env> env =
      rocksdb::NewCompositeEnv(std::make_shared<WithoutWal>(file_system_, newest));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(
      DatabaseOptions(env.get(), options_.memtable_bytes, /*read_only=*/true), options_.directory,
      Families(), &handles, &opened);
  const std::unique_ptr<rocksdb::DB> db(opened);
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (db != nullptr) db->DestroyColumnFamilyHandle(handle);
  }
  uint64_t number = 0;
  std::from_chars(newest.data(), newest.data() + newest.size(), number);
  if (MissingWal(status) == number) return MissingFileError(what_, kNewestWal);
  return absl::OkStatus();
}

std::vector<rocksdb::ColumnFamilyDescriptor> LogDatabase::Families() const {
  return {{rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions()},
          {kFramesFamily, FramesOptions(options_.memtable_bytes)},
          {kMetaFamily, rocksdb::ColumnFamilyOptions()}};
}

absl::Status LogDatabase::OpenForReading() {
  const std::string lock_path = absl::StrCat(options_.directory, "/LOCK");
  // Whoever owned the directory has left this file in it.
  if (file_system_->FileExists(lock_path, IOOptions(), nullptr).ok()) {
    QM_RETURN_IF_ERROR(
        FromRocksDb(file_system_->LockFile(lock_path, IOOptions(), &lock_, nullptr), what_));
  }
  QM_ASSIGN_OR_RETURN(const bool found, FindFiles());
  if (!found) return absl::NotFoundError(absl::StrCat("cannot ", what_, ": there is none"));
  QM_RETURN_IF_ERROR(OpenDatabase());
  QM_RETURN_IF_ERROR(CheckFormatLevel());
  QM_RETURN_IF_ERROR(CheckBlobFiles());
  QM_RETURN_IF_ERROR(LoadStates());
  return CheckFrameCount();
}

absl::Status LogDatabase::OpenForWriting() {
  QM_RETURN_IF_ERROR(FromRocksDb(CreateDirectory(file_system_.get(), options_.directory), what_));
  QM_RETURN_IF_ERROR(OpenDatabase());
  const absl::Status level = CheckFormatLevel();
  if (absl::IsNotFound(level)) return WriteFormatLevel(std::to_string(kFormatLevel));
  QM_RETURN_IF_ERROR(level);
  return LoadStates();
}

absl::Status LogDatabase::OpenDatabase() {
  const bool read_only = options_.read_only;
  const rocksdb::DBOptions options =
      DatabaseOptions(env_.get(), options_.memtable_bytes, read_only);
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = Families();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      read_only ? rocksdb::DB::OpenForReadOnly(options, options_.directory, families, &handles, &db)
                : rocksdb::DB::Open(options, options_.directory, families, &handles, &db);
  if (read_only && status.IsInvalidArgument()) {
    // The column families are not there. Was there a crash before they were made?
    if (!has_data_files_)
      return absl::NotFoundError(absl::StrCat("cannot ", what_, ": it is empty"));
    return absl::DataLossError(
        absl::StrCat("cannot ", what_, ": its manifest is damaged (", status.ToString(), ")"));
  }
  QM_RETURN_IF_ERROR(FromRocksDb(status, what_));
  db_.reset(db);
  default_ = handles[0];
  frames_ = handles[1];
  meta_ = handles[2];
  return absl::OkStatus();
}

absl::Status LogDatabase::CheckBlobFiles() const {
  rocksdb::ColumnFamilyMetaData metadata;
  db_->GetColumnFamilyMetaData(frames_, &metadata);
  for (const rocksdb::BlobMetaData& blob : metadata.blob_files) {
    const std::string path = absl::StrCat(options_.directory, blob.blob_file_name);
    uint64_t size = 0;
    QM_RETURN_IF_ERROR(
        FromRocksDb(file_system_->GetFileSize(path, IOOptions(), &size, nullptr), what_));
    if (size != blob.blob_file_size) {
      return absl::DataLossError(absl::StrCat("cannot ", what_,
                                              ": a file is too short or too long (", path, " has ",
                                              size, " bytes, expected ", blob.blob_file_size, ")"));
    }
  }
  return absl::OkStatus();
}

absl::Status LogDatabase::CheckFormatLevel() const {
  std::string value;
  const rocksdb::Slice key(kFormatLevelKey.data(), kFormatLevelKey.size());
  const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), meta_, key, &value);
  if (status.IsNotFound()) {
    if (has_data_files_) {
      return absl::DataLossError(absl::StrCat("cannot ", what_, ": its format level is missing"));
    }
    // A crash came before the level was written, or this is a new directory.
    return absl::NotFoundError(absl::StrCat("cannot ", what_, ": it is empty"));
  }
  QM_RETURN_IF_ERROR(FromRocksDb(status, what_));
  if (value == kRestoring) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot ", what_,
                     ": a restore was not finished in it: remove the directory, restore again"));
  }
  int level = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), level);
  if (error != std::errc() || end != value.data() + value.size() || level < 1) {
    return absl::DataLossError(absl::StrCat("cannot ", what_, ": its format level is unreadable"));
  }
  if (level > kFormatLevel) {
    return absl::FailedPreconditionError(absl::StrCat("cannot ", what_, ": it has format level ",
                                                      level, ", but this binary knows up to level ",
                                                      kFormatLevel, ": use a newer one"));
  }
  return absl::OkStatus();
}

absl::Status LogDatabase::WriteFormatLevel(std::string_view level) {
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Slice key(kFormatLevelKey.data(), kFormatLevelKey.size());
  const rocksdb::Slice value(level.data(), level.size());
  QM_RETURN_IF_ERROR(FromRocksDb(db_->Put(options, meta_, key, value), what_));
  // From here on the directory holds an SST file, which tells it from one without a past.
  return FromRocksDb(db_->Flush(rocksdb::FlushOptions(), meta_), what_);
}

absl::Status LogDatabase::LoadStates() {
  const rocksdb::Slice prefix(kStatePrefix.data(), kStatePrefix.size());
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions(), meta_));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    QM_ASSIGN_OR_RETURN(const PartitionId partition, ParseStateKey(it->key().ToStringView()));
    QM_ASSIGN_OR_RETURN(const PartitionState state, DecodeState(it->value().ToStringView()));
    QM_RETURN_IF_ERROR(CheckLastFrame(partition, state));
    states_.emplace(partition, state);
  }
  return FromRocksDb(it->status(), what_);
}

// No frame is ever written twice or deleted, so that RocksDB's own counts must add up to ours.
absl::Status LogDatabase::CheckFrameCount() const {
  uint64_t expected = 0;
  for (const auto& [partition, state] : states_) {
    expected += static_cast<uint64_t>(state.frame_count);
  }
  uint64_t found = 0;
  for (const char* property :
       {"rocksdb.num-entries-active-mem-table", "rocksdb.num-entries-imm-mem-tables"}) {
    uint64_t entries = 0;
    if (!db_->GetIntProperty(frames_, property, &entries)) {
      return absl::InternalError(absl::StrCat("cannot ", what_, ": no property ", property));
    }
    found += entries;
  }
  rocksdb::TablePropertiesCollection tables;
  QM_RETURN_IF_ERROR(FromRocksDb(db_->GetPropertiesOfAllTables(frames_, &tables), what_));
  for (const auto& [path, properties] : tables) found += properties->num_entries;
  if (found >= expected) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("cannot ", what_, ": ", expected - found, " of ",
                                          expected, " frames are missing"));
}

absl::Status LogDatabase::CheckLastFrame(const PartitionId& partition,
                                         const PartitionState& state) const {
  const auto lost = [&](std::string_view fact) {
    return absl::DataLossError(absl::StrCat("cannot ", what_, ": partition ", partition.name,
                                            " has head ", state.head, ", but ", std::string(fact)));
  };
  const std::string prefix = FramePrefix(partition);
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions(), frames_));
  it->SeekForPrev(FrameKey(prefix, std::numeric_limits<Position>::max()));
  QM_RETURN_IF_ERROR(FromRocksDb(it->status(), what_));
  const bool has_frame = it->Valid() && it->key().starts_with(prefix);
  if (state.head == 0) return has_frame ? lost("there is a frame") : absl::OkStatus();
  if (!has_frame) return lost("there is no frame");
  if (PositionOfFrameKey(it->key().ToStringView()) != state.last_first) {
    return lost(absl::StrCat("its last frame is at position ",
                             PositionOfFrameKey(it->key().ToStringView()), ", expected ",
                             state.last_first));
  }
  const absl::StatusOr<FrameView> frame = FrameView::Parse(it->value().ToStringView());
  if (absl::IsFailedPrecondition(frame.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot ", what_, ": ", std::string(frame.status().message())));
  }
  if (!frame.ok()) return lost(std::string(frame.status().message()));
  if (frame->first_position() != state.last_first || frame->last_position() != state.head ||
      frame->checksum() != state.last_checksum) {
    return lost("its last frame is another one");
  }
  return absl::OkStatus();
}

}  // namespace quartermaster::storage
