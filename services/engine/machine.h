// Machine: a service's deterministic core as the sequencer sees it. Wraps the pure decide/apply of
// its domain and the codec of its events.
#ifndef QUARTERMASTER_SERVICES_ENGINE_MACHINE_H_
#define QUARTERMASTER_SERVICES_ENGINE_MACHINE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "services/base/check.h"
#include "services/base/persist.h"
#include "services/base/time.h"
#include "services/engine/submission.h"
#include "storage/frame.h"

namespace quartermaster::engine {

// The most that one command may add to a frame, events and outcome together. The same for every
// log, so that a log can be shared later. A frame takes its last command at any fill below its own
// bound (SequencerOptions::frame_bytes_max), after what Prepare may add: the rest.
inline constexpr size_t kCommandBytesMax = 3 << 20;
inline constexpr size_t kPreparedBytesMax = 160 << 10;

// Record type 1 of every partition is a request outcome; the sequencer writes and reads it. A
// machine's own types start at 2.
inline constexpr uint32_t kRequestOutcomeType = 1;

// Not thread-safe: only the sequencer's thread calls it (before serving: the thread that starts).
class Machine {
 public:
  virtual ~Machine() = default;

  // Applies a logged event of the frame that was stamped `time`. Errors: kFailedPrecondition for a
  // type or version that this binary does not know (names it); kDataLoss for bytes that do not
  // parse. CHECKs that the event fits the state.
  virtual absl::Status Replay(const storage::Record& record, Instant time) = 0;

  // Ends what is due at `now`, in (deadline, id) order, at most `max`: adds the events to the
  // frame and applies them. Returns how many.
  virtual int ExpireDue(Instant now, int max, storage::FrameBuilder& frame) = 0;

  // A submission of this batch that is to be executed soon: asks the processor for the memory that
  // deciding it will touch. Changes nothing.
  virtual void Prefetch(const Submission& submission) const {}

  // Makes room for a submission that is about to be executed: adds what has to happen before it to
  // the frame, and applies it. False if not all of that fits in this frame, to which it has added
  // something: the submission, and all behind it, wait for the next frame, and it is asked again.
  // Adds at most kPreparedBytesMax to a frame.
  virtual bool Prepare(Submission& submission, Instant now, storage::FrameBuilder& frame) {
    return true;
  }

  // Decides the submission's command against the state, adds its events to the frame and applies
  // them at once. Leaves the typed result in the submission and appends the outcome's bytes to
  // `outcome`, enough for Recall to make the same result again. False if that were more than
  // kCommandBytesMax: then nothing has changed.
  virtual bool Execute(Submission& submission, Instant now, storage::FrameBuilder& frame,
                       std::string& outcome) = 0;

  // Goes on with work that takes many frames: a bounded slice of it, about a millisecond's, added
  // to the frame and applied. Behind the commands of the frame, or before them if the frames of
  // late were full; not while the sequencer stops. As long as it adds something, frames follow each
  // other without a pause, each with the commands that have come meanwhile.
  virtual void Continue(Instant now, storage::FrameBuilder& frame) {}

  // A repeated request: makes the typed result from the outcome that was recorded at `position`.
  virtual void Recall(Submission& submission, std::string_view outcome,
                      storage::Position position) = 0;

  // The state as bytes, as of the end of a replay, and a new machine's from such bytes
  // (checkpoint.h). Without what has left memory for an archive of the machine's own. For machines
  // of which there are checkpoints.
  virtual void Save(Saver& save) const { QM_CHECK(false) << "of this there are no checkpoints"; }
  virtual void Load(Loader& load) { QM_CHECK(false) << "of this there are no checkpoints"; }
  // Before Save: what has to leave memory leaves it. Returns the last position at which something
  // was given to that archive; 0: nothing ever was.
  virtual storage::Position EndReplay() { return 0; }

  // All events up to `head` are durable (also once after the replay): show them to readers and
  // subscribers. Runs before the Done of the frame's submissions.
  virtual void Publish(storage::Position head, Instant time) = 0;
};

}  // namespace quartermaster::engine

#endif  // QUARTERMASTER_SERVICES_ENGINE_MACHINE_H_
