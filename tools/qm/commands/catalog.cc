// item get|list|put and location get|list|put|pause|resume: the master data.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/input/opening_hours.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace catalogv1 = ::quartermaster::catalog::v1;
using catalogv1::CatalogService;
using Stub = catalogv1::CatalogService::Stub;

Table ItemTable(const google::protobuf::RepeatedPtrField<catalogv1::Item>& items) {
  Table table({"SKU", "TITLE", "UNIT", "DECIMALS", "GTINS", "GRAMS", "HANDLING", "RETURNABLE",
               "ONLINE", "STATUS", "VERSION"});
  for (const catalogv1::Item& i : items) {
    std::string gtins;
    for (const std::string& gtin : i.gtins())
      absl::StrAppend(&gtins, gtins.empty() ? "" : ";", gtin);
    table.Row({i.sku(), i.title(), i.base_unit(), absl::StrCat(i.quantity_scale()), gtins,
               absl::StrCat(i.weight_g()), i.handling_class(), i.returnable() ? "yes" : "no",
               i.online() ? "yes" : "no",
               EnumName(catalogv1::Item::Status_descriptor(), i.status()), i.version()});
  }
  return table;
}

Table LocationTable(const google::protobuf::RepeatedPtrField<catalogv1::Location>& locations) {
  Table table({"LOCATION", "TITLE", "KIND", "POINT", "TIME ZONE", "CAN", "OPEN", "SPECIAL DAYS",
               "PAUSED", "VERSION"});
  for (const catalogv1::Location& l : locations) {
    std::string can;
    for (const int capability : l.capabilities()) {
      absl::StrAppend(&can, can.empty() ? "" : " ",
                      EnumName(catalogv1::Location::Capability_descriptor(), capability));
    }
    table.Row({l.location_id(), l.title(),
               EnumName(catalogv1::Location::Kind_descriptor(), l.kind()),
               absl::StrCat(l.point().latitude(), ",", l.point().longitude()), l.time_zone(), can,
               l.opening_hours().empty() ? "always" : absl::StrJoin(OpeningHoursTexts(l), "; "),
               absl::StrJoin(SpecialDayTexts(l), "; "), l.paused() ? "yes" : "no", l.version()});
  }
  return table;
}

template <typename Row, typename ToTable>
int PrintOne(const Context& context, const Row& row, const ToTable& to_table) {
  google::protobuf::RepeatedPtrField<Row> rows;
  *rows.Add() = row;
  return context.PrintTable(to_table(rows));
}

// One item or location was put.
template <typename Response>
int PrintPut(const Context& context, const std::string& id, const Response& response) {
  context.PrintLine(absl::StrCat(id, response.results(0).changed() ? " written" : " is so already",
                                 ", at position ", response.position()));
  return kOk;
}

// Sends one item or location; what is wrong with it is an answer within an answer.
template <typename Request, typename Response>
int Put(Context& context,
        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
        Request& request, const std::string& id, const std::string& reason) {
  request.set_request_id(context.RequestId());
  request.mutable_attribution()->set_reason_code(reason);
  Response response;
  const auto stub = context.Stub<CatalogService>();
  const grpc::Status status = context.Call(*stub, method, request, &response);
  if (!status.ok()) return context.Refused(status);
  if (response.results_size() == 1 && response.results(0).status().code() != 0) {
    return context.Refused(ReadError(response.results(0).status()));
  }
  if (context.json()) return context.PrintJson(response);
  return PrintPut(context, id, response);
}

struct PutItemArgs {
  std::string sku, title, unit, handling, reason;
  int decimals = 0;
  int grams = 0;
  int status = 0;
  std::vector<std::string> gtins;
  bool returnable = true;
  bool online = true;
};

int PutItem(Context& context, const PutItemArgs& args) {
  catalogv1::PutItemsRequest request;
  catalogv1::Item* item = request.add_items();
  item->set_sku(args.sku);
  item->set_title(args.title);
  item->set_base_unit(args.unit);
  item->set_quantity_scale(args.decimals);
  item->set_weight_g(args.grams);
  item->set_handling_class(args.handling);
  item->set_returnable(args.returnable);
  item->set_online(args.online);
  item->set_status(static_cast<catalogv1::Item::Status>(args.status));
  for (const std::string& gtin : args.gtins) item->add_gtins(gtin);
  return Put(context, &Stub::PutItems, request, args.sku, args.reason);
}

