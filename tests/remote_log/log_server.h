// A shared log's server for tests, on a Unix socket; and a log that misbehaves on demand.
#ifndef QUARTERMASTER_TESTS_REMOTE_LOG_LOG_SERVER_H_
#define QUARTERMASTER_TESTS_REMOTE_LOG_LOG_SERVER_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/log/v1/log_writer.grpc.pb.h"
#include "services/log/app/log_writer.h"
#include "services/log/rpc/log_writer_service.h"
#include "services/runtime/server.h"
#include "storage/event_log.h"
#include "storage/shared_log_limits.h"

namespace quartermaster {

// Serves a log from Start to Stop. Not thread-safe.
class LogServer {
 public:
  explicit LogServer(std::string socket_path) : socket_path_(std::move(socket_path)) {}
  ~LogServer() { Stop(); }

  std::string address() const { return absl::StrCat("unix:", socket_path_); }

  void Start(storage::EventLog* log, std::function<void(const absl::Status&)> on_failed = {}) {
    writer_ = std::make_unique<log::LogWriter>(log, std::move(on_failed));
    service_ = log::NewLogWriterService(writer_.get());
    runtime::GrpcServerOptions options;
    options.socket_path = socket_path_;
    options.message_bytes_max = storage::kSharedLogMessageBytesMax;
    // Calls in flight are cut off.
    options.drain_timeout = Micros{0};
    auto server =
        runtime::GrpcServer::Start(options, {runtime::Hosted<log::v1::LogWriter>(service_.get())});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    server_->OnDrain([this] { writer_->BeginShutdown(); });
  }

  void Stop() {
    server_.reset();
    service_.reset();
    writer_.reset();
  }

  log::LogWriter* writer() { return writer_.get(); }

 private:
  const std::string socket_path_;
  std::unique_ptr<log::LogWriter> writer_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<runtime::GrpcServer> server_;
};

// Passes on to another log; a test replaces what it wants to go wrong, before the log is used.
class BentLog : public storage::EventLog {
 public:
  explicit BentLog(storage::EventLog* log) : log_(log) {}

  absl::StatusOr<storage::Lease> Acquire(const storage::PartitionId& partition) override {
    return log_->Acquire(partition);
  }
  absl::Status Append(const storage::PartitionId& partition, storage::Epoch epoch,
                      storage::Position expected_head, std::string_view frame) override {
    const auto append = [&] { return log_->Append(partition, epoch, expected_head, frame); };
    return on_append ? on_append(partition, append) : append();
  }
  absl::StatusOr<std::vector<std::string>> Read(const storage::PartitionId& partition,
                                                storage::Position from, size_t max_bytes) override {
    return log_->Read(partition, from, max_bytes);
  }
  absl::StatusOr<storage::PartitionStatus> GetStatus(
      const storage::PartitionId& partition) override {
    return log_->GetStatus(partition);
  }
  absl::StatusOr<std::vector<storage::PartitionStatus>> ListPartitions() override {
    return log_->ListPartitions();
  }
  absl::StatusOr<storage::Position> WaitForHead(const storage::PartitionId& partition,
                                                storage::Position position,
                                                Micros timeout) override {
    return log_->WaitForHead(partition, position, timeout);
  }
  int format_level() const override { return level != 0 ? level : log_->format_level(); }

  // Instead of an append; its second argument does what was asked.
  std::function<absl::Status(const storage::PartitionId&, const std::function<absl::Status()>&)>
      on_append;
  int level = 0;

 private:
  storage::EventLog* const log_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_TESTS_REMOTE_LOG_LOG_SERVER_H_
