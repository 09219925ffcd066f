// Pipeline: keeps some requests of an import in flight, repeats those that got no answer, and hands
// the finished ones back in the order of the file.
//
//   Pipeline pipeline(16, timeout);
//   if (!pipeline.full()) pipeline.Push(std::move(batch));
//   while (auto done = pipeline.Pop(/*wait=*/false)) ...
#ifndef QUARTERMASTER_TOOLS_QM_IMPORTER_PIPELINE_H_
#define QUARTERMASTER_TOOLS_QM_IMPORTER_PIPELINE_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "services/base/mutex.h"
#include "tools/qm/client/error_report.h"
#include "tools/qm/importer/import_kind.h"

namespace quartermaster::qm {

// The rows of one request, and what became of them.
struct ImportBatch {
  std::vector<ImportRow> rows;
  std::vector<RowOutcome> outcomes;
  // Null if no row of it is to be sent.
  std::unique_ptr<ImportCall> call;
  // The server could not be asked: nothing is known of the rows that are still pending.
  std::optional<ErrorReport> unanswered;
};

// Push and Pop belong to one thread; answers come on gRPC's.
class Pipeline {
 public:
  // A request without an answer is repeated, with growing pauses, until `timeout` after its first
  // attempt.
  Pipeline(size_t requests_max, std::chrono::milliseconds timeout);
  // Waits for what is in flight.
  ~Pipeline();

  // Sends it. The pipeline must have room.
  void Push(std::unique_ptr<ImportBatch> batch);
  bool full() const { return flights_.size() >= requests_max_; }
  bool empty() const { return flights_.empty(); }

  // The oldest batch once it is finished; with `wait`, waits for that. Null if there is none.
  std::unique_ptr<ImportBatch> Pop(bool wait);

 private:
  using Clock = std::chrono::steady_clock;
  struct Flight {
    std::unique_ptr<ImportBatch> batch;
    Clock::time_point deadline;
    Clock::time_point retry_at = Clock::time_point::max();
    std::chrono::milliseconds pause{0};
    bool finished = false;
    // Written by gRPC's threads, under the pipeline's mutex.
    std::optional<ErrorReport> error;
    bool answered = false;
  };

  void Start(Flight* flight);
  // Takes up the answers that have come, and sends again what is due. True if anything happened.
  bool Advance();
  void Settle(Flight& flight, std::optional<ErrorReport> error);
  void Wait();

  const size_t requests_max_;
  const std::chrono::milliseconds timeout_;
  // In the order of the file. Stable addresses: gRPC's callbacks hold them.
  std::deque<std::unique_ptr<Flight>> flights_;
  Mutex mutex_;
  CondVar changed_;
  // Calls that gRPC has not finished with.
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_IMPORTER_PIPELINE_H_
