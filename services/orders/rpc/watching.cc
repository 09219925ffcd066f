// WatchOrders: the log of orders as a stream.
#include "absl/strings/numbers.h"
#include "services/base/mutex.h"
#include "services/orders/rpc/service_impl.h"
#include "services/runtime/answer_size.h"

namespace quartermaster::orders {
namespace {

// One stream. Asks the watch for what comes next, writes it, asks again. Deletes itself.
class WatchReactor : public grpc::ServerWriteReactor<v1::WatchOrdersResponse> {
 public:
  WatchReactor(OrderWatch* watch, Position after) : watch_(watch), after_(after) {}

  void Begin() { Await(); }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    next_ < read_.events.size() ? Write() : Await();
  }

  void OnCancel() override {
    MutexLock lock(&mutex_);
    cancelled_ = true;
    watch_->Cancel(watcher_);
  }

  void OnDone() override { delete this; }

 private:
  void Await() {
    bool cancelled = false;
    {
      MutexLock lock(&mutex_);
      cancelled = cancelled_;
      if (!cancelled) {
        watcher_ = watch_->Next(
            after_, [this](absl::StatusOr<LoggedEvents> events) { OnEvents(std::move(events)); });
      }
    }
    if (cancelled) Finish(grpc::Status::CANCELLED);
  }

  void OnEvents(absl::StatusOr<LoggedEvents> events) {
    if (!events.ok()) return Finish(runtime::ToGrpcStatus(ErrorOf(events.status())));
    read_ = *std::move(events);
    next_ = 0;
    after_ = read_.position;
    read_.events.empty() ? Await() : Write();
  }

  // As much of what has been read as one message may hold.
  void Write() {
    response_.Clear();
    runtime::AnswerSize size;
    Position last = 0;
    for (; next_ < read_.events.size(); ++next_) {
      const Position position = read_.events[next_].position;
      v1::OrderEvent message = ToMessage(read_.events[next_]);
      if (!size.Take(message)) break;
      *response_.add_events() = std::move(message);
      last = position;
    }
    response_.set_position(absl::StrCat(next_ < read_.events.size() ? last : after_));
    StartWrite(&response_);
  }

  runtime::RpcError ErrorOf(const absl::Status& status) const {
    switch (status.code()) {
      case absl::StatusCode::kCancelled:
        return runtime::NotServing().AddMetadata("resume", absl::StrCat(after_));
      case absl::StatusCode::kOutOfRange:
        return runtime::RpcError(common::v1::POSITION_OUT_OF_RANGE,
                                 "the position lies after the head of the log");
      default:
        return runtime::InternalDefect("the log cannot be read", status);
    }
  }

  OrderWatch* const watch_;
  Position after_;
  // Up to after_; written up to next_.
  LoggedEvents read_;
  size_t next_ = 0;
  v1::WatchOrdersResponse response_;
  Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t watcher_ ABSL_GUARDED_BY(mutex_) = 0;
};

// A stream that is refused at once.
class RefusedReactor : public grpc::ServerWriteReactor<v1::WatchOrdersResponse> {
 public:
  explicit RefusedReactor(const runtime::RpcError& error) { Finish(runtime::ToGrpcStatus(error)); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerWriteReactor<v1::WatchOrdersResponse>* OrderServiceImpl::WatchOrders(
    Context* context, const v1::WatchOrdersRequest* request) {
  if (!app_->engine().serving()) return new RefusedReactor(runtime::NotServing());
  Position after = app_->view().head();
  if (!request->resume_position().empty()) {
    int64_t position = 0;
    if (!absl::SimpleAtoi(request->resume_position(), &position) || position < 0) {
      return new RefusedReactor(
          runtime::InvalidField("resume_position", "is not a position that this method gave out"));
    }
    after = position;
  }
  auto* reactor = new WatchReactor(&app_->watch(), after);
  reactor->Begin();
  return reactor;
}

}  // namespace quartermaster::orders
