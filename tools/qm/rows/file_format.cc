#include "tools/qm/rows/file_format.h"

#include <csv.h>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "services/base/check.h"

namespace quartermaster::qm {
namespace {

bool TakeOffEnding(std::string_view& path, std::string_view ending) {
  if (!absl::EndsWithIgnoreCase(absl::string_view(path.data(), path.size()),
                                absl::string_view(ending.data(), ending.size()))) {
    return false;
  }
  path.remove_suffix(ending.size());
  return true;
}

std::string CsvText(const Cell& cell) {
  if (cell.is_string()) return cell.get<std::string>();
  if (!cell.is_array()) return cell.dump();
  std::string text;
  for (const Cell& part : cell) {
    if (!text.empty()) text += ';';
    text += part.get<std::string>();
  }
  return text;
}

void AppendJson(const Cell& cell, std::string& to) {
  to += cell.dump(-1, ' ', false, Cell::error_handler_t::replace);
}

}  // namespace

FileFormat FormatOf(std::string_view path) {
  while (TakeOffEnding(path, ".rejects")) TakeOffEnding(path, ".dry-run");
  const bool ndjson = TakeOffEnding(path, ".ndjson") || TakeOffEnding(path, ".jsonl");
  return ndjson ? FileFormat::kNdjson : FileFormat::kCsv;
}

FileFormat FormatOf(std::string_view path, std::string_view name) {
  if (name.empty()) return FormatOf(path);
  return name == "ndjson" ? FileFormat::kNdjson : FileFormat::kCsv;
}

void AppendCsvField(std::string_view field, std::string& to) {
  const bool blank_ends = !field.empty() && (field.front() == ' ' || field.front() == '\t' ||
                                             field.back() == ' ' || field.back() == '\t');
  if (!blank_ends && field.find_first_of(",\"\r\n") == std::string_view::npos) {
    to += field;
    return;
  }
  // At worst every byte is a quote that is doubled, between two more.
  const size_t begin = to.size();
  to.resize(begin + 2 * field.size() + 2);
  const size_t size = csv_write(to.data() + begin, to.size() - begin, field.data(), field.size());
  to.resize(begin + size);
}

void AppendCsvRow(const std::vector<std::string>& fields, std::string& to) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) to += ',';
    AppendCsvField(fields[i], to);
  }
  to += '\n';
}

void AppendHeader(FileFormat format, const std::vector<std::string>& columns, std::string& to) {
  if (format == FileFormat::kCsv) AppendCsvRow(columns, to);
}

void AppendRow(FileFormat format, const std::vector<std::string>& columns,
               const std::vector<Cell>& cells, std::string& to) {
  QM_CHECK(cells.size() == columns.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    if (format == FileFormat::kCsv) {
      if (i > 0) to += ',';
      AppendCsvField(CsvText(cells[i]), to);
      continue;
    }
    to += i == 0 ? "{\"" : ",\"";
    to += columns[i];
    to += "\":";
    AppendJson(cells[i], to);
  }
  to += format == FileFormat::kCsv ? "\n" : "}\n";
}

}  // namespace quartermaster::qm
