#include "services/stock/rpc/batch_reserve.h"

#include <atomic>
#include <memory>
#include <vector>

#include "services/stock/rpc/stock_calls.h"

namespace quartermaster::stock {
namespace {

// BatchReserve: so many submissions, one answer when the last of them is done.
class BatchCall {
 public:
  BatchCall(const v1::BatchReserveRequest* request, v1::BatchReserveResponse* response,
            const StockView* view, grpc::ServerUnaryReactor* reactor)
      : request_(request), response_(response), view_(view), reactor_(reactor) {
    for (int i = 0; i < request->requests_size(); ++i) response->add_results();
  }

  void Start(StockEngine& engine, Instant deadline) {
    const int count = request_->requests_size();
    items_ = std::make_unique<Item[]>(static_cast<size_t>(count));
    std::vector<StockSubmission*> prepared;
    prepared.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
      Item& item = items_[static_cast<size_t>(i)];
      item.batch = this;
      item.index = i;
      const auto error = PrepareReserve(request_->requests(i), *view_, deadline, item);
      if (error) {
        RenderReserveError(request_->requests(i), *error, *response_->mutable_results(i));
      } else {
        prepared.push_back(&item);
      }
    }
    // One more than there are, so that it cannot end before all have been submitted.
    pending_.store(prepared.size() + 1, std::memory_order_relaxed);
    engine.SubmitAll(prepared);
    ItemDone();
  }

 private:
  struct Item final : StockSubmission {
    void Done(engine::Fate fate, storage::Position position) override {
      RenderReserveResult(batch->request_->requests(index), *batch->view_, fate, position, result,
                          *batch->response_->mutable_results(index));
      batch->ItemDone();
    }
    BatchCall* batch = nullptr;
    int index = 0;
  };

  void ItemDone() {
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    reactor_->Finish(grpc::Status::OK);
    delete this;
  }

  const v1::BatchReserveRequest* const request_;
  v1::BatchReserveResponse* const response_;
  const StockView* const view_;
  grpc::ServerUnaryReactor* const reactor_;
  std::atomic<size_t> pending_{0};
  std::unique_ptr<Item[]> items_;
};

}  // namespace

void StartBatchReserve(StockEngine& engine, Instant deadline,
                       const v1::BatchReserveRequest* request, v1::BatchReserveResponse* response,
                       grpc::ServerUnaryReactor* reactor) {
  (new BatchCall(request, response, &engine.view(), reactor))->Start(engine, deadline);
}

}  // namespace quartermaster::stock
