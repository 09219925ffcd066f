#include <grpcpp/grpcpp.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/routing/rpc/grpc_feeds.h"

namespace quartermaster::routing {
namespace {

class GrpcStockFeed final : public StockFeed {
 public:
  GrpcStockFeed(const std::shared_ptr<grpc::Channel>& channel, GrpcFeedOptions options)
      : stub_(stock::v1::StockService::NewStub(channel)), options_(std::move(options)) {}

  ~GrpcStockFeed() override { Stop(); }

  void Start(StockSink* sink) override {
    sink_ = sink;
    follower_.emplace(options_.backoff,
                      [this](runtime::Follower& follower) { return Follow(follower); });
    follower_->Start();
  }

  void Stop() override {
    if (follower_.has_value()) follower_->Stop();
  }

 private:
  bool Follow(runtime::Follower& follower) {
    runtime::Follower::Call call(follower);
    stock::v1::WatchAvailabilityRequest request;
    request.set_resume_position(resume_position_);
    const auto reader = stub_->WatchAvailability(call.context(), request);
    stock::v1::WatchAvailabilityResponse response;
    bool from_scratch = resume_position_.empty();
    bool current = false;
    bool received = false;
    while (reader->Read(&response)) {
      received = true;
      current = current || response.current();
      Deliver(response, std::exchange(from_scratch, false));
      // What is sent before the values are complete is no place to go on from, nor is a message
      // without a position.
      if (current && !response.position().empty()) resume_position_ = response.position();
    }
    const grpc::Status status = reader->Finish();
    if (options_.on_problem && !follower.stopping()) {
      options_.on_problem(absl::StrCat("the stock feed ended (code ",
                                       static_cast<int>(status.error_code()),
                                       "): ", status.error_message()));
    }
    return received;
  }

  void Deliver(stock::v1::WatchAvailabilityResponse& response, bool from_scratch) {
    StockBatch batch;
    batch.from_scratch = from_scratch;
    batch.current = response.current();
    batch.position = response.position();
    batch.changes.reserve(static_cast<size_t>(response.availabilities_size()));
    for (stock::v1::Availability& availability : *response.mutable_availabilities()) {
      stock::v1::AvailabilityKey& key = *availability.mutable_key();
      if (key.location_id().empty()) continue;
      batch.changes.push_back({std::move(*key.mutable_sku()), std::move(*key.mutable_location_id()),
                               availability.available()});
    }
    sink_->OnStock(std::move(batch));
  }

  const std::unique_ptr<stock::v1::StockService::Stub> stub_;
  const GrpcFeedOptions options_;
  StockSink* sink_ = nullptr;
  // The follower's thread only.
  std::string resume_position_;
  std::optional<runtime::Follower> follower_;
};

}  // namespace

std::unique_ptr<StockFeed> NewGrpcStockFeed(const std::shared_ptr<grpc::Channel>& channel,
                                            GrpcFeedOptions options) {
  return std::make_unique<GrpcStockFeed>(channel, std::move(options));
}

}  // namespace quartermaster::routing
