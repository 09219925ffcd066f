// Streaming CSV (RFC 4180), plain or gzip: rows are handed out one by one, with their columns in
// the order that the caller names, whatever their order in the file.
//
//   QM_RETURN_IF_ERROR(ReadCsv(dir + "/us_cities.csv", {"city", "population"},
//                              [&](const CsvRow& row) { Add(row.fields[0], row.fields[1]); }));
#ifndef QUARTERMASTER_TOOLS_RETAIL_CSV_H_
#define QUARTERMASTER_TOOLS_RETAIL_CSV_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace quartermaster::retail {

struct CsvRow {
  // The physical line that the row starts at; the header is line 1.
  int64_t line = 0;
  // The wanted columns, in the order asked for. Empty if the row has another number of columns
  // than the header.
  std::vector<std::string> fields;
};

// Calls `on_row` for each row below the header. Errors: NotFound (no such file), InvalidArgument
// (the header lacks a wanted column), DataLoss (a truncated or damaged gzip stream).
absl::Status ReadCsv(const std::string& path, const std::vector<std::string>& columns,
                     const std::function<void(const CsvRow&)>& on_row);

// A field of a CSV file, quoted where RFC 4180 asks for it.
std::string CsvField(const std::string& value);

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_CSV_H_
