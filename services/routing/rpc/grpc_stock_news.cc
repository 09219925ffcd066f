#include "services/routing/rpc/grpc_stock_news.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "quartermaster/stock/v1/stock.grpc.pb.h"

namespace quartermaster::routing {
namespace {

namespace spb = stock::v1;

// Of a mirror that is further behind, the feed will know sooner.
constexpr size_t kChangesMax = 10'000;

// One watch, until it has caught up. Owns itself until it is done.
class CatchUp final : public grpc::ClientReadReactor<spb::WatchAvailabilityResponse> {
 public:
  CatchUp(spb::StockService::Stub* stub, std::string position, std::chrono::microseconds timeout,
          absl::AnyInvocable<void(StockNews::Result)> done)
      : done_(std::move(done)) {
    request_.set_resume_position(std::move(position));
    context_.set_deadline(std::chrono::system_clock::now() + timeout);
    stub->async()->WatchAvailability(&context_, &request_, this);
    StartRead(&response_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (done_) Take();
    // To the end, which the cancellation makes soon.
    StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    if (done_) {
      const bool behind = status.error_code() == grpc::StatusCode::OUT_OF_RANGE;
      Conclude(behind ? TooFarBehind() : runtime::PeerUnavailable("stock"));
    }
    delete this;
  }

 private:
  static runtime::RpcError TooFarBehind() {
    return {common::v1::NOT_SERVING, "routing is behind stock: retry with the same request id"};
  }

  void Take() {
    for (spb::Availability& availability : *response_.mutable_availabilities()) {
      spb::AvailabilityKey& key = *availability.mutable_key();
      if (key.location_id().empty()) continue;
      changes_.push_back({std::move(*key.mutable_sku()), std::move(*key.mutable_location_id()),
                          availability.available()});
    }
    if (response_.current()) {
      Conclude(std::move(changes_));
    } else if (changes_.size() > kChangesMax) {
      Conclude(TooFarBehind());
    }
  }

  void Conclude(StockNews::Result result) {
    context_.TryCancel();
    std::exchange(done_, nullptr)(std::move(result));
  }

  // Null once it was called.
  absl::AnyInvocable<void(StockNews::Result)> done_;
  grpc::ClientContext context_;
  spb::WatchAvailabilityRequest request_;
  spb::WatchAvailabilityResponse response_;
  std::vector<StockChange> changes_;
};

class GrpcStockNews final : public StockNews {
 public:
  GrpcStockNews(const std::shared_ptr<grpc::Channel>& channel, Micros timeout)
      : stub_(spb::StockService::NewStub(channel)), timeout_(timeout.count) {}

  void Since(std::string position, absl::AnyInvocable<void(Result)> done) override {
    new CatchUp(stub_.get(), std::move(position), timeout_, std::move(done));
  }

 private:
  const std::unique_ptr<spb::StockService::Stub> stub_;
  const std::chrono::microseconds timeout_;
};

}  // namespace

std::unique_ptr<StockNews> NewGrpcStockNews(const std::shared_ptr<grpc::Channel>& channel,
                                            Micros timeout) {
  return std::make_unique<GrpcStockNews>(channel, timeout);
}

}  // namespace quartermaster::routing
