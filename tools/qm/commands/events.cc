// events tail: the log, record by record, decoded.
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/log/event_registry.h"

namespace quartermaster::qm {
namespace {

namespace v1 = ::quartermaster::log::v1;

struct TailArgs {
  std::string partition = "stock/0";
  std::optional<int64_t> from;
  std::vector<std::string> types;
  int64_t limit = 0;
  bool follow = true;
};

class Printer {
 public:
  Printer(const Context& context, const TailArgs& args)
      : json_(context.json()), args_(args), wanted_(args.types.begin(), args.types.end()) {}

  void Print(const v1::Record& record) {
    const Json json = RecordToJson(args_.partition, record.position(), record.time_unix_us(),
                                   record.type(), record.version(), record.payload());
    const std::string type = json["type"];
    if (!wanted_.empty() && !wanted_.contains(type)) return;
    ++printed_;
    if (json_) {
      std::cout << Compact(json) << '\n';
      return;
    }
    const auto body = json.contains("event")     ? json.find("event")
                      : json.contains("outcome") ? json.find("outcome")
                                                 : json.find("undecoded");
    std::cout << record.position() << "  " << json["time"].get<std::string>() << "  " << type
              << "  " << Compact(*body) << '\n';
  }
  bool enough() const { return args_.limit > 0 && printed_ >= args_.limit; }

 private:
  const bool json_;
  const TailArgs& args_;
  const std::set<std::string> wanted_;
  int64_t printed_ = 0;
};

// Up to the head as it is now.
int ReadAll(Context& context, const TailArgs& args, Printer& printer) {
  const auto stub = context.Stub<v1::LogReader>();
  v1::ReadRequest request;
  request.set_partition(args.partition);
  request.set_from_position(args.from.value_or(1));
  int64_t head = -1;
  while (!printer.enough()) {
    v1::ReadResponse response;
    const grpc::Status status = context.Call(*stub, &v1::LogReader::Stub::Read, request, &response);
    if (!status.ok()) return context.Refused(status);
    if (head < 0) head = response.head();
    if (response.records().empty()) break;
    for (const auto& record : response.records()) {
      if (record.position() > head || printer.enough()) break;
      printer.Print(record);
    }
    request.set_from_position(response.records().rbegin()->position() + 1);
    if (request.from_position() > head) break;
  }
  std::cout.flush();
  return kOk;
}

// Until the server or the user ends it.
int Follow(Context& context, const TailArgs& args, Printer& printer) {
  const auto stub = context.Stub<v1::LogReader>();
  v1::SubscribeRequest request;
  request.set_partition(args.partition);
  request.set_from_position(args.from.value_or(0));
  grpc::ClientContext call;
  const auto stream = stub->Subscribe(&call, request);
  v1::SubscribeResponse response;
  while (!printer.enough() && stream->Read(&response)) {
    for (const auto& record : response.records()) {
      if (printer.enough()) break;
      printer.Print(record);
    }
    std::cout.flush();
  }
  if (printer.enough()) {
    call.TryCancel();
    stream->Finish();
    return kOk;
  }
  const grpc::Status status = stream->Finish();
  return status.ok() ? kOk : context.Refused(status);
}

int Tail(Context& context, const TailArgs& args) {
  const std::vector<EventType>& known = EventTypes(args.partition);
  for (const std::string& name : args.types) {
    bool found = known.empty();
    std::string choices;
    for (const EventType& type : known) {
      found |= type.name == name;
      absl::StrAppend(&choices, choices.empty() ? "" : ", ", type.name);
    }
    if (!found) return context.Usage(absl::StrCat("--type: '", name, "' is none of ", choices));
  }
  Printer printer(context, args);
  return args.follow ? Follow(context, args, printer) : ReadAll(context, args, printer);
}

}  // namespace

void AddEventCommands(Cli& cli) {
  CLI::App* group = cli.Group("events", "The event log: what happened, in order");
  const auto args = std::make_shared<TailArgs>();
  CLI::App* tail = cli.Command(group, "tail", "Records, decoded; -o json prints one object a line",
                               "qm events tail --partition orders/0 --from 1 --no-follow "
                               "--type OrderPlaced",
                               [args](Context& context) { return Tail(context, *args); });
  tail->add_option("--partition", args->partition, "catalog/0, stock/0 or orders/0")
      ->capture_default_str();
  tail->add_option("--from", args->from,
                   "The first position (default: what comes from now on; with --no-follow: 1)")
      ->check(CLI::Range(int64_t{0}, std::numeric_limits<int64_t>::max()));
  tail->add_option("--type", args->types, "Only events of this name; may be repeated");
  tail->add_option("--limit", args->limit, "End after so many records")
      ->check(CLI::Range(int64_t{0}, std::numeric_limits<int64_t>::max()));
  tail->add_flag("--follow,!--no-follow", args->follow,
                 "Go on with what is new (default), or end at the head");
}

}  // namespace quartermaster::qm
