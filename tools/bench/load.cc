#include "tools/bench/load.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/check.h"
#include "services/base/mutex.h"
#include "tools/bench/slots.h"

namespace quartermaster::bench {
namespace {

using Clock = std::chrono::steady_clock;
using stock::v1::StockService;

void CheckAnswer(bool accepted, const grpc::Status& status) {
  const grpc::StatusCode expected =
      accepted ? grpc::StatusCode::OK : grpc::StatusCode::FAILED_PRECONDITION;
  QM_CHECK(status.error_code() == expected) << status.error_code() << " " << status.error_message();
}

// A slot repeats one kind of call. Each kind has Next(), which starts it.
class UnarySlot {
 public:
  using Service = StockService;

  UnarySlot(StockService::Stub* stub, Tally* tally, const RequestShape& shape, uint32_t seed)
      : stub_(stub), tally_(tally), maker_(shape, seed) {}

  void Next() {
    const bool accepted = maker_.Make(request_);
    context_.emplace();
    stub_->async()->Reserve(&*context_, &request_, &response_,
                            [this, accepted](const grpc::Status& status) {
                              CheckAnswer(accepted, status);
                              tally_->Count(1, request_.lines_size()) ? Next() : tally_->End();
                            });
  }

 private:
  StockService::Stub* const stub_;
  Tally* const tally_;
  RequestMaker maker_;
  stock::v1::ReserveRequest request_;
  stock::v1::ReserveResponse response_;
  std::optional<grpc::ClientContext> context_;
};

class BatchSlot {
 public:
  using Service = StockService;

  BatchSlot(StockService::Stub* stub, Tally* tally, const RequestShape& shape, uint32_t seed,
            int batch)
      : stub_(stub), tally_(tally), maker_(shape, seed) {
    for (int i = 0; i < batch; ++i) request_.add_requests();
  }

  void Next() {
    int64_t lines = 0;
    for (stock::v1::ReserveRequest& request : *request_.mutable_requests()) {
      QM_CHECK(maker_.Make(request)) << "every request of a batch is to be accepted";
      lines += request.lines_size();
    }
    context_.emplace();
    stub_->async()->BatchReserve(
        &*context_, &request_, &response_, [this, lines](const grpc::Status& status) {
          CheckAnswer(true, status);
          for (const auto& result : response_.results()) QM_CHECK(result.has_response());
          tally_->Count(response_.results_size(), lines) ? Next() : tally_->End();
        });
  }

 private:
  StockService::Stub* const stub_;
  Tally* const tally_;
  RequestMaker maker_;
  stock::v1::BatchReserveRequest request_;
  stock::v1::BatchReserveResponse response_;
  std::optional<grpc::ClientContext> context_;
};

class ReadSlot {
 public:
  using Service = StockService;

  ReadSlot(StockService::Stub* stub, Tally* tally, const RequestShape& shape, uint32_t seed)
      : stub_(stub), tally_(tally), skus_(static_cast<uint32_t>(shape.skus)), random_(seed) {
    request_.add_keys()->set_location_id("L0");
  }

  void Next() {
    request_.mutable_keys(0)->set_sku(absl::StrCat("S", random_() % skus_));
    context_.emplace();
    stub_->async()->GetAvailability(&*context_, &request_, &response_,
                                    [this](const grpc::Status& status) {
                                      CheckAnswer(true, status);
                                      tally_->Count(1, 1) ? Next() : tally_->End();
                                    });
  }

