#include "services/runtime/sequencer_metrics.h"

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "services/engine/sequencer_stats.h"
#include "services/runtime/metrics.h"

namespace quartermaster::runtime {

void AddSequencerMetrics(Metrics* metrics, const std::string& partition,
                         std::function<engine::SequencerStats()> stats) {
  const MetricLabels labels = {{"partition", partition}};
  const auto counter = [&](const char* name, const char* help) {
    return MetricSpec{MetricKind::kCounter, name, help, labels};
  };
  const auto gauge = [&](const char* name, const char* help) {
    return MetricSpec{MetricKind::kGauge, name, help, labels};
  };
  metrics->AddGroup(
      {
          counter("quartermaster_sequencer_frames_total", "Frames appended and synced."),
          counter("quartermaster_sequencer_commands_total", "Commands decided."),
          counter("quartermaster_sequencer_records_total", "Records appended."),
          counter("quartermaster_sequencer_appended_bytes_total", "Bytes of frames appended."),
          counter("quartermaster_sequencer_recalled_total",
                  "Commands answered with their first outcome."),
          counter("quartermaster_sequencer_expired_total", "Holds ended because they were due."),
          counter("quartermaster_sequencer_deadline_passed_total",
                  "Commands dropped: their deadline had passed."),
          counter("quartermaster_sequencer_refused_full_total",
                  "Commands refused: the queue was full."),
          gauge("quartermaster_sequencer_queue_commands", "Commands that wait."),
          gauge("quartermaster_sequencer_head", "The last durable position."),
      },
      [stats = std::move(stats)] {
        const engine::SequencerStats s = stats();
        std::vector<double> values;
        for (const uint64_t value : {s.frames, s.commands, s.records, s.bytes, s.recalled,
                                     s.expired, s.deadline_passed, s.refused_full}) {
          values.push_back(static_cast<double>(value));
        }
        values.push_back(static_cast<double>(s.queue_depth));
        values.push_back(static_cast<double>(s.head));
        return values;
      });
}

std::function<void(int64_t, int64_t)> AddReplayMetrics(Metrics* metrics,
                                                       const std::string& partition) {
  struct Progress {
    std::atomic<int64_t> position{0};
    std::atomic<int64_t> head{0};
  };
  const auto progress = std::make_shared<Progress>();
  const MetricLabels labels = {{"partition", partition}};
  metrics->AddGroup(
      {{MetricKind::kGauge, "quartermaster_replay_position", "The last position replayed.", labels},
       {MetricKind::kGauge, "quartermaster_replay_head", "Where the replay ends.", labels}},
      [progress] {
        // The position first: it never seems to have passed the head.
        const auto position = static_cast<double>(progress->position.load());
        return std::vector<double>{position, static_cast<double>(progress->head.load())};
      });
  return [progress](int64_t position, int64_t head) {
    progress->head.store(head);
    progress->position.store(position);
  };
}

}  // namespace quartermaster::runtime
