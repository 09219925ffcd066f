#include "services/stock/app/once_archive.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "services/base/status_macros.h"
#include "services/stock/app/ledger_rows.h"

namespace quartermaster::stock {

void OnceArchive::Put(const OnceKeys::Entry& entry, storage::ServiceStore::Batch& writes) {
  char bytes[sizeof(entry.fingerprint)];
  std::memcpy(bytes, &entry.fingerprint, sizeof(bytes));
  writes.Put(OnceRowKey(entry.key), std::string_view(bytes, sizeof(bytes)));
}

absl::StatusOr<bool> OnceArchive::HasAny() const {
  bool any = false;
  QM_RETURN_IF_ERROR(store_->Scan(OnceRowKey(""), EndOfOnceRowKeys(), /*backwards=*/false,
                                  [&](std::string_view, std::string_view) {
                                    any = true;
                                    return false;
                                  }));
  return any;
}

absl::StatusOr<OnceKeys::Recalled> OnceArchive::Find(const std::vector<std::string>& keys) const {
  std::vector<std::string> rows;
  rows.reserve(keys.size());
  for (const std::string& key : keys) rows.push_back(OnceRowKey(key));
  QM_ASSIGN_OR_RETURN(const std::vector<std::optional<std::string>> values, store_->Get(rows));
  OnceKeys::Recalled found;
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::optional<std::string>& bytes = values[i];
    if (!bytes) continue;
    uint64_t fingerprint = 0;
    if (bytes->size() != sizeof(fingerprint)) {
      return absl::DataLossError("an archived key does not parse; delete the stock store");
    }
    std::memcpy(&fingerprint, bytes->data(), sizeof(fingerprint));
    found.emplace(keys[i], fingerprint);
  }
  return found;
}

}  // namespace quartermaster::stock
