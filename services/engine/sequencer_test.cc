#include "services/engine/sequencer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "services/base/testing/seed.h"
#include "storage/memory_log.h"
#include "storage/service_store.h"
#include "storage/test_frames.h"

namespace quartermaster::engine {
namespace {

using storage::Position;

constexpr uint32_t kAddedType = 2;
constexpr uint32_t kExpiredType = 3;
// What the machine refuses to execute.
constexpr int64_t kTooLarge = 1'000'000;

class FakeClock : public Clock {
 public:
  Instant Now() const override { return {now_us.load()}; }
  std::atomic<int64_t> now_us{1'000'000};
};

// Adds numbers up to a limit; a sum above 0 expires at a deadline.
struct AddSubmission : Submission {
  AddSubmission(std::string id, int64_t n) : id(std::move(id)), number(n) {
    request_id = this->id;
    fingerprint = {static_cast<uint64_t>(n), 0};
    bytes = 8;
  }
  void Done(Fate given, Position at) override {
    fate = given;
    position = at;
    ++done;
  }
  std::string id;
  int64_t number;
  int64_t sum = -1;
  Fate fate{};
  Position position = 0;
  int done = 0;
};

class SumMachine : public Machine {
 public:
  absl::Status Replay(const storage::Record& record, Instant) override {
    if (record.type == kExpiredType) {
      sum = 0;
    } else if (record.type == kAddedType && knows_added) {
      int64_t n = 0;
      EXPECT_TRUE(absl::SimpleAtoi(std::string(record.payload), &n));
      sum += n;
    } else {
      return absl::FailedPreconditionError("unknown record type " + std::to_string(record.type));
    }
    return absl::OkStatus();
  }
  int ExpireDue(Instant now, int max, storage::FrameBuilder& frame) override {
    if (max == 0 || sum == 0 || now < expires) return 0;
    frame.Add(kExpiredType, 1, "");
    sum = 0;
    return 1;
  }
  bool Prepare(Submission&, Instant, storage::FrameBuilder& frame) override {
    if (frames_before == 0) return true;
    --frames_before;
    frame.Add(kAddedType, 1, "0");
    return false;
  }
  bool Execute(Submission& submission, Instant, storage::FrameBuilder& frame,
               std::string& outcome) override {
    auto& add = static_cast<AddSubmission&>(submission);
    if (add.number >= kTooLarge) return false;
    if (add.number != 0) frame.Add(kAddedType, 1, std::to_string(add.number));
    sum += add.number;
    add.sum = sum;
    outcome += std::to_string(sum);
    return true;
  }
  void Recall(Submission& submission, std::string_view outcome, Position) override {
    EXPECT_TRUE(
        absl::SimpleAtoi(std::string(outcome), &static_cast<AddSubmission&>(submission).sum));
  }
  void Continue(Instant, storage::FrameBuilder& frame) override {
    if (work == 0) return;
    --work;
    frame.Add(kAddedType, 1, "0");
  }
  void Publish(Position head, Instant) override {
    published = sum;
    published_head = head;
  }

  int64_t sum = 0;
  int64_t published = 0;
  Position published_head = 0;
  Instant expires = kDistantFuture;
  // How many slices Continue has to go.
  int work = 0;
  // How many frames the next command still has to wait for.
  int frames_before = 0;
  // Knows what kAddedType is.
  bool knows_added = true;
};

// Loses replies, or refuses, on demand.
class FlakyLog : public storage::EventLog {
 public:
  explicit FlakyLog(storage::EventLog* log) : log_(log) {}
  absl::StatusOr<storage::Lease> Acquire(const storage::PartitionId& id) override {
    return log_->Acquire(id);
  }
  absl::Status Append(const storage::PartitionId& id, storage::Epoch epoch, Position head,
                      std::string_view frame) override {
    ++appends;
    if (broken) return absl::DataLossError("disk on fire");
    const absl::Status status = log_->Append(id, epoch, head, frame);
    if (lose_replies > 0) {
      --lose_replies;
      return absl::UnavailableError("no reply");
    }
    return status;
  }
  absl::StatusOr<std::vector<std::string>> Read(const storage::PartitionId& id, Position from,
                                                size_t max_bytes) override {
    return log_->Read(id, from, max_bytes);
  }
  absl::StatusOr<storage::PartitionStatus> GetStatus(const storage::PartitionId& id) override {
    return log_->GetStatus(id);
  }
  absl::StatusOr<std::vector<storage::PartitionStatus>> ListPartitions() override {
    return log_->ListPartitions();
  }
  absl::StatusOr<Position> WaitForHead(const storage::PartitionId& id, Position position,
                                       Micros timeout) override {
    return log_->WaitForHead(id, position, timeout);
  }
  int format_level() const override { return log_->format_level(); }

