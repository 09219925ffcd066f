// stock get|adjust|ledger; the other verbs have files of their own.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/fact_source.h"
#include "tools/qm/commands/movement_output.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/commands/places.h"
#include "tools/qm/commands/stock_condition.h"
#include "tools/qm/commands/stock_count.h"
#include "tools/qm/commands/stock_watch.h"
#include "tools/qm/commands/stock_why.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using Stub = stockv1::StockService::Stub;

struct GetArgs {
  std::string sku;
  std::vector<std::string> places;
  std::string owner;
  std::string as_of;
  std::string by;
  int64_t low_at = 0;
};

// What the unusable units are, if there are any.
void PrintConditions(Context& context, const stockv1::GetAvailabilityResponse& response) {
  Table table({"SKU", "PLACE", "DAMAGED", "QUARANTINE", "INSPECTION", "SUSPECT"});
  bool any = false;
  for (const auto& a : response.availabilities()) {
    if (a.unusable() == 0) continue;
    any = true;
    const std::string place = PlaceText(a.key());
    table.Row({a.key().sku(), place, absl::StrCat(a.damaged()), absl::StrCat(a.quarantine()),
               absl::StrCat(a.inspection()), absl::StrCat(a.suspect())});
  }
  if (!any) return;
  context.PrintLine("Unusable:");
  context.PrintTable(table);
}

void PrintPromises(Context& context, const stockv1::GetAvailabilityResponse& response) {
  Table table({"SKU", "PLACE", "AVAILABLE BY THEN", "FROM", "ON ORDER", "WAITING"});
  for (const auto& a : response.availabilities()) {
    const std::string from = a.has_available_from() ? TimeText(a.available_from()) : "";
    table.Row({a.key().sku(), PlaceText(a.key()), absl::StrCat(a.available_by()), from,
               absl::StrCat(a.expected()), absl::StrCat(a.waiting())});
  }
  context.PrintTable(table);
}

int Get(Context& context, const GetArgs& args) {
  stockv1::GetAvailabilityRequest request;
  for (const std::string& text : args.places) {
    const Place place = ParsePlace(text);
    stockv1::AvailabilityKey* key = request.add_keys();
    key->set_sku(args.sku);
    SetPlace(place, *key);
  }
  request.set_owner_id(args.owner);
  if (ParseInteger(args.as_of)) {
    request.set_as_of_position(args.as_of);
  } else if (!args.as_of.empty() && !ParseTime(args.as_of, request.mutable_as_of_time())) {
    return context.Usage("--as-of takes a position or a time like 2026-11-27T08:00:00Z");
  }
  if (!args.by.empty() && !ParseTime(args.by, request.mutable_by_time())) {
    return context.Usage("--by takes a time like 2026-11-27T08:00:00Z");
  }
  request.set_low_at(args.low_at);
  stockv1::GetAvailabilityResponse response;
  const auto stub = context.Stub<stockv1::StockService>();
  const grpc::Status status = context.Call(*stub, &Stub::GetAvailability, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (context.json()) return context.PrintList(response, response.availabilities());
  Table table({"SKU", "PLACE", "STATUS", "AVAILABLE", "ON HAND", "RESERVED", "ALLOCATED",
               "UNUSABLE", "SHORTAGE", "SAFETY STOCK", "IN TRANSIT"});
  for (const auto& a : response.availabilities()) {
    const std::string place = PlaceText(a.key());
    table.Row({a.key().sku(), place,
               EnumName(stockv1::Availability::Status_descriptor(), a.status()),
               absl::StrCat(a.available()), absl::StrCat(a.on_hand()), absl::StrCat(a.reserved()),
               absl::StrCat(a.allocated()), absl::StrCat(a.unusable()), absl::StrCat(a.shortage()),
               absl::StrCat(a.safety_stock()), absl::StrCat(a.in_transit())});
  }
  context.PrintTable(table);
  PrintConditions(context, response);
  if (!args.by.empty()) PrintPromises(context, response);
  context.PrintLine(absl::StrCat("at position ", response.position()));
  return kOk;
}

struct AdjustArgs {
  std::string sku;
  std::string location;
  std::optional<int32_t> delta;
  std::optional<int64_t> set;
  std::optional<int64_t> expect;
  int kind = stockv1::Adjustment::COUNTED;
  int condition = 0;
  int from_condition = 0;
  std::string effect_key;
  FactSource fact_source;
  std::string reason;
};

int Adjust(Context& context, const AdjustArgs& args) {
  if (args.delta.has_value() == args.set.has_value()) {
    return context.Usage("give either DELTA or --set with --expect");
  }
  stockv1::AdjustStockRequest request;
  request.set_request_id(context.RequestId());
  request.mutable_attribution()->set_reason_code(args.reason);
  stockv1::Adjustment* adjustment = request.add_adjustments();
  adjustment->set_sku(args.sku);
  adjustment->set_location_id(args.location);
  adjustment->set_kind(static_cast<stockv1::Adjustment::Kind>(args.kind));
  adjustment->set_condition(static_cast<stockv1::Adjustment::Condition>(args.condition));
  adjustment->set_from_condition(static_cast<stockv1::Adjustment::Condition>(args.from_condition));
  adjustment->set_effect_key(args.effect_key);
  if (!SetFactSource(args.fact_source, adjustment)) return context.Usage(kFactSourceUsage);
  if (args.delta) {
    adjustment->set_delta(*args.delta);
  } else {
    adjustment->mutable_compare_and_set()->set_value(*args.set);
    adjustment->mutable_compare_and_set()->set_expected(args.expect.value_or(0));
  }
  stockv1::AdjustStockResponse response;
  const auto stub = context.Stub<stockv1::StockService>();
  const grpc::Status status = context.Call(*stub, &Stub::AdjustStock, request, &response);
  if (!status.ok()) return context.Refused(status);
  for (const auto& result : response.results()) {
    if (result.status().code() != 0) return context.Refused(ReadError(result.status()));
  }
  if (context.json()) return context.PrintJson(response);
  Table table({"SKU", "LOCATION", "ON HAND", "SHORTAGE", "POSITION"});
  for (const auto& result : response.results()) {
    table.Row({args.sku, args.location, absl::StrCat(result.on_hand()),
               absl::StrCat(result.shortage()), response.position()});
  }
  context.PrintTable(table);
  if (response.results_size() > 0 && response.results(0).in_count()) {
    context.Note("Its last count has it already: on record, and on hand stayed.");
  }
  if (response.results_size() > 0 && response.results(0).duplicate()) {
    context.Note("The effect or the message was known, with the same content: nothing changed.");
  }
  return kOk;
}

struct LedgerArgs {
  std::string sku;
  std::string location;
  int limit = 100;
  bool newest_first = false;
};

int Ledger(Context& context, const LedgerArgs& args) {
  stockv1::ListMovementsRequest request;
  request.set_sku(args.sku);
  request.set_location_id(args.location);
  request.set_newest_first(args.newest_first);
  return AskList<stockv1::StockService>(
      context, &Stub::ListMovements, request, args.limit,
      &stockv1::ListMovementsResponse::movements, [&](const stockv1::ListMovementsResponse& all) {
        context.PrintTable(MovementTable({all.movements().begin(), all.movements().end()}));
      });
}

void AddAdjust(Cli& cli, Subcommand group) {
  const auto args = std::make_shared<AdjustArgs>();
  Subcommand adjust =
      cli.Command(group, "adjust",
                  "Record a change of on-hand stock: a fact, never refused for "
                  "holds",
                  "qm stock adjust A-1 store-5 12 --kind received --effect-key asn-9/1\n"
                  "  qm stock adjust A-1 store-5 --set 11 --expect 12",
                  [args](Context& context) { return Adjust(context, *args); });
  adjust.Option("SKU", args->sku, "The item").Required();
  adjust.Option("LOCATION", args->location, "The location's id").Required();
  adjust.Option("DELTA", args->delta, "Signed, in the item's base unit");
  adjust.Option("--set", args->set, "Set on hand to this, if it is --expect");
  adjust.Option("--expect", args->expect, "What on hand must be for --set");
  AddEnumOption(adjust, "--kind", args->kind, stockv1::Adjustment::Kind_descriptor(),
                "Default counted");
  AddEnumOption(adjust, "--condition", args->condition, stockv1::Adjustment::Condition_descriptor(),
                "Default sellable");
  AddEnumOption(adjust, "--from-condition", args->from_condition,
                stockv1::Adjustment::Condition_descriptor(), "With --kind condition-changed");
  AddFactSource(adjust, args->fact_source);
  adjust.Option("--effect-key", args->effect_key, "Makes the effect happen once, for ever");
  adjust.Option("--reason", args->reason, "A code, kept in the ledger");
}

}  // namespace

