#include "tools/bench/core_bench.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/engine/clock.h"
#include "services/engine/sequencer.h"
#include "services/stock/app/stock_machine.h"
#include "services/stock/app/stock_submission.h"
#include "services/stock/app/stock_view.h"

namespace quartermaster::bench {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class WallClock final : public engine::Clock {
 public:
  Instant Now() const override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
  }
};

// Takes every frame and keeps none: the disk is not what is measured here.
class DroppingLog final : public storage::EventLog {
 public:
  absl::StatusOr<storage::Lease> Acquire(const storage::PartitionId&) override {
    return storage::Lease{1, 0};
  }
  absl::Status Append(const storage::PartitionId&, storage::Epoch, storage::Position,
                      std::string_view) override {
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<std::string>> Read(const storage::PartitionId&, storage::Position,
                                                size_t) override {
    return std::vector<std::string>();
  }
  absl::StatusOr<storage::PartitionStatus> GetStatus(const storage::PartitionId& id) override {
    return storage::PartitionStatus{id, 1, 0};
  }
  absl::StatusOr<std::vector<storage::PartitionStatus>> ListPartitions() override {
    return std::vector<storage::PartitionStatus>();
  }
  absl::StatusOr<storage::Position> WaitForHead(const storage::PartitionId&, storage::Position,
                                                Micros) override {
    return 0;
  }
  int format_level() const override { return storage::kFormatLevel; }
};

struct BenchSubmission final : stock::StockSubmission {
  void Done(engine::Fate fate, storage::Position) override {
    QM_CHECK(fate == engine::Fate::kDecided && !result.rejection);
  }
  std::string id;
};

void StockUp(engine::Sequencer& sequencer, int skus) {
  for (int first = 0; first < skus; first += 2'000) {
    BenchSubmission submission;
    for (int i = first; i < std::min(first + 2'000, skus); ++i) {
      stock::Adjustment adjustment;
      adjustment.sku = absl::StrCat("S", i);
      adjustment.location = "L0";
      adjustment.delta = kMaxLineQuantity;
      submission.facts.push_back({adjustment, {}});
    }
    QM_CHECK(sequencer.Submit(&submission) == engine::Sequencer::Admission::kAccepted);
    sequencer.Step();
  }
}

constexpr int kBatch = 1'024;

void RunBatch(engine::Sequencer& sequencer, std::vector<BenchSubmission>& batch) {
  for (BenchSubmission& submission : batch) sequencer.Submit(&submission);
  sequencer.Step();
}

}  // namespace

double RunCore(int skus, int holds) {
  WallClock clock;
  DroppingLog log;
  stock::StockView view;
  stock::StockMachine machine(&view, /*ledger=*/nullptr);
  auto sequencer =
      engine::Sequencer::Open({.partition = {"default", "stock/0"}}, &log, &machine, &clock);
  QM_CHECK(sequencer.ok() && (*sequencer)->Acquire().ok());
  StockUp(**sequencer, skus);
  std::minstd_rand random(1);
  int64_t number = 0;
  const auto name = [&](BenchSubmission& submission) {
    submission.id = absl::StrCat("b6-", ++number);
    submission.request_id = submission.id;
    submission.fingerprint = {static_cast<uint64_t>(number), 1};
    submission.bytes = 256;
  };
  const auto ask = [&](BenchSubmission& submission) {
    name(submission);
    auto& reserve = submission.command.emplace<stock::ReserveStock>();
    reserve.owner = submission.id;
    reserve.ttl = Seconds(900);
    stock::HoldLine& line = reserve.lines.emplace_back();
    line.sku = stock::SkuIndex{1 + static_cast<uint32_t>(random() % static_cast<unsigned>(skus))};
    line.location = stock::LocationIndex{1};
    line.quantity = Quantity(1);
  };
  // A server is not always new: as many holds have come before, and have ended, in another order
  // than they came in; and the window of requests is full. Of the memory that a new server asks for
  // each page costs a fault, on a virtual machine whose host takes back what is free the work of
  // some microseconds: the host's, and it differs tenfold from run to run.
  std::vector<stock::ReservationId> held;
  const int held_before = holds + static_cast<int>(stock::EndedReservations::Kept().others);
  for (int done = 0; done < held_before; done += kBatch) {
    std::vector<BenchSubmission> batch(kBatch);
    for (BenchSubmission& submission : batch) ask(submission);
    RunBatch(**sequencer, batch);
    for (const BenchSubmission& submission : batch) {
      held.push_back(submission.result.held->reservation);
    }
  }
  std::shuffle(held.begin(), held.end(), random);
  for (size_t done = 0; done < held.size(); done += kBatch) {
    std::vector<BenchSubmission> batch(kBatch);
    for (size_t i = 0; i < kBatch; ++i) {
      name(batch[i]);
      batch[i].command.emplace<stock::ReleaseReservation>().reservation = held[done + i];
    }
    RunBatch(**sequencer, batch);
  }
  std::chrono::duration<double> spent{};
  int measured = 0;
  for (; measured < holds; measured += kBatch) {
    // Making the commands is the handlers' work, not the core's.
    std::vector<BenchSubmission> batch(kBatch);
    for (BenchSubmission& submission : batch) ask(submission);
    const auto start = Clock::now();
    RunBatch(**sequencer, batch);
    spent += Clock::now() - start;
  }
  return static_cast<double>(measured) / spent.count();
}

double RunBareMap(int skus, int operations) {
  absl::flat_hash_map<uint64_t, int64_t> on_hand;
  for (int i = 0; i < skus; ++i) on_hand[static_cast<uint64_t>(i)] = kMaxLineQuantity.units();
  std::minstd_rand random(1);
  std::vector<uint64_t> trace;
  for (int i = 0; i < operations; ++i) trace.push_back(random() % static_cast<unsigned>(skus));
  const auto start = Clock::now();
  int64_t accepted = 0;
  for (const uint64_t sku : trace) {
    int64_t& units = on_hand.find(sku)->second;
    if (units > 0) {
      --units;
      ++accepted;
    }
  }
  QM_CHECK(accepted == operations);
  return static_cast<double>(operations) / SecondsSince(start);
}

}  // namespace quartermaster::bench
