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
    // One more than there are items, so that it cannot end before all have been submitted.
    const int items = request_->requests_size();
    pending_.store(items + 1, std::memory_order_relaxed);
    items_.reserve(static_cast<size_t>(items));
    for (int i = 0; i < items; ++i) {
      Item& item = *items_.emplace_back(std::make_unique<Item>(this, i));
      auto error = PrepareReserve(request_->requests(i), *view_, deadline, item);
      if (!error) error = SubmitTo(engine, &item);
      if (error) {
        RenderReserveError(request_->requests(i), *error, *response_->mutable_results(i));
        ItemDone();
      }
    }
    ItemDone();
  }

 private:
  struct Item final : StockSubmission {
    Item(BatchCall* owner, int position) : batch(owner), index(position) {}
    void Done(engine::Fate fate, storage::Position position) override {
      RenderReserveResult(batch->request_->requests(index), *batch->view_, fate, position, result,
                          *batch->response_->mutable_results(index));
      batch->ItemDone();
    }
    BatchCall* const batch;
    const int index;
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
  std::atomic<int> pending_{0};
  std::vector<std::unique_ptr<Item>> items_;
};

}  // namespace

void StartBatchReserve(StockEngine& engine, Instant deadline,
                       const v1::BatchReserveRequest* request, v1::BatchReserveResponse* response,
                       grpc::ServerUnaryReactor* reactor) {
  (new BatchCall(request, response, &engine.view(), reactor))->Start(engine, deadline);
}

}  // namespace quartermaster::stock
