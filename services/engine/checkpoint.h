// Checkpoint: a machine's state, and the window of its requests, as of one position of the log, in
// a file: a restart goes on from there instead of from the beginning.
//
// Nothing but a function of the log: it may be deleted at any time. What speaks against one costs a
// restart the time to read the log. It is of use only to a machine that means the same by its
// bytes (`schema`), with the log that it was made from, and as long as the archives have what had
// left memory by then. Made by a CheckpointMaker; read by Sequencer::Open.
#ifndef QUARTERMASTER_SERVICES_ENGINE_CHECKPOINT_H_
#define QUARTERMASTER_SERVICES_ENGINE_CHECKPOINT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/persist.h"
#include "services/base/time.h"
#include "storage/checked_file.h"
#include "storage/event_log.h"
#include "storage/frame.h"

namespace quartermaster::engine {

// What the file begins with.
struct CheckpointHead {
  // Of this head, of the window, and of how values are written; part of the schema.
  static constexpr int64_t kFormat = 1;

  // Of the state's bytes; changes with whatever they mean.
  uint64_t schema = 0;
  std::string tenant;
  std::string partition;
  // The state after this record, the last one of its frame; that frame's time and checksum.
  storage::Position position = 0;
  Instant time;
  uint64_t frame_checksum = 0;
  // Up to where the machine's own archive must have what it was given, and that of the outcomes of
  // requests: all that has left memory.
  storage::Position given = 0;
  storage::Position outcomes_given = 0;
};

// Called before a checkpoint is written: returns once the archives have, durably, what its head
// says that they must. An error: it is not written.
using CheckpointGate = std::function<absl::Status(const CheckpointHead&)>;

// Not thread-safe.
class Checkpoint {
 public:
  // Checks every byte of the file, and that it fits the log. Errors: kNotFound (there is none);
  // kFailedPrecondition (written by another version, or for another partition); kDataLoss
  // (damaged, or cannot be read); kOutOfRange or kDataLoss (of a log that went another way, or has
  // lost its end); all others are the log's. Once `given_up` says so no more of it is read.
  static absl::StatusOr<std::unique_ptr<Checkpoint>> Open(const std::string& path, uint64_t schema,
                                                          const storage::PartitionId& partition,
                                                          storage::EventLog* log,
                                                          std::function<bool()> given_up = {});
  // Whether an error of Open speaks against the file only: then the log is read from its beginning.
  static bool IsOfNoUse(const absl::Status& error);

  const CheckpointHead& head() const { return head_; }
  // What comes behind the head. To be read once, to its end.
  Loader& loader() { return *loader_; }
  // Whether all of it has been loaded, and nothing else.
  bool loaded() const { return loader_->ok() && loader_->done(); }

 private:
  Checkpoint(std::unique_ptr<storage::CheckedFile> file, std::function<bool()> given_up);

  const std::unique_ptr<storage::CheckedFile> file_;
  std::unique_ptr<Loader> loader_;
  CheckpointHead head_;
};

// The frame that ends at `position`, as its time and checksum. kDataLoss if none does.
struct FrameEnd {
  Instant time;
  uint64_t checksum = 0;
};
absl::StatusOr<FrameEnd> FindFrameEnd(storage::EventLog* log, const storage::PartitionId& partition,
                                      storage::Position position);

}  // namespace quartermaster::engine

#endif  // QUARTERMASTER_SERVICES_ENGINE_CHECKPOINT_H_
