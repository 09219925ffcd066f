// call: any method of any service, by what the server says of itself.
#include <chrono>
#include <iostream>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/util/json_util.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "quartermaster/routing/v1/routing.grpc.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/call/raw_call.h"
#include "tools/qm/call/reflection.h"
#include "tools/qm/cli.h"
#include "tools/qm/client/request_id.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/commands/follow.h"

namespace quartermaster::qm {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr char kOurs[] = "quartermaster.";

struct CallArgs {
  std::string method;
  std::string body;
  int64_t limit = 0;
  bool describe = false;
};

// "StockService" -> "quartermaster.stock.v1.StockService"; other names stay.
std::string FullName(const std::string& service) {
  for (const char* full :
       {catalog::v1::CatalogService::service_full_name(), log::v1::LogReader::service_full_name(),
        orders::v1::OrderService::service_full_name(),
        routing::v1::RoutingService::service_full_name(),
        stock::v1::StockService::service_full_name()}) {
    const std::string name(full);
    if (name.substr(name.rfind('.') + 1) == service) return name;
  }
  return service;
}

std::string Stream(bool streams, const std::string& type) {
  return absl::StrCat(streams ? "stream " : "", type);
}

Json MethodToJson(const MethodDescriptor& method) {
  return {{"method", absl::StrCat(method.service()->full_name(), "/", method.name())},
          {"request", Stream(method.client_streaming(), method.input_type()->full_name())},
          {"response", Stream(method.server_streaming(), method.output_type()->full_name())}};
}

int PrintMethods(const Context& context, const std::vector<const MethodDescriptor*>& methods) {
  Json rows = Json::array();
  for (const MethodDescriptor* method : methods) rows.push_back(MethodToJson(*method));
  if (context.ndjson()) {
    for (const Json& row : rows) context.PrintJson(row);
    return kOk;
  }
  if (context.json()) return context.PrintJson(Json{{"methods", rows}});
  Table table({"METHOD", "REQUEST", "RESPONSE"});
  for (const Json& row : rows) {
    std::vector<std::string> cells;
    for (const Json& cell : row) cells.push_back(cell.get<std::string>());
    table.Row(std::move(cells));
  }
  return context.PrintTable(table);
}

void AddMethods(const ServiceDescriptor& service, std::vector<const MethodDescriptor*>* methods) {
  for (int i = 0; i < service.method_count(); ++i) methods->push_back(service.method(i));
}

int NoSuch(const Context& context, const Reflection& server, const std::string& what) {
  if (!server.status().ok()) return context.Refused(server.status());
  return context.Usage(absl::StrCat("the server has no ", what, ": see qm call without arguments"));
}

// The channel of a service; null if it is not known which of several servers has it.
std::shared_ptr<grpc::Channel> ChannelOf(Context& context, const std::string& service) {
  if (service.starts_with(kOurs) && FullName(service.substr(service.rfind('.') + 1)) == service) {
    return context.Channel(service);
  }
  if (!context.IsOneServer()) return nullptr;
  return context.Channel(log::v1::LogReader::service_full_name());
}

// Requests as JSON: one document, or for a method that streams them, one on each line.
class RequestSource {
 public:
  RequestSource(const MethodDescriptor& method, const CallArgs& args, std::string request_id)
      : method_(method), args_(args), request_id_(std::move(request_id)) {}

  std::optional<std::string> Next() {
    std::string text;
    if (!problem_.empty() || !NextText(&text)) return std::nullopt;
    const std::unique_ptr<Message> message(factory_.GetPrototype(method_.input_type())->New());
    const auto status = google::protobuf::util::JsonStringToMessage(text, message.get());
    if (!status.ok()) {
      problem_ =
          absl::StrCat(method_.input_type()->full_name(), ": ", std::string(status.message()));
      return std::nullopt;
    }
    FillRequestId(message.get());
    return message->SerializeAsString();
  }
  // What is wrong with the last one; empty if nothing is.
  const std::string& problem() const { return problem_; }

 private:
  bool NextText(std::string* text) {
    const bool from_input = args_.body == "-";
    if (!method_.client_streaming()) {
      if (std::exchange(asked_, true)) return false;
      if (from_input) {
        text->assign(std::istreambuf_iterator<char>(std::cin), {});
      } else {
        *text = args_.body.empty() ? "{}" : args_.body;
      }
      return true;
    }
    if (!from_input) {
      line_ = 1;
      *text = args_.body;
      return !std::exchange(asked_, true) && !text->empty();
    }
    while (std::getline(std::cin, *text)) {
      ++line_;
      if (text->find_first_not_of(" \t\r") != std::string::npos) return true;
    }
    return false;
  }

  // Every request that changes something needs one.
  void FillRequestId(Message* message) {
    const auto* field = message->GetDescriptor()->FindFieldByName("request_id");
    if (field == nullptr || field->is_repeated() ||
        field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
      return;
    }
    const auto* reflection = message->GetReflection();
    if (!reflection->GetString(*message, field).empty()) return;
    reflection->SetString(
        message, field,
        method_.client_streaming() ? RequestIdOfLine(request_id_, line_) : request_id_);
  }

