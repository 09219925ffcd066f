// Importer: reads a CSV or NDJSON file and sends it, request by request, several at a time. Request
// ids follow from the file's content and the lines, so that running an interrupted import again is
// safe: what had been taken is answered as the first time and has no second effect.
#ifndef QUARTERMASTER_TOOLS_QM_IMPORTER_IMPORTER_H_
#define QUARTERMASTER_TOOLS_QM_IMPORTER_IMPORTER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/qm/client/error_report.h"
#include "tools/qm/importer/import_kind.h"
#include "tools/qm/importer/pipeline.h"
#include "tools/qm/importer/reject_file.h"
#include "tools/qm/output/progress.h"
#include "tools/qm/rows/row_reader.h"

namespace quartermaster::qm {

struct ImportOptions {
  std::string path;
  // "csv" or "ndjson"; empty: by the path's ending.
  std::string format;
  // Replaced if there are rejects, else left alone. Empty: the file's name with ".rejects" behind
  // it, in a dry run with ".dry-run.rejects".
  std::string rejects_path;
  // Checks everything that can be checked here, and sends nothing.
  bool dry_run = false;
  // How long a request may go without an answer.
  std::chrono::milliseconds timeout{30'000};
};

// What became of the input. lines = header_lines + blank_lines + row_lines;
// rows = applied + unchanged + rejected + unanswered.
struct ImportSummary {
  int64_t lines = 0;
  int64_t header_lines = 0;
  int64_t blank_lines = 0;
  int64_t row_lines = 0;
  int64_t rows = 0;
  int64_t applied = 0;
  int64_t unchanged = 0;
  int64_t rejected = 0;
  // Not sent, or without an answer, because the server was lost.
  int64_t unanswered = 0;
  int64_t requests = 0;
  // From the file's opening to the last answer.
  std::chrono::microseconds duration{0};
  std::string rejects_path;
  // Why it stopped early, if it did.
  std::optional<ErrorReport> stopped;

  int64_t RowsPerSecond() const {
    return duration.count() > 0 ? rows * 1'000'000 / duration.count() : 0;
  }
  bool AddsUp() const {
    return lines == header_lines + blank_lines + row_lines &&
           rows == applied + unchanged + rejected + unanswered;
  }
};

// Errors: kNotFound, kInvalidArgument (header), kAlreadyExists (rejects would take the place of the
// imported file, or of what is no file), kUnavailable (the reject file cannot be written),
// kDataLoss (the disk). A lost server is no error: see `stopped`.
absl::StatusOr<ImportSummary> RunImport(ImportKind& kind, const ImportOptions& options);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_IMPORTER_IMPORTER_H_