struct PutLocationArgs {
  std::string id, title, point, zone, reason;
  int kind = 0;
  std::vector<std::string> capabilities, hours, special_days;
};

int PutLocation(Context& context, const PutLocationArgs& args) {
  catalogv1::PutLocationsRequest request;
  catalogv1::Location* location = request.add_locations();
  location->set_location_id(args.id);
  location->set_title(args.title);
  location->set_kind(static_cast<catalogv1::Location::Kind>(args.kind));
  location->set_time_zone(args.zone);
  const std::optional<Point> point = ParsePoint(args.point);
  if (!point) return context.Usage("--point takes LATITUDE,LONGITUDE in degrees");
  location->mutable_point()->set_latitude(point->latitude);
  location->mutable_point()->set_longitude(point->longitude);
  const auto names = EnumNames(catalogv1::Location::Capability_descriptor());
  for (const std::string& name : args.capabilities) {
    location->add_capabilities(static_cast<catalogv1::Location::Capability>(names.at(name)));
  }
  for (const std::string& text : args.hours) {
    if (!AddOpeningHours(text, location)) {
      return context.Usage("--open takes days and hours: \"mon-fri 09:00-12:00 13:00-18:00\"");
    }
  }
  for (const std::string& text : args.special_days) {
    if (!AddSpecialDay(text, location)) {
      return context.Usage("--special takes \"2026-12-24 09:00-14:00\" or \"2026-12-25 closed\"");
    }
  }
  return Put(context, &Stub::PutLocations, request, args.id, args.reason);
}

struct PauseArgs {
  std::string id, reason;
};

int Pause(Context& context, const PauseArgs& args, bool paused) {
  catalogv1::PauseLocationRequest request;
  request.set_request_id(context.RequestId());
  request.set_location_id(args.id);
  request.set_paused(paused);
  request.mutable_attribution()->set_reason_code(args.reason);
  return Ask<CatalogService>(
      context, &Stub::PauseLocation, request,
      [&](const catalogv1::Location& l) { return PrintOne(context, l, LocationTable); });
}

void AddPauseCommand(Cli& cli, Subcommand group, bool paused) {
  const auto args = std::make_shared<PauseArgs>();
  const std::string name = paused ? "pause" : "resume";
  Subcommand command = cli.Command(
      group, name,
      paused ? "Take it out of online promises; its tills and open tasks go on" : "Put it back",
      absl::StrCat("qm location ", name, " store-5"),
      [args, paused](Context& context) { return Pause(context, *args, paused); });
  command.Option("LOCATION", args->id, "Its id").Required();
  command.Option("--reason", args->reason, "A code, kept in the log");
}

void AddListLimit(Subcommand command, int* limit) {
  command.Option("--limit", *limit, "At most so many").InRange(1, 1'000'000).ShowDefault();
}

