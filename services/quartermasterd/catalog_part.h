// CatalogPart: the catalog as this process knows it: its own, or a view that follows the catalog of
// another process by its records in the shared log.
#ifndef QUARTERMASTER_SERVICES_QUARTERMASTERD_CATALOG_PART_H_
#define QUARTERMASTER_SERVICES_QUARTERMASTERD_CATALOG_PART_H_

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "services/catalog/app/catalog_engine.h"
#include "services/catalog/rpc/catalog_follower.h"
#include "services/quartermasterd/process.h"

namespace grpc {
class Service;
}

namespace quartermaster {

class CatalogPart {
 public:
  // Errors: those of CatalogEngine::Open and NewCatalogService.
  static absl::StatusOr<std::unique_ptr<CatalogPart>> Open(const Process& process,
                                                           storage::EventLog* events);

  // Listeners are to be added before Start.
  catalog::CatalogView& view();

  // Takes the partition over, where the catalog is this process's.
  // Errors: those of Sequencer::Acquire.
  absl::Status Acquire();
  void AddTo(Offer* offer);
  // When it returns the view has all that the catalog had.
  // Errors: kCancelled if the process is asked to end while it waits for the log.
  absl::Status Start();
  void Stop();

  // For names that the view does not know: as CatalogFollower::CatchUp. Only where
  // the catalog is elsewhere; where it is here, the view knows what there is.
  bool CatchUp(absl::AnyInvocable<void(bool)> done);

 private:
  explicit CatalogPart(const Process& process) : process_(process) {}

  const Process& process_;
  // One of both.
  std::unique_ptr<catalog::CatalogEngine> engine_;
  std::unique_ptr<catalog::CatalogFollower> follower_;
  std::unique_ptr<grpc::Service> service_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_QUARTERMASTERD_CATALOG_PART_H_
