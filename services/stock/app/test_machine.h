// A stock machine under a sequencer that is stepped by hand, over a log in memory.
#ifndef QUARTERMASTER_SERVICES_STOCK_APP_TEST_MACHINE_H_
#define QUARTERMASTER_SERVICES_STOCK_APP_TEST_MACHINE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "services/engine/clock.h"
#include "services/engine/sequencer.h"
#include "services/stock/app/stock_machine.h"
#include "services/stock/app/stock_submission.h"
#include "services/stock/app/stock_view.h"
#include "storage/memory_log.h"

namespace quartermaster::stock {

inline const storage::PartitionId kPartition{"default", "stock/0"};
// The first that are named.
inline constexpr SkuIndex kA{1};
inline constexpr LocationIndex kS1{1};

class FakeClock final : public engine::Clock {
 public:
  Instant Now() const override { return {now_us.load()}; }
  void Advance(Micros length) { now_us += length.count; }
  std::atomic<int64_t> now_us{Seconds(1'000'000).count};
};

struct TestSubmission final : StockSubmission {
  explicit TestSubmission(Command c, std::string id = "") : id(std::move(id)) {
    command = std::move(c);
    request_id = this->id;
    bytes = 1;
  }
  void Done(engine::Fate given, storage::Position at) override {
    fate = given;
    position = at;
    ++done;
  }
  const std::string id;
  engine::Fate fate{};
  storage::Position position = 0;
  int done = 0;
};

// What a process has of stock: gone with it, and made anew from the log.
class TestMachine {
 public:
  TestMachine(storage::EventLog* log, const engine::Clock* clock, Ledger* ledger = nullptr,
              engine::SequencerOptions options = {}, const StockMachine::Kept& kept = {})
      : machine_(&view_, ledger, kept) {
    options.partition = kPartition;
    auto sequencer = engine::Sequencer::Open(options, log, &machine_, clock);
    EXPECT_TRUE(sequencer.ok()) << sequencer.status();
    sequencer_ = *std::move(sequencer);
    EXPECT_TRUE(sequencer_->Acquire().ok());
  }

  // Decides one command.
  TestSubmission Do(Command command, const std::string& request_id = "") {
    TestSubmission submission(std::move(command), request_id);
    EXPECT_EQ(sequencer_->Submit(&submission), engine::Sequencer::Admission::kAccepted);
    sequencer_->Step();
    EXPECT_EQ(submission.done, 1);
    return submission;
  }
  ReservationId Hold(ReserveStock command) {
    const TestSubmission made = Do(std::move(command));
    EXPECT_TRUE(made.result.held.has_value());
    return made.result.held ? made.result.held->reservation : ReservationId::kNone;
  }

  StockView& view() { return view_; }
  const State& state() const { return machine_.state(); }
  engine::Sequencer& sequencer() { return *sequencer_; }

 private:
  StockView view_;
  StockMachine machine_;
  std::unique_ptr<engine::Sequencer> sequencer_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_APP_TEST_MACHINE_H_