void AddItemCommands(Cli& cli) {
  Subcommand group = cli.Group("item", "What is sold", "qm item get A-1");

  const auto sku = std::make_shared<std::string>();
  Subcommand get = cli.Command(group, "get", "An item", "qm item get A-1", [sku](Context& context) {
    catalogv1::GetItemRequest request;
    request.set_sku(*sku);
    return Ask<CatalogService>(context, &Stub::GetItem, request, [&](const catalogv1::Item& item) {
      return PrintOne(context, item, ItemTable);
    });
  });
  get.Option("SKU", *sku, "Its SKU").Required();

  const auto limit = std::make_shared<int>(100);
  AddListLimit(cli.Command(group, "list", "Items by SKU", "qm item list --limit 20 -o ndjson",
                           [limit](Context& context) {
                             return AskList<CatalogService>(
                                 context, &Stub::ListItems, catalogv1::ListItemsRequest(), *limit,
                                 &catalogv1::ListItemsResponse::items,
                                 [&](const catalogv1::ListItemsResponse& all) {
                                   context.PrintTable(ItemTable(all.items()));
                                 });
                           }),
               limit.get());

  const auto args = std::make_shared<PutItemArgs>();
  Subcommand put = cli.Command(group, "put", "Create an item, or replace it as a whole",
                               "qm item put A-1 --title Mug --grams 300 --gtin 4006381333931",
                               [args](Context& context) { return PutItem(context, *args); });
  put.Option("SKU", args->sku, "Its SKU").Required();
  put.Option("--title", args->title, "A product's name");
  put.Option("--unit", args->unit, "each, m, kg (default each); cannot change");
  put.Option("--decimals", args->decimals, "Of a quantity, 0 to 3; cannot change");
  put.Option("--gtin", args->gtins, "May be repeated");
  put.Option("--grams", args->grams, "Per unit");
  put.Option("--handling", args->handling, "standard, oversize, hazmat, cold");
  put.Flag("--returnable,!--not-returnable", args->returnable, "Default returnable");
  put.Flag("--online,!--not-online", args->online, "Default online");
  AddEnumOption(put, "--status", args->status, catalogv1::Item::Status_descriptor(),
                "Default active");
  put.Option("--reason", args->reason, "A code, kept in the log");
}

void AddLocationCommands(Cli& cli) {
  Subcommand group = cli.Group("location", "From where it is sold", "qm location list");

  const auto id = std::make_shared<std::string>();
  Subcommand get =
      cli.Command(group, "get", "A location", "qm location get store-5", [id](Context& context) {
        catalogv1::GetLocationRequest request;
        request.set_location_id(*id);
        return Ask<CatalogService>(
            context, &Stub::GetLocation, request,
            [&](const catalogv1::Location& l) { return PrintOne(context, l, LocationTable); });
      });
  get.Option("LOCATION", *id, "Its id").Required();

  const auto limit = std::make_shared<int>(100);
  AddListLimit(cli.Command(group, "list", "Locations by id", "qm location list -o ndjson",
                           [limit](Context& context) {
                             return AskList<CatalogService>(
                                 context, &Stub::ListLocations, catalogv1::ListLocationsRequest(),
                                 *limit, &catalogv1::ListLocationsResponse::locations,
                                 [&](const catalogv1::ListLocationsResponse& all) {
                                   context.PrintTable(LocationTable(all.locations()));
                                 });
                           }),
               limit.get());

  const auto args = std::make_shared<PutLocationArgs>();
  Subcommand put = cli.Command(
      group, "put", "Create a location, or replace it as a whole",
      "qm location put store-5 --kind store --point 46.77,23.59 --can ship --can pickup "
      "--open \"mon-fri 09:00-21:00\" --open \"sat 10:00-18:00\" --special \"2026-12-25 closed\"",
      [args](Context& context) { return PutLocation(context, *args); });
  put.Option("LOCATION", args->id, "Its id").Required();
  put.Option("--title", args->title, "Its name");
  AddEnumOption(put, "--kind", args->kind, catalogv1::Location::Kind_descriptor(), "What it is")
      .Required();
  put.Option("--point", args->point, "LATITUDE,LONGITUDE in degrees").Required();
  put.Option("--time-zone", args->zone, "Europe/Bucharest (default UTC)");
  std::vector<std::string> choices;
  for (const auto& [name, value] : EnumNames(catalogv1::Location::Capability_descriptor())) {
    choices.push_back(name);
  }
  put.Option("--can", args->capabilities, "What it does; may be repeated").OneOf(choices);
  put.Option("--open", args->hours,
             "DAYS HH:MM-HH:MM, by its own clock; may be repeated (default always); 26:00 is 2 in "
             "the night");
  put.Option("--special", args->special_days,
             "A day that is otherwise: DATE HH:MM-HH:MM, or DATE closed; may be repeated");
  put.Option("--reason", args->reason, "A code, kept in the log");

  AddPauseCommand(cli, group, /*paused=*/true);
  AddPauseCommand(cli, group, /*paused=*/false);
}

}  // namespace

void AddCatalogCommands(Cli& cli) {
  AddItemCommands(cli);
  AddLocationCommands(cli);
}

}  // namespace quartermaster::qm
