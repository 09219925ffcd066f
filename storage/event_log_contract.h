// The tests that every EventLog must pass. An engine's own test links event_log_contract.cc and
// instantiates the suite:
//
//   INSTANTIATE_TEST_SUITE_P(Mine, EventLogContract, testing::Values([] { return NewHost(); }));
#ifndef QUARTERMASTER_STORAGE_EVENT_LOG_CONTRACT_H_
#define QUARTERMASTER_STORAGE_EVENT_LOG_CONTRACT_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "storage/event_log.h"

namespace quartermaster::storage {

// Owns a log and what it needs: a directory, a server.
class EventLogHost {
 public:
  virtual ~EventLogHost() = default;
  virtual EventLog* log() = 0;
  // Closes the log and opens it again. False if this engine keeps nothing beyond its life.
  virtual bool Reopen() = 0;
};

class EventLogContract
    : public testing::TestWithParam<std::function<std::unique_ptr<EventLogHost>()>> {
 protected:
  void SetUp() override {
    host_ = GetParam()();
    ASSERT_NE(host_, nullptr);
  }
  EventLog* log() { return host_->log(); }

  std::unique_ptr<EventLogHost> host_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_EVENT_LOG_CONTRACT_H_
