#include "tools/qm/commands/stock_why.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/movement_output.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/commands/reservation_output.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
namespace catalogv1 = ::quartermaster::catalog::v1;
using Stub = stockv1::StockService::Stub;

constexpr int kPageSize = 1'000;

struct WhyArgs {
  std::string sku;
  std::string location;
  std::string at;
  int movements = 10;
};

constexpr char kMomentUsage[] = "--at takes a position or a time like 2026-11-27T08:00:00Z";
// A past position, or a time. False if it is neither: kMomentUsage.
template <typename Request>
bool SetMoment(const std::string& at, Request& request) {
  if (at.empty()) return true;
  if (!ParseInteger(at)) return ParseTime(at, request.mutable_as_of_time());
  request.set_as_of_position(at);
  return true;
}

grpc::Status GetOne(Context& context, Stub& stub, const WhyArgs& args,
                    stockv1::Availability* result) {
  stockv1::GetAvailabilityRequest request;
  stockv1::AvailabilityKey* key = request.add_keys();
  key->set_sku(args.sku);
  key->set_location_id(args.location);
  SetMoment(args.at, request);
  stockv1::GetAvailabilityResponse response;
  const grpc::Status status = context.Call(stub, &Stub::GetAvailability, request, &response);
  if (status.ok() && response.availabilities_size() > 0) *result = response.availabilities(0);
  return status;
}

// A reservation as it is now, and how many units it has, or had, here.
struct Promise {
  stockv1::Reservation reservation;
  int64_t units_here = 0;
};

// The latest movements, and the reservations behind what is promised.
grpc::Status Explain(Context& context, Stub& stub, const WhyArgs& args, int64_t promised,
                     std::vector<stockv1::Movement>* latest, std::vector<Promise>* open,
                     bool* complete) {
  PromiseExplainer explainer(promised);
  stockv1::ListMovementsRequest request;
  request.set_sku(args.sku);
  request.set_location_id(args.location);
  request.set_newest_first(true);
  request.set_page_size(kPageSize);
  SetMoment(args.at, request);
  do {
    stockv1::ListMovementsResponse page;
    const grpc::Status status = context.Call(stub, &Stub::ListMovements, request, &page);
    if (!status.ok()) return status;
    for (const auto& movement : page.movements()) {
      if (static_cast<int>(latest->size()) < args.movements) latest->push_back(movement);
      explainer.Add(movement);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && !explainer.complete());
  *complete = explainer.complete();
  for (const auto& [id, units] : explainer.Open()) {
    stockv1::GetReservationRequest get;
    get.set_reservation_id(id);
    Promise promise{.units_here = units};
    const grpc::Status status =
        context.Call(stub, &Stub::GetReservation, get, &promise.reservation);
    if (!status.ok()) return status;
    open->push_back(std::move(promise));
  }
  return grpc::Status::OK;
}

// Of the SKU, wherever its units are.
int64_t UncoveredOf(const stockv1::Reservation& reservation, const std::string& sku) {
  int64_t units = 0;
  for (const auto& line : reservation.lines()) {
    if (line.sku() == sku) units += line.uncovered();
  }
  return units;
}

void PrintEquation(const Context& context, const stockv1::Availability& a) {
  context.PrintLine(
      absl::StrCat(a.key().sku(), " at ", a.key().location_id(), ": available ", a.available()));
  context.PrintLine(absl::StrCat("  on hand ", a.on_hand(), " - unusable ", a.unusable(),
                                 " - reserved ", a.reserved(), " - allocated ", a.allocated(),
                                 " = ", a.on_hand() - a.unusable() - a.reserved() - a.allocated()));
  if (a.safety_stock() > 0) {
    context.PrintLine(absl::StrCat("  safety stock ", a.safety_stock(),
                                   ": as much of it as is there is not for online demand"));
  }
  if (a.in_transit() > 0) {
    context.PrintLine(
        absl::StrCat("  in transit to here, and not available yet: ", a.in_transit()));
  }
  if (a.flexible() > 0) {
    const int64_t free =
        std::max<int64_t>(0, a.on_hand() - a.unusable() - a.reserved() - a.allocated());
    context.PrintLine(absl::StrCat("  of what is promised, ", a.flexible(),
                                   " are units of pool holds, which stand here for now"));
    if (a.available() > free) {
      context.PrintLine(absl::StrCat("  + ", a.available() - free,
                                     " of them can make room by standing elsewhere"));
    }
  }
  if (a.shortage() > 0) {
    context.PrintLine(absl::StrCat("  short of what is promised: ", a.shortage()));
  }
}

int WhyHere(Context& context, const WhyArgs& args) {
  stockv1::ListMovementsRequest moment;
  if (!SetMoment(args.at, moment)) return context.Usage(kMomentUsage);
  const auto stub = context.Stub<stockv1::StockService>();
  stockv1::Availability balance;
  grpc::Status status = GetOne(context, *stub, args, &balance);
  if (!status.ok()) return context.Refused(status);
  std::vector<stockv1::Movement> latest;
  std::vector<Promise> open;
  bool complete = false;
  // Whose the flexible units here are, nobody can say.
  status =
      Explain(context, *stub, args, balance.reserved() + balance.allocated() - balance.flexible(),
              &latest, &open, &complete);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) {
    Json json;
    json["balance"] = MessageToJson(balance);
    json["movements"] = Json::array();
    for (const auto& movement : latest) json["movements"].push_back(MessageToJson(movement));
    json["open_reservations"] = Json::array();
    for (const Promise& promise : open) {
      json["open_reservations"].push_back(MessageToJson(promise.reservation));
    }
    json["promises_add_up"] = complete;
    return context.PrintJson(json);
  }
  PrintEquation(context, balance);
  if (!open.empty()) {
    context.PrintLine("\nPromised by");
    const bool past = !args.at.empty();
    Table table({"RESERVATION", past ? "STATE NOW" : "STATE", past ? "UNITS THEN" : "UNITS HERE",
                 past ? "UNCOVERED NOW" : "UNCOVERED", "OWNER", "EXPIRES"});
    for (const auto& [r, units] : open) {
      table.Row({r.reservation_id(), StateName(r.state()), absl::StrCat(units),
                 absl::StrCat(UncoveredOf(r, args.sku)), r.owner_id(), TimeText(r.expire_time())});
    }
    context.PrintTable(table);
  }
  if (!complete && !args.at.empty()) {
    context.Note("(the rest of what was promised are units of pool holds, which stood here then)");
  } else if (!complete) {
    context.Note("(the balances moved meanwhile: the promises above do not add up to them)");
  }
  context.PrintLine("\nLatest movements, newest first");
  return context.PrintTable(MovementTable(latest));
}

