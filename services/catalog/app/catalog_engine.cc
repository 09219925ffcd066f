#include "services/catalog/app/catalog_engine.h"

#include <utility>

#include "services/base/status_macros.h"
#include "services/catalog/app/catalog_machine.h"

namespace quartermaster::catalog {

CatalogEngine::CatalogEngine() : machine_(std::make_unique<CatalogMachine>(&view_)) {}

CatalogEngine::~CatalogEngine() = default;

absl::StatusOr<std::unique_ptr<CatalogEngine>> CatalogEngine::Open(storage::EventLog* log,
                                                                   const engine::Clock* clock,
                                                                   CatalogOptions options) {
  std::unique_ptr<CatalogEngine> engine(new CatalogEngine());
  QM_ASSIGN_OR_RETURN(engine->sequencer_, engine::Sequencer::Open(std::move(options.sequencer), log,
                                                                  engine->machine_.get(), clock,
                                                                  options.on_replay_progress));
  return engine;
}

void CatalogEngine::Start() { sequencer_->Start(); }

void CatalogEngine::Stop() { sequencer_->Stop(); }

bool CatalogEngine::Step() { return sequencer_->Step(); }

engine::Sequencer::Admission CatalogEngine::Submit(CatalogRequest request) {
  auto submission = std::make_unique<CatalogSubmission>(std::move(request));
  const auto admission = sequencer_->Submit(submission.get());
  // Accepted, it deletes itself once it is done, which may have been just now.
  if (admission == engine::Sequencer::Admission::kAccepted) submission.release();
  return admission;
}

}  // namespace quartermaster::catalog
