// ServiceStore: a service's own RocksDB directory for indexes and projections. Fed from the log,
// off the sync path; it can always be deleted and is then rebuilt.
//
// Write-ahead log off: what a crash takes is replayed from the cursor, which is written in the same
// batch as the data. Keys are the caller's own bytes, ordered bytewise; each projection has a
// prefix of its own.
//
//   auto store = *ServiceStore::Open(directory, /*schema=*/3);
//   Position next = *store->Cursor("postings") + 1;      // project the log from here on
//   batch.Put("posting/" + key, value);
//   store->Write(std::move(batch), "postings", /*position=*/next);  // both or neither survive a
//   crash
#ifndef QUARTERMASTER_STORAGE_SERVICE_STORE_H_
#define QUARTERMASTER_STORAGE_SERVICE_STORE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/frame.h"

namespace rocksdb {
class WriteBatch;
}

namespace quartermaster::storage {

// Thread-safe. Each projection has one writer.
class ServiceStore {
 public:
  // Opens or creates `directory`. A store that was written in another schema (a change of what its
  // keys and values mean) or that is damaged is emptied: all cursors are 0 again.
  // Errors: kFailedPrecondition (in use by another process), kResourceExhausted (disk full),
  // kInternal.
  static absl::StatusOr<std::unique_ptr<ServiceStore>> Open(const std::string& directory,
                                                            int schema);
  // Flushes.
  ~ServiceStore();
  ServiceStore(const ServiceStore&) = delete;
  ServiceStore& operator=(const ServiceStore&) = delete;

  // Puts and deletes that take effect together with a cursor. Cheapest when its keys ascend.
  class Batch {
   public:
    Batch();
    ~Batch();
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;
    void Put(std::string_view key, std::string_view value);
    void Delete(std::string_view key);
    // All keys of the half-open range: costs as much as one.
    void DeleteRange(std::string_view begin, std::string_view end);
    // Puts and deletes so far.
    size_t size() const;

   private:
    friend class ServiceStore;
    std::unique_ptr<rocksdb::WriteBatch> writes_;
  };

  // Applies the batch and moves the named cursor to `position`, atomically.
  absl::Status Write(Batch batch, std::string_view cursor, Position position);
  // 0 if never written.
  absl::StatusOr<Position> Cursor(std::string_view cursor) const;

  // nullopt if there is no such key.
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const;
  // The same of several, in their order: costs less than one after the other, and sees one moment's
  // state.
  absl::StatusOr<std::vector<std::optional<std::string>>> Get(
      absl::Span<const std::string> keys) const;

  // Makes what was written so far durable.
  absl::Status Flush();

  // Calls visit(key, value) for keys of the half-open range [begin, end) in order (or, backwards,
  // from the last before `end` to the first), until it returns false. An empty `end` is after the
  // last key. Sees one moment's state, whatever is written meanwhile. Key and value are valid
  // during the call.
  absl::Status Scan(std::string_view begin, std::string_view end, bool backwards,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const;

 private:
  class Impl;
  explicit ServiceStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_SERVICE_STORE_H_
