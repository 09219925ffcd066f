// pool set
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/names.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
namespace catalogv1 = ::quartermaster::catalog::v1;

constexpr int kPageSize = 1'000;

struct SetArgs {
  std::string pool;
  std::vector<std::string> locations;
  int capability = 0;
  int kind = 0;
  std::string reason;
};

// Adds the catalog's locations that the filters name.
grpc::Status AddFromCatalog(Context& context, const SetArgs& args,
                            stockv1::SetPoolRequest* request) {
  const auto stub = context.Stub<catalogv1::CatalogService>();
  catalogv1::ListLocationsRequest list;
  list.set_page_size(kPageSize);
  do {
    catalogv1::ListLocationsResponse page;
    const grpc::Status status =
        context.Call(*stub, &catalogv1::CatalogService::Stub::ListLocations, list, &page);
    if (!status.ok()) return status;
    for (const auto& location : page.locations()) {
      if (args.kind != 0 && location.kind() != args.kind) continue;
      bool capable = args.capability == 0;
      for (const int capability : location.capabilities()) {
        if (capability == args.capability) capable = true;
      }
      if (capable) request->add_location_ids(location.location_id());
    }
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  return grpc::Status::OK;
}

int Set(Context& context, const SetArgs& args) {
  stockv1::SetPoolRequest request;
  request.set_request_id(context.RequestId());
  request.set_pool_id(args.pool);
  request.mutable_attribution()->set_reason_code(args.reason);
  const bool filtered = args.capability != 0 || args.kind != 0;
  if (filtered == !args.locations.empty()) {
    return context.Usage("name the locations, or choose them with --capability or --kind");
  }
  for (const std::string& location : args.locations) request.add_location_ids(location);
  if (filtered) {
    const grpc::Status status = AddFromCatalog(context, args, &request);
    if (!status.ok()) return context.Refused(status);
    if (request.location_ids().empty()) return context.Usage("the catalog has no such location");
  }
  stockv1::Pool response;
  const auto stub = context.Stub<stockv1::StockService>();
  const grpc::Status status =
      context.Call(*stub, &stockv1::StockService::Stub::SetPool, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintJson(response);
  context.PrintLine(absl::StrCat("pool ", response.pool_id(), ": ", response.location_ids_size(),
                                 " locations, at position ", response.position()));
  return kOk;
}

}  // namespace

void AddPoolCommands(Cli& cli) {
  Subcommand group = cli.Group("pool", "Named sets of locations that are sold from as one",
                               "qm pool set web store-5 store-6");
  const auto args = std::make_shared<SetArgs>();
  Subcommand set = cli.Command(group, "set", "Name a set of locations, or replace it",
                               "qm pool set web store-5 store-6\n"
                               "  qm pool set marketplace --kind warehouse",
                               [args](Context& context) { return Set(context, *args); });
  set.Option("POOL", args->pool, "Its id").Required();
  set.Option("LOCATION", args->locations, "The locations' ids");
  AddEnumOption(set, "--capability", args->capability, catalogv1::Location::Capability_descriptor(),
                "All locations that can");
  AddEnumOption(set, "--kind", args->kind, catalogv1::Location::Kind_descriptor(),
                "All locations of the kind");
  set.Option("--reason", args->reason, "A code, kept in the log");
}

}  // namespace quartermaster::qm
