// The sequencer's counters as metrics: quartermaster_sequencer_*{partition}, and how far its replay
// has come: quartermaster_replay_*{partition}.
//
//   options.on_replay_progress = AddReplayMetrics(&metrics, "stock/0");
//   AddSequencerMetrics(&metrics, "stock/0", [s = sequencer.get()] { return s->Stats(); });
#ifndef QUARTERMASTER_SERVICES_RUNTIME_SEQUENCER_METRICS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_SEQUENCER_METRICS_H_

#include <cstdint>
#include <functional>
#include <string>

namespace quartermaster::engine {
struct SequencerStats;
}

namespace quartermaster::runtime {

class Metrics;

// `stats` is called on each scrape, from another thread: what it reads must outlive `metrics`.
void AddSequencerMetrics(Metrics* metrics, const std::string& partition,
                         std::function<engine::SequencerStats()> stats);

// Returns what is to be called with the position that is replayed and the head that it ends at.
// That may be done by any thread, as long as nobody else does; it may outlive `metrics`.
std::function<void(int64_t, int64_t)> AddReplayMetrics(Metrics* metrics,
                                                       const std::string& partition);

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_SEQUENCER_METRICS_H_
