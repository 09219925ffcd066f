// OnceArchive: what has happened and must not happen twice, and has left memory (once_keys.h), in
// the service's own store beside the ledger, which writes it. Kept for ever.
#ifndef QUARTERMASTER_SERVICES_STOCK_APP_ONCE_ARCHIVE_H_
#define QUARTERMASTER_SERVICES_STOCK_APP_ONCE_ARCHIVE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/stock/domain/once_keys.h"
#include "storage/service_store.h"

namespace quartermaster::stock {

// Thread-safe.
class OnceArchive {
 public:
  // `store` must outlive the archive.
  explicit OnceArchive(const storage::ServiceStore* store) : store_(store) {}

  static void Put(const OnceKeys::Entry& entry, storage::ServiceStore::Batch& writes);

  // Whether it has any. Errors: the store's.
  absl::StatusOr<bool> HasAny() const;
  // Those of the keys that it has. Errors: the store's; DATA_LOSS if a row does not parse.
  absl::StatusOr<OnceKeys::Recalled> Find(const std::vector<std::string>& keys) const;

 private:
  const storage::ServiceStore* const store_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_APP_ONCE_ARCHIVE_H_
