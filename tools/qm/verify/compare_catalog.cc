#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "services/base/status_macros.h"
#include "tools/qm/input/values.h"
#include "tools/qm/verify/live_compare.h"

namespace quartermaster::qm {
namespace {

namespace catalogv1 = ::quartermaster::catalog::v1;
using Stub = catalogv1::CatalogService::Stub;

constexpr int kPageSize = 1'000;

absl::Status ReadItems(Context& context, std::map<std::string, catalogv1::Item>* items) {
  const auto stub = context.Stub<catalogv1::CatalogService>();
  catalogv1::ListItemsRequest request;
  request.set_page_size(kPageSize);
  do {
    catalogv1::ListItemsResponse page;
    const grpc::Status status = context.Call(*stub, &Stub::ListItems, request, &page);
    if (!status.ok()) return CallError("ListItems", status);
    for (auto& item : *page.mutable_items()) (*items)[item.sku()] = std::move(item);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status ReadLocations(Context& context,
                           std::map<std::string, catalogv1::Location>* locations) {
  const auto stub = context.Stub<catalogv1::CatalogService>();
  catalogv1::ListLocationsRequest request;
  request.set_page_size(kPageSize);
  do {
    catalogv1::ListLocationsResponse page;
    const grpc::Status status = context.Call(*stub, &Stub::ListLocations, request, &page);
    if (!status.ok()) return CallError("ListLocations", status);
    for (auto& location : *page.mutable_locations()) {
      (*locations)[location.location_id()] = std::move(location);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

// Lists carry no position, but each entry the position of its last change: an entry that changed
// after the reading began says nothing.
template <typename Entry>
void CompareEntries(const std::string& kind, const std::map<std::string, Entry>& booked,
                    const std::map<std::string, Entry>& live, int64_t begun, Findings* findings) {
  const auto settled = [begun](const Entry& entry) {
    return ParseInteger(entry.version()).value_or(0) <= begun;
  };
  for (const auto& [id, entry] : booked) {
    if (!settled(entry)) continue;
    const auto found = live.find(id);
    if (found == live.end()) {
      findings->Difference(kind + " " + id, "is in the log and not in the catalog");
    } else if (!google::protobuf::util::MessageDifferencer::Equals(entry, found->second)) {
      findings->Difference(kind + " " + id,
                           absl::StrCat("the log says {", entry.ShortDebugString(),
                                        "}, the catalog {", found->second.ShortDebugString(), "}"));
    }
  }
  for (const auto& [id, entry] : live) {
    if (settled(entry) && !booked.contains(id)) {
      findings->Difference(kind + " " + id, "is in the catalog and not in the log");
    }
  }
}

}  // namespace

absl::Status CallError(const char* what, const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      absl::StrCat(what, ": ", OneLine(ReadError(status))));
}

absl::Status CompareCatalog(Context& context, Audit& audit, RecordSource& source,
                            Findings* findings, Compared* compared) {
  QM_ASSIGN_OR_RETURN(auto before, source.Heads());
  const int64_t begun = before[kCatalogPartition];
  std::map<std::string, catalogv1::Item> items;
  std::map<std::string, catalogv1::Location> locations;
  QM_RETURN_IF_ERROR(ReadItems(context, &items));
  QM_RETURN_IF_ERROR(ReadLocations(context, &locations));
  QM_ASSIGN_OR_RETURN(auto after, source.Heads());
  QM_RETURN_IF_ERROR(audit.AdvanceCatalog(after[kCatalogPartition]));
  CompareEntries("item", audit.catalog().items(), items, begun, findings);
  CompareEntries("location", audit.catalog().locations(), locations, begun, findings);
  compared->items += static_cast<int64_t>(items.size());
  compared->locations += static_cast<int64_t>(locations.size());
  return absl::OkStatus();
}

}  // namespace quartermaster::qm
