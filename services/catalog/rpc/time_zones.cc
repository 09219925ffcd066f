#include "services/catalog/rpc/time_zones.h"

#include <date/tz.h>

#include <exception>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace quartermaster::catalog {

absl::StatusOr<TimeZones> TimeZones::Load() {
  TimeZones zones;
  std::string cause;
  // The library reports a missing database by an exception: it must not pass this function.
  try {
    for (const date::time_zone& zone : date::get_tzdb().zones) zones.names_.insert(zone.name());
  } catch (const std::exception& e) {
    cause = e.what();
  }
  // Whatever this machine is set to, under a name that means something else on the next.
  zones.names_.erase("localtime");
  if (!zones.Has("UTC")) {
    return absl::FailedPreconditionError(
        absl::StrCat("no time-zone database on this machine: install tzdata ", cause));
  }
  return zones;
}

}  // namespace quartermaster::catalog
