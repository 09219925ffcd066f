#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "storage/test_frames.h"
#include "tools/qm/exit_code.h"
#include "tools/qm/test_run.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using ::testing::ElementsAre;

// Takes down the request ids, and is lost before it answers.
class LostStock final : public stockv1::StockService::Service {
 public:
  grpc::Status BatchReserve(grpc::ServerContext*, const stockv1::BatchReserveRequest* request,
                            stockv1::BatchReserveResponse*) override {
    for (const auto& r : request->requests()) ids.push_back(r.request_id());
    return {grpc::StatusCode::UNAVAILABLE, "gone"};
  }
  grpc::Status ReserveStream(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<stockv1::ReserveResult, stockv1::ReserveRequest>* stream) override {
    stockv1::ReserveRequest request;
    while (stream->Read(&request)) ids.push_back(request.request_id());
    return {grpc::StatusCode::UNAVAILABLE, "gone"};
  }

  std::vector<std::string> ids;
};

TEST(ReservationBatchTest, IsSafeToRepeatWithThePrintedId) {
  LostStock stock;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&stock);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  storage::TempDir temp;
  const std::string file = temp.path() + "/holds";
  std::ofstream(file) << "{\"owner_id\":\"a\"}\n\n{\"owner_id\":\"b\",\"request_id\":\"own\"}\n"
                         "{\"owner_id\":\"c\"}\n";
  std::vector<std::string> words = {"reservation", "batch", file, "--address",
                                    absl::StrCat("127.0.0.1:", port)};
  const Ran first = RunQm(words);
  EXPECT_EQ(first.code, kUnreachable);
  const std::string mark = "request id: ";
  const size_t at = first.err.find(mark);
  ASSERT_NE(at, std::string::npos) << first.err;
  const std::string id =
      first.err.substr(at + mark.size(), first.err.find('\n', at) - at - mark.size());
  const auto expected = ElementsAre(id + "/1", "own", id + "/4");
  EXPECT_THAT(stock.ids, expected);
  words.insert(words.end(), {"--request-id", id});
  for (const bool stream : {false, true}) {
    stock.ids.clear();
    if (stream) words.push_back("--stream");
    EXPECT_EQ(RunQm(words).code, kUnreachable);
    EXPECT_THAT(stock.ids, expected);
  }
}

}  // namespace
}  // namespace quartermaster::qm