  int lose_replies = 0;
  bool broken = false;
  int appends = 0;

 private:
  storage::EventLog* log_;
};

class SequencerTest : public ::testing::Test {
 protected:
  std::unique_ptr<Sequencer> Open(Machine* machine) {
    auto sequencer = Sequencer::Open(options_, &log_, machine, &clock_);
    EXPECT_TRUE(sequencer.ok()) << sequencer.status();
    EXPECT_TRUE((*sequencer)->Acquire().ok());
    return std::move(*sequencer);
  }
  // Submits and steps until the answer is there.
  AddSubmission Add(Sequencer& sequencer, const std::string& id, int64_t n) {
    AddSubmission add(id, n);
    EXPECT_EQ(sequencer.Submit(&add), Sequencer::Admission::kAccepted);
    sequencer.Step();
    EXPECT_EQ(add.done, 1);
    return add;
  }

  SequencerOptions options_{.partition = {"default", "sum/0"}};
  std::unique_ptr<storage::EventLog> memory_ = storage::NewMemoryLog();
  FlakyLog log_{memory_.get()};
  FakeClock clock_;
  SumMachine machine_;
};

TEST_F(SequencerTest, CommandsOfABatchSeeEachOtherAndShareAFrame) {
  auto sequencer = Open(&machine_);
  AddSubmission a("a", 1), b("b", 2), c("c", 3);
  for (auto* add : {&a, &b, &c}) sequencer->Submit(add);
  EXPECT_TRUE(sequencer->Step());
  EXPECT_EQ(a.sum, 1);
  EXPECT_EQ(b.sum, 3);
  EXPECT_EQ(c.sum, 6);
  // An event and an outcome each.
  EXPECT_EQ(a.position, 2);
  EXPECT_EQ(c.position, 6);
  EXPECT_EQ(log_.appends, 1);
  EXPECT_EQ(machine_.published, 6);
  EXPECT_FALSE(sequencer->Step());
}

TEST_F(SequencerTest, ARepeatedRequestGetsItsFirstOutcomeAlsoAfterARestart) {
  SumMachine second;
  auto sequencer = Open(&machine_);
  EXPECT_EQ(Add(*sequencer, "a", 1).sum, 1);
  EXPECT_EQ(Add(*sequencer, "b", 2).sum, 3);
  const AddSubmission again = Add(*sequencer, "a", 1);
  EXPECT_EQ(again.fate, Fate::kRecalled);
  EXPECT_EQ(again.sum, 1);
  EXPECT_EQ(again.position, 2);
  EXPECT_EQ(Add(*sequencer, "a", 5).fate, Fate::kRequestIdReused);
  sequencer.reset();

  sequencer = Open(&second);
  EXPECT_EQ(second.sum, 3);
  EXPECT_EQ(second.published, 3);
  EXPECT_EQ(Add(*sequencer, "b", 2).fate, Fate::kRecalled);
  EXPECT_EQ(Add(*sequencer, "a", 5).fate, Fate::kRequestIdReused);
  EXPECT_EQ(second.sum, 3);
}

TEST_F(SequencerTest, AForgottenRequestIdMayBeUsedAgainAndTheLogStillReplays) {
  options_.window_requests_max = 2;
  auto sequencer = Open(&machine_);
  for (const char* id : {"a", "b", "c"}) EXPECT_EQ(Add(*sequencer, id, 1).fate, Fate::kDecided);
  EXPECT_EQ(Add(*sequencer, "a", 4).fate, Fate::kDecided);
  sequencer.reset();
  // The same window, and a larger one, in which both uses of the id meet.
  for (const size_t window : {2, 1'000}) {
    options_.window_requests_max = window;
    SumMachine machine;
    sequencer = Open(&machine);
    EXPECT_EQ(machine.sum, 7);
    EXPECT_EQ(Add(*sequencer, "a", 4).fate, Fate::kRecalled);
    EXPECT_EQ(Add(*sequencer, "a", 1).fate, Fate::kRequestIdReused);
    sequencer.reset();
  }
}

// A window of two requests, and an archive of the others.
class ArchivingSequencerTest : public SequencerTest {
 protected:
  ArchivingSequencerTest() {
    options_.window_requests_max = 2;
    // So that much is forgotten between the first look and the second.
    options_.forget_batches_later = 0;
    OpenArchive();
  }
  void OpenArchive() {
    archive_.reset();
    store_.reset();
    store_ = *storage::ServiceStore::Open(dir_.path() + "/store", /*schema=*/1);
    archive_ = *OutcomeArchive::Open(store_.get(), 'q');
    options_.archive = archive_.get();
  }
  // Ends the process or kills it, which leaves the archive as it was some time ago, or takes it.
  void Restart(std::mt19937_64& random, std::unique_ptr<Sequencer>& sequencer) {
    const std::filesystem::path store = dir_.path() + "/store";
    const std::filesystem::path killed = dir_.path() + "/killed";
    const uint64_t how = random() % 4;
    if (how < 2) {
      storage::CopyLiving(store, killed);
    }
    sequencer.reset();
    archive_.reset();
    store_.reset();
    if (how < 3) std::filesystem::remove_all(store);
    if (how < 2) std::filesystem::rename(killed, store);
    options_.window_requests_max = random() % 20;
    options_.forget_batches_later = random() % 4;
    OpenArchive();
    machine_ = SumMachine();
    sequencer = Open(&machine_);
  }
  void WaitForArchive(Position position) const {
    while (archive_->archived() < position) std::this_thread::yield();
  }

  storage::TempDir dir_;
  std::unique_ptr<storage::ServiceStore> store_;
  std::unique_ptr<OutcomeArchive> archive_;
};

TEST_F(ArchivingSequencerTest, ARequestThatLeftTheWindowIsAnsweredAsTheFirstTime) {
  auto sequencer = Open(&machine_);
  for (const char* id : {"a", "b", "c", "d", "e"}) Add(*sequencer, id, 1);
  WaitForArchive(4);
  Add(*sequencer, "f", 1);
  for (int restart = 0; restart < 3; ++restart) {
    const AddSubmission again = Add(*sequencer, "a", 1);
    EXPECT_EQ(again.fate, Fate::kRecalled);
    EXPECT_EQ(again.sum, 1);
    EXPECT_EQ(again.position, 2);
    EXPECT_EQ(Add(*sequencer, "b", 2).fate, Fate::kRequestIdReused);
    EXPECT_EQ(machine_.sum, 6);
    sequencer.reset();
    // With the archive as it was; the second time it is lost, and made anew.
    if (restart == 1) {
      archive_.reset();
      store_.reset();
      std::filesystem::remove_all(dir_.path() + "/store");
    }
    OpenArchive();
    machine_ = SumMachine();
    sequencer = Open(&machine_);
  }
}

TEST_F(ArchivingSequencerTest, SeveralAreLookedUpAtOnce) {
  options_.queue_commands_max = 3;
  auto sequencer = Open(&machine_);
  for (const char* id : {"a", "b", "c", "d", "e"}) Add(*sequencer, id, 1);
  WaitForArchive(4);
  Add(*sequencer, "f", 1);
  AddSubmission known("a", 1), reused("b", 2), fresh("g", 1), refused("c", 1);
  sequencer->SubmitAll({&known, &reused, &fresh, &refused});
  EXPECT_EQ(refused.fate, Fate::kQueueFull);
  // Nothing is looked up of what a full queue refuses.
  AddSubmission late("d", 1), later("h", 1);
  sequencer->SubmitAll({&late, &later});
  EXPECT_EQ(late.fate, Fate::kQueueFull);
  EXPECT_EQ(later.fate, Fate::kQueueFull);
  EXPECT_EQ(sequencer->Stats().refused_full, 3u);
  sequencer->Step();
  EXPECT_EQ(known.fate, Fate::kRecalled);
  EXPECT_EQ(known.sum, 1);
  EXPECT_EQ(reused.fate, Fate::kRequestIdReused);
  EXPECT_EQ(fresh.fate, Fate::kDecided);
  EXPECT_EQ(machine_.sum, 7);
}

TEST_F(ArchivingSequencerTest, ARequestThatLeavesTheWindowWhileItsRepetitionWaitsIsNotDoneTwice) {
  options_.frame_commands_max = 1;
  auto sequencer = Open(&machine_);
  EXPECT_EQ(Add(*sequencer, "a", 1).fate, Fate::kDecided);
  std::deque<AddSubmission> others;
  for (const char* id : {"b", "c", "d", "e"}) others.emplace_back(id, 1);
  for (AddSubmission& other : others) sequencer->Submit(&other);
  AddSubmission again("a", 1);
  // Looked up when it is in the window, and not in the archive.
  sequencer->Submit(&again);
  for (int i = 0; i < 3; ++i) sequencer->Step();
  WaitForArchive(2);
  for (int i = 0; i < 2; ++i) sequencer->Step();
  EXPECT_EQ(again.fate, Fate::kRecalled);
  EXPECT_EQ(again.sum, 1);
  EXPECT_EQ(machine_.sum, 5);
}

TEST_F(ArchivingSequencerTest, NoRequestIsDoneTwiceWithinADayWhateverHappens) {
  std::mt19937_64 random(TestSeed());
  auto sequencer = Open(&machine_);
  struct Done {
    Instant time;
    int64_t sum;
  };
  std::map<std::string, Done> done;
  int64_t sum = 0;
  int again = 0;
  // Some days pass.
  for (int i = 0; i < 3'000; ++i) {
    clock_.now_us += static_cast<int64_t>(random() % Seconds(300).count);
    if (random() % 100 == 0) Restart(random, sequencer);
    ASSERT_EQ(machine_.sum, sum);
    const std::string id = std::to_string(random() % 1'000);
    const AddSubmission add = Add(*sequencer, id, 1);
    const auto known = done.find(id);
    const bool is_recalled = add.fate == Fate::kRecalled;
    ASSERT_TRUE(is_recalled || add.fate == Fate::kDecided);
    if (is_recalled) {
      ASSERT_NE(known, done.end()) << id;
      ASSERT_EQ(add.sum, known->second.sum);
      continue;
    }
    ASSERT_EQ(add.sum, ++sum);
    if (known != done.end()) {
      ASSERT_GE(clock_.Now() - known->second.time, Seconds(24 * 3'600)) << id;
      ++again;
    }
    done[id] = {clock_.Now(), sum};
  }
  // Not for ever.
  EXPECT_GT(again, 0);
}

TEST_F(SequencerTest, WhatDoesNotFitIntoAFrameHasNoEffectAndIsNotRemembered) {
  auto sequencer = Open(&machine_);
  AddSubmission before("before", 1), large("large", kTooLarge), after("after", 2);
  for (auto* add : {&before, &large, &after}) sequencer->Submit(add);
  sequencer->Step();
  EXPECT_EQ(large.fate, Fate::kTooLarge);
  EXPECT_EQ(after.sum, 3);
  EXPECT_EQ(memory_->GetStatus(options_.partition)->head, 4);
  EXPECT_EQ(Add(*sequencer, "large", 3).fate, Fate::kDecided);
}

TEST_F(SequencerTest, DuplicatesInOneBatchAreDecidedOnce) {
  auto sequencer = Open(&machine_);
  AddSubmission first("a", 4), second("a", 4);
  sequencer->Submit(&first);
  sequencer->Submit(&second);
  sequencer->Step();
  EXPECT_EQ(first.fate, Fate::kDecided);
  EXPECT_EQ(second.fate, Fate::kRecalled);
  EXPECT_EQ(second.sum, 4);
  EXPECT_EQ(machine_.sum, 4);
}

TEST_F(SequencerTest, AFullQueueRefusesAtOnceAndAnExpiredDeadlineHasNoEffect) {
  options_.queue_commands_max = 1;
  auto sequencer = Open(&machine_);
  AddSubmission late("late", 1), refused("refused", 1);
  late.deadline = {clock_.now_us - 1};
  EXPECT_EQ(sequencer->Submit(&late), Sequencer::Admission::kAccepted);
  EXPECT_EQ(sequencer->Submit(&refused), Sequencer::Admission::kQueueFull);
  sequencer->Step();
  EXPECT_EQ(late.fate, Fate::kDeadlinePassed);
  EXPECT_EQ(machine_.sum, 0);
  EXPECT_EQ(log_.appends, 0);
  EXPECT_EQ(sequencer->Stats().refused_full, 1u);
  EXPECT_EQ(sequencer->Stats().deadline_passed, 1u);
  // It was not recorded: the id is free.
  EXPECT_EQ(Add(*sequencer, "late", 2).fate, Fate::kDecided);
}

TEST_F(SequencerTest, OfSeveralAFullQueueTakesTheFirst) {
  options_.queue_commands_max = 2;
  auto sequencer = Open(&machine_);
  AddSubmission a("a", 1), b("b", 2), refused("refused", 4), also_refused("also refused", 8);
  sequencer->SubmitAll({&a, &b, &refused, &also_refused});
  EXPECT_EQ(refused.fate, Fate::kQueueFull);
  EXPECT_EQ(also_refused.fate, Fate::kQueueFull);
  EXPECT_EQ(sequencer->Stats().refused_full, 2u);
  sequencer->Step();
  EXPECT_EQ(a.sum, 1);
  EXPECT_EQ(b.sum, 3);
  sequencer->Stop();
  AddSubmission late("late", 16);
  sequencer->SubmitAll({&late});
  EXPECT_EQ(late.fate, Fate::kNotServing);
  EXPECT_EQ(machine_.sum, 3);
}

TEST_F(SequencerTest, WhatHasBeenTakenAndWaitsForItsFrameCountsAgainstTheBounds) {
  options_.frame_commands_max = 1;
  options_.queue_commands_max = 3;
  auto sequencer = Open(&machine_);
  std::vector<std::unique_ptr<AddSubmission>> adds;
  const auto submit = [&] {
    adds.push_back(std::make_unique<AddSubmission>(std::to_string(adds.size()), 1));
    return sequencer->Submit(adds.back().get());
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(submit(), Sequencer::Admission::kAccepted);
  EXPECT_EQ(submit(), Sequencer::Admission::kQueueFull);
  sequencer->Step();
  EXPECT_EQ(sequencer->Stats().queue_depth, 2u);
  EXPECT_EQ(submit(), Sequencer::Admission::kAccepted);
  EXPECT_EQ(submit(), Sequencer::Admission::kQueueFull);
  for (int i = 0; i < 3; ++i) sequencer->Step();
  EXPECT_EQ(sequencer->Stats().queue_depth, 0u);
  EXPECT_EQ(machine_.sum, 4);
}

TEST_F(SequencerTest, SoDoItsBytes) {
  options_.frame_commands_max = 1;
  options_.queue_bytes_max = 20;
  auto sequencer = Open(&machine_);
  AddSubmission a("a", 1), b("b", 1), c("c", 1), d("d", 1);
  EXPECT_EQ(sequencer->Submit(&a), Sequencer::Admission::kAccepted);
  EXPECT_EQ(sequencer->Submit(&b), Sequencer::Admission::kAccepted);
  sequencer->Step();
  EXPECT_EQ(sequencer->Submit(&c), Sequencer::Admission::kAccepted);
  EXPECT_EQ(sequencer->Submit(&d), Sequencer::Admission::kQueueFull);
  sequencer->Step();
  EXPECT_EQ(sequencer->Submit(&d), Sequencer::Admission::kAccepted);
  sequencer->Stop();
  EXPECT_EQ(machine_.sum, 4);
}

TEST_F(SequencerTest, ACommandThatIsNotReadyWaitsForTheNextFrameAndSoDoThoseBehindIt) {
  auto sequencer = Open(&machine_);
  machine_.frames_before = 2;
  AddSubmission first("first", 1), second("second", 2);
  sequencer->Submit(&first);
  sequencer->Submit(&second);
  for (int frame = 1; frame <= 2; ++frame) {
    EXPECT_TRUE(sequencer->Step());
    EXPECT_EQ(first.done + second.done, 0);
    EXPECT_EQ(log_.appends, frame);
  }
  EXPECT_TRUE(sequencer->Step());
  EXPECT_EQ(first.sum, 1);
  EXPECT_EQ(second.sum, 3);
  // A repetition need not be ready.
  machine_.frames_before = 1;
  EXPECT_EQ(Add(*sequencer, "first", 1).fate, Fate::kRecalled);
}

TEST_F(SequencerTest, FramesStayWithinTheirBounds) {
  options_.frame_commands_max = 2;
  auto sequencer = Open(&machine_);
  std::vector<std::unique_ptr<AddSubmission>> adds;
  for (int i = 0; i < 5; ++i) {
    adds.push_back(std::make_unique<AddSubmission>(std::to_string(i), 1));
    sequencer->Submit(adds.back().get());
  }
  sequencer->Step();
  EXPECT_EQ(adds[1]->done, 1);
  EXPECT_EQ(adds[2]->done, 0);
  sequencer->Step();
  sequencer->Step();
  EXPECT_EQ(adds[4]->sum, 5);
  EXPECT_EQ(log_.appends, 3);
}

TEST_F(SequencerTest, WorkOfManyFramesGoesOnThoughCommandsFillEachFrame) {
  // Of one command each.
  options_.frame_bytes_max = 150;
  auto sequencer = Open(&machine_);
  constexpr int kCommands = 12;
  std::vector<std::unique_ptr<AddSubmission>> adds;
  for (int i = 0; i < kCommands; ++i) {
    adds.push_back(std::make_unique<AddSubmission>(std::string(150, 'a') + std::to_string(i), 1));
    sequencer->Submit(adds.back().get());
  }
  machine_.work = 100;
  for (int i = 0; i < kCommands; ++i) {
    sequencer->Step();
    EXPECT_EQ(adds[static_cast<size_t>(i)]->done, 1) << i;
  }
  EXPECT_EQ(log_.appends, kCommands);
  EXPECT_EQ(machine_.work, 100 - kCommands / 4);
  // And without a pause once there is room.
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(sequencer->Step());
    EXPECT_EQ(machine_.work, 100 - kCommands / 4 - i);
  }
}

TEST_F(SequencerTest, AStopWaitsForWhatIsQueuedAndNotForWorkOfManyFrames) {
  options_.frame_commands_max = 1;
  auto sequencer = Open(&machine_);
  AddSubmission first("first", 1), second("second", 2);
  sequencer->Submit(&first);
  sequencer->Submit(&second);
  machine_.work = 1'000;
  sequencer->Stop();
  EXPECT_EQ(machine_.work, 1'000);
  EXPECT_EQ(first.done + second.done, 2);
  EXPECT_EQ(second.sum, 3);
  // With a thread of its own.
  SumMachine machine;
  sequencer = Open(&machine);
  machine.work = 1'000'000;
  sequencer->Start();
  AddSubmission third("third", 3);
  EXPECT_EQ(sequencer->Submit(&third), Sequencer::Admission::kAccepted);
  sequencer->Stop();
  EXPECT_EQ(third.sum, 6);
  EXPECT_GT(machine.work, 500'000);
}

TEST_F(SequencerTest, WhatIsDueEndsBeforeTheBatchAndTimeNeverGoesBack) {
  auto sequencer = Open(&machine_);
  Add(*sequencer, "a", 5);
  machine_.expires = {clock_.now_us + 100};
  clock_.now_us += 100;
  EXPECT_EQ(Add(*sequencer, "b", 1).sum, 1);
  clock_.now_us -= 1'000;  // the wall clock was set back; the log's time stays
  machine_.expires = {clock_.now_us + 500};
  EXPECT_EQ(Add(*sequencer, "c", 1).sum, 1);
}

TEST_F(SequencerTest, ALostReplyIsAnsweredBySendingTheFrameAgain) {
  options_.append_retry_interval = {1};
  auto sequencer = Open(&machine_);
  log_.lose_replies = 3;
  const AddSubmission add = Add(*sequencer, "a", 1);
  EXPECT_EQ(add.fate, Fate::kDecided);
  EXPECT_EQ(log_.appends, 4);
  EXPECT_EQ(memory_->GetStatus(options_.partition)->head, 2);
}

TEST_F(SequencerTest, ASecondOwnerFencesTheFirst) {
  int fenced = 0;
  options_.on_fenced = [&](const absl::Status& status) {
    EXPECT_TRUE(storage::IsFenced(status));
    ++fenced;
  };
  auto first = Open(&machine_);
  Add(*first, "a", 1);
  SumMachine machine;
  auto second = Open(&machine);
  AddSubmission lost("b", 2);
  first->Submit(&lost);
  first->Step();
  EXPECT_EQ(lost.fate, Fate::kNotServing);
  EXPECT_EQ(fenced, 1);
  EXPECT_FALSE(first->serving());
  EXPECT_EQ(machine_.published, 1);
  AddSubmission later("c", 3);
  EXPECT_EQ(first->Submit(&later), Sequencer::Admission::kNotServing);
  EXPECT_EQ(Add(*second, "b", 2).sum, 3);
}

TEST_F(SequencerTest, AnIdleOwnerNoticesThatItIsFenced) {
  auto first = Open(&machine_);
  first->Step();
  SumMachine machine;
  auto second = Open(&machine);
  clock_.now_us += 999'999;
  first->Step();
  EXPECT_TRUE(first->serving());
  clock_.now_us += 1;
  first->Step();
  EXPECT_FALSE(first->serving());
}

using SequencerDeathTest = SequencerTest;

TEST_F(SequencerDeathTest, AStorageErrorEndsTheProcess) {
  // The parent still answers it when the sequencer stops.
  AddSubmission add("a", 1);
  auto sequencer = Open(&machine_);
  sequencer->Submit(&add);
  log_.broken = true;
  EXPECT_DEATH(sequencer->Step(), "disk on fire");
  log_.broken = false;
}

TEST_F(SequencerTest, AnUnknownRecordTypeRefusesToStart) {
  storage::FrameBuilder frame;
  frame.Reset(1, {1});
  frame.Add(99, 1, "from the future");
  const auto lease = memory_->Acquire(options_.partition);
  ASSERT_TRUE(memory_->Append(options_.partition, lease->epoch, 0, frame.Finish()).ok());
  const auto sequencer = Sequencer::Open(options_, &log_, &machine_, &clock_);
  EXPECT_EQ(sequencer.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(sequencer.status().message().find("99"), absl::string_view::npos);
}

TEST_F(SequencerTest, AnOwnerThatCannotReadTheLogDoesNotFenceTheOneThatCan) {
  auto first = Open(&machine_);
  Add(*first, "a", 1);
  SumMachine stranger;
  stranger.knows_added = false;
  const auto second = Sequencer::Open(options_, &log_, &stranger, &clock_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  clock_.now_us += 2'000'000;
  first->Step();
  EXPECT_TRUE(first->serving());
  EXPECT_EQ(Add(*first, "b", 2).sum, 3);
}

TEST_F(SequencerTest, WhatIsAddedWhileTheNextOwnerReplaysIsReplayedOnceItOwnsThePartition) {
  auto first = Open(&machine_);
  Add(*first, "a", 1);
  SumMachine machine;
  std::vector<Position> heads;
  auto opened = Sequencer::Open(options_, &log_, &machine, &clock_,
                                [&](Position, Position head) { heads.push_back(head); });
  ASSERT_TRUE(opened.ok()) << opened.status();
  Sequencer& second = **opened;
  EXPECT_EQ(machine.sum, 1);
  EXPECT_EQ(machine.published_head, 0) << "nobody may see what it does not own";
  EXPECT_FALSE(second.serving());
  AddSubmission early("early", 1);
  EXPECT_EQ(second.Submit(&early), Sequencer::Admission::kNotServing);

  EXPECT_EQ(Add(*first, "b", 2).sum, 3);
  ASSERT_TRUE(second.Acquire().ok());
  EXPECT_TRUE(second.serving());
  EXPECT_EQ(machine.published, 3);
  EXPECT_EQ(machine.published_head, 4);
  EXPECT_EQ(heads, (std::vector<Position>{2, 4}));
  EXPECT_EQ(Add(second, "b", 2).fate, Fate::kRecalled);
  EXPECT_EQ(Add(second, "c", 3).sum, 6);
}

TEST_F(SequencerTest, ManyThreadsEachGetOneAnswer) {
  auto sequencer = Open(&machine_);
  sequencer->Start();
  constexpr int kThreads = 4, kEach = 500;
  std::vector<std::thread> threads;
  std::atomic<int64_t> largest{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::vector<std::unique_ptr<AddSubmission>> adds;
      for (int i = 0; i < kEach; ++i) {
        adds.push_back(
            std::make_unique<AddSubmission>(std::to_string(t) + "/" + std::to_string(i), 1));
        while (sequencer->Submit(adds.back().get()) != Sequencer::Admission::kAccepted) {
          std::this_thread::yield();
        }
      }
      // A last one, waited for, so that all before it have been answered.
      struct Last : AddSubmission {
        using AddSubmission::AddSubmission;
        void Done(Fate given, Position at) override {
          MutexLock lock(&mutex);
          AddSubmission::Done(given, at);
          changed.NotifyAll();
        }
        Mutex mutex;
        CondVar changed;
      } last("last" + std::to_string(t), 0);
      ASSERT_EQ(sequencer->Submit(&last), Sequencer::Admission::kAccepted);
      {
        MutexLock lock(&last.mutex);
        while (last.done == 0) last.changed.Wait(&last.mutex);
      }
      for (const auto& add : adds) {
        EXPECT_EQ(add->done, 1);
        EXPECT_EQ(add->fate, Fate::kDecided);
      }
      int64_t seen = largest.load();
      while (last.sum > seen && !largest.compare_exchange_weak(seen, last.sum)) {
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  sequencer->Stop();
  EXPECT_EQ(largest.load(), kThreads * kEach);
  EXPECT_EQ(machine_.sum, kThreads * kEach);
}

}  // namespace
}  // namespace quartermaster::engine
