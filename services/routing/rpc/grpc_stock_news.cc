#include "services/routing/rpc/grpc_stock_news.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/mutex.h"

namespace quartermaster::routing {
namespace {

namespace spb = stock::v1;

// Of a mirror that is further behind, the feed will know sooner.
constexpr size_t kChangesMax = 10'000;

// Stock's tokens are its records' positions in decimal; none is the very beginning.
bool IsEarlier(const std::string& position, const std::string& other) {
  return std::pair(position.size(), std::string_view(position)) <
         std::pair(other.size(), std::string_view(other));
}

// At most one watch is open at a time, since each is one of everything. It may have begun before
// what a question that comes meanwhile knows of, so that one shares the next watch with whoever
// else comes by then.
class GrpcStockNews final : public StockNews {
 public:
  GrpcStockNews(const std::shared_ptr<grpc::Channel>& channel, Micros timeout)
      : stub_(spb::StockService::NewStub(channel)), timeout_(timeout.count) {}

  // As with runtime::ClientCalls: not on a thread of gRPC's.
  ~GrpcStockNews() override {
    std::unique_ptr<CatchUp> unasked;
    {
      MutexLock lock(&mutex_);
      closing_ = true;
      unasked = std::move(next_);
      if (open_ != nullptr) open_->Cancel();
      while (open_ != nullptr) none_.Wait(&mutex_);
    }
    if (unasked != nullptr) unasked->Conclude(runtime::PeerUnavailable("stock"));
  }

  void Since(std::string position, Done done) override {
    CatchUp* starting = nullptr;
    Done refused;
    {
      MutexLock lock(&mutex_);
      if (closing_) {
        refused = std::move(done);
      } else {
        if (next_ == nullptr) next_ = std::make_unique<CatchUp>(this, timeout_);
        next_->Join(std::move(position), std::move(done));
        if (open_ != nullptr) return;
        open_ = std::move(next_);
        starting = open_.get();
      }
    }
    if (starting == nullptr) return refused(runtime::PeerUnavailable("stock"));
    starting->Start(stub_.get());
  }

 private:
  // One watch, until it has caught up. Its deadline is that of the first who joined it.
  class CatchUp final : public grpc::ClientReadReactor<spb::WatchAvailabilityResponse> {
   public:
    CatchUp(GrpcStockNews* owner, std::chrono::microseconds timeout) : owner_(owner) {
      context_.set_deadline(std::chrono::system_clock::now() + timeout);
    }

    // Before Start.
    void Join(std::string position, Done done) {
      if (askers_.empty() || IsEarlier(position, request_.resume_position())) {
        request_.set_resume_position(std::move(position));
      }
      askers_.push_back(std::move(done));
    }

    // Without the owner's lock. Ends with Ended, perhaps before it returns.
    void Start(spb::StockService::Stub* stub) {
      stub->async()->WatchAvailability(&context_, &request_, this);
      StartRead(&response_);
      StartCall();
    }

    // At any time.
    void Cancel() { context_.TryCancel(); }

    // Answers those who asked, unless it has.
    void Conclude(const Result& result) {
      for (Done& done : std::exchange(askers_, {})) done(result);
    }

    void OnReadDone(bool ok) override {
      if (!ok) return;
      if (!askers_.empty()) Take();
      // To the end, which the cancellation makes soon.
      StartRead(&response_);
    }

    void OnDone(const grpc::Status&) override {
      Conclude(runtime::PeerUnavailable("stock"));
      owner_->Ended();
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
        Cancel();
        Conclude(std::move(changes_));
      } else if (changes_.size() > kChangesMax) {
        Cancel();
        Conclude(TooFarBehind());
      }
    }

    GrpcStockNews* const owner_;
    // None once they were answered.
    std::vector<Done> askers_;
    grpc::ClientContext context_;
    spb::WatchAvailabilityRequest request_;
    spb::WatchAvailabilityResponse response_;
    std::vector<StockChange> changes_;
  };

  // The open watch's last act. Its context goes under the lock: once that is let go of without
  // another watch, this may be gone, and the channel must not be owned here.
  void Ended() {
    CatchUp* starting = nullptr;
    {
      MutexLock lock(&mutex_);
      open_ = std::move(next_);
      starting = open_.get();
      if (starting == nullptr) {
        none_.NotifyAll();
        return;
      }
    }
    starting->Start(stub_.get());
  }

  const std::unique_ptr<spb::StockService::Stub> stub_;
  const std::chrono::microseconds timeout_;

  Mutex mutex_;
  CondVar none_;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<CatchUp> open_ ABSL_GUARDED_BY(mutex_);
  // Joined, but not started: only while another one is open.
  std::unique_ptr<CatchUp> next_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<StockNews> NewGrpcStockNews(const std::shared_ptr<grpc::Channel>& channel,
                                            Micros timeout) {
  return std::make_unique<GrpcStockNews>(channel, timeout);
}

}  // namespace quartermaster::routing