  const MethodDescriptor& method_;
  const CallArgs& args_;
  const std::string request_id_;
  google::protobuf::DynamicMessageFactory factory_;
  bool asked_ = false;
  // Of the last request of a method that streams them.
  int64_t line_ = 0;
  std::string problem_;
};

int Invoke(Context& context, const std::shared_ptr<grpc::Channel>& channel,
           const MethodDescriptor& method, const CallArgs& args) {
  const bool mutates = method.input_type()->FindFieldByName("request_id") != nullptr;
  RequestSource requests(method, args, mutates ? context.RequestId() : "");
  std::optional<std::string> first = requests.Next();
  if (!requests.problem().empty()) return context.Usage(requests.problem());
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<Message> response(factory.GetPrototype(method.output_type())->New());
  int64_t received = 0;
  bool readable = true;
  const bool streams = method.client_streaming() || method.server_streaming();
  const grpc::Status status = RawCall(
      channel, absl::StrCat("/", method.service()->full_name(), "/", method.name()),
      streams ? std::chrono::system_clock::time_point::max()
              : std::chrono::system_clock::now() + context.settings().timeout,
      [&]() -> std::optional<std::string> {
        if (first) return std::exchange(first, std::nullopt);
        return requests.Next();
      },
      [&](const std::string& bytes) {
        readable = response->ParseFromString(bytes);
        if (!readable) return false;
        const Json json = MessageToJson(*response);
        // A stream is an object a line in every form.
        std::cout << (method.server_streaming() || context.ndjson() ? Compact(json) + "\n"
                                                                    : Pretty(json));
        return ++received != args.limit && OutputIsOpen();
      });
  if (!requests.problem().empty()) return context.Usage(requests.problem());
  if (!readable) {
    return context.Refused(
        grpc::Status(grpc::StatusCode::INTERNAL, "the answer does not parse as the server says"));
  }
  return status.ok() ? kOk : context.Refused(status);
}

int List(Context& context, const CallArgs& args) {
  const std::string service = FullName(args.method);
  std::shared_ptr<grpc::Channel> channel =
      args.method.empty() ? context.Channel(log::v1::LogReader::service_full_name())
                          : ChannelOf(context, service);
  if (channel == nullptr) return context.Usage("name the one server with --address");
  Reflection server(channel, context.settings().timeout);
  std::vector<const MethodDescriptor*> methods;
  if (!args.method.empty()) {
    const ServiceDescriptor* found = server.pool().FindServiceByName(service);
    if (found == nullptr) return NoSuch(context, server, "service " + service);
    AddMethods(*found, &methods);
    return PrintMethods(context, methods);
  }
  for (const std::string& name : server.Services()) {
    if (const ServiceDescriptor* found = server.pool().FindServiceByName(name)) {
      AddMethods(*found, &methods);
    }
  }
  if (!server.status().ok()) return context.Refused(server.status());
  return PrintMethods(context, methods);
}

int Call(Context& context, const CallArgs& args) {
  const size_t slash = args.method.find('/');
  if (slash == std::string::npos) return List(context, args);
  const std::string service = FullName(args.method.substr(0, slash));
  const std::string name = absl::StrCat(service, ".", args.method.substr(slash + 1));
  const std::shared_ptr<grpc::Channel> channel = ChannelOf(context, service);
  if (channel == nullptr) return context.Usage("name the one server with --address");
  Reflection server(channel, context.settings().timeout);
  const MethodDescriptor* const method = server.pool().FindMethodByName(name);
  if (method == nullptr) return NoSuch(context, server, "method " + args.method);
  if (!args.describe) return Invoke(context, channel, *method, args);
  if (context.json()) return context.PrintJson(MethodToJson(*method));
  context.PrintLine(absl::StrCat(method->DebugString(), "\n", method->input_type()->DebugString(),
                                 "\n", method->output_type()->DebugString()));
  return kOk;
}

}  // namespace

void AddCallCommand(Cli& cli) {
  const auto args = std::make_shared<CallArgs>();
  Subcommand call = cli.Command(
      cli.root(), "call",
      "Any method, also those without a command of their own, by server reflection. Without a "
      "method: what there is. An answer is JSON in every form, a stream's an object a line. A "
      "missing request_id is filled in",
      "qm call StockService/GetReservation '{\"reservation_id\":\"r4711\"}'\n"
      "  qm call quartermaster.orders.v1.OrderService/WatchOrders '{\"resume_position\":\"0\"}' "
      "--limit 3\n"
      "  qm call StockService/ReserveStream - <requests.ndjson\n"
      "  qm call OrderService/PlaceOrder --describe",
      [args](Context& context) { return Call(context, *args); });
  call.Option("METHOD", args->method,
              "SERVICE/METHOD, or SERVICE to list its methods; a service of Quartermaster by "
              "its last name");
  call.Option("JSON", args->body,
              "The request; - reads it from standard input, one on each line if the method "
              "streams them (default: an empty one)");
  call.Option("--limit", args->limit, "End after so many answers of a stream")
      .InRange(1, std::numeric_limits<int64_t>::max());
  call.Flag("--describe", args->describe, "Show the method and its messages");
}

}  // namespace quartermaster::qm
