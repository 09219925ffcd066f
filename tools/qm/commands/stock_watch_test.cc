#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/exit_code.h"
#include "tools/qm/output/json.h"
#include "tools/qm/test_run.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using ::testing::ElementsAre;

// The values at position 5, half of a large change, and a lost connection; then the whole change.
class WatchedStock final : public stockv1::StockService::Service {
 public:
  grpc::Status WatchAvailability(
      grpc::ServerContext*, const stockv1::WatchAvailabilityRequest* request,
      grpc::ServerWriter<stockv1::WatchAvailabilityResponse>* out) override {
    asked.push_back(request->resume_position());
    if (asked.size() == 1) {
      out->Write(Message("before", "5", true));
      out->Write(Message("half", "", false));
      return {grpc::StatusCode::UNAVAILABLE, "gone"};
    }
    out->Write(Message("whole", "6", true));
    return grpc::Status::OK;
  }

  std::vector<std::string> asked;

 private:
  static stockv1::WatchAvailabilityResponse Message(const std::string& sku,
                                                    const std::string& position, bool current) {
    stockv1::WatchAvailabilityResponse message;
    stockv1::Availability& a = *message.add_availabilities();
    a.mutable_key()->set_sku(sku);
    a.mutable_key()->set_location_id("dc");
    message.set_position(position);
    message.set_current(current);
    return message;
  }
};

TEST(StockWatchTest, GoesOnFromTheLastKnownPosition) {
  WatchedStock stock;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&stock);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const Ran ran = RunQm({"stock", "watch", "--address", absl::StrCat("127.0.0.1:", port), "--limit",
                         "3", "-o", "ndjson"});
  EXPECT_EQ(ran.code, kOk) << ran.err;
  EXPECT_THAT(stock.asked, ElementsAre("", "5"));
  std::vector<std::string> positions;
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);) {
    positions.push_back(Json::parse(line)["position"].get<std::string>());
  }
  EXPECT_THAT(positions, ElementsAre("5", "5", "6")) << ran.out;
}

}  // namespace
}  // namespace quartermaster::qm
