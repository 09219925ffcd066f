// Named contexts: addresses under names, in $XDG_CONFIG_HOME/quartermaster/contexts.json (or
// ~/.config/...), which only its owner may read and write.
//
//   {"current": "production", "contexts": {"production": "unix:/run/quartermaster/socket"}}
#ifndef QUARTERMASTER_TOOLS_QM_CONFIG_NAMED_CONTEXTS_H_
#define QUARTERMASTER_TOOLS_QM_CONFIG_NAMED_CONTEXTS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quartermaster::qm {

struct NamedContexts {
  // Empty: none.
  std::string current;
  // Name -> address, as tools/client/address_book.h has it.
  std::map<std::string, std::string> addresses;
};

// Where they are kept; empty if the environment has neither XDG_CONFIG_HOME nor HOME.
std::string NamedContextsPath();

// Empty if there is no file. Errors: kDataLoss (it is not as above), kFailedPrecondition (others
// may write to it: they could name their own server), kInternal.
absl::StatusOr<NamedContexts> LoadNamedContexts(const std::string& path);
// Durably, mode 0600. Errors: those of a disk.
absl::Status SaveNamedContexts(const std::string& path, const NamedContexts& contexts);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_CONFIG_NAMED_CONTEXTS_H_
