// Slots: closed loops. A slot repeats one kind of call, each started by the answer to the one
// before it, until the time is over. It has
//   using Service = ...;                        // the gRPC service that it calls
//   Slot(Service::Stub*, Tally*, const RequestShape&, uint32_t seed, ...)
//   void Next();                                // starts a call; its end counts and calls Next
//   again
#ifndef QUARTERMASTER_TOOLS_BENCH_SLOTS_H_
#define QUARTERMASTER_TOOLS_BENCH_SLOTS_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "services/base/check.h"
#include "services/base/mutex.h"
#include "tools/bench/load.h"

namespace quartermaster::bench {

// How much has been answered so far, and how many slots still run.
struct Tally {
  explicit Tally(double seconds)
      : end(std::chrono::steady_clock::now() +
            std::chrono::microseconds(static_cast<int64_t>(seconds * 1e6))) {}

  // Counts what was answered in time. False: the time is over.
  bool Count(int64_t more_requests, int64_t more_lines) {
    if (std::chrono::steady_clock::now() >= end) return false;
    requests.fetch_add(more_requests, std::memory_order_relaxed);
    lines.fetch_add(more_lines, std::memory_order_relaxed);
    return true;
  }
  void Begin(int slots) {
    MutexLock lock(&mutex);
    running = slots;
  }
  void End() {
    MutexLock lock(&mutex);
    --running;
    ended.NotifyAll();
  }
  void AwaitEnd() {
    MutexLock lock(&mutex);
    while (running > 0) ended.Wait(&mutex);
  }
  Rates Per(double seconds) const {
    return {static_cast<double>(requests.load()) / seconds,
            static_cast<double>(lines.load()) / seconds};
  }

  const std::chrono::steady_clock::time_point end;
  std::atomic<int64_t> requests{0};
  std::atomic<int64_t> lines{0};
  Mutex mutex;
  CondVar ended;
  int running ABSL_GUARDED_BY(mutex) = 0;
};

// Runs `slots` slots over the connections until the time is over.
template <typename Slot, typename... More>
Rates RunSlots(const LoadOptions& options, int slots, More... more) {
  using Service = typename Slot::Service;
  std::vector<std::unique_ptr<typename Service::Stub>> stubs;
  for (const auto& channel : Connect(options.target, options.connections)) {
    QM_CHECK(
        channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(30)));
    stubs.push_back(Service::NewStub(channel));
  }
  Tally tally(options.seconds);
  tally.Begin(slots);
  std::vector<std::unique_ptr<Slot>> running;
  for (int i = 0; i < slots; ++i) {
    auto* const stub = stubs[static_cast<size_t>(i) % stubs.size()].get();
    running.push_back(
        std::make_unique<Slot>(stub, &tally, options.shape, static_cast<uint32_t>(i + 1), more...));
    running.back()->Next();
  }
  tally.AwaitEnd();
  return tally.Per(options.seconds);
}

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_SLOTS_H_
