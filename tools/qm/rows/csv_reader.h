// CsvReader: a CSV file (RFC 4180, UTF-8, header row). A line with broken quoting is a row with a
// problem, and reading goes on with the line after it.
#ifndef QUARTERMASTER_TOOLS_QM_ROWS_CSV_READER_H_
#define QUARTERMASTER_TOOLS_QM_ROWS_CSV_READER_H_

#include <csv.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/qm/rows/line_reader.h"
#include "tools/qm/rows/row_reader.h"

namespace quartermaster::qm {

class CsvReader : public RowReader {
 public:
  // Reads the header. Errors: kNotFound (cannot be read), kInvalidArgument (no header row, broken
  // header).
  static absl::StatusOr<std::unique_ptr<CsvReader>> Open(const std::string& path);
  ~CsvReader() override;
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  bool Next(FileRow* row) override;
  FileFormat format() const override { return FileFormat::kCsv; }
  const std::vector<std::string>& header() const override { return header_; }
  int64_t header_lines() const override { return header_lines_; }
  int64_t lines() const override { return lines_.number(); }
  int64_t blank_lines() const override { return blank_lines_; }
  int64_t bytes_read() const override { return lines_.bytes_read(); }
  int64_t bytes_all() const override { return lines_.bytes_all(); }
  bool failed() const override { return lines_.failed(); }

 private:
  struct Line {
    int64_t number = 0;
    std::string text;
  };

  explicit CsvReader(const std::string& path);
  bool NextLine(Line* line);
  // Parses from pending_ and the file until a row is complete, or there is a problem.
  bool Parse(FileRow* row);
  void Reset();
  // The first line of the row cannot be read; the others are read again.
  void GiveUp(const std::string& problem, FileRow* row);

  static void OnField(void* text, size_t size, void* self);
  static void OnRow(int terminator, void* self);

  LineReader lines_;
  csv_parser parser_;
  std::vector<std::string> header_;
  // Lines to read before those of the file: after a problem.
  std::deque<Line> pending_;
  // Of the row that is being parsed.
  std::vector<Line> row_lines_;
  size_t row_bytes_ = 0;
  std::vector<std::string> fields_;
  bool row_done_ = false;
  int64_t header_lines_ = 0;
  int64_t blank_lines_ = 0;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_ROWS_CSV_READER_H_
