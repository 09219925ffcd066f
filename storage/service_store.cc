#include "storage/service_store.h"

#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/options.h"
#include "rocksdb/table.h"
#include "rocksdb/write_batch.h"
#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "storage/rocksdb_slice.h"
#include "storage/rocksdb_status.h"
#include "storage/rocksdb_write.h"

namespace quartermaster::storage {
namespace {

constexpr char kMetaFamily[] = "meta";
constexpr char kSchemaKey[] = "schema";
constexpr char kCursorPrefix[] = "cursor/";
constexpr size_t kMemtableBytes = size_t{32} << 20;
constexpr size_t kBlockCacheBytes = size_t{64} << 20;
constexpr size_t kInfoLogBytes = size_t{4} << 20;
constexpr double kFilterBitsPerKey = 10;
// Of a memtable's bytes: for the filter of its keys.
constexpr double kMemtableFilterShare = 0.02;

rocksdb::DBOptions DatabaseOptions() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // Data and cursors reach the disk together: there is no write-ahead log to join them.
  options.atomic_flush = true;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.max_log_file_size = kInfoLogBytes;
  options.keep_log_file_num = 2;
  options.stats_dump_period_sec = 0;
  return options;
}

rocksdb::ColumnFamilyOptions DataOptions() {
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  table.block_cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kMemtableBytes;
  // Most of what is looked up is not there.
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = kMemtableFilterShare;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

std::string CursorKey(std::string_view cursor) {
  std::string key(kCursorPrefix);
  key.append(cursor);
  return key;
}

}  // namespace

class ServiceStore::Impl {
 public:
  explicit Impl(const std::string& directory) : directory_(directory) {}
  ~Impl() { Close(); }

  absl::Status Open(int schema);
  absl::Status Write(rocksdb::WriteBatch& writes, std::string_view cursor, Position position);
  absl::StatusOr<Position> Cursor(std::string_view cursor) const;
  absl::StatusOr<std::optional<std::string>> Get(rocksdb::ColumnFamilyHandle* family,
                                                 std::string_view key) const;
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const {
    return Get(data_, key);
  }
  absl::StatusOr<std::vector<std::optional<std::string>>> Get(
      absl::Span<const std::string> keys) const;
  absl::Status Scan(std::string_view begin, std::string_view end, bool backwards,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const;
  absl::Status Flush();

 private:
  absl::Status OpenDatabase();
  absl::Status Clear(int schema);
  void Close();
  absl::Status Translate(const rocksdb::Status& status, const char* what) const {
    if (status.ok()) return absl::OkStatus();
    return FromRocksDb(status, absl::StrCat(what, " the store in ", directory_));
  }

  const std::string directory_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* data_ = nullptr;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
};

absl::Status ServiceStore::Impl::OpenDatabase() {
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  QM_RETURN_IF_ERROR(
      Translate(rocksdb::DB::Open(DatabaseOptions(), directory_,
                                  {{rocksdb::kDefaultColumnFamilyName, DataOptions()},
                                   {kMetaFamily, rocksdb::ColumnFamilyOptions()}},
                                  &handles, &db),
                "open"));
  db_.reset(db);
  data_ = handles[0];
  meta_ = handles[1];
  return absl::OkStatus();
}

void ServiceStore::Impl::Close() {
  if (db_ == nullptr) return;
  db_->DestroyColumnFamilyHandle(data_);
  db_->DestroyColumnFamilyHandle(meta_);
  db_.reset();
}

absl::Status ServiceStore::Impl::Open(int schema) {
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  if (error) {
    return absl::InternalError(
        absl::StrCat("cannot create the directory ", directory_, ": ", error.message()));
  }
  const absl::Status status = OpenDatabase();
  if (absl::IsDataLoss(status)) return Clear(schema);
  QM_RETURN_IF_ERROR(status);
  const auto stored = Get(meta_, kSchemaKey);
  if (stored.ok() && *stored == std::to_string(schema)) return absl::OkStatus();
  return Clear(schema);
}

absl::Status ServiceStore::Impl::Clear(int schema) {
  Close();
  const rocksdb::Options options(DatabaseOptions(), DataOptions());
  QM_RETURN_IF_ERROR(
      Translate(rocksdb::DestroyDB(directory_, options,
                                   {{rocksdb::kDefaultColumnFamilyName, DataOptions()},
                                    {kMetaFamily, rocksdb::ColumnFamilyOptions()}}),
                "empty"));
  QM_RETURN_IF_ERROR(OpenDatabase());
  rocksdb::WriteOptions write;
  write.disableWAL = true;
  QM_RETURN_IF_ERROR(
      Translate(db_->Put(write, meta_, kSchemaKey, std::to_string(schema)), "write to"));
  // The schema is on disk before any data of it.
  return Flush();
}

absl::Status ServiceStore::Impl::Write(rocksdb::WriteBatch& writes, std::string_view cursor,
                                       Position position) {
  char bytes[sizeof(position)];
  std::memcpy(bytes, &position, sizeof(position));
  writes.Put(meta_, CursorKey(cursor), rocksdb::Slice(bytes, sizeof(bytes)));
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  // Ascending keys then find their place from the one before. Deleted ranges are in a list of their
  // own, in which a place says nothing about the other list.
  options.memtable_insert_hint_per_batch = !writes.HasDeleteRange();
  return Translate(WriteUnseenByTsan(db_.get(), options, &writes), "write to");
}

absl::StatusOr<Position> ServiceStore::Impl::Cursor(std::string_view cursor) const {
  QM_ASSIGN_OR_RETURN(const std::optional<std::string> value, Get(meta_, CursorKey(cursor)));
  if (!value.has_value()) return Position{0};
  Position position = 0;
  if (value->size() != sizeof(position)) {
    return absl::DataLossError(absl::StrCat("a cursor of ", value->size(), " bytes"));
  }
  std::memcpy(&position, value->data(), sizeof(position));
  return position;
}

absl::StatusOr<std::optional<std::string>> ServiceStore::Impl::Get(
    rocksdb::ColumnFamilyHandle* family, std::string_view key) const {
  std::string value;
  const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), family, ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  QM_RETURN_IF_ERROR(Translate(status, "read"));
  return std::optional<std::string>(std::move(value));
}

absl::StatusOr<std::vector<std::optional<std::string>>> ServiceStore::Impl::Get(
    absl::Span<const std::string> keys) const {
  std::vector<rocksdb::Slice> slices;
  slices.reserve(keys.size());
  for (const std::string& key : keys) slices.push_back(ToSlice(key));
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  db_->MultiGet(rocksdb::ReadOptions(), data_, keys.size(), slices.data(), values.data(),
                statuses.data());
  std::vector<std::optional<std::string>> found(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    QM_RETURN_IF_ERROR(Translate(statuses[i], "read"));
    found[i] = values[i].ToString();
  }
  return found;
}

absl::Status ServiceStore::Impl::Scan(
    std::string_view begin, std::string_view end, bool backwards,
    const std::function<bool(std::string_view, std::string_view)>& visit) const {
  const rocksdb::Slice lower = ToSlice(begin);
  const rocksdb::Slice upper = ToSlice(end);
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &lower;
  if (!end.empty()) options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, data_));
  if (backwards) {
    it->SeekToLast();
  } else {
    it->SeekToFirst();
  }
  while (it->Valid() && visit(it->key().ToStringView(), it->value().ToStringView())) {
    if (backwards) {
      it->Prev();
    } else {
      it->Next();
    }
  }
  return Translate(it->status(), "read");
}

