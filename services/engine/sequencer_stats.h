// What a sequencer counts: for metrics, which need nothing else of it.
#ifndef QUARTERMASTER_SERVICES_ENGINE_SEQUENCER_STATS_H_
#define QUARTERMASTER_SERVICES_ENGINE_SEQUENCER_STATS_H_

#include <cstddef>
#include <cstdint>

#include "storage/frame.h"

namespace quartermaster::engine {

// Counters since the start, and where the sequencer stands.
struct SequencerStats {
  uint64_t frames = 0;
  uint64_t commands = 0;
  uint64_t records = 0;
  uint64_t bytes = 0;
  uint64_t recalled = 0;
  uint64_t expired = 0;
  uint64_t deadline_passed = 0;
  uint64_t refused_full = 0;
  size_t queue_depth = 0;
  storage::Position head = 0;
};

}  // namespace quartermaster::engine

#endif  // QUARTERMASTER_SERVICES_ENGINE_SEQUENCER_STATS_H_
