#include "tools/qm/rows/row_reader.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "tools/qm/rows/csv_reader.h"
#include "tools/qm/rows/ndjson_reader.h"

namespace quartermaster::qm {

absl::StatusOr<std::unique_ptr<RowReader>> OpenRows(const std::string& path, FileFormat format,
                                                    const std::vector<Column>& columns) {
  if (format == FileFormat::kNdjson) return NdjsonReader::Open(path, columns);
  QM_ASSIGN_OR_RETURN(std::unique_ptr<CsvReader> reader, CsvReader::Open(path));
  const std::vector<std::string>& header = reader->header();
  const auto has = [&](const std::string& name) {
    return std::find(header.begin(), header.end(), name) != header.end();
  };
  for (const Column& column : columns) {
    if (!column.required || has(column.name) || has(column.or_else)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": the header has no column '", column.name, "'",
                     column.or_else.empty() ? "" : absl::StrCat(" and no '", column.or_else, "'")));
  }
  return reader;
}

}  // namespace quartermaster::qm
