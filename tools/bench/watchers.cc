#include "tools/bench/watchers.h"

#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/check.h"
#include "services/base/mutex.h"
#include "tools/bench/load.h"

namespace quartermaster::bench {
namespace {

using stock::v1::StockService;

// Of at most 100 streams each.
constexpr int kConnections = 8;

}  // namespace

class Watchers::Stream final
    : public grpc::ClientReadReactor<stock::v1::WatchAvailabilityResponse> {
 public:
  Stream(const std::shared_ptr<grpc::Channel>& channel, int first_key, int keys)
      : stub_(StockService::NewStub(channel)) {
    for (int i = first_key; i < first_key + keys; ++i) {
      stock::v1::AvailabilityKey& key = *request_.add_keys();
      key.set_sku(absl::StrCat("S", i));
      key.set_location_id("L0");
    }
    stub_->async()->WatchAvailability(&context_, &request_, this);
    StartRead(&response_);
    StartCall();
  }

  void AwaitCurrent() {
    MutexLock lock(&mutex_);
    while (!current_ && !done_) changed_.Wait(&mutex_);
    QM_CHECK(!done_) << "a watch has ended";
  }

  int64_t Stop() {
    {
      MutexLock lock(&mutex_);
      QM_CHECK(!done_) << "a watch has ended";
    }
    context_.TryCancel();
    MutexLock lock(&mutex_);
    while (!done_) changed_.Wait(&mutex_);
    return told_;
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return;
    {
      MutexLock lock(&mutex_);
      if (current_) told_ += response_.availabilities_size();
      if (response_.current()) {
        current_ = true;
        changed_.NotifyAll();
      }
    }
    StartRead(&response_);
  }
  void OnDone(const grpc::Status&) override {
    MutexLock lock(&mutex_);
    done_ = true;
    changed_.NotifyAll();
  }

  const std::unique_ptr<StockService::Stub> stub_;
  grpc::ClientContext context_;
  stock::v1::WatchAvailabilityRequest request_;
  stock::v1::WatchAvailabilityResponse response_;
  Mutex mutex_;
  CondVar changed_;
  bool current_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t told_ ABSL_GUARDED_BY(mutex_) = 0;
};

Watchers::Watchers(const std::string& target, const WatchShape& shape) {
  const auto channels = Connect(target, kConnections);
  for (int i = 0; i < shape.streams; ++i) {
    streams_.push_back(std::make_unique<Stream>(channels[static_cast<size_t>(i) % channels.size()],
                                                i * shape.keys_each, shape.keys_each));
  }
  for (const auto& stream : streams_) stream->AwaitCurrent();
}

Watchers::~Watchers() { Stop(); }

int64_t Watchers::Stop() {
  int64_t told = 0;
  for (const auto& stream : streams_) told += stream->Stop();
  streams_.clear();
  return told;
}

}  // namespace quartermaster::bench
