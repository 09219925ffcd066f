#include "tools/bench/paced_writes.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/check.h"
#include "services/base/mutex.h"
#include "tools/bench/load.h"

namespace quartermaster::bench {
namespace {

using Clock = std::chrono::steady_clock;
using stock::v1::StockService;

constexpr int kConnections = 8;
// Calls that are due together are sent together, this often.
constexpr std::chrono::microseconds kTick{500};

}  // namespace

class PacedWrites::Run {
 public:
  Run(const std::string& target, double per_second, const RequestShape& shape)
      : per_second_(per_second), maker_(shape, /*seed=*/1) {
    for (const auto& channel : Connect(target, kConnections)) {
      QM_CHECK(
          channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(30)));
      stubs_.push_back(StockService::NewStub(channel));
    }
    thread_ = std::thread([this] { Send(); });
  }

  std::vector<double> Stop() {
    stopping_ = true;
    thread_.join();
    MutexLock lock(&mutex_);
    while (under_way_ > 0) answered_.Wait(&mutex_);
    return std::move(latencies_us_);
  }

 private:
  struct Call {
    Clock::time_point due;
    grpc::ClientContext context;
    stock::v1::ReserveRequest request;
    stock::v1::ReserveResponse response;
  };

  void Send() {
    const auto start = Clock::now();
    int64_t sent = 0;
    while (!stopping_) {
      const std::chrono::duration<double> passed = Clock::now() - start;
      for (const auto due = static_cast<int64_t>(passed.count() * per_second_); sent < due;) {
        ++sent;
        const std::chrono::duration<double> at(static_cast<double>(sent) / per_second_);
        SendOne(start + std::chrono::duration_cast<Clock::duration>(at),
                *stubs_[static_cast<size_t>(sent) % stubs_.size()]);
      }
      std::this_thread::sleep_for(kTick);
    }
  }

  void SendOne(Clock::time_point due, StockService::Stub& stub) {
    auto owned = std::make_unique<Call>();
    owned->due = due;
    QM_CHECK(maker_.Make(owned->request));
    {
      MutexLock lock(&mutex_);
      ++under_way_;
    }
    Call* const call = owned.release();
    stub.async()->Reserve(&call->context, &call->request, &call->response,
                          [this, call](const grpc::Status& status) {
                            Answered(std::unique_ptr<Call>(call), status);
                          });
  }

  void Answered(std::unique_ptr<Call> call, const grpc::Status& status) {
    QM_CHECK(status.ok()) << status.error_code() << " " << status.error_message();
    const std::chrono::duration<double, std::micro> took = Clock::now() - call->due;
    MutexLock lock(&mutex_);
    latencies_us_.push_back(took.count());
    --under_way_;
    answered_.NotifyAll();
  }

  const double per_second_;
  RequestMaker maker_;
  std::vector<std::unique_ptr<StockService::Stub>> stubs_;
  std::atomic<bool> stopping_{false};
  Mutex mutex_;
  CondVar answered_;
  int under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<double> latencies_us_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

PacedWrites::PacedWrites(const std::string& target, double per_second, const RequestShape& shape)
    : run_(std::make_unique<Run>(target, per_second, shape)) {}

PacedWrites::~PacedWrites() {
  if (run_ != nullptr) run_->Stop();
}

double PacedWrites::Stop() {
  std::vector<double> latencies = std::exchange(run_, nullptr)->Stop();
  QM_CHECK(!latencies.empty());
  const auto p99 = latencies.begin() + static_cast<ptrdiff_t>(latencies.size() * 99 / 100);
  std::nth_element(latencies.begin(), p99, latencies.end());
  return *p99;
}

}  // namespace quartermaster::bench
