#include "tools/bench/load.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/check.h"
#include "services/base/mutex.h"

namespace quartermaster::bench {
namespace {

using Clock = std::chrono::steady_clock;
using stock::v1::StockService;

// Ids must not repeat between rounds, or the calls would be answered from memory.
std::atomic<uint64_t> next_request{1};

// One call after another, each started by the answer to the one before.
class Slot {
 public:
  struct Shared {
    Clock::time_point end;
    int skus;
    std::atomic<int64_t> answered{0};
    Mutex mutex;
    CondVar ended;
    int running ABSL_GUARDED_BY(mutex) = 0;
  };

  Slot(StockService::Stub* stub, Shared* shared, uint32_t seed)
      : stub_(stub), shared_(shared), random_(seed) {
    run_ = absl::StrCat(std::chrono::system_clock::now().time_since_epoch().count() / 1'000, "-");
    stock::v1::ReserveLine& line = *request_.add_lines();
    line.set_quantity(1);
    line.set_location_id("L0");
  }

  void Next() {
    const uint64_t number = next_request.fetch_add(1, std::memory_order_relaxed);
    const std::string id = absl::StrCat(run_, number);
    request_.set_request_id(id);
    request_.set_owner_id(id);
    request_.mutable_lines(0)->set_sku(
        absl::StrCat("S", shared_->skus == 1 ? 0 : random_() % shared_->skus));
    context_.emplace();
    stub_->async()->Reserve(&*context_, &request_, &response_, [this](const grpc::Status& status) {
      QM_CHECK(status.ok()) << status.error_code() << " " << status.error_message();
      if (Clock::now() < shared_->end) {
        shared_->answered.fetch_add(1, std::memory_order_relaxed);
        Next();
        return;
      }
      MutexLock lock(&shared_->mutex);
      --shared_->running;
      shared_->ended.NotifyAll();
    });
  }

 private:
  StockService::Stub* const stub_;
  Shared* const shared_;
  std::minstd_rand random_;
  std::string run_;
  stock::v1::ReserveRequest request_;
  stock::v1::ReserveResponse response_;
  std::optional<grpc::ClientContext> context_;
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

double RunLoad(const LoadOptions& options) {
  std::vector<std::unique_ptr<StockService::Stub>> stubs;
  for (const auto& channel : Connect(options.target, options.connections)) {
    QM_CHECK(
        channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(30)));
    stubs.push_back(StockService::NewStub(channel));
  }
  Slot::Shared shared;
  shared.skus = options.skus;
  const auto start = Clock::now();
  shared.end = start + std::chrono::microseconds(static_cast<int64_t>(options.seconds * 1e6));
  {
    MutexLock lock(&shared.mutex);
    shared.running = options.in_flight;
  }
  std::vector<std::unique_ptr<Slot>> slots;
  for (int i = 0; i < options.in_flight; ++i) {
    slots.push_back(std::make_unique<Slot>(stubs[static_cast<size_t>(i) % stubs.size()].get(),
                                           &shared, static_cast<uint32_t>(i + 1)));
    slots.back()->Next();
  }
  MutexLock lock(&shared.mutex);
  while (shared.running > 0) shared.ended.Wait(&shared.mutex);
  return static_cast<double>(shared.answered.load()) / options.seconds;
}

void Stock(const std::string& target, int skus, int units) {
  constexpr int kBatch = 2'000;
  const auto stub = StockService::NewStub(Connect(target, 1).front());
  for (int first = 0; first < skus; first += kBatch) {
    stock::v1::AdjustStockRequest request;
    request.set_request_id(absl::StrCat("stock-", first));
    for (int i = first; i < std::min(first + kBatch, skus); ++i) {
      stock::v1::Adjustment& adjustment = *request.add_adjustments();
      adjustment.set_sku(absl::StrCat("S", i));
      adjustment.set_location_id("L0");
      adjustment.set_kind(stock::v1::Adjustment::RECEIVED);
      adjustment.set_delta(units);
    }
    grpc::ClientContext context;
    stock::v1::AdjustStockResponse response;
    const grpc::Status status = stub->AdjustStock(&context, request, &response);
    QM_CHECK(status.ok()) << status.error_message();
  }
}

}  // namespace quartermaster::bench
