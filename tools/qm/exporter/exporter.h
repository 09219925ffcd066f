// What `qm export` reads, in the columns that `qm import` takes.
#ifndef QUARTERMASTER_TOOLS_QM_EXPORTER_EXPORTER_H_
#define QUARTERMASTER_TOOLS_QM_EXPORTER_EXPORTER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "tools/qm/exporter/export_file.h"

namespace quartermaster::qm {

class Context;

struct ExportSummary {
  // Items, locations, SKUs at locations that were read.
  int64_t read = 0;
  // The cut that all rows are of.
  std::string position;
};

// Write all rows; the caller commits the file. Errors: those of the server (ToAbsl), kUnavailable
// (the disk).

// Units that are on hand: a row for each condition in which there are some, by SKU, location and
// condition; below 0 if more was sold than the books knew of. In bounded memory.
absl::StatusOr<ExportSummary> ExportStock(Context& context, ExportFile& file);
// By id. ABORTED if the catalog was never the same for as long as it takes to read it.
absl::StatusOr<ExportSummary> ExportItems(Context& context, ExportFile& file);
absl::StatusOr<ExportSummary> ExportLocations(Context& context, ExportFile& file);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_EXPORTER_EXPORTER_H_
