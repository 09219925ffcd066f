// LogPart: the event log of a process: kept here, and then served to others, or kept by another
// process.
#ifndef QUARTERMASTER_SERVICES_QUARTERMASTERD_LOG_PART_H_
#define QUARTERMASTER_SERVICES_QUARTERMASTERD_LOG_PART_H_

#include <memory>

#include "absl/status/statusor.h"
#include "services/log/app/log_reader.h"
#include "services/log/app/log_writer.h"
#include "services/quartermasterd/process.h"
#include "storage/event_log.h"

namespace grpc {
class Service;
}

namespace quartermaster {

class LogPart {
 public:
  // Opens the log in the data directory, or waits for the one at --log.
  // Errors: those of the log; kCancelled if the process is asked to end meanwhile.
  static absl::StatusOr<std::unique_ptr<LogPart>> Open(const Process& process);
  // Stops, if it has not been stopped.
  ~LogPart();

  storage::EventLog* events() { return events_.get(); }

  // The log's public, read-only face, if the log is kept here.
  void AddTo(Offer* offer);
  // Lets other processes use the log: on listeners of its own, as the options say, if any.
  absl::Status Listen();
  // Ends what other processes do here. After the parts of this process.
  void Stop();

 private:
  explicit LogPart(const Process& process) : process_(process) {}
  absl::Status OpenHere();
  absl::Status OpenElsewhere();

  const Process& process_;
  std::unique_ptr<storage::EventLog> events_;
  // If the log is kept here.
  std::unique_ptr<log::LogReader> reader_;
  std::unique_ptr<grpc::Service> reader_service_;
  // If others use it too.
  std::unique_ptr<log::LogWriter> writer_;
  std::unique_ptr<grpc::Service> writer_service_;
  std::unique_ptr<runtime::GrpcServer> server_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_QUARTERMASTERD_LOG_PART_H_
