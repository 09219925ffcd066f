#include "services/engine/checkpoint.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "services/engine/checkpoint_maker.h"
#include "services/engine/clock.h"
#include "services/engine/machine.h"
#include "services/engine/sequencer.h"
#include "storage/durable_file.h"
#include "storage/memory_log.h"
#include "storage/service_store.h"

namespace quartermaster::engine {
namespace {

using storage::Position;

constexpr uint32_t kNamed = 2;
constexpr uint64_t kSchema = 7;

class StoppedClock : public Clock {
 public:
  Instant Now() const override { return {1'000'000}; }
};

struct NameSubmission : Submission {
  explicit NameSubmission(std::string name) : name(std::move(name)) {
    request_id = this->name;
    bytes = 8;
  }
  void Done(Fate given, Position at) override {
    fate = given;
    position = at;
  }
  std::string name;
  size_t place = 0;
  Fate fate{};
  Position position = 0;
};

// Lists names; all but the latest two leave memory.
class ListMachine : public Machine {
 public:
  absl::Status Replay(const storage::Record& record, Instant) override {
    ++replayed;
    Add(std::string(record.payload), record.position);
    return absl::OkStatus();
  }
  int ExpireDue(Instant, int, storage::FrameBuilder&) override { return 0; }
  bool Execute(Submission& submission, Instant, storage::FrameBuilder& frame,
               std::string& outcome) override {
    auto& named = static_cast<NameSubmission&>(submission);
    Add(named.name, frame.Add(kNamed, 1, named.name));
    named.place = left + names.size();
    outcome += std::to_string(named.place);
    return true;
  }
  void Recall(Submission& submission, std::string_view outcome, Position) override {
    EXPECT_TRUE(
        absl::SimpleAtoi(std::string(outcome), &static_cast<NameSubmission&>(submission).place));
  }
  void Publish(Position, Instant) override {}
  Position EndReplay() override { return given; }
  void Save(Saver& save) const override { save(names, uint64_t{left}, given); }
  void Load(Loader& load) override { load(names, left, given); }

  void Add(const std::string& name, Position position) {
    names.push_back(name);
    if (names.size() <= 2) return;
    names.erase(names.begin());
    ++left;
    given = position;
  }

  std::vector<std::string> names;
  uint64_t left = 0;
  Position given = 0;
  int replayed = 0;
};

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() : directory_(testing::TempDir() + "/checkpoint_test_XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    path_ = directory_ + "/checkpoint";
  }
  ~CheckpointTest() override { std::filesystem::remove_all(directory_); }

