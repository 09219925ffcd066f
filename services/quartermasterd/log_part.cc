#include "services/quartermasterd/log_part.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "quartermaster/log/v1/log_writer.grpc.pb.h"
#include "services/base/status_macros.h"
#include "services/log/rpc/log_reader_service.h"
#include "services/log/rpc/log_writer_service.h"
#include "storage/remote/grpc_log.h"
#include "storage/rocksdb_log.h"
#include "storage/shared_log_limits.h"

namespace quartermaster {
namespace {

// How long a process that waits for its log takes to notice that it is asked to end.
constexpr Micros kOpenAttempt = Seconds(1);

}  // namespace

absl::StatusOr<std::unique_ptr<LogPart>> LogPart::Open(const Process& process) {
  std::unique_ptr<LogPart> part(new LogPart(process));
  const absl::Status opened = process.Serves("log") ? part->OpenHere() : part->OpenElsewhere();
  if (!opened.ok()) return Within("log", opened);
  return part;
}

LogPart::~LogPart() { Stop(); }

absl::Status LogPart::OpenHere() {
  storage::RocksDbLogOptions options;
  options.directory = process_.options.data_dir + "/log";
  options.sync = !process_.options.unsafe_no_sync;
  if (process_.options.unsafe_no_sync) {
    process_.log->Warning("appends are not synced: a crash loses acknowledged events");
  }
  QM_ASSIGN_OR_RETURN(events_, storage::OpenRocksDbLog(options));
  reader_ = std::make_unique<log::LogReader>(events_.get());
  reader_service_ = log::NewLogReaderService(reader_.get());
  return absl::OkStatus();
}

absl::Status LogPart::OpenElsewhere() {
  storage::GrpcLogOptions options;
  options.address = process_.options.log;
  options.open_timeout = kOpenAttempt;
  options.on_outage = [log = process_.log](const absl::Status& status) {
    if (status.ok()) {
      log->Info("the shared log answers again");
    } else {
      log->Warning("the shared log does not answer", {{"status", status.ToString()}});
    }
  };
  bool told = false;
  while (true) {
    auto opened = storage::OpenGrpcLog(options);
    if (opened.ok()) {
      events_ = std::move(*opened);
      return absl::OkStatus();
    }
    if (!absl::IsUnavailable(opened.status())) return opened.status();
    if (process_.signal->Pending()) {
      return absl::CancelledError("asked to end while waiting for the shared log");
    }
    if (!std::exchange(told, true)) {
      process_.log->Warning("waiting for the shared log", {{"log", process_.options.log},
                                                           {"status", opened.status().ToString()}});
    }
  }
}

void LogPart::AddTo(Offer* offer) {
  if (reader_ == nullptr) return;
  offer->services.push_back(runtime::Hosted<log::v1::LogReader>(reader_service_.get()));
  offer->end_streams.push_back([this] { reader_->BeginShutdown(); });
}

absl::Status LogPart::Listen() {
  const std::string socket = runtime::LogSocketOf(process_.options);
  const std::string& address = process_.options.log_listen;
  if (socket.empty() && address.empty()) return absl::OkStatus();
  writer_ = std::make_unique<log::LogWriter>(
      events_.get(),
      [log = process_.log](const absl::Status& status) { EndWithFailedLog(log, status); });
  writer_service_ = log::NewLogWriterService(writer_.get());
  runtime::GrpcServerOptions options = GrpcOptionsFor(process_);
  options.listen = address;
  options.socket_path = socket;
  options.message_bytes_max = storage::kSharedLogMessageBytesMax;
  // Owners write; followers of the catalog read.
  auto started = runtime::GrpcServer::Start(
      options, {runtime::Hosted<log::v1::LogWriter>(writer_service_.get()),
                runtime::Hosted<log::v1::LogReader>(reader_service_.get())});
  if (!started.ok()) return Within("options --log-listen and --log-socket", started.status());
  server_ = std::move(*started);
  server_->OnDrain([this] {
    writer_->BeginShutdown();
    reader_->BeginShutdown();
  });
  server_->SetServing(log::v1::LogWriter::service_full_name(), true);
  server_->SetServing(log::v1::LogReader::service_full_name(), true);
  process_.log->Info("serving the log", {{"port", server_->port()}, {"socket", socket}});
  return absl::OkStatus();
}

void LogPart::Stop() {
  if (server_ != nullptr) server_->Drain();
}

}  // namespace quartermaster
