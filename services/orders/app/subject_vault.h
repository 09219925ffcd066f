// SubjectVault: where personal data lives, and the only place. Events, outcomes, indexes and log
// lines carry a subject's id; the person behind it is here, encrypted, and can be erased.
//
//   QM_ASSIGN_OR_RETURN(auto vault, OpenFileVault("/var/lib/quartermaster/vault"));
//   QM_RETURN_IF_ERROR(vault->Put("s-1", bytes));   // durable: now an event may name "s-1"
//   QM_RETURN_IF_ERROR(vault->Erase("s-1"));        // the events keep an id of nobody
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_SUBJECT_VAULT_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_SUBJECT_VAULT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/orders/app/secrets.h"

namespace quartermaster::orders {

// Thread-safe. Every call may block on a disk.
class SubjectVault {
 public:
  virtual ~SubjectVault() = default;

  // Stores or replaces a subject; durable when it returns OK. Errors: kInternal (the disk).
  virtual absl::Status Put(std::string_view subject_id, std::string_view bytes) = 0;
  // Errors: kNotFound (never stored, or erased), kDataLoss (altered, or the key is another one),
  // kInternal.
  virtual absl::StatusOr<std::string> Get(std::string_view subject_id) = 0;
  // Destroys the subject's key and bytes; durable when it returns OK, also if there was none.
  virtual absl::Status Erase(std::string_view subject_id) = 0;
  // Erases every subject but these. Nothing if it has none of these: they may be another vault's.
  // How many were erased. Errors: kInternal; some may be erased.
  virtual absl::StatusOr<int64_t> EraseAllBut(const std::vector<std::string>& subject_ids) = 0;
};

// A directory with one file per subject. Each subject has a random key of its own (AES-256-GCM),
// wrapped by the vault's key: `key`, or else a file `key` in the directory that the first start
// creates. A backup of the subjects is unreadable without it. A file `key_check` tells the vault's
// key from others. File names are hashes of subject ids.
// Creates the directory if it is not there; its parent must exist.
// Errors: kFailedPrecondition (there are subjects, but the key file is gone or `key` is not theirs;
// or the key file is readable by others), kDataLoss (the key file is damaged), kInternal.
absl::StatusOr<std::unique_ptr<SubjectVault>> OpenFileVault(
    const std::string& directory, const std::optional<SecretKey>& key = std::nullopt);

// Forgets when it is destroyed. For tests and simulation.
std::unique_ptr<SubjectVault> NewMemoryVault();

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_SUBJECT_VAULT_H_
