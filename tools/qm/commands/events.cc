// events tail: the log, record by record, decoded.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "services/base/mutex.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/follow.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/input/values.h"
#include "tools/qm/log/event_registry.h"
#include "tools/qm/log/log_cursor.h"
#include "tools/qm/log/record_filter.h"
#include "tools/qm/log/stock_names.h"

namespace quartermaster::qm {
namespace {

namespace logv1 = ::quartermaster::log::v1;

constexpr char kStock[] = "stock/";

struct TailArgs {
  std::vector<std::string> partitions, types, filters;
  std::string since;
  int64_t last = 10;
  int64_t limit = 0;
  bool follow = false;
  bool names = false;
};

// One partition that is wanted: from where, and where its head was when the command began.
struct Part {
  std::string name;
  int64_t from = 1;
  int64_t head = 0;
};

// Thread-safe: partitions that are followed have a thread each.
class Printer {
 public:
  Printer(const Context& context, const TailArgs& args, RecordFilter filter)
      : json_(context.json()), limit_(args.limit), filter_(std::move(filter)) {}

  void Learn(int type, std::string_view payload) {
    MutexLock lock(&mutex_);
    names_.Learn(type, payload);
  }

  void Print(const std::string& partition, const logv1::Record& record) {
    Json json = RecordToJson(partition, record.position(), record.time_unix_us(), record.type(),
                             record.version(), record.payload());
    MutexLock lock(&mutex_);
    if (partition.starts_with(kStock)) {
      names_.Learn(record.type(), record.payload());
      if (json.contains("event")) names_.AddTo(&json["event"]);
    }
    if (Enough() || !filter_.Wants(json)) return;
    ++printed_;
    if (json_) {
      std::cout << Compact(json) << '\n';
      return;
    }
    const auto body = json.contains("event")     ? json.find("event")
                      : json.contains("outcome") ? json.find("outcome")
                                                 : json.find("undecoded");
    std::cout << partition << "  " << record.position() << "  " << json["time"].get<std::string>()
              << "  " << json["type"].get<std::string>() << "  " << Compact(*body) << '\n';
  }

  // Writes out what was printed. False: nothing more is wanted.
  bool Flush() {
    MutexLock lock(&mutex_);
    return OutputIsOpen() && !Enough();
  }

 private:
  bool Enough() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return limit_ > 0 && printed_ >= limit_;
  }

  const bool json_;
  const int64_t limit_;
  const RecordFilter filter_;
  Mutex mutex_;
  StockNames names_ ABSL_GUARDED_BY(mutex_);
  int64_t printed_ ABSL_GUARDED_BY(mutex_) = 0;
};

// --since as a time, if it is one: RFC 3339, or so long ago.
std::optional<int64_t> SinceTime(const std::string& since) {
  google::protobuf::Timestamp time;
  if (ParseTime(since, &time)) {
    return google::protobuf::util::TimeUtil::TimestampToMicroseconds(time);
  }
  const auto ago = ParseDuration(since);
  if (!ago) return std::nullopt;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now - *ago).count();
}

// Where each partition begins. Returns the exit code.
int FindStart(Context& context, const TailArgs& args, std::vector<Part>* parts) {
  const std::optional<int64_t> position = ParseInteger(args.since);
  const std::optional<int64_t> time = position ? std::nullopt : SinceTime(args.since);
  if (!args.since.empty() && !position && !time) {
    return context.Usage("--since takes a position, a time like 2026-11-27T08:00:00Z, or 10m");
  }
  if (position && (*position < 0 || (*position > 1 && parts->size() > 1))) {
    return context.Usage("positions count in one partition: name it with --partition");
  }
  for (Part& part : *parts) {
    if (position) {
      part.from = std::max<int64_t>(1, *position);
    } else if (time) {
      const grpc::Status status = FindTime(context, part.name, *time, part.head, &part.from);
      if (!status.ok()) return context.Refused(status);
    } else {
      part.from = std::max<int64_t>(1, part.head - args.last + 1);
    }
  }
  return kOk;
}

// Which names stock's compact ids have that were declared before the start.
grpc::Status LearnNames(Context& context, const std::vector<Part>& parts, Printer& printer) {
  for (const Part& part : parts) {
    if (!part.name.starts_with(kStock)) continue;
    LogCursor cursor(context, part.name, 1, part.from - 1);
    while (const logv1::Record* record = cursor.Peek()) {
      if (StockNames::Declares(record->type())) printer.Learn(record->type(), record->payload());
      cursor.Advance();
    }
    if (!cursor.status().ok()) return cursor.status();
  }
  return grpc::Status::OK;
}

// Up to the heads as they were, all partitions in the order of time.
grpc::Status ReadAll(Context& context, const std::vector<Part>& parts, Printer& printer) {
  std::vector<std::unique_ptr<LogCursor>> cursors;
  for (const Part& part : parts) {
    cursors.push_back(std::make_unique<LogCursor>(context, part.name, part.from, part.head));
  }
  while (true) {
    LogCursor* earliest = nullptr;
    for (const auto& cursor : cursors) {
      const logv1::Record* const record = cursor->Peek();
      if (!cursor->status().ok()) return cursor->status();
      if (record == nullptr) continue;
      if (earliest == nullptr || record->time_unix_us() < earliest->Peek()->time_unix_us()) {
        earliest = cursor.get();
      }
    }
    if (earliest == nullptr) return grpc::Status::OK;
    printer.Print(earliest->partition(), *earliest->Peek());
    earliest->Advance();
    if (!printer.Flush()) return grpc::Status::OK;
  }
}