// Where the SKU has any stock or promise, for all locations that the catalog knows.
int WhyEverywhere(Context& context, const WhyArgs& args) {
  stockv1::GetAvailabilityRequest moment;
  if (!SetMoment(args.at, moment)) return context.Usage(kMomentUsage);
  const auto locations = context.Stub<catalogv1::CatalogService>();
  const auto stub = context.Stub<stockv1::StockService>();
  catalogv1::ListLocationsRequest list;
  list.set_page_size(kPageSize);
  stockv1::GetAvailabilityResponse all;
  do {
    catalogv1::ListLocationsResponse page;
    grpc::Status status =
        context.Call(*locations, &catalogv1::CatalogService::Stub::ListLocations, list, &page);
    if (!status.ok()) return context.Refused(status);
    if (page.locations().empty()) break;
    stockv1::GetAvailabilityRequest request = moment;
    for (const auto& location : page.locations()) {
      stockv1::AvailabilityKey* key = request.add_keys();
      key->set_sku(args.sku);
      key->set_location_id(location.location_id());
    }
    stockv1::GetAvailabilityResponse response;
    status = context.Call(*stub, &Stub::GetAvailability, request, &response);
    if (!status.ok()) return context.Refused(status);
    for (auto& a : *response.mutable_availabilities()) {
      if (a.on_hand() != 0 || a.reserved() != 0 || a.allocated() != 0 || a.unusable() != 0) {
        *all.add_availabilities() = std::move(a);
      }
    }
    all.set_position(response.position());
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  if (context.json()) return context.PrintList(all, all.availabilities());
  Table table(
      {"LOCATION", "AVAILABLE", "ON HAND", "UNUSABLE", "RESERVED", "ALLOCATED", "SHORTAGE"});
  for (const auto& a : all.availabilities()) {
    table.Row({a.key().location_id(), absl::StrCat(a.available()), absl::StrCat(a.on_hand()),
               absl::StrCat(a.unusable()), absl::StrCat(a.reserved()), absl::StrCat(a.allocated()),
               absl::StrCat(a.shortage())});
  }
  if (table.empty()) {
    context.PrintLine(absl::StrCat(args.sku, args.at.empty() ? " has" : " had",
                                   " neither stock nor promises anywhere."));
    return kOk;
  }
  context.PrintTable(table);
  context.Note(absl::StrCat("For the causes at one of them: qm stock why ", args.sku, " LOCATION",
                            args.at.empty() ? "" : " --at ", args.at));
  return kOk;
}

}  // namespace

void PromiseExplainer::Add(const stockv1::Movement& movement) {
  if (movement.reservation_id().empty() || movement.flexible() || complete()) return;
  const std::string& id = movement.reservation_id();
  int64_t& net = net_[id];
  const int64_t before = whole_.contains(id) ? net : 0;
  const int64_t change = movement.reserved_delta() + movement.allocated_delta();
  net += change;
  // Going backwards, a story is whole once its beginning has been seen; several lines of one
  // reservation begin at the same position.
  if (change > 0) whole_.insert(id);
  if (whole_.contains(id)) explained_ += net - before;
}

std::map<std::string, int64_t> PromiseExplainer::Open() const {
  std::map<std::string, int64_t> open;
  for (const std::string& id : whole_) {
    if (net_.at(id) > 0) open.emplace(id, net_.at(id));
  }
  return open;
}

void AddStockWhyCommand(Cli& cli, Subcommand group) {
  const auto args = std::make_shared<WhyArgs>();
  Subcommand why = cli.Command(
      group, "why", "Explain a number: balances, who holds the units, the latest movements",
      "qm stock why A-1 store-5\n  qm stock why A-1 store-5 --at 2026-11-27T20:00:00Z",
      [args](Context& context) {
        return args->location.empty() ? WhyEverywhere(context, *args) : WhyHere(context, *args);
      });
  why.Option("SKU", args->sku, "The item").Required();
  why.Option("LOCATION", args->location, "The location's id (default: where it is at all)");
  why.Option("--at", args->at, "As of a past position, or a time (RFC 3339)");
  why.Option("--movements", args->movements, "How many of the latest to show")
      .InRange(0, 1'000)
      .ShowDefault();
}

}  // namespace quartermaster::qm
