// The checker: compares what is there with what the clients' journals say must be. Pure: the same
// input gives the same verdict.
//
//   const std::vector<Violation> violations = Check(world, Expect(journals), *observed);
#ifndef QUARTERMASTER_TESTS_FAULT_CHECKER_H_
#define QUARTERMASTER_TESTS_FAULT_CHECKER_H_

#include <string>
#include <vector>

#include "tests/fault/expected.h"
#include "tests/fault/observed.h"
#include "tools/retail/world.h"

namespace quartermaster::crash {

enum class ViolationKind {
  // An acknowledged effect is missing, or there is another one in its place.
  kLost,
  // There is what was refused, or what nobody was told of.
  kPresent,
  // One request has had its effect twice.
  kTwice,
  // More is promised than there is.
  kOversold,
  // A hold, an allocation or an order that nobody will ever end.
  kStranded,
  // Stock is not what the acknowledged effects add up to.
  kStockDiffers,
  // A request that was sent again was answered differently.
  kAnswerChanged,
  // An answer that a correct server does not give.
  kUnexpectedAnswer,
  // A request that is still without an answer although all services serve.
  kUnanswered,
  // A process ended by itself, did not start, or did not serve in time.
  kProcess,
  // qm verify found differences.
  kVerify,
};

const char* NameOf(ViolationKind kind);

struct Violation {
  ViolationKind kind = ViolationKind::kLost;
  std::string what;
};

// `closed`: all orders were cancelled and all reservations released: nothing may be promised.
std::vector<Violation> Check(const retail::World& world, const Expected& expected,
                             const Observed& observed, bool closed);

// Holds and allocations that are open, of orders and of clients.
int64_t OpenReservations(const Observed& observed);

}  // namespace quartermaster::crash

#endif  // QUARTERMASTER_TESTS_FAULT_CHECKER_H_