  CheckpointMakerOptions MakerOptions() {
    CheckpointMakerOptions options;
    options.path = path_;
    options.schema = kSchema;
    options.partition = kPartition;
    options.window_requests_max = kWindow;
    options.interval_records = 0;
    options.make_machine = [this] {
      auto machine = std::make_unique<ListMachine>();
      replica_ = machine.get();
      return machine;
    };
    options.gate = [this](const CheckpointHead& head) {
      replayed_by_replica_ = replica_->replayed;
      return gate_ ? gate_(head) : absl::OkStatus();
    };
    return options;
  }
  absl::StatusOr<CheckpointHead> Make() {
    CheckpointMaker maker(MakerOptions(), log_.get(), 0);
    return maker.Make();
  }
  absl::StatusOr<std::unique_ptr<Checkpoint>> OpenCheckpoint(storage::EventLog* log = nullptr) {
    return Checkpoint::Open(path_, kSchema, kPartition, log == nullptr ? log_.get() : log);
  }
  // A new owner, from the checkpoint on if there is one.
  void Restart() {
    sequencer_.reset();
    machine_ = std::make_unique<ListMachine>();
    SequencerOptions options;
    options.partition = kPartition;
    options.window_requests_max = kWindow;
    auto checkpoint = OpenCheckpoint();
    if (checkpoint.ok()) options.checkpoint = checkpoint->get();
    auto opened = Sequencer::Open(options, log_.get(), machine_.get(), &clock_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    sequencer_ = *std::move(opened);
    ASSERT_TRUE(sequencer_->Acquire().ok());
  }
  NameSubmission Add(const std::string& name) {
    NameSubmission submission(name);
    EXPECT_EQ(sequencer_->Submit(&submission), Sequencer::Admission::kAccepted);
    sequencer_->Step();
    return submission;
  }

  static constexpr size_t kWindow = 3;
  const storage::PartitionId kPartition{"default", "list/0"};
  std::string directory_;
  std::string path_;
  const std::unique_ptr<storage::EventLog> log_ = storage::NewMemoryLog();
  StoppedClock clock_;
  std::unique_ptr<ListMachine> machine_;
  std::unique_ptr<Sequencer> sequencer_;
  ListMachine* replica_ = nullptr;
  int replayed_by_replica_ = 0;
  CheckpointGate gate_;
};

TEST_F(CheckpointTest, ARestartGoesOnFromIt) {
  Restart();
  for (const char* name : {"a", "b", "c", "d"}) Add(name);
  const auto made = Make();
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->position, 8);
  EXPECT_EQ(made->given, 7);
  Add("e");
  Restart();
  EXPECT_EQ(machine_->replayed, 1);
  EXPECT_EQ(machine_->names, (std::vector<std::string>{"d", "e"}));
  EXPECT_EQ(sequencer_->head(), 10);
  // The window is as it was, too: what it forgot has happened anew, and no other.
  EXPECT_EQ(Add("d").fate, Fate::kRecalled);
  EXPECT_EQ(Add("e").place, 5U);
  EXPECT_EQ(Add("a").fate, Fate::kDecided);
  EXPECT_EQ(Add("f").place, 7U);
}

TEST_F(CheckpointTest, TheNextOneIsMadeFromTheLast) {
  Restart();
  Add("a");
  ASSERT_TRUE(Make().ok());
  EXPECT_EQ(replayed_by_replica_, 1);
  Add("b");
  Add("c");
  ASSERT_TRUE(Make().ok());
  EXPECT_EQ(replayed_by_replica_, 2);
  Restart();
  EXPECT_EQ(machine_->replayed, 0);
  EXPECT_EQ(Add("d").place, 4U);
}

TEST_F(CheckpointTest, WhatDoesNotFitIsNotUsed) {
  EXPECT_TRUE(absl::IsNotFound(OpenCheckpoint().status()));
  Restart();
  Add("a");
  ASSERT_TRUE(Make().ok());
  ASSERT_TRUE(OpenCheckpoint().ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(
      Checkpoint::Open(path_, kSchema + 1, kPartition, log_.get()).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      Checkpoint::Open(path_, kSchema, {"default", "list/1"}, log_.get()).status()));
  // A log that went another way, and one that has lost its end.
  const std::unique_ptr<storage::EventLog> other = storage::NewMemoryLog();
  for (const char* name : {"", "b"}) {
    Sequencer* const before = sequencer_.get();
    ListMachine machine;
    SequencerOptions options;
    options.partition = kPartition;
    auto opened = Sequencer::Open(options, other.get(), &machine, &clock_);
    ASSERT_TRUE(opened.ok() && before != nullptr);
    ASSERT_TRUE((*opened)->Acquire().ok());
    if (*name != '\0') {
      NameSubmission submission(name);
      EXPECT_EQ((*opened)->Submit(&submission), Sequencer::Admission::kAccepted);
      (*opened)->Step();
    }
    const absl::Status status = OpenCheckpoint(other.get()).status();
    EXPECT_TRUE(absl::IsDataLoss(status) || absl::IsOutOfRange(status)) << status;
  }
  const std::string whole = *storage::ReadWhole(path_);
  ASSERT_TRUE(storage::WriteDurably(path_, whole.substr(0, whole.size() / 2)).ok());
  EXPECT_TRUE(absl::IsDataLoss(OpenCheckpoint().status()));
  // Made anew, from the beginning.
  replayed_by_replica_ = 0;
  ASSERT_TRUE(Make().ok());
  EXPECT_EQ(replayed_by_replica_, 1);
  EXPECT_TRUE(OpenCheckpoint().ok());
}

TEST_F(CheckpointTest, NoneIsWrittenBeforeTheArchivesHaveWhatItLeavesOut) {
  Restart();
  for (const char* name : {"a", "b", "c", "d", "e"}) Add(name);
  CheckpointHead asked;
  gate_ = [&](const CheckpointHead& head) {
    asked = head;
    return absl::UnavailableError("not yet");
  };
  EXPECT_TRUE(absl::IsUnavailable(Make().status()));
  EXPECT_TRUE(absl::IsNotFound(OpenCheckpoint().status()));
  EXPECT_EQ(asked.given, 9);
  // Three of five requests are kept.
  EXPECT_EQ(asked.outcomes_given, 4);
}

TEST_F(CheckpointTest, TheMakerMakesOneWhenThereIsEnough) {
  Restart();
  CheckpointMakerOptions options = MakerOptions();
  options.interval_records = 4;
  std::atomic<Position> made{0};
  options.on_made = [&](const absl::StatusOr<CheckpointHead>& head) {
    ASSERT_TRUE(head.ok()) << head.status();
    made = head->position;
  };
  CheckpointMaker maker(std::move(options), log_.get(), 0);
  maker.Start();
  Add("a");
  Add("b");
  for (int i = 0; i < 200 && made == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(made, 4);
  EXPECT_EQ(maker.last(), 4);
}

}  // namespace
}  // namespace quartermaster::engine
