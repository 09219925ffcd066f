#include "services/catalog/app/catalog_machine.h"

#include <memory>
#include <utility>
#include <variant>

#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "services/catalog/codec/event_codec.h"
#include "services/catalog/codec/outcome_codec.h"
#include "services/catalog/domain/apply.h"
#include "services/catalog/domain/decide.h"

namespace quartermaster::catalog {

CatalogSubmission::CatalogSubmission(CatalogRequest request) : request_(std::move(request)) {
  request_id = request_.request_id;
  fingerprint = request_.fingerprint;
  deadline = request_.deadline;
  bytes = request_.bytes;
}

void CatalogSubmission::Done(engine::Fate fate, storage::Position position) {
  const std::unique_ptr<CatalogSubmission> self(this);
  request_.on_reply({fate, position, std::move(outcome_)});
}

absl::Status CatalogMachine::Replay(const storage::Record& record, Instant time) {
  QM_ASSIGN_OR_RETURN(const Event event, DecodeEvent(record.type, record.version, record.payload));
  ApplyAndNote(event, record.position);
  return absl::OkStatus();
}

bool CatalogMachine::Execute(engine::Submission& submission, Instant now,
                             storage::FrameBuilder& frame, std::string& outcome) {
  auto& asked = static_cast<CatalogSubmission&>(submission);
  Decision decision = Decide(state_, asked.command());
  // As many items as a batch may have, each as long as it may be, have 2 MB, and so do locations,
  // whose hours take as much in an event as in the request, which has 1 MiB: they fit.
  for (const Event& event : decision.events) {
    const RecordKind kind = EncodeEvent(event, payload_);
    ApplyAndNote(event, frame.Add(kind.type, kind.version, payload_));
  }
  if (auto* pause = std::get_if<PauseOutcome>(&decision.outcome);
      pause != nullptr && pause->rejection == Rejection::kNone) {
    pause->location = *state_.FindLocation(std::get<PauseLocation>(asked.command()).location_id);
  }
  EncodeOutcome(decision.outcome, outcome);
  asked.set_outcome(std::move(decision.outcome));
  return true;
}

void CatalogMachine::Recall(engine::Submission& submission, std::string_view outcome,
                            storage::Position position) {
  absl::StatusOr<Outcome> recorded = DecodeOutcome(outcome);
  // It was read from a checked frame: bytes that do not parse are a defect, not a bad disk.
  QM_CHECK(recorded.ok()) << recorded.status() << " at position " << position;
  static_cast<CatalogSubmission&>(submission).set_outcome(*std::move(recorded));
}

void CatalogMachine::Publish(storage::Position head, Instant time) {
  view_->Publish(changes_, head);
  changes_ = {};
}

void CatalogMachine::ApplyAndNote(const Event& event, Position position) {
  Apply(state_, event, position);
  struct Visitor {
    const State& state;
    CatalogChanges& changes;
    void operator()(const ItemPut& e) const { changes.items.push_back(state.FindItem(e.item.sku)); }
    void operator()(const LocationPut& e) const {
      changes.locations.push_back(state.FindLocation(e.location.location_id));
    }
    void operator()(const LocationPaused& e) const {
      changes.locations.push_back(state.FindLocation(e.location_id));
    }
  };
  std::visit(Visitor{state_, changes_}, event);
}

}  // namespace quartermaster::catalog
