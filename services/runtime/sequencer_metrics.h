// The sequencer's counters as metrics: quartermaster_sequencer_*{partition}.
//
//   AddSequencerMetrics(&metrics, "stock/0", [s = sequencer.get()] { return s->Stats(); });
#ifndef QUARTERMASTER_SERVICES_RUNTIME_SEQUENCER_METRICS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_SEQUENCER_METRICS_H_

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

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_SEQUENCER_METRICS_H_
