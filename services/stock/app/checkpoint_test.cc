// Checkpoints of stock's state: that they are what a replay makes.
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): POSIX, not C

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/testing/saved.h"
#include "services/base/testing/seed.h"
#include "services/stock/app/stock_engine.h"
#include "services/stock/app/test_machine.h"
#include "services/stock/domain/content_hash.h"
#include "services/stock/domain/testing/random_commands.h"
#include "services/stock/domain/testing/shop.h"
#include "storage/durable_file.h"

namespace quartermaster::stock {
namespace {

class StockCheckpointTest : public testing::Test {
 protected:
  StockCheckpointTest() : directory_(testing::TempDir() + "/stock_checkpoint_test_XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
  }
  ~StockCheckpointTest() override { std::filesystem::remove_all(directory_); }

  // An owner's work: so many random commands. Its state at the end, as text.
  std::string Work(RandomCommands& random, int commands) {
    random.set_waits(true);
    TestMachine machine(log_.get(), &clock_, nullptr, SequencerOptions(), kKept);
    if (machine.state().skus.size() == 0) {
      for (const char* sku : {"K0", "K1", "K2", "X0", "X1", "X2"}) machine.Do(RegisterSku{sku});
      for (const char* at : {"L0", "L1", "L2"}) machine.Do(RegisterLocation{at, false});
    }
    for (int i = 0; i < commands; ++i) {
      clock_.Advance(random.NextWait());
      const std::string request_id = random.Below(3) == 0 ? "" : absl::StrCat("r", ++requests_);
      machine.Do(random.Next(machine.state(), clock_.Now()), request_id);
    }
    return DumpState(machine.state());
  }
  // Opens the log as a server does; where the replay went on from is left in used_.
  std::unique_ptr<StockEngine> Open() {
    StockEngineOptions options;
    options.sequencer = SequencerOptions();
    options.store_directory = directory_;
    options.kept = kKept;
    used_ = 0;
    options.on_checkpoint_found = [this](const absl::StatusOr<engine::CheckpointHead>& head) {
      used_ = head.ok() ? head->position : -1;
    };
    auto engine = StockEngine::Open(std::move(options), log_.get(), &clock_);
    EXPECT_TRUE(engine.ok()) << engine.status();
    EXPECT_TRUE((*engine)->Acquire().ok());
    return *std::move(engine);
  }
  engine::SequencerOptions SequencerOptions() const {
    engine::SequencerOptions options;
    options.partition = kPartition;
    options.window_requests_max = 64;
    return options;
  }
  std::string Make(StockEngine& engine) {
    const auto made = engine.MakeCheckpoint();
    EXPECT_TRUE(made.ok()) << made.status();
    return *storage::ReadWhole(path());
  }
  std::string path() const { return directory_ + "/checkpoint"; }

