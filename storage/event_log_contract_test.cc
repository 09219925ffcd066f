// The contract over the engines of this folder.
#include "storage/event_log_contract.h"

#include "storage/memory_log.h"
#include "storage/rocksdb_log.h"
#include "storage/test_frames.h"

namespace quartermaster::storage {
namespace {

class MemoryHost : public EventLogHost {
 public:
  EventLog* log() override { return log_.get(); }
  bool Reopen() override { return false; }

 private:
  std::unique_ptr<EventLog> log_ = NewMemoryLog();
};

class RocksDbHost : public EventLogHost {
 public:
  RocksDbHost() { Reopen(); }
  EventLog* log() override { return log_.get(); }
  bool Reopen() override {
    log_.reset();
    auto log = OpenRocksDbLog({.directory = dir_.path() + "/log"});
    EXPECT_TRUE(log.ok()) << log.status();
    if (log.ok()) log_ = *std::move(log);
    return true;
  }

 private:
  TempDir dir_;
  std::unique_ptr<EventLog> log_;
};

INSTANTIATE_TEST_SUITE_P(Memory, EventLogContract,
                         testing::Values([] { return std::make_unique<MemoryHost>(); }));
INSTANTIATE_TEST_SUITE_P(RocksDb, EventLogContract,
                         testing::Values([] { return std::make_unique<RocksDbHost>(); }));

}  // namespace
}  // namespace quartermaster::storage
