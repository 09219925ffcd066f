#include "services/quartermasterd/catalog_part.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "services/base/status_macros.h"
#include "services/catalog/rpc/catalog_service.h"
#include "services/runtime/sequencer_metrics.h"

namespace quartermaster {
namespace {

constexpr char kCatalogPartition[] = "catalog/0";
constexpr std::chrono::milliseconds kRetryPause(200);

}  // namespace

absl::StatusOr<std::unique_ptr<CatalogPart>> CatalogPart::Open(const Process& process,
                                                               storage::EventLog* events) {
  std::unique_ptr<CatalogPart> part(new CatalogPart(process));
  if (!process.Serves("catalog")) {
    catalog::CatalogFollowerOptions options;
    options.on_problem = ProblemsOf(process, "catalog");
    part->follower_ = std::make_unique<catalog::CatalogFollower>(ChannelTo(process.options.log),
                                                                 std::move(options));
    return part;
  }
  catalog::CatalogOptions options;
  options.sequencer = SequencerOptionsFor(process, kCatalogPartition);
  options.on_replay_progress = ReplayProgress(process, kCatalogPartition);
  auto opened = catalog::CatalogEngine::Open(events, process.clock, std::move(options));
  if (!opened.ok()) return Within("catalog", opened.status());
  part->engine_ = std::move(*opened);
  QM_ASSIGN_OR_RETURN(part->service_, catalog::NewCatalogService(part->engine_.get()));
  runtime::AddSequencerMetrics(process.metrics, kCatalogPartition,
                               [engine = part->engine_.get()] { return engine->Stats(); });
  return part;
}

catalog::CatalogView& CatalogPart::view() {
  return engine_ != nullptr ? engine_->view() : follower_->view();
}

absl::Status CatalogPart::Acquire() {
  const absl::Status acquired = engine_ == nullptr ? absl::OkStatus() : engine_->Acquire();
  return acquired.ok() ? acquired : Within("catalog", acquired);
}

void CatalogPart::AddTo(Offer* offer) {
  if (engine_ == nullptr) return;
  offer->services.push_back(runtime::Hosted<catalog::v1::CatalogService>(service_.get()));
}

absl::Status CatalogPart::Start() {
  if (engine_ != nullptr) {
    engine_->Start();
    return absl::OkStatus();
  }
  follower_->Start();
  while (true) {
    std::promise<bool> caught_up;
    if (!follower_->CatchUp([&](bool all) { caught_up.set_value(all); }))
      caught_up.set_value(false);
    if (caught_up.get_future().get()) return absl::OkStatus();
    if (process_.signal->Pending()) {
      return absl::CancelledError("asked to end while waiting for the catalog's records");
    }
    std::this_thread::sleep_for(kRetryPause);
  }
}

void CatalogPart::Stop() {
  if (engine_ != nullptr) engine_->Stop();
  if (follower_ != nullptr) follower_->Stop();
}

bool CatalogPart::CatchUp(absl::AnyInvocable<void(bool)> done) {
  return follower_->CatchUp(std::move(done));
}

}  // namespace quartermaster
