#include "services/stock/rpc/reserve_stream.h"

#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "services/base/mutex.h"
#include "services/stock/rpc/stock_calls.h"

namespace quartermaster::stock {
namespace {

// How many holds of one stream, and how many bytes of them, may be unanswered before no more are
// read; the last one may pass the latter.
constexpr size_t kPipelinedMax = 1'024;
constexpr size_t kPipelinedBytesMax = 4 << 20;

class ReserveStream final : public grpc::ServerBidiReactor<v1::ReserveRequest, v1::ReserveResult>,
                            public EndableStream {
 public:
  ReserveStream(grpc::CallbackServerContext* context, StockEngine* engine, LiveStreams* streams)
      : engine_(engine), streams_(streams), deadline_(runtime::InstantOf(context->deadline())) {
    if (!streams_->Enter(this)) {
      finished_ = true;
      Finish(runtime::ToGrpcStatus(runtime::NotServing()));
      return;
    }
    entered_ = true;
    MutexLock lock(&mutex_);
    ReadNext();
  }

  void OnReadDone(bool ok) override {
    MutexLock lock(&mutex_);
    reading_ = false;
    if (!ok || ending_ || finished_) {
      // The client has sent all it had, or is gone: answer what is on the way. A request that was
      // on its way when the stream finished is not taken: nothing would be there to answer it.
      read_all_ = true;
      items_.pop_back();
      Continue();
      return;
    }
    Item* const item = items_.back().get();
    item->request_bytes = item->request.ByteSizeLong();
    pipelined_bytes_ += item->request_bytes;
    auto error = PrepareReserve(item->request, engine_->view(), deadline_, *item);
    if (!error) error = SubmitTo(*engine_, item);
    if (error) {
      RenderReserveError(item->request, *error, item->answer);
      item->answered = true;
    }
    ReadNext();
    Continue();
  }

  void OnWriteDone(bool ok) override {
    MutexLock lock(&mutex_);
    writing_ = false;
    DropFirst();
    // A client that is gone gets no more answers, but what it asked is done.
    if (!ok) broken_ = true;
    if (!reading_ && !read_all_) ReadNext();
    Continue();
  }

  void OnDone() override {
    if (entered_) streams_->Leave(this);
    {
      // The writer's thread may have told the stream to finish and not have let go of it yet.
      MutexLock lock(&mutex_);
    }
    delete this;
  }

  void OnCancel() override {}

  void End() override {
    MutexLock lock(&mutex_);
    ending_ = true;
    Continue();
  }

 private:
  struct Item final : StockSubmission {
    explicit Item(ReserveStream* owner) : stream(owner) {}
    void Done(engine::Fate fate, storage::Position position) override {
      RenderReserveResult(request, stream->engine_->view(), fate, position, result, answer);
      MutexLock lock(&stream->mutex_);
      answered = true;
      stream->Continue();
    }
    ReserveStream* const stream;
    v1::ReserveRequest request;
    size_t request_bytes = 0;
    v1::ReserveResult answer;
    bool answered = false;
  };

  // If there is room for another one.
  void ReadNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (ending_ || broken_ || finished_) return;
    if (items_.size() >= kPipelinedMax || pipelined_bytes_ >= kPipelinedBytesMax) return;
    items_.push_back(std::make_unique<Item>(this));
    reading_ = true;
    StartRead(&items_.back()->request);
  }

  void DropFirst() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    pipelined_bytes_ -= items_.front()->request_bytes;
    items_.pop_front();
  }

  // Writes the next answer if it is there; finishes when all have been given.
  void Continue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finished_) return;
    // The one that is being read has no answer yet.
    const size_t asked = items_.size() - (reading_ ? 1 : 0);
    if (broken_) {
      while (asked > 0 && !items_.empty() && items_.front()->answered) DropFirst();
    }
    if (asked > 0 && !items_.empty() && items_.front()->answered) {
      writing_ = true;
      // It goes out with the next one, if that is there.
      grpc::WriteOptions options;
      if (asked > 1 && items_[1]->answered) options.set_buffer_hint();
      StartWrite(&items_.front()->answer, options);
      return;
    }
    const bool all_answered = items_.size() == (reading_ ? 1U : 0U);
    if (!all_answered || !(read_all_ || ending_ || broken_)) return;
    finished_ = true;
    Finish(ending_ && !read_all_ ? runtime::ToGrpcStatus(runtime::NotServing()) : grpc::Status::OK);
  }

  StockEngine* const engine_;
  LiveStreams* const streams_;
  const Instant deadline_;
  bool entered_ = false;

  Mutex mutex_;
  // In the order of the requests; while reading, the last one is being filled.
  std::deque<std::unique_ptr<Item>> items_ ABSL_GUARDED_BY(mutex_);
  // Of all their requests.
  size_t pipelined_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool read_all_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

grpc::ServerBidiReactor<v1::ReserveRequest, v1::ReserveResult>* NewReserveStream(
    grpc::CallbackServerContext* context, StockEngine* engine, LiveStreams* streams) {
  return new ReserveStream(context, engine, streams);
}

}  // namespace quartermaster::stock
