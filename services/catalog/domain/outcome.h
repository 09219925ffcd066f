// What became of a command: what its caller is told, the first time and at every repetition.
#ifndef QUARTERMASTER_SERVICES_CATALOG_DOMAIN_OUTCOME_H_
#define QUARTERMASTER_SERVICES_CATALOG_DOMAIN_OUTCOME_H_

#include <variant>
#include <vector>

#include "services/catalog/domain/rejections.h"
#include "services/catalog/domain/state.h"

namespace quartermaster::catalog {

// Of one item or location in a batch: written, found unchanged, or refused.
struct PutResult {
  bool changed = false;
  // Why it was refused: everything that is wrong with it. Empty otherwise; never with `changed`.
  std::vector<Violation> violations;

  friend bool operator==(const PutResult&, const PutResult&) = default;
};

// Of PutItems and PutLocations: one result each, in their order.
struct PutOutcome {
  std::vector<PutResult> results;

  friend bool operator==(const PutOutcome&, const PutOutcome&) = default;
};

// Of PauseLocation.
struct PauseOutcome {
  Rejection rejection = Rejection::kNone;
  // As it was right after the command, its version included; empty after a rejection.
  Location location;

  friend bool operator==(const PauseOutcome&, const PauseOutcome&) = default;
};

using Outcome = std::variant<PutOutcome, PauseOutcome>;

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_DOMAIN_OUTCOME_H_