absl::Status ServiceStore::Impl::Flush() {
  return Translate(db_->Flush(rocksdb::FlushOptions(), {data_, meta_}), "flush");
}

ServiceStore::ServiceStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ServiceStore::~ServiceStore() = default;

absl::StatusOr<std::unique_ptr<ServiceStore>> ServiceStore::Open(const std::string& directory,
                                                                 int schema) {
  auto impl = std::make_unique<Impl>(directory);
  QM_RETURN_IF_ERROR(impl->Open(schema));
  return std::unique_ptr<ServiceStore>(new ServiceStore(std::move(impl)));
}

ServiceStore::Batch::Batch() : writes_(std::make_unique<rocksdb::WriteBatch>()) {}
ServiceStore::Batch::~Batch() = default;
ServiceStore::Batch::Batch(Batch&&) noexcept = default;
ServiceStore::Batch& ServiceStore::Batch::operator=(Batch&&) noexcept = default;

// The data's family is the default one, which a batch needs no handle for.
void ServiceStore::Batch::Put(std::string_view key, std::string_view value) {
  const rocksdb::Status status = writes_->Put(ToSlice(key), ToSlice(value));
  QM_CHECK(status.ok()) << status.ToString();
}

void ServiceStore::Batch::Delete(std::string_view key) {
  const rocksdb::Status status = writes_->Delete(ToSlice(key));
  QM_CHECK(status.ok()) << status.ToString();
}

void ServiceStore::Batch::DeleteRange(std::string_view begin, std::string_view end) {
  const rocksdb::Status status = writes_->DeleteRange(ToSlice(begin), ToSlice(end));
  QM_CHECK(status.ok()) << status.ToString();
}

size_t ServiceStore::Batch::size() const { return static_cast<size_t>(writes_->Count()); }

absl::Status ServiceStore::Write(Batch batch, std::string_view cursor, Position position) {
  return impl_->Write(*batch.writes_, cursor, position);
}

absl::StatusOr<Position> ServiceStore::Cursor(std::string_view cursor) const {
  return impl_->Cursor(cursor);
}

absl::StatusOr<std::optional<std::string>> ServiceStore::Get(std::string_view key) const {
  return impl_->Get(key);
}

absl::StatusOr<std::vector<std::optional<std::string>>> ServiceStore::Get(
    absl::Span<const std::string> keys) const {
  return impl_->Get(keys);
}

absl::Status ServiceStore::Scan(
    std::string_view begin, std::string_view end, bool backwards,
    const std::function<bool(std::string_view, std::string_view)>& visit) const {
  return impl_->Scan(begin, end, backwards, visit);
}

absl::Status ServiceStore::Flush() { return impl_->Flush(); }

}  // namespace quartermaster::storage
