#include "services/stock/rpc/watch_stream.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "services/base/mutex.h"
#include "services/stock/rpc/stock_calls.h"

namespace quartermaster::stock {
namespace {

// Keeps a message well under gRPC's limit, and the view's lock short.
constexpr int kEntriesPerMessage = 1'000;

// One write at a time: a client that is slow gets each key's latest value when it is ready, never
// a backlog.
class WatchStream final : public grpc::ServerWriteReactor<v1::WatchAvailabilityResponse>,
                          public EndableStream {
 public:
  WatchStream(const v1::WatchAvailabilityRequest& request, StockEngine* engine,
              LiveStreams* streams)
      : engine_(engine), streams_(streams), low_at_(request.low_at()) {
    entered_ = streams_->Enter(this);
    const std::optional<runtime::RpcError> error =
        entered_ ? Open(request) : std::optional<runtime::RpcError>(runtime::NotServing());
    MutexLock lock(&mutex_);
    if (error) {
      FinishOnce(runtime::ToGrpcStatus(*error));
    } else {
      WriteNext();
    }
  }

  void OnWriteDone(bool ok) override {
    MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) {
      FinishOnce(grpc::Status::CANCELLED);
      return;
    }
    WriteNext();
  }

  void OnCancel() override {
    MutexLock lock(&mutex_);
    if (!writing_) FinishOnce(grpc::Status::CANCELLED);
    ending_ = true;
  }

  void OnDone() override {
    if (entered_) streams_->Leave(this);
    delete this;
  }

  void End() override {
    MutexLock lock(&mutex_);
    ending_ = true;
    if (!writing_) FinishOnce(runtime::ToGrpcStatus(runtime::NotServing()));
  }

 private:
  std::optional<runtime::RpcError> Open(const v1::WatchAvailabilityRequest& request) {
    runtime::FieldChecker check;
    CheckKeys(request.keys(), 0, check);
    storage::Position resume = 0;
    check.True(
        "resume_position",
        request.resume_position().empty() || ParsePositionToken(request.resume_position(), resume),
        "is not a position");
    check.Range("low_at", request.low_at(), 0, kMaxLineQuantity.units());
    if (!check.ok()) return check.error();
    if (!engine_->sequencer().serving()) return runtime::NotServing();
    std::vector<StockKey> keys;
    const auto error = engine_->view().With([&](const StockSnapshot& s) {
      ResolveKeys(request.keys(), s.inventory, keys);
      auto unknown = UnknownKeyError(request.keys(), keys, s.inventory);
      return unknown ? unknown : TooManyPositions(keys, s.inventory);
    });
    if (error) return error;
    watch_ = engine_->watches().Open(std::move(keys), resume, [this] {
      MutexLock lock(&mutex_);
      if (!writing_) WriteNext();
    });
    if (watch_ == nullptr) return runtime::Overloaded();
    return std::nullopt;
  }

  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (finished_) return;
    if (ending_) {
      FinishOnce(runtime::ToGrpcStatus(runtime::NotServing()));
      return;
    }
    const WatchRound round = watch_->Take(kEntriesPerMessage);
    if (round.entries.empty() && !round.current) return;  // woken for nothing new
    message_.Clear();
    auto& entries = *message_.mutable_availabilities();
    engine_->view().With([&](const StockSnapshot& s) {
      for (const WatchRound::Entry& entry : round.entries) {
        RenderAvailability(entry.key, entry.figures, s.inventory, low_at_, *entries.Add());
      }
    });
    // Only a drained round is a point to resume from.
    if (round.drained) message_.set_position(PositionToken(round.position));
    message_.set_current(round.current);
    writing_ = true;
    StartWrite(&message_);
  }

  void FinishOnce(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (finished_) return;
    finished_ = true;
    Finish(status);
  }

  StockEngine* const engine_;
  LiveStreams* const streams_;
  const int64_t low_at_;
  bool entered_ = false;

  Mutex mutex_;
  v1::WatchAvailabilityResponse message_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  // Last, so that it is closed, and no wake is running, before the rest goes.
  std::shared_ptr<Watch> watch_;
};

}  // namespace

grpc::ServerWriteReactor<v1::WatchAvailabilityResponse>* NewWatchStream(
    grpc::CallbackServerContext* context, const v1::WatchAvailabilityRequest& request,
    StockEngine* engine, LiveStreams* streams) {
  return new WatchStream(request, engine, streams);
}

}  // namespace quartermaster::stock
