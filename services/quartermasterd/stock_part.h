// StockPart: stock, which knows the names that the catalog tells it.
#ifndef QUARTERMASTER_SERVICES_QUARTERMASTERD_STOCK_PART_H_
#define QUARTERMASTER_SERVICES_QUARTERMASTERD_STOCK_PART_H_

#include <memory>

#include "absl/status/statusor.h"
#include "services/quartermasterd/catalog_part.h"
#include "services/quartermasterd/local_feeds.h"
#include "services/quartermasterd/process.h"
#include "services/stock/app/stock_engine.h"
#include "services/stock/rpc/stock_service.h"

namespace quartermaster {

class StockPart {
 public:
  // `catalog` must outlive the part. Errors: those of StockEngine::Open.
  static absl::StatusOr<std::unique_ptr<StockPart>> Open(const Process& process,
                                                         storage::EventLog* events,
                                                         CatalogPart* catalog);
  stock::StockEngine* engine() { return engine_.get(); }

  // Takes the partition over. Errors: those of Sequencer::Acquire.
  absl::Status Acquire();
  void AddTo(Offer* offer);
  // Starts, and has the catalog tell it names. Before the catalog is started.
  void Start();
  // The catalog is no longer held up. Before it is stopped.
  void StopRegistering() { registrar_->Stop(); }
  // After the catalog.
  void Stop() { engine_->Stop(); }

 private:
  explicit StockPart(CatalogPart* catalog) : catalog_(catalog) {}

  CatalogPart* const catalog_;
  std::unique_ptr<stock::StockEngine> engine_;
  std::unique_ptr<StockRegistrar> registrar_;
  std::unique_ptr<stock::StockRpc> rpc_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_QUARTERMASTERD_STOCK_PART_H_
