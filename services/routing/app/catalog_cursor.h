// CatalogCursor: how far routing has read the catalog's log, and what of it is still to be told.
// The transport (rpc/grpc_feeds.h) brings the records.
//
//   cursor.AimAt(head);                                   // once, before the first record
//   cursor.Take(position, type, version, payload);        // in order, as they come
//   if (auto batch = cursor.Flush()) sink->OnNetwork(*std::move(batch));
#ifndef QUARTERMASTER_SERVICES_ROUTING_APP_CATALOG_CURSOR_H_
#define QUARTERMASTER_SERVICES_ROUTING_APP_CATALOG_CURSOR_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "services/routing/app/network_feed.h"

namespace quartermaster::routing {

// Not thread-safe.
class CatalogCursor {
 public:
  // The network is current once all records up to `head` have been taken.
  void AimAt(int64_t head) { head_ = head; }
  bool aimed() const { return head_.has_value(); }

  // Takes a record of the catalog's partition; one that was taken before is passed over. Errors,
  // upon which the cursor stays where it is: kFailedPrecondition for a type or version that this
  // binary does not know, kDataLoss for a payload that does not parse or a gap before `position`.
  absl::Status Take(int64_t position, int type, int version, std::string_view payload);

  // What has been taken since the last time, if there is anything to tell.
  std::optional<NetworkBatch> Flush();

  // The record to go on with.
  int64_t next() const { return position_ + 1; }

 private:
  int64_t position_ = 0;
  std::optional<int64_t> head_;
  bool current_ = false;
  NetworkChanges changes_;
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_APP_CATALOG_CURSOR_H_