  const StockMachine::Kept kKept{{8, 8}, 16};
  std::string directory_;
  std::unique_ptr<storage::EventLog> log_ = storage::NewMemoryLog();
  FakeClock clock_;
  int requests_ = 0;
  storage::Position used_ = 0;
};

TEST_F(StockCheckpointTest, MadeFromTheLastOneOrFromTheBeginningItIsTheSame) {
  const uint64_t seed = TestSeed();
  RandomCommands random(seed);
  storage::Position last = 0;
  for (int round = 0; round < 12; ++round) {
    Work(random, 150);
    const std::unique_ptr<StockEngine> engine = Open();
    EXPECT_EQ(used_, last) << "round " << round;
    const std::string from_last = Make(*engine);
    std::filesystem::remove(path());
    const std::string from_beginning = Make(*engine);
    ASSERT_EQ(from_last == from_beginning, true) << "round " << round;
    last = engine->sequencer().head();
  }
}

TEST_F(StockCheckpointTest, AnOwnerGoesOnAsIfItHadReadTheWholeLog) {
  RandomCommands random(TestSeed());
  for (int round = 0; round < 5; ++round) {
    Work(random, 150);
    Make(*Open());
    const std::string expected = Work(random, 20);
    auto checkpoint = engine::Checkpoint::Open(path(), StockMachine::CheckpointSchema(kKept),
                                               kPartition, log_.get());
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    engine::SequencerOptions options = SequencerOptions();
    options.checkpoint = checkpoint->get();
    StockView view;
    StockMachine machine(&view, nullptr, kKept);
    const auto sequencer = engine::Sequencer::Open(options, log_.get(), &machine, &clock_);
    ASSERT_TRUE(sequencer.ok()) << sequencer.status();
    EXPECT_EQ(DumpState(machine.state()), expected);
  }
}

TEST_F(StockCheckpointTest, WithoutItsStoreItIsNotUsed) {
  RandomCommands random(TestSeed());
  Work(random, 300);
  const std::string checkpoint = Make(*Open());
  std::filesystem::remove_all(directory_);
  ASSERT_TRUE(storage::MakeDirectory(directory_).ok());
  ASSERT_TRUE(storage::WriteDurably(path(), checkpoint).ok());
  const std::unique_ptr<StockEngine> engine = Open();
  EXPECT_EQ(used_, -1);
  EXPECT_EQ(engine->ledger()->stored(), 0);
  // The replay has given the store everything.
  EXPECT_EQ(Make(*engine) == checkpoint, true);
}

// A log as it was once, and what a checkpoint of it has. If it is another one now, what an event
// means for the state has changed, or what is saved of it: then a checkpoint that was made before
// is wrong. Raise kStateVersion (domain/state.h) and run this with QM_REWRITE=1.
TEST_F(StockCheckpointTest, ItChangesWithItsVersionOnly) {
  const std::string testdata = "services/stock/app/testdata";
  const bool rewrite = std::getenv("QM_REWRITE") != nullptr;
  if (rewrite && !std::filesystem::exists(testdata + "/checkpoint.log")) {
    RandomCommands random(1);
    Work(random, 600);
    std::string frames;
    for (storage::Position next = 1;;) {
      const auto read = log_->Read(kPartition, next, 1 << 20);
      ASSERT_TRUE(read.ok()) << read.status();
      if (read->empty()) break;
      for (const std::string& frame : *read) {
        frames += frame;
        next = storage::FrameView::Parse(frame)->last_position() + 1;
      }
    }
    ASSERT_TRUE(storage::WriteDurably(testdata + "/checkpoint.log", frames).ok());
    log_ = storage::NewMemoryLog();
  }
  const auto frames = storage::ReadWhole(testdata + "/checkpoint.log");
  ASSERT_TRUE(frames.ok()) << frames.status();
  const auto lease = log_->Acquire(kPartition);
  ASSERT_TRUE(lease.ok());
  storage::Position head = 0;
  for (std::string_view rest = *frames; !rest.empty();) {
    const std::string_view frame = rest.substr(0, storage::FrameSize(rest));
    ASSERT_TRUE(log_->Append(kPartition, lease->epoch, head, frame).ok());
    head = storage::FrameView::Parse(frame)->last_position();
    rest.remove_prefix(frame.size());
  }
  Make(*Open());
  const auto checkpoint = engine::Checkpoint::Open(path(), StockMachine::CheckpointSchema(kKept),
                                                   kPartition, log_.get());
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  // Without the head, which has the schema.
  const std::string prefix = Saved((*checkpoint)->head());
  const std::string bytes = *storage::ReadWhole(path());
  const size_t begin = bytes.find(prefix);
  ASSERT_NE(begin, std::string::npos);
  constexpr size_t kTrailerBytes = 16;
  const std::string state =
      bytes.substr(begin + prefix.size(), bytes.size() - begin - prefix.size() - kTrailerBytes);
  const std::string found =
      absl::StrCat("version ", kStateVersion, " fingerprint ",
                   absl::Hex(ContentHash().AddText(state).value(), absl::kZeroPad16), "\n");
  const std::string golden = testdata + "/checkpoint.txt";
  if (rewrite) {
    ASSERT_TRUE(storage::WriteDurably(golden, found).ok());
  }
  EXPECT_EQ(*storage::ReadWhole(golden), found);
}

}  // namespace
}  // namespace quartermaster::stock
