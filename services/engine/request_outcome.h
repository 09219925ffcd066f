// RequestOutcome: what a request came to, as the log has it.
#ifndef QUARTERMASTER_SERVICES_ENGINE_REQUEST_OUTCOME_H_
#define QUARTERMASTER_SERVICES_ENGINE_REQUEST_OUTCOME_H_

#include <string>
#include <string_view>

#include "services/base/fingerprint.h"
#include "storage/frame.h"

namespace quartermaster::engine {

// A record of type kRequestOutcomeType (FORMAT.md):
// [1 byte: length of id][id][fingerprint: high, low, 8 bytes each, little endian][outcome].
struct RequestOutcome {
  std::string_view request_id;
  Fingerprint fingerprint;
  std::string_view outcome;
};

// The same out of an archive.
struct ArchivedOutcome {
  Fingerprint fingerprint;
  std::string outcome;
  storage::Position position = 0;
};

// Appends all but the outcome's own bytes, which the machine writes behind them.
void AppendRequestOutcomePrefix(std::string_view request_id, const Fingerprint& fingerprint,
                                std::string& bytes);
// False if the bytes are not a request outcome.
bool ParseRequestOutcome(std::string_view bytes, RequestOutcome& outcome);

}  // namespace quartermaster::engine

#endif  // QUARTERMASTER_SERVICES_ENGINE_REQUEST_OUTCOME_H_