 private:
  StockService::Stub* const stub_;
  Tally* const tally_;
  const uint32_t skus_;
  std::minstd_rand random_;
  stock::v1::GetAvailabilityRequest request_;
  stock::v1::GetAvailabilityResponse response_;
  std::optional<grpc::ClientContext> context_;
};

// Keeps `depth` requests of one stream under way.
class StreamSlot
    : public grpc::ClientBidiReactor<stock::v1::ReserveRequest, stock::v1::ReserveResult> {
 public:
  using Service = StockService;

  StreamSlot(StockService::Stub* stub, Tally* tally, const RequestShape& shape, uint32_t seed,
             int depth)
      : stub_(stub), tally_(tally), maker_(shape, seed), depth_(depth) {}

  void Next() {
    stub_->async()->ReserveStream(&context_, this);
    StartRead(&result_);
    {
      MutexLock lock(&mutex_);
      WriteMore();
    }
    StartCall();
  }

 private:
  void OnWriteDone(bool ok) override {
    QM_CHECK(ok) << "the stream broke off";
    MutexLock lock(&mutex_);
    writing_ = false;
    WriteMore();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    QM_CHECK(result_.has_response()) << result_.error().message();
    const bool goes_on = tally_->Count(1, result_.response().reservation().lines_size());
    {
      MutexLock lock(&mutex_);
      --under_way_;
      over_ = over_ || !goes_on;
      WriteMore();
    }
    StartRead(&result_);
  }
  void OnDone(const grpc::Status& status) override {
    CheckAnswer(true, status);
    tally_->End();
  }

  void WriteMore() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || writes_done_) return;
    if (over_) {
      writes_done_ = true;
      StartWritesDone();
    } else if (under_way_ < depth_) {
      QM_CHECK(maker_.Make(request_)) << "every request of a stream is to be accepted";
      ++under_way_;
      writing_ = true;
      // What fills the window goes out with the request that fills it.
      grpc::WriteOptions options;
      if (under_way_ < depth_) options.set_buffer_hint();
      StartWrite(&request_, options);
    }
  }

  StockService::Stub* const stub_;
  Tally* const tally_;
  grpc::ClientContext context_;
  stock::v1::ReserveResult result_;
  Mutex mutex_;
  RequestMaker maker_ ABSL_GUARDED_BY(mutex_);
  const int depth_;
  // Belongs to gRPC while writing_.
  stock::v1::ReserveRequest request_;
  int under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  bool writes_done_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& target, int connections) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < connections; ++i) {
    grpc::ChannelArguments arguments;
    // Channels with the same arguments would share one connection.
    arguments.SetInt("quartermaster.bench.connection", i);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channels.push_back(
        grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
  }
  return channels;
}

void AwaitServer(const std::string& target) {
  const auto channel = Connect(target, 1).front();
  QM_CHECK(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(30)))
      << target << " does not answer";
}

double AwaitAnswer(const std::string& target, double at_most) {
  const auto start = Clock::now();
  stock::v1::GetAvailabilityRequest request;
  request.add_keys()->set_sku("S0");
  request.mutable_keys(0)->set_location_id("L0");
  for (;;) {
    const auto stub = StockService::NewStub(Connect(target, 1).front());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(1));
    stock::v1::GetAvailabilityResponse response;
    const bool answered = stub->GetAvailability(&context, request, &response).ok();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (answered) return seconds;
    QM_CHECK(seconds < at_most) << target << " does not answer";
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

Rates RunLoad(const LoadOptions& options) {
  return RunSlots<UnarySlot>(options, options.in_flight);
}

Rates RunBatches(const LoadOptions& options, int batch) {
  return RunSlots<BatchSlot>(options, std::max(options.in_flight / batch, 1), batch);
}

Rates RunStreams(const LoadOptions& options) {
  return RunSlots<StreamSlot>(options, options.connections,
                              std::max(options.in_flight / options.connections, 1));
}

double RunReads(const LoadOptions& options) {
  return RunSlots<ReadSlot>(options, options.in_flight).requests;
}

void Stock(const std::string& target, int skus, int units, bool second) {
  constexpr int kBatch = 1'000;
  const auto stub = StockService::NewStub(Connect(target, 1).front());
  for (int first = 0; first < skus; first += kBatch) {
    stock::v1::AdjustStockRequest request;
    request.set_request_id(absl::StrCat("stock-", first));
    const auto add = [&](int sku, const char* location, int delta) {
      stock::v1::Adjustment& adjustment = *request.add_adjustments();
      adjustment.set_sku(absl::StrCat("S", sku));
      adjustment.set_location_id(location);
      adjustment.set_kind(stock::v1::Adjustment::RECEIVED);
      adjustment.set_delta(delta);
    };
    for (int i = first; i < std::min(first + kBatch, skus); ++i) {
      add(i, "L0", units);
      if (second) add(i, "L1", units / 1'000);
    }
    grpc::ClientContext context;
    stock::v1::AdjustStockResponse response;
    const grpc::Status status = stub->AdjustStock(&context, request, &response);
    QM_CHECK(status.ok()) << status.error_message();
  }
}

}  // namespace quartermaster::bench
