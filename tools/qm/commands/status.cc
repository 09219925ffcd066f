// status: does every part answer, and where do the logs stand?
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "quartermaster/routing/v1/routing.grpc.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

constexpr std::chrono::milliseconds kProbeAgain{100};

struct Part {
  std::string name;
  // "serving", or why not.
  std::string state;
  bool serving = false;
  int64_t latency_us = 0;
};

// Asks for something small and real: a part that answers serves.
template <typename Service, typename Request, typename Response>
Part Probe(Context& context, const std::string& name,
           grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
           const Request& request, grpc::Status* status) {
  const auto stub = context.Stub<Service>();
  Response response;
  const auto start = std::chrono::steady_clock::now();
  *status = context.Call(*stub, method, request, &response);
  const auto took = std::chrono::steady_clock::now() - start;
  Part part{.name = name};
  part.latency_us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  part.serving = status->ok();
  part.state = status->ok() ? "serving"
               : status->error_code() == grpc::StatusCode::UNIMPLEMENTED
                   ? "not on this server"
                   : OneLine(ReadError(*status));
  return part;
}

std::vector<Part> ProbeParts(Context& context, std::vector<grpc::Status>* statuses) {
  std::vector<Part> parts;
  grpc::Status status;
  const auto add = [&](Part part) {
    parts.push_back(std::move(part));
    statuses->push_back(status);
  };
  catalog::v1::ListLocationsRequest locations;
  locations.set_page_size(1);
  add(Probe<catalog::v1::CatalogService>(
      context, "catalog", &catalog::v1::CatalogService::Stub::ListLocations, locations, &status));
  // Nobody is there: do not wait for the other parts' time-outs too.
  if (context.IsOneServer() && status.error_code() == grpc::StatusCode::UNAVAILABLE &&
      ReadError(status).reason.empty()) {
    return parts;
  }
  stock::v1::ListReservationsRequest reservations;
  reservations.set_page_size(1);
  add(Probe<stock::v1::StockService>(
      context, "stock", &stock::v1::StockService::Stub::ListReservations, reservations, &status));
  orders::v1::ListOrdersRequest orders;
  orders.set_page_size(1);
  add(Probe<orders::v1::OrderService>(
      context, "orders", &orders::v1::OrderService::Stub::ListOrders, orders, &status));
  routing::v1::FindNearestRequest nearest;
  nearest.mutable_point();
  nearest.set_limit(1);
  add(Probe<routing::v1::RoutingService>(
      context, "routing", &routing::v1::RoutingService::Stub::FindNearest, nearest, &status));
  return parts;
}

void Print(const Context& context, const std::vector<Part>& parts,
           const log::v1::GetStatusResponse* log) {
  if (context.json()) {
    Json json;
    json["address"] = context.settings().address;
    for (const Part& part : parts) {
      json["services"].push_back({{"name", part.name},
                                  {"serving", part.serving},
                                  {"state", part.state},
                                  {"latency_us", part.latency_us}});
    }
    if (log != nullptr) json["log"] = MessageToJson(*log);
    context.PrintJson(json);
    return;
  }
  Table services({"SERVICE", "STATE", "ANSWERED IN MS"});
  for (const Part& part : parts) {
    services.Row({part.name, part.state,
                  absl::StrCat(part.latency_us / 1'000, ".", part.latency_us / 100 % 10)});
  }
  context.PrintTable(services);
  if (log == nullptr) return;
  context.PrintLine("");
  Table partitions({"PARTITION", "HEAD", "EPOCH"});
  for (const auto& p : log->partitions()) {
    partitions.Row({p.partition(), WithSeparators(p.head()), absl::StrCat(p.epoch())});
  }
  context.PrintTable(partitions);
  context.PrintLine(absl::StrCat("format level ", log->format_level()));
}

struct StatusArgs {
  std::string wait = "0s";
};

// Of the parts and the log. What is not on this server is not missed.
bool AllServe(const std::vector<grpc::Status>& statuses) {
  bool some = false;
  for (const grpc::Status& status : statuses) {
    if (!status.ok() && status.error_code() != grpc::StatusCode::UNIMPLEMENTED) return false;
    some |= status.ok();
  }
  return some;
}

int Status(Context& context, const StatusArgs& args) {
  const auto wait = ParseDuration(args.wait);
  if (!wait) return context.Usage("--wait takes a duration like 30s");
  const auto deadline = std::chrono::system_clock::now() + *wait;
  for (const char* service :
       {catalog::v1::CatalogService::service_full_name(),
        stock::v1::StockService::service_full_name(), orders::v1::OrderService::service_full_name(),
        routing::v1::RoutingService::service_full_name(),
        log::v1::LogReader::service_full_name()}) {
    context.Channel(service)->WaitForConnected(deadline);
  }
  std::vector<grpc::Status> statuses;
  std::vector<Part> parts;
  log::v1::GetStatusResponse log_status;
  const auto log = context.Stub<log::v1::LogReader>();
  const auto probe = [&] {
    statuses.clear();
    parts = ProbeParts(context, &statuses);
    // Nobody is there.
    if (parts.size() == 1) return;
    // A server may have nothing but its log.
    statuses.push_back(context.Call(*log, &log::v1::LogReader::Stub::GetStatus, {}, &log_status));
  };
  probe();
  while (!AllServe(statuses) && std::chrono::system_clock::now() < deadline) {
    std::this_thread::sleep_for(kProbeAgain);
    probe();
  }
  if (parts.size() == 1) return context.Refused(statuses.front());
  Print(context, parts, statuses.back().ok() ? &log_status : nullptr);
  return AllServe(statuses) ? kOk : kDifference;
}

}  // namespace

void AddStatusCommand(Cli& cli) {
  const auto args = std::make_shared<StatusArgs>();
  Subcommand status =
      cli.Command(cli.root(), "status", "Whether every part answers, and where the logs stand",
                  "qm status --address unix:/run/quartermaster.sock --wait 30s",
                  [args](Context& context) { return Status(context, *args); });
  status.Option("--wait", args->wait, "Wait so long for a server that is starting");
}

}  // namespace quartermaster::qm
