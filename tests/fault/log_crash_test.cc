// Crashes at random moments, opening included: every acknowledged frame and epoch is there after
// the restart, and nothing is there that was not appended. QM_SEED and QM_CYCLES repeat or extend
// a campaign.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/base/testing/seed.h"
#include "storage/rocksdb_log.h"
#include "storage/test_frames.h"
#include "tests/fault/fault_file_system.h"

namespace quartermaster::storage {
namespace {

using fault::FaultFileSystem;

// Small, so that flushes and compactions are among what crashes.
constexpr size_t kMemtableBytes = size_t{64} << 10;

// From the environment, else `fallback`.
uint64_t Setting(const char* name, uint64_t fallback) {
  const char* const value = std::getenv(name);
  return value == nullptr ? fallback : std::strtoull(value, nullptr, 10);
}

// What must be there.
struct Expected {
  PartitionId id;
  Epoch epoch = 0;
  Position head = 0;
  std::vector<std::string> frames;
  // Sent, but not acknowledged: it may be there or not.
  std::optional<std::string> in_flight;
};

class Campaign {
 public:
  Campaign(uint64_t seed, bool sync) : random_(seed), sync_(sync) {}

  // The first violation.
  std::optional<std::string> Run(uint64_t cycles) {
    for (uint64_t cycle = 0; cycle < cycles; ++cycle) {
      // Few changes crash the opening, many come to flushes at the next one.
      faults_->CrashAfter(static_cast<int64_t>(random_() % 300));
      if (auto violation = Live()) return absl::StrCat("cycle ", cycle, ": ", *violation);
      faults_->LoseUnsynced(random_);
    }
    return Live(/*verify_only=*/true);
  }

  uint64_t acknowledged() const { return acknowledged_; }
  uint64_t survived_in_flight() const { return survived_in_flight_; }
  uint64_t failed_openings() const { return failed_openings_; }

 private:
  // One life of the process: opens, checks, appends until the crash.
  std::optional<std::string> Live(bool verify_only = false) {
    const auto log = OpenRocksDbLog({.directory = dir_.path() + "/log",
                                     .sync = sync_,
                                     .memtable_bytes = kMemtableBytes,
                                     .file_system = faults_});
    if (!log.ok()) {
      ++failed_openings_;
      return Excuse(log.status());
    }
    for (Expected& expected : expected_) {
      const auto lease = (*log)->Acquire(expected.id);
      if (!lease.ok()) return Excuse(lease.status());
      if (auto violation = Check(**log, *lease, expected)) return violation;
    }
    while (!verify_only) {
      Expected& expected = expected_[random_() % expected_.size()];
      const auto records = static_cast<int>(1 + random_() % 20);
      std::string frame = MakeFrame(expected.head + 1, records, random_() % 2'000,
                                    static_cast<char>('a' + random_() % 26));
      expected.in_flight = frame;
      const absl::Status status = (*log)->Append(expected.id, expected.epoch, expected.head, frame);
      if (!status.ok()) return Excuse(status);
      ++acknowledged_;
      Accept(expected);
    }
    return std::nullopt;
  }

  std::optional<std::string> Excuse(const absl::Status& status) const {
    if (faults_->crashed()) return std::nullopt;
    return std::string(status.message());
  }

  static void Accept(Expected& expected) {
    expected.head = FrameView::Parse(*expected.in_flight)->last_position();
    expected.frames.push_back(*std::move(expected.in_flight));
    expected.in_flight.reset();
  }

  std::optional<std::string> Check(EventLog& log, const Lease& lease, Expected& expected) {
    if (lease.epoch <= expected.epoch) {
      return absl::StrCat("epoch ", expected.epoch, " was given before, now ", lease.epoch);
    }
    expected.epoch = lease.epoch;
    if (lease.head < expected.head) {
      return absl::StrCat("acknowledged records lost: ", expected.head - lease.head, " of ",
                          expected.id.name);
    }
    if (lease.head > expected.head) {
      if (!expected.in_flight.has_value()) return "a head that nobody appended";
      ++survived_in_flight_;
      Accept(expected);
    }
    expected.in_flight.reset();
    if (lease.head != expected.head) return "a head that nobody appended";
    if (lease.head == 0) return std::nullopt;
    const auto frames = log.Read(expected.id, 1, size_t{1} << 40);
    if (!frames.ok()) return std::string(frames.status().message());
    if (*frames != expected.frames) return "other frames than those appended";
    return std::nullopt;
  }

  std::mt19937_64 random_;
  const bool sync_;
  TempDir dir_;
  const std::shared_ptr<FaultFileSystem> faults_ = std::make_shared<FaultFileSystem>();
  std::vector<Expected> expected_ = {{.id = {"default", "stock/0"}},
                                     {.id = {"default", "orders/0"}}};
  uint64_t acknowledged_ = 0;
  uint64_t survived_in_flight_ = 0;
  uint64_t failed_openings_ = 0;
};

TEST(LogCrashTest, AcknowledgedFramesSurvive) {
  const uint64_t seed = TestSeed();
  const uint64_t cycles = Setting("QM_CYCLES", 20);
  Campaign campaign(seed, /*sync=*/true);
  const auto violation = campaign.Run(cycles);
  std::cout << "seed " << seed << ", " << cycles << " cycles, " << campaign.acknowledged()
            << " frames acknowledged, " << campaign.failed_openings() << " crashes while opening, "
            << campaign.survived_in_flight() << " unacknowledged frames survived\n";
  EXPECT_EQ(violation, std::nullopt) << "seed " << seed;
}

// The planted bug: were Append not to sync, the campaign above would tell.
TEST(LogCrashTest, ALogThatDoesNotSyncIsCaught) {
  const uint64_t seed = TestSeed();
  Campaign campaign(seed, /*sync=*/false);
  const auto violation = campaign.Run(20);
  ASSERT_NE(violation, std::nullopt) << "seed " << seed;
  std::cout << "seed " << seed << ", caught: " << *violation << "\n";
}

}  // namespace
}  // namespace quartermaster::storage
