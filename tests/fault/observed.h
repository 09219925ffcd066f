// Observed: what the services say is there, read back through the public API.
#ifndef QUARTERMASTER_TESTS_FAULT_OBSERVED_H_
#define QUARTERMASTER_TESTS_FAULT_OBSERVED_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/base/time.h"
#include "tests/fault/expected.h"
#include "tools/retail/client.h"
#include "tools/retail/world.h"

namespace quartermaster::crash {

// Not one cut: work between orders and stock may be under way while it is read.
struct Observed {
  // By id.
  std::map<std::string, stock::v1::Reservation> reservations;
  std::map<std::string, orders::v1::Order> orders;
  std::map<std::string, orders::v1::Return> returns;
  // The unresolved ones.
  std::vector<orders::v1::ExceptionItem> exceptions;
  std::map<StockKey, stock::v1::Availability> stock;
  // When the reading began and ended.
  Instant from;
  Instant until;
};

// Reads all reservations, orders and open exceptions that there are, stock of all items at all
// places, and the returns of `expected`. Errors: of the first call that gets no answer in 10 s or
// is refused (a return that is not found is just missing).
absl::StatusOr<Observed> Observe(const retail::World& world, const Expected& expected,
                                 retail::Client* client);

}  // namespace quartermaster::crash

#endif  // QUARTERMASTER_TESTS_FAULT_OBSERVED_H_
