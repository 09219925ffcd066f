// Context: what every command is given: the common options, where to print, the server.
//
//   ordersv1::GetOrderRequest request;
//   ordersv1::Order order;
//   const auto status = context.Call(*stub, &ordersv1::OrderService::Stub::GetOrder, request,
//   &order); if (!status.ok()) return context.Refused(status); if (context.json()) return
//   context.PrintJson(order);
#ifndef QUARTERMASTER_TOOLS_QM_CONTEXT_H_
#define QUARTERMASTER_TOOLS_QM_CONTEXT_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "tools/client/address_book.h"
#include "tools/client/channels.h"
#include "tools/qm/client/error_report.h"
#include "tools/qm/exit_code.h"
#include "tools/qm/output/json.h"
#include "tools/qm/output/table.h"

namespace quartermaster::qm {

// The options that every command has.
struct Settings {
  std::string output = "table";
  // As tools/client/address_book.h has it. Empty: as the environment or a named context has it.
  std::string address;
  // The named context; empty: the current one.
  std::string context;
  std::chrono::milliseconds timeout{30'000};
  // Empty: a new one is made.
  std::string request_id;
};

// Not thread-safe, but channels and stubs may be shared.
class Context {
 public:
  Context(Settings settings, tools::AddressBook addresses);

  const Settings& settings() const { return settings_; }
  // JSON in either form.
  bool json() const { return settings_.output != "table"; }
  bool ndjson() const { return settings_.output == "ndjson"; }
  bool color() const { return color_; }

  const std::shared_ptr<grpc::Channel>& Channel(std::string_view service_full_name) {
    return channels_.To(service_full_name);
  }

  // All services are at one address.
  bool IsOneServer() const { return channels_.addresses().IsOneServer(); }

  template <typename Service>
  std::unique_ptr<typename Service::Stub> Stub() {
    return Service::NewStub(Channel(Service::service_full_name()));
  }

  // A unary call under the command's timeout. An overloaded server is asked again, with the same
  // request, after the delay that it names.
  template <typename Stub, typename Request, typename Response>
  grpc::Status Call(Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    const auto deadline = std::chrono::system_clock::now() + settings_.timeout;
    while (true) {
      grpc::ClientContext call;
      call.set_deadline(deadline);
      const grpc::Status status = (stub.*method)(&call, request, response);
      if (status.ok() || !WaitToRetry(status, deadline)) return status;
    }
  }

  // The request's id: the one of --request-id, or a new one, which an error will show.
  const std::string& RequestId();

  // Prints what the server refused (or any other error), to standard error; returns the exit code.
  int Refused(const grpc::Status& status) const;
  int Refused(const ErrorReport& error) const;
  // What ended a long job: the server's refusal, or something on this side; returns the exit code.
  int Failed(const absl::Status& status) const;
  // Says what is wrong with the command line; returns kUsage.
  int Usage(std::string_view message) const;
  // Says what is wrong with a local file; returns kLocalFile.
  int LocalFile(const absl::Status& status) const;

  // Print to standard output and return kOk. JSON stands on one line in the form ndjson.
  int PrintJson(const google::protobuf::Message& message) const;
  int PrintJson(const Json& json) const;
  // A list: in the form ndjson each of its rows on a line of its own, else the whole message.
  template <typename Row>
  int PrintList(const google::protobuf::Message& whole,
                const google::protobuf::RepeatedPtrField<Row>& rows) const {
    if (!ndjson()) return PrintJson(whole);
    for (const Row& row : rows) PrintJson(row);
    return kOk;
  }
  int PrintTable(const Table& table) const;
  // A line of text, for the table form only.
  void PrintLine(std::string_view line) const;
  // Says something beside the data, to standard error.
  void Note(std::string_view line) const;

 private:
  // Sleeps as long as RetryInfo says, if that lies before the deadline. False: do not retry.
  static bool WaitToRetry(const grpc::Status& status,
                          std::chrono::system_clock::time_point deadline);

  const Settings settings_;
  const bool color_;
  const bool error_color_;
  std::string request_id_;
  tools::Channels channels_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_CONTEXT_H_
