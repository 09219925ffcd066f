// The names of the IANA time-zone database of this machine.
#ifndef QUARTERMASTER_SERVICES_CATALOG_RPC_TIME_ZONES_H_
#define QUARTERMASTER_SERVICES_CATALOG_RPC_TIME_ZONES_H_

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"

namespace quartermaster::catalog {

// Immutable.
class TimeZones {
 public:
  // Reads the list of names from the file system, once.
  // Errors: kFailedPrecondition if the machine has no time-zone database.
  static absl::StatusOr<TimeZones> Load();

  // Whether there is a zone (or link) "Europe/Bucharest".
  bool Has(const std::string& name) const { return names_.contains(name); }

 private:
  absl::flat_hash_set<std::string> names_;
};

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_RPC_TIME_ZONES_H_
