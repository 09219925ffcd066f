// CatalogEngine: the catalog of one process. Commands in, answers out, over one partition of the
// event log; what is durable is in view().
//
//   QM_ASSIGN_OR_RETURN(auto catalog, CatalogEngine::Open(log, &clock, {}));
//   QM_RETURN_IF_ERROR(catalog->Acquire());
//   catalog->view().AddListener(&stock_register);
//   catalog->Start();
//   CatalogRequest request;
//   request.command = PutItems{{item}, attribution};
//   request.on_reply = [](CatalogReply reply) { ... };
//   if (catalog->Submit(std::move(request)) != engine::Sequencer::Admission::kAccepted) ...
//   ...
//   catalog->Stop();
#ifndef QUARTERMASTER_SERVICES_CATALOG_APP_CATALOG_ENGINE_H_
#define QUARTERMASTER_SERVICES_CATALOG_APP_CATALOG_ENGINE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "services/base/fingerprint.h"
#include "services/base/time.h"
#include "services/catalog/app/catalog_view.h"
#include "services/catalog/domain/commands.h"
#include "services/catalog/domain/outcome.h"
#include "services/engine/clock.h"
#include "services/engine/sequencer.h"
#include "storage/event_log.h"

namespace quartermaster::catalog {

struct CatalogReply {
  engine::Fate fate = engine::Fate::kNotServing;
  // Of the request's last record; only if it was decided or recalled, as the outcome.
  Position position = 0;
  Outcome outcome;
};

struct CatalogRequest {
  Command command;
  // 1 to 64 bytes, or empty for a command whose repetition is harmless and that is not remembered.
  std::string request_id;
  // Of the request's content, without its id.
  Fingerprint fingerprint;
  // Dropped if it is decided later than this.
  Instant deadline = kDistantFuture;
  // What it counts against the queue's limit.
  size_t bytes = 0;
  // Called once, on the sequencer's thread, if Submit accepted the request; must not block.
  absl::AnyInvocable<void(CatalogReply)> on_reply;
};

struct CatalogOptions {
  CatalogOptions() { sequencer.partition.name = "catalog/0"; }

  engine::SequencerOptions sequencer;
  // Called now and then while the log is replayed, with the position and the head.
  std::function<void(storage::Position, storage::Position)> on_replay_progress;
};

class CatalogMachine;

// Thread-safe but for Open, Acquire, Start and Stop.
class CatalogEngine {
 public:
  // Replays the partition, without taking it. `log` and `clock` must outlive the engine.
  // Errors: those of Sequencer::Open.
  static absl::StatusOr<std::unique_ptr<CatalogEngine>> Open(storage::EventLog* log,
                                                             const engine::Clock* clock,
                                                             CatalogOptions options);
  // Stops, if it has not been stopped.
  ~CatalogEngine();

  // Takes the partition over. Errors: those of Sequencer::Acquire.
  absl::Status Acquire() { return sequencer_->Acquire(); }
  void Start();
  // Decides and answers what is queued; refuses what comes later.
  void Stop();
  // One batch by hand, for simulation: instead of Start. False if there was nothing to do.
  bool Step();

  // on_reply follows if the answer is kAccepted, and only then.
  engine::Sequencer::Admission Submit(CatalogRequest request);

  // False once stopped or fenced: reads are to be refused too.
  bool serving() const { return sequencer_->serving(); }
  engine::SequencerStats Stats() const { return sequencer_->Stats(); }

  CatalogView& view() { return view_; }
  const CatalogView& view() const { return view_; }

 private:
  CatalogEngine();

  CatalogView view_;
  const std::unique_ptr<CatalogMachine> machine_;
  // Last: its writer uses the others.
  std::unique_ptr<engine::Sequencer> sequencer_;
};

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_APP_CATALOG_ENGINE_H_
