// kit define|get
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using Stub = stockv1::StockService::Stub;

struct DefineArgs {
  std::string sku;
  std::vector<std::string> components;
  bool same_location = false;
  bool none = false;
  std::string etag;
  std::string reason;
};

std::string PartsText(const google::protobuf::RepeatedPtrField<stockv1::KitComponent>& parts) {
  std::string text;
  for (const stockv1::KitComponent& part : parts) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", part.count(), " ", part.sku());
  }
  return text;
}

int Print(Context& context, const stockv1::Kit& kit) {
  Table table({"KIT", "COMPONENTS", "AT ONE LOCATION", "COMES TO", "ETAG", "POSITION"});
  table.Row({kit.sku(), PartsText(kit.components()), kit.same_location() ? "yes" : "no",
             PartsText(kit.parts()), kit.etag(), kit.position()});
  return context.PrintTable(table);
}

int Define(Context& context, const DefineArgs& args) {
  stockv1::DefineKitRequest request;
  request.set_request_id(context.RequestId());
  request.set_sku(args.sku);
  for (const std::string& text : args.components) {
    const std::optional<PartSpec> spec = ParsePart(text);
    if (!spec || !spec->location_id.empty() || !spec->component.empty()) {
      return context.Usage(absl::StrCat("'", text, "' is not SKU:COUNT"));
    }
    stockv1::KitComponent* component = request.add_components();
    component->set_sku(spec->line_id);
    component->set_count(spec->quantity);
  }
  if (args.none != args.components.empty()) {
    return context.Usage("needs what it consists of, or --none");
  }
  request.set_same_location(args.same_location);
  request.set_etag(args.etag);
  request.mutable_attribution()->set_reason_code(args.reason);
  return Ask<stockv1::StockService>(context, &Stub::DefineKit, request,
                                    [&](const stockv1::Kit& kit) { return Print(context, kit); });
}

int Get(Context& context, const std::string& sku) {
  stockv1::GetKitRequest request;
  request.set_sku(sku);
  return Ask<stockv1::StockService>(context, &Stub::GetKit, request,
                                    [&](const stockv1::Kit& kit) { return Print(context, kit); });
}

}  // namespace

void AddKitCommands(Cli& cli) {
  Subcommand group = cli.Group("kit", "SKUs that are sold as so many units of others",
                               "qm kit define breakfast cup:2 plate:1");
  const auto args = std::make_shared<DefineArgs>();
  Subcommand define = cli.Command(group, "define", "Say what a kit consists of",
                                  "qm kit define breakfast cup:2 plate:1\n"
                                  "  qm kit define bed frame:1 slat:14 --same-location",
                                  [args](Context& context) { return Define(context, *args); });
  define.Option("SKU", args->sku, "The kit").Required();
  define.Option("COMPONENT", args->components,
                "SKU:COUNT, in one kit; the SKU may be a kit itself");
  define.Flag("--same-location", args->same_location,
              "All units of one kit must be at one location");
  define.Flag("--none", args->none, "It is a kit no more");
  define.Option("--etag", args->etag, "Only if the kit has this etag; 0: if it is none");
  define.Option("--reason", args->reason, "A code, kept in the log");
  const auto sku = std::make_shared<std::string>();
  Subcommand get =
      cli.Command(group, "get", "What a kit consists of, and comes to", "qm kit get breakfast",
                  [sku](Context& context) { return Get(context, *sku); });
  get.Option("SKU", *sku, "The kit").Required();
}

}  // namespace quartermaster::qm
