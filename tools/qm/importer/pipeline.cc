#include "tools/qm/importer/pipeline.h"

#include <algorithm>
#include <utility>

#include "grpcpp/support/status.h"
#include "services/base/check.h"

namespace quartermaster::qm {
namespace {

constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{2'000};
// How long Wait sleeps at most; answers wake it at once.
constexpr Micros kWaitMax = Milliseconds(50);

}  // namespace

Pipeline::Pipeline(size_t requests_max, std::chrono::milliseconds timeout)
    : requests_max_(requests_max), timeout_(timeout) {}

Pipeline::~Pipeline() {
  MutexLock lock(&mutex_);
  while (calls_ > 0) changed_.Wait(&mutex_);
}

void Pipeline::Push(std::unique_ptr<ImportBatch> batch) {
  QM_CHECK(!full());
  auto flight = std::make_unique<Flight>();
  flight->batch = std::move(batch);
  flight->deadline = Clock::now() + timeout_;
  flight->pause = kFirstPause;
  flight->finished = flight->batch->call == nullptr;
  flights_.push_back(std::move(flight));
  if (!flights_.back()->finished) Start(flights_.back().get());
}

void Pipeline::Start(Flight* flight) {
  flight->retry_at = Clock::time_point::max();
  {
    MutexLock lock(&mutex_);
    ++calls_;
  }
  flight->batch->call->Start([this, flight](const grpc::Status& status) {
    std::optional<ErrorReport> error;
    if (!status.ok()) error = ReadError(status);
    MutexLock lock(&mutex_);
    flight->error = std::move(error);
    flight->answered = true;
    --calls_;
    changed_.NotifyAll();
  });
}

void Pipeline::Settle(Flight& flight, std::optional<ErrorReport> error) {
  ImportBatch& batch = *flight.batch;
  if (!error) {
    batch.call->ReadAnswer(batch.outcomes);
    flight.finished = true;
  } else if (error->exit_code == kUnreachable) {
    auto pause = flight.pause;
    if (error->retry_after_ms) pause = std::chrono::milliseconds(*error->retry_after_ms);
    flight.pause = std::min(2 * flight.pause, kLongestPause);
    if (Clock::now() + pause < flight.deadline) {
      flight.retry_at = Clock::now() + pause;
    } else {
      batch.unanswered = std::move(error);
      flight.finished = true;
    }
  } else if (error->reason == "INVALID_FIELD" &&
             batch.call->TakeOutInvalid(*error, batch.outcomes)) {
    Start(&flight);
  } else {
    const std::string reason = OneLine(*error);
    for (RowOutcome& outcome : batch.outcomes) {
      if (outcome.state == RowOutcome::kPending) outcome.Reject(reason);
    }
    flight.finished = true;
  }
}

bool Pipeline::Advance() {
  bool advanced = false;
  for (const auto& flight : flights_) {
    bool answered = false;
    std::optional<ErrorReport> error;
    {
      MutexLock lock(&mutex_);
      answered = std::exchange(flight->answered, false);
      error = std::exchange(flight->error, std::nullopt);
    }
    if (answered) Settle(*flight, std::move(error));
    const bool due = flight->retry_at <= Clock::now();
    if (due) Start(flight.get());
    advanced = advanced || answered || due;
  }
  return advanced;
}

void Pipeline::Wait() {
  MutexLock lock(&mutex_);
  for (const auto& flight : flights_) {
    if (flight->answered) return;
  }
  changed_.WaitFor(&mutex_, kWaitMax);
}

std::unique_ptr<ImportBatch> Pipeline::Pop(bool wait) {
  Advance();
  if (flights_.empty()) return nullptr;
  while (!flights_.front()->finished) {
    if (!wait) return nullptr;
    Wait();
    Advance();
  }
  std::unique_ptr<ImportBatch> batch = std::move(flights_.front()->batch);
  flights_.pop_front();
  return batch;
}

}  // namespace quartermaster::qm
