// FileFormat: the forms that files of rows have, for import and export alike.
#ifndef QUARTERMASTER_TOOLS_QM_ROWS_FILE_FORMAT_H_
#define QUARTERMASTER_TOOLS_QM_ROWS_FILE_FORMAT_H_

#include <string>
#include <string_view>
#include <vector>

#include "nlohmann/json.hpp"

namespace quartermaster::qm {

enum class FileFormat {
  // RFC 4180, UTF-8, with a header row.
  kCsv,
  // A JSON object a line; its keys are the columns.
  kNdjson,
};

// By the file's ending: .ndjson and .jsonl are NDJSON, everything else is CSV. What stands in front
// of ".rejects" counts, so that a reject file is read as it was written.
FileFormat FormatOf(std::string_view path);
// `name` ("csv", "ndjson") if it is given, else by the path's ending.
FileFormat FormatOf(std::string_view path, std::string_view name);

// One field, quoted if it has to be: also for blanks at its ends, which readers would take off.
void AppendCsvField(std::string_view field, std::string& to);
// Fields with commas, and a line break.
void AppendCsvRow(const std::vector<std::string>& fields, std::string& to);

// What a cell of an exported row holds: a string, a number, true or false, or strings.
using Cell = nlohmann::ordered_json;
// A row, with its line break. In CSV strings of a list are separated by ';', in NDJSON they are an
// array.
void AppendRow(FileFormat format, const std::vector<std::string>& columns,
               const std::vector<Cell>& cells, std::string& to);
// What stands before the first row.
void AppendHeader(FileFormat format, const std::vector<std::string>& columns, std::string& to);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_ROWS_FILE_FORMAT_H_
