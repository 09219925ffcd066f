// stock watch: availability as it changes.
#include "tools/qm/commands/stock_watch.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/follow.h"
#include "tools/qm/commands/places.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;

struct WatchArgs {
  std::vector<std::string> keys;
  std::string since;
  int64_t limit = 0;
  bool once = false;
};

class WatchPrinter {
 public:
  WatchPrinter(const Context& context, const WatchArgs& args) : context_(context), args_(args) {
    if (!context.json()) {
      std::cout << "POSITION  SKU  PLACE  AVAILABLE  ON HAND  RESERVED  ALLOCATED  UNUSABLE\n";
    }
  }

  void Print(const stockv1::Availability& a, const std::string& position) {
    if (enough()) return;
    ++printed_;
    if (context_.json()) {
      Json json = MessageToJson(a);
      json["position"] = position;
      std::cout << Compact(json) << '\n';
      return;
    }
    const std::string place = PlaceText(a.key());
    std::cout << (position.empty() ? "-" : position) << "  " << a.key().sku() << "  " << place
              << "  " << a.available() << "  " << a.on_hand() << "  " << a.reserved() << "  "
              << a.allocated() << "  " << a.unusable() << '\n';
  }
  bool enough() const { return args_.limit > 0 && printed_ >= args_.limit; }

 private:
  const Context& context_;
  const WatchArgs& args_;
  int64_t printed_ = 0;
};

int Watch(Context& context, const WatchArgs& args) {
  stockv1::WatchAvailabilityRequest request;
  request.set_resume_position(args.since);
  for (const std::string& text : args.keys) {
    const size_t at = text.rfind('@');
    if (at == 0 || at == std::string::npos || at + 1 == text.size()) {
      return context.Usage(
          absl::StrCat("'", text, "' is not SKU@LOCATION, SKU@pool:POOL or SKU@channel:CHANNEL"));
    }
    const Place place = ParsePlace(text.substr(at + 1));
    stockv1::AvailabilityKey* key = request.add_keys();
    key->set_sku(text.substr(0, at));
    SetPlace(place, *key);
  }
  WatchPrinter printer(context, args);
  const auto stub = context.Stub<stockv1::StockService>();
  Follow follow(context);
  grpc::Status status;
  bool done = false;
  do {
    grpc::ClientContext call;
    const auto stream = stub->WatchAvailability(&call, request);
    stockv1::WatchAvailabilityResponse message;
    while (!done && stream->Read(&message)) {
      follow.Heard();
      // In the middle of a large change there is none: then the one before it still holds.
      if (!message.position().empty()) request.set_resume_position(message.position());
      for (const auto& a : message.availabilities()) printer.Print(a, request.resume_position());
      done = printer.enough() || !OutputIsOpen() || (args.once && message.current());
    }
    if (done) call.TryCancel();
    status = stream->Finish();
  } while (!done && follow.Again(status));
  return done || status.ok() ? kOk : context.Refused(status);
}

}  // namespace

void AddStockWatchCommand(Cli& cli, Subcommand group) {
  const auto args = std::make_shared<WatchArgs>();
  Subcommand watch = cli.Command(
      group, "watch",
      "Availability: the values now, then every key that changes, a line each, with any -o json an "
      "object a line. Goes on when the server comes back",
      "qm stock watch A-1@store-5 A-1@pool:web\n"
      "  qm stock watch --once -o ndjson         (everything, as it is)",
      [args](Context& context) { return Watch(context, *args); });
  watch.Option("KEY", args->keys,
               "SKU@LOCATION, SKU@pool:POOL or SKU@channel:CHANNEL (default: everything)");
  watch.Option("--since", args->since, "A position that was printed: what has changed since");
  watch.Flag("--once", args->once, "End when the values of now are complete");
  watch.Option("--limit", args->limit, "End after so many lines")
      .InRange(1, std::numeric_limits<int64_t>::max());
}

}  // namespace quartermaster::qm
