// reservation batch: many holds from a file, in batches or on a stream.
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/client/request_id.h"
#include "tools/qm/commands/reservation_commands.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using Stub = stockv1::StockService::Stub;

// As BatchReserve takes them.
constexpr int kMostRequests = 1'000;
constexpr int kMostLines = 2'000;

struct BatchArgs {
  std::string file;
  bool stream = false;
};

// A ReserveRequest as JSON on each line. One without a request id gets one that follows from
// `request_id` and its line, so that the same file under the same id is the same requests.
class RequestReader {
 public:
  RequestReader(std::istream& in, std::string request_id)
      : in_(in), request_id_(std::move(request_id)) {}

  // False at the end, and at a line that is none: problem() says which.
  bool Next(stockv1::ReserveRequest* request) {
    std::string line;
    while (problem_.empty() && std::getline(in_, line)) {
      ++line_;
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      request->Clear();
      const auto status = google::protobuf::util::JsonStringToMessage(line, request);
      if (!status.ok()) {
        problem_ = absl::StrCat("line ", line_, ": ", std::string(status.message()));
        return false;
      }
      if (request->request_id().empty()) {
        request->set_request_id(RequestIdOfLine(request_id_, line_));
      }
      return true;
    }
    return false;
  }
  const std::string& problem() const { return problem_; }

 private:
  std::istream& in_;
  const std::string request_id_;
  int64_t line_ = 0;
  std::string problem_;
};

class ResultPrinter {
 public:
  explicit ResultPrinter(const Context& context) : context_(context) {}

  void Print(const stockv1::ReserveResult& result) {
    const bool refused = result.has_error();
    refused_ |= refused;
    if (context_.json()) {
      std::cout << Compact(MessageToJson(result)) << '\n';
    } else if (refused) {
      std::cout << result.request_id() << "  refused  " << OneLine(ReadError(result.error()))
                << '\n';
    } else {
      const auto& reservation = result.response().reservation();
      std::cout << result.request_id() << "  held  " << reservation.reservation_id() << "  "
                << reservation.owner_id() << '\n';
    }
  }
  int exit_code() const { return refused_ ? kDifference : kOk; }

 private:
  const Context& context_;
  bool refused_ = false;
};

grpc::Status SendBatches(Context& context, RequestReader& reader, ResultPrinter& printer) {
  const auto stub = context.Stub<stockv1::StockService>();
  stockv1::ReserveRequest next;
  bool more = reader.Next(&next);
  while (more) {
    stockv1::BatchReserveRequest batch;
    int lines = 0;
    while (more && batch.requests_size() < kMostRequests &&
           (batch.requests().empty() || lines + next.lines_size() <= kMostLines)) {
      lines += next.lines_size();
      *batch.add_requests() = next;
      more = reader.Next(&next);
    }
    stockv1::BatchReserveResponse response;
    const grpc::Status status = context.Call(*stub, &Stub::BatchReserve, batch, &response);
    if (!status.ok()) return status;
    for (const auto& result : response.results()) printer.Print(result);
  }
  return grpc::Status::OK;
}

// Answers are printed while requests are still read.
grpc::Status SendStream(Context& context, RequestReader& reader, ResultPrinter& printer) {
  const auto stub = context.Stub<stockv1::StockService>();
  grpc::ClientContext call;
  const auto stream = stub->ReserveStream(&call);
  std::thread answers([&] {
    stockv1::ReserveResult result;
    while (stream->Read(&result)) {
      printer.Print(result);
      std::cout.flush();
    }
  });
  stockv1::ReserveRequest request;
  while (reader.Next(&request) && stream->Write(request)) {
  }
  stream->WritesDone();
  answers.join();
  return stream->Finish();
}

int Batch(Context& context, const BatchArgs& args) {
  std::ifstream file;
  if (args.file != "-") {
    file.open(args.file);
    if (!file) return context.LocalFile(absl::NotFoundError("cannot read " + args.file));
  }
  RequestReader reader(args.file == "-" ? std::cin : file, context.RequestId());
  ResultPrinter printer(context);
  const grpc::Status status =
      args.stream ? SendStream(context, reader, printer) : SendBatches(context, reader, printer);
  if (!status.ok()) return context.Refused(status);
  if (!reader.problem().empty())
    return context.LocalFile(absl::InvalidArgumentError(reader.problem()));
  return printer.exit_code();
}

}  // namespace

void AddReservationBatchCommand(Cli& cli, Subcommand group) {
  const auto args = std::make_shared<BatchArgs>();
  Subcommand batch = cli.Command(
      group, "batch",
      "Many holds, each on its own: a ReserveRequest as JSON on each line. One without request_id "
      "gets that of --request-id and its line. Prints one result a line; exit code 1 if one was "
      "refused",
      "echo '{\"owner_id\":\"cart-1\",\"lines\":[{\"sku\":\"A-1\",\"quantity\":1,"
      "\"location_id\":\"store-5\"}]}' | qm reservation batch -\n"
      "  qm reservation batch holds.ndjson --stream -o ndjson",
      [args](Context& context) { return Batch(context, *args); });
  batch.Option("FILE", args->file, "NDJSON; - is standard input").Required();
  batch.Flag("--stream", args->stream, "On one stream, each answered as it is decided");
}

}  // namespace quartermaster::qm
