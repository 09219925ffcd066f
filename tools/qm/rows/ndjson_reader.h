// NdjsonReader: a file with a JSON object a line. Its keys are the columns' names; values are
// strings, numbers, true, false, null (as if the key were not there), and arrays of strings where
// the column is a list. Other keys are ignored.
#ifndef QUARTERMASTER_TOOLS_QM_ROWS_NDJSON_READER_H_
#define QUARTERMASTER_TOOLS_QM_ROWS_NDJSON_READER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/qm/rows/line_reader.h"
#include "tools/qm/rows/row_reader.h"

namespace quartermaster::qm {

class NdjsonReader : public RowReader {
 public:
  // Errors: kNotFound (cannot be read).
  static absl::StatusOr<std::unique_ptr<NdjsonReader>> Open(const std::string& path,
                                                            std::vector<Column> columns);

  bool Next(FileRow* row) override;
  FileFormat format() const override { return FileFormat::kNdjson; }
  const std::vector<std::string>& header() const override { return header_; }
  int64_t header_lines() const override { return 0; }
  int64_t lines() const override { return lines_.number(); }
  int64_t blank_lines() const override { return blank_lines_; }
  int64_t bytes_read() const override { return lines_.bytes_read(); }
  int64_t bytes_all() const override { return lines_.bytes_all(); }
  bool failed() const override { return lines_.failed(); }

 private:
  NdjsonReader(const std::string& path, std::vector<Column> columns);

  LineReader lines_;
  const std::vector<Column> columns_;
  std::vector<std::string> header_;
  int64_t blank_lines_ = 0;
};

// A rejected line with "line" and "reason" in front of its own keys; of one that is no object its
// text is in "text". Ends with a line break.
std::string RejectedLine(int64_t line, const std::string& reason, const std::string& text);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_ROWS_NDJSON_READER_H_