// The calls under way, to end all of them.
class OpenCalls {
 public:
  void Add(grpc::ClientContext* call) {
    MutexLock lock(&mutex_);
    calls_.push_back(call);
    if (ended_) call->TryCancel();
  }
  void Remove(grpc::ClientContext* call) {
    MutexLock lock(&mutex_);
    std::erase(calls_, call);
  }
  void End() {
    MutexLock lock(&mutex_);
    ended_ = true;
    for (grpc::ClientContext* call : calls_) call->TryCancel();
  }
  bool ended() {
    MutexLock lock(&mutex_);
    return ended_;
  }

 private:
  Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<grpc::ClientContext*> calls_ ABSL_GUARDED_BY(mutex_);
};

grpc::Status FollowOne(Context& context, logv1::LogReader::Stub& stub, const Part& part,
                       OpenCalls& calls, Printer& printer) {
  logv1::SubscribeRequest request;
  request.set_partition(part.name);
  request.set_from_position(std::max(part.from, part.head + 1));
  Follow follow(context);
  grpc::Status status;
  do {
    grpc::ClientContext call;
    calls.Add(&call);
    const auto stream = stub.Subscribe(&call, request);
    logv1::SubscribeResponse response;
    while (stream->Read(&response)) {
      follow.Heard();
      for (const auto& record : response.records()) printer.Print(part.name, record);
      if (!response.records().empty()) {
        request.set_from_position(response.records().rbegin()->position() + 1);
      }
      if (!printer.Flush()) calls.End();
    }
    status = stream->Finish();
    calls.Remove(&call);
  } while (!calls.ended() && follow.Again(status));
  return calls.ended() ? grpc::Status::OK : status;
}

// Until the server, the user or --limit ends it.
grpc::Status FollowAll(Context& context, const std::vector<Part>& parts, Printer& printer) {
  const auto stub = context.Stub<logv1::LogReader>();
  OpenCalls calls;
  std::vector<grpc::Status> statuses(parts.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < parts.size(); ++i) {
    threads.emplace_back([&, i] {
      statuses[i] = FollowOne(context, *stub, parts[i], calls, printer);
      if (!statuses[i].ok()) calls.End();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const grpc::Status& status : statuses) {
    if (!status.ok()) return status;
  }
  return grpc::Status::OK;
}

int Tail(Context& context, const TailArgs& args) {
  std::vector<std::string> texts = args.filters;
  for (const std::string& type : args.types) texts.push_back("type=" + type);
  for (const std::string& name : args.partitions) texts.push_back("partition=" + name);
  absl::StatusOr<RecordFilter> filter = RecordFilter::Parse(texts);
  if (!filter.ok()) return context.Usage(std::string(filter.status().message()));

  logv1::GetStatusResponse log;
  const auto stub = context.Stub<logv1::LogReader>();
  grpc::Status status = context.Call(*stub, &logv1::LogReader::Stub::GetStatus, {}, &log);
  if (!status.ok()) return context.Refused(status);
  std::vector<Part> parts;
  for (const auto& p : log.partitions()) {
    if (filter->WantsPartition(p.partition()))
      parts.push_back({.name = p.partition(), .head = p.head()});
  }
  if (parts.empty()) return context.Usage("the log has no such partition: see qm status");
  if (const int code = FindStart(context, args, &parts); code != kOk) return code;

  const bool names = args.names || filter->LooksIntoEvents();
  Printer printer(context, args, *std::move(filter));
  if (names) status = LearnNames(context, parts, printer);
  if (status.ok()) status = ReadAll(context, parts, printer);
  if (status.ok() && args.follow && printer.Flush()) status = FollowAll(context, parts, printer);
  return status.ok() ? kOk : context.Refused(status);
}

}  // namespace

void AddEventCommands(Cli& cli) {
  Subcommand group = cli.Group("events", "The event log: what happened, in order",
                               "qm events tail --partition orders/0 -f");
  const auto args = std::make_shared<TailArgs>();
  Subcommand tail = cli.Command(
      group, "tail",
      "Records, decoded, a line each, with any -o json an object a line: the last ten of each "
      "partition, or those --since, in the order of time",
      "qm events tail -f\n"
      "  qm events tail --since 10m --filter type=OrderPlaced --filter type=TaskShipped\n"
      "  qm events tail --since 0 --filter key=A-1 -o ndjson     (all that ever was about A-1)",
      [args](Context& context) { return Tail(context, *args); });
  tail.Option("--partition", args->partitions,
              "catalog/0, stock/0, orders/0; may be repeated (default: all)");
  tail.Option("--type", args->types, "Events of this name; may be repeated");
  tail.Option("--filter", args->filters,
              "type=, partition=, key=VALUE (anywhere in the event: a SKU, an order, a "
              "request) or FIELD=VALUE; of one name any, of different ones all");
  tail.Option("--since", args->since,
              "A time (RFC 3339), so long ago (10m), 0 for the beginning, or a position of "
              "the one --partition");
  tail.Option("-n,--last", args->last, "Without --since: so many of each partition")
      .InRange(0, 1'000'000)
      .ShowDefault();
  tail.Option("--limit", args->limit, "End after so many records")
      .InRange(1, std::numeric_limits<int64_t>::max());
  tail.Flag("-f,--follow", args->follow, "Go on with what is new");
  tail.Flag("--names", args->names,
            "Show the SKUs, locations and pools behind stock's numbers, also those declared "
            "long ago: reads its partition from the beginning (a filter by key does so too)");
}

}  // namespace quartermaster::qm
