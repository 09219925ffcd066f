// Submission: a command on its way through the sequencer, and the way its answer takes back.
#ifndef QUARTERMASTER_SERVICES_ENGINE_SUBMISSION_H_
#define QUARTERMASTER_SERVICES_ENGINE_SUBMISSION_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "services/base/fingerprint.h"
#include "services/base/time.h"
#include "services/engine/request_outcome.h"
#include "services/engine/request_segment.h"
#include "storage/frame.h"

namespace quartermaster::engine {

// What became of a submission. Only kDecided and kRecalled carry a result.
enum class Fate {
  // Decided now, and durable: accepted or rejected, the result says which.
  kDecided,
  // The request id was known with this content: the result is the first outcome.
  kRecalled,
  // The request id was known with other content.
  kRequestIdReused,
  // The deadline had passed before it was decided: no effect.
  kDeadlinePassed,
  // What it would cause is more than a frame may hold: no effect, and not remembered.
  kTooLarge,
  // The sequencer has stopped, was fenced, or never served. No effect that anyone was told of.
  kNotServing,
  // Accepted by whoever prepared it, but then the queue was full: no effect.
  kQueueFull,
};

// Derived by each service with its command and its typed result. Made by a handler, which must
// keep it alive until Done has run; Done may delete it.
class Submission {
 public:
  virtual ~Submission() = default;

  // Runs exactly once, after the frame that holds its effects (or those that it saw) is durable, on
  // the sequencer's thread; with another fate than kDecided and kRecalled also on that of whoever
  // submits or stops. Must not block. `position` is that of the command's last record; of a
  // recalled one, the position it had then.
  virtual void Done(Fate fate, storage::Position position) = 0;

  // The caller's id, 1 to 64 bytes; empty for a command that is not remembered (internal ones
  // whose repetition is harmless). Points into memory that the submission keeps.
  std::string_view request_id;
  // Of the canonical command, without its request id.
  Fingerprint fingerprint;
  // Only ask whether the request id is known: kRecalled or kRequestIdReused if so, otherwise
  // kDecided, with nothing executed and nothing recorded.
  bool recall_only = false;
  // Set by Machine::Execute: what it decided holds for this moment only, has changed nothing, and
  // is not remembered; a repetition is decided anew.
  bool provisional = false;
  // Dropped if it is decided later than this.
  Instant deadline = kDistantFuture;
  // What it counts against the queue's limit in bytes.
  size_t bytes = 0;

 private:
  friend class Sequencer;
  // Made when it is submitted.
  RequestKey request_;
  // What the archive had of it, and up to which position of the log the archive was then.
  std::shared_ptr<const ArchivedOutcome> archived_;
  storage::Position looked_up_to_ = 0;
  Fate fate_ = Fate::kNotServing;
  storage::Position position_ = 0;
};

}  // namespace quartermaster::engine

#endif  // QUARTERMASTER_SERVICES_ENGINE_SUBMISSION_H_
