// The contract of every event log, over gRPC: whatever engine is behind it.
#include <memory>
#include <string>

#include "storage/event_log_contract.h"
#include "storage/memory_log.h"
#include "storage/remote/grpc_log.h"
#include "storage/rocksdb_log.h"
#include "storage/test_frames.h"
#include "tests/remote_log/log_server.h"

namespace quartermaster::storage {
namespace {

// A server over a log, and a client that stays while the server restarts.
class RemoteHost : public EventLogHost {
 public:
  EventLog* log() override { return client_.get(); }

 protected:
  void Connect() {
    // Patient: the machine may be busy.
    auto client = OpenGrpcLog({.address = server_.address(),
                               .append_timeout = Seconds(60),
                               .status_timeout = Seconds(60)});
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  TempDir dir_;
  LogServer server_{dir_.path() + "/log.sock"};

 private:
  std::unique_ptr<EventLog> client_;
};

class RemoteMemoryHost : public RemoteHost {
 public:
  RemoteMemoryHost() {
    server_.Start(log_.get());
    Connect();
  }
  ~RemoteMemoryHost() override { server_.Stop(); }
  bool Reopen() override {
    server_.Stop();
    server_.Start(log_.get());
    return true;
  }

 private:
  std::unique_ptr<EventLog> log_ = NewMemoryLog();
};

class RemoteRocksDbHost : public RemoteHost {
 public:
  RemoteRocksDbHost() {
    Reopen();
    Connect();
  }
  ~RemoteRocksDbHost() override { server_.Stop(); }
  bool Reopen() override {
    server_.Stop();
    log_.reset();
    auto log = OpenRocksDbLog({.directory = dir_.path() + "/log"});
    EXPECT_TRUE(log.ok()) << log.status();
    if (!log.ok()) return true;
    log_ = *std::move(log);
    server_.Start(log_.get());
    return true;
  }

 private:
  std::unique_ptr<EventLog> log_;
};

INSTANTIATE_TEST_SUITE_P(GrpcOverMemory, EventLogContract,
                         testing::Values([] { return std::make_unique<RemoteMemoryHost>(); }));
INSTANTIATE_TEST_SUITE_P(GrpcOverRocksDb, EventLogContract,
                         testing::Values([] { return std::make_unique<RemoteRocksDbHost>(); }));

}  // namespace
}  // namespace quartermaster::storage
