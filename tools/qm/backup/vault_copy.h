// Copies of the subject vault: the personal data of orders, encrypted, a file per subject; and of
// the keys that orders keeps beside it. Works on a local data directory, also of a running server:
// each file of a vault is replaced as a whole or removed.
#ifndef QUARTERMASTER_TOOLS_QM_BACKUP_VAULT_COPY_H_
#define QUARTERMASTER_TOOLS_QM_BACKUP_VAULT_COPY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace quartermaster::qm {

struct VaultCopied {
  // Of subjects: in the copy now, of them written by this run, removed by it.
  int64_t subjects = 0;
  int64_t written = 0;
  int64_t removed = 0;
  // Key files that were copied.
  int64_t keys = 0;
};

// Makes `copy` what DATA_DIR/orders/vault is now, without its key: who was erased there is erased
// here. The two key files go to `keys_to`, unless it is empty.
// Errors: kNotFound (no vault in the data directory; or, when all else has been copied, no key:
// options of the server may keep it elsewhere), kFailedPrecondition (the copy is of a vault
// under another key), those of a disk.
absl::StatusOr<VaultCopied> CopyVault(const std::string& data_dir, const std::string& copy,
                                      const std::string& keys_to);

// Puts a copy into a data directory that has no vault yet, and the keys if `keys_from` is not
// empty. Errors: kNotFound (no copy there, or not both keys: nothing is restored), kAlreadyExists
// (the data directory has a vault or a key), those of a disk.
absl::StatusOr<VaultCopied> RestoreVault(const std::string& copy, const std::string& data_dir,
                                         const std::string& keys_from);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_BACKUP_VAULT_COPY_H_
