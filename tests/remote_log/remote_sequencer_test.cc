// A partition's owner on a shared log: nothing is released before the log has answered.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "services/base/mutex.h"
#include "services/engine/clock.h"
#include "services/engine/machine.h"
#include "services/engine/sequencer.h"
#include "storage/memory_log.h"
#include "storage/remote/grpc_log.h"
#include "storage/test_frames.h"
#include "tests/remote_log/log_server.h"

namespace quartermaster::engine {
namespace {

using storage::Position;

constexpr uint32_t kCountedType = 2;

class FixedClock : public Clock {
 public:
  Instant Now() const override { return Instant{1'000'000}; }
};

// Counts its commands.
class CountMachine : public Machine {
 public:
  absl::Status Replay(const storage::Record&, Instant) override {
    ++count;
    return absl::OkStatus();
  }
  int ExpireDue(Instant, int, storage::FrameBuilder&) override { return 0; }
  bool Execute(Submission&, Instant, storage::FrameBuilder& frame, std::string&) override {
    frame.Add(kCountedType, 1, "");
    ++count;
    return true;
  }
  void Recall(Submission&, std::string_view, Position) override {}
  void Publish(Position head, Instant) override { published = head; }

  int count = 0;
  Position published = 0;
};

struct Command : Submission {
  void Done(Fate given, Position) override {
    fate = given;
    ++done;
  }
  Fate fate{};
  int done = 0;
};

class RemoteSequencerTest : public testing::Test {
 protected:
  void Open() {
    server_.Start(&bent_);
    auto client =
        storage::OpenGrpcLog({.address = server_.address(), .append_timeout = Seconds(60)});
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
    sequencer_ = OpenOwner(&machine_);
  }

  std::unique_ptr<Sequencer> OpenOwner(Machine* machine) {
    SequencerOptions options;
    options.partition.name = "stock/0";
    options.append_retry_interval = Milliseconds(1);
    options.on_fenced = [this](const absl::Status&) { ++fenced_; };
    auto sequencer = Sequencer::Open(options, client_.get(), machine, &clock_);
    EXPECT_TRUE(sequencer.ok()) << sequencer.status();
    EXPECT_TRUE((*sequencer)->Acquire().ok());
    return *std::move(sequencer);
  }

  FixedClock clock_;
  storage::TempDir dir_;
  std::unique_ptr<storage::EventLog> memory_ = storage::NewMemoryLog();
  BentLog bent_{memory_.get()};
  LogServer server_{dir_.path() + "/log.sock"};
  std::unique_ptr<storage::EventLog> client_;
  CountMachine machine_;
  int fenced_ = 0;
  std::unique_ptr<Sequencer> sequencer_;
};

TEST_F(RemoteSequencerTest, ReleasesNothingBeforeTheLogHasAnswered) {
  Command command;
  int appends = 0;
  // Done each time, but the first three answers are lost.
  bent_.on_append = [&](const storage::PartitionId&, const auto& append) {
    const absl::Status status = append();
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(command.done, 0);
    EXPECT_EQ(machine_.published, 0);
    return ++appends <= 3 ? absl::UnavailableError("the answer was lost") : status;
  };
  Open();
  ASSERT_EQ(sequencer_->Submit(&command), Sequencer::Admission::kAccepted);
  EXPECT_TRUE(sequencer_->Step());
  EXPECT_EQ(appends, 4);
  EXPECT_EQ(command.done, 1);
  EXPECT_EQ(command.fate, Fate::kDecided);
  EXPECT_EQ(machine_.published, 1);
  // It is in the log once.
  CountMachine again;
  OpenOwner(&again);
  EXPECT_EQ(again.count, 1);
}

TEST_F(RemoteSequencerTest, AFencedOwnerTellsNobodyThatItIsDone) {
  Open();
  CountMachine heir;
  const auto owner = OpenOwner(&heir);
  Command command;
  ASSERT_EQ(sequencer_->Submit(&command), Sequencer::Admission::kAccepted);
  EXPECT_FALSE(sequencer_->Step());
  EXPECT_EQ(command.done, 1);
  EXPECT_EQ(command.fate, Fate::kNotServing);
  EXPECT_EQ(fenced_, 1);
  EXPECT_EQ(machine_.published, 0);
  Command later;
  ASSERT_EQ(owner->Submit(&later), Sequencer::Admission::kAccepted);
  EXPECT_TRUE(owner->Step());
  EXPECT_EQ(later.fate, Fate::kDecided);
}

}  // namespace
}  // namespace quartermaster::engine
