// CatalogMachine: the catalog's decide and apply as the sequencer sees them. Of CatalogEngine only.
#ifndef QUARTERMASTER_SERVICES_CATALOG_APP_CATALOG_MACHINE_H_
#define QUARTERMASTER_SERVICES_CATALOG_APP_CATALOG_MACHINE_H_

#include <string>
#include <string_view>

#include "services/catalog/app/catalog_engine.h"
#include "services/catalog/app/catalog_view.h"
#include "services/catalog/domain/events.h"
#include "services/catalog/domain/state.h"
#include "services/engine/machine.h"
#include "services/engine/submission.h"

namespace quartermaster::catalog {

// A request on its way through the sequencer; deletes itself once it has been answered.
class CatalogSubmission final : public engine::Submission {
 public:
  explicit CatalogSubmission(CatalogRequest request);

  void Done(engine::Fate fate, storage::Position position) override;

  const Command& command() const { return request_.command; }
  void set_outcome(Outcome outcome) { outcome_ = std::move(outcome); }

 private:
  CatalogRequest request_;
  Outcome outcome_;
};

// Not thread-safe. Takes no submissions but CatalogSubmissions.
class CatalogMachine final : public engine::Machine {
 public:
  // `view` must outlive it.
  explicit CatalogMachine(CatalogView* view) : view_(view) {}

  absl::Status Replay(const storage::Record& record, Instant time) override;
  // Nothing in the catalog expires.
  int ExpireDue(Instant now, int max, storage::FrameBuilder& frame) override { return 0; }
  bool Execute(engine::Submission& submission, Instant now, storage::FrameBuilder& frame,
               std::string& outcome) override;
  void Recall(engine::Submission& submission, std::string_view outcome,
              storage::Position position) override;
  void Publish(storage::Position head, Instant time) override;

 private:
  // Applies the event and notes what it changed, for Publish.
  void ApplyAndNote(const Event& event, Position position);

  CatalogView* const view_;
  State state_;
  CatalogChanges changes_;
  // Reused from event to event.
  std::string payload_;
};

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_APP_CATALOG_MACHINE_H_
