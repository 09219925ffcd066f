#include "tools/qm/importer/reject_file.h"

#include <utility>

#include "tools/qm/rows/ndjson_reader.h"

namespace quartermaster::qm {

RejectFile::RejectFile(std::string path, FileFormat format, std::vector<std::string> header)
    : file_(std::move(path)), format_(format), header_(std::move(header)) {}

void RejectFile::Add(const ImportRow& row, const std::string& reason) {
  ++rows_;
  if (format_ == FileFormat::kNdjson) {
    file_.Write(RejectedLine(row.first_line, reason, row.text));
    return;
  }
  std::string text;
  if (rows_ == 1) {
    std::vector<std::string> header = {"line", "reason"};
    header.insert(header.end(), header_.begin(), header_.end());
    AppendCsvRow(header, text);
  }
  std::vector<std::string> fields = {std::to_string(row.first_line), reason};
  fields.insert(fields.end(), row.raw.begin(), row.raw.end());
  AppendCsvRow(fields, text);
  file_.Write(text);
}

absl::Status RejectFile::Close() { return rows_ == 0 ? absl::OkStatus() : file_.Commit(); }

}  // namespace quartermaster::qm