void AddStockCommands(Cli& cli) {
  Subcommand group = cli.Group("stock", "What is where, what is promised of it, and why",
                               "qm stock get A-1 store-5 pool:web");

  const auto get_args = std::make_shared<GetArgs>();
  Subcommand get =
      cli.Command(group, "get", "What Reserve would accept, and the balances behind it",
                  "qm stock get A-1 store-5 pool:web",
                  [get_args](Context& context) { return Get(context, *get_args); });
  get.Option("SKU", get_args->sku, "The item").Required();
  get.Option("PLACE", get_args->places,
             "Locations, pools as pool:POOL, channels as channel:CHANNEL")
      .Required();
  get.Option("--owner", get_args->owner, "Count this owner's own hold as available");
  get.Option("--by", get_args->by, "Also what can be promised by this time (RFC 3339)");
  get.Option("--low-at", get_args->low_at, "Up to how many units are low")
      .InRange(0, 1'000'000'000);
  get.Option("--as-of", get_args->as_of, "A past position, or a time (RFC 3339)");

  AddAdjust(cli, group);

  const auto ledger_args = std::make_shared<LedgerArgs>();
  Subcommand ledger = cli.Command(
      group, "ledger", "Every change of a SKU at a location, with its cause and the balances",
      "qm stock ledger A-1 store-5 --newest-first --limit 20",
      [ledger_args](Context& context) { return Ledger(context, *ledger_args); });
  ledger.Option("SKU", ledger_args->sku, "The item").Required();
  ledger.Option("LOCATION", ledger_args->location, "The location's id").Required();
  ledger.Option("--limit", ledger_args->limit, "At most so many")
      .InRange(1, 1'000'000)
      .ShowDefault();
  ledger.Flag("--newest-first", ledger_args->newest_first, "Newest first");

  AddStockMoveConditionCommand(cli, group);
  AddStockCountCommands(cli, group);
  AddStockReconcileCommand(cli, group);
  AddStockWhyCommand(cli, group);
  AddStockWatchCommand(cli, group);
}

}  // namespace quartermaster::qm
