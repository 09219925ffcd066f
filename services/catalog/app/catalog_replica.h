// CatalogReplica: the catalog as a process without the catalog knows it: a view that is brought up
// to date from the records of the catalog's log. The transport (rpc/catalog_follower.h) brings
// them.
//
//   replica.Take(position, type, version, payload);   // in order, as they come
//   replica.Publish();                                 // now readers and listeners see them
#ifndef QUARTERMASTER_SERVICES_CATALOG_APP_CATALOG_REPLICA_H_
#define QUARTERMASTER_SERVICES_CATALOG_APP_CATALOG_REPLICA_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "services/catalog/app/catalog_machine.h"
#include "services/catalog/app/catalog_view.h"

namespace quartermaster::catalog {

// Not thread-safe, but for its view.
class CatalogReplica {
 public:
  // Takes a record of the catalog's partition; one that was taken before is passed over. Errors,
  // upon which the replica stays where it is: kFailedPrecondition for a type or version that this
  // binary does not know, kDataLoss for a payload that does not parse or a gap before `position`.
  absl::Status Take(Position position, uint32_t type, uint32_t version, std::string_view payload);

  // Shows what has been taken. A cut need not be at the end of a frame.
  void Publish();

  // The last record that was taken.
  Position position() const { return position_; }

  CatalogView& view() { return view_; }

 private:
  CatalogView view_;
  CatalogMachine machine_{&view_};
  Position position_ = 0;
};

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_APP_CATALOG_REPLICA_H_
