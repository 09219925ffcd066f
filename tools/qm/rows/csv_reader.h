// CsvReader: a CSV file (RFC 4180, UTF-8, header row), row by row, with the lines each row came
// from. Damage stays local: a line with broken quoting is a row with a problem, and reading goes on
// with the line after it.
//
//   QM_ASSIGN_OR_RETURN(auto reader, CsvReader::Open("stock.csv"));
//   CsvRow row;
//   while (reader->Next(&row)) ...
//   // reader->lines() == 1 + rows + blank lines + continuation lines
#ifndef QUARTERMASTER_TOOLS_QM_IMPORTER_CSV_READER_H_
#define QUARTERMASTER_TOOLS_QM_IMPORTER_CSV_READER_H_

#include <csv.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quartermaster::qm {

struct CsvRow {
  // Physical lines, the header being line 1. More than one if a quoted field holds a line break.
  int64_t first_line = 0;
  int64_t last_line = 0;
  std::vector<std::string> fields;
  // Why it cannot be read; empty if it can. Then `fields` holds the one raw line.
  std::string problem;
};

// Not thread-safe.
class CsvReader {
 public:
  // A row of more bytes than this has a problem: most likely a quote that is never closed.
  static constexpr size_t kRowBytesMax = 64 << 10;

  // Reads the header. Errors: kNotFound (cannot be read), kInvalidArgument (no header row, broken
  // header).
  static absl::StatusOr<std::unique_ptr<CsvReader>> Open(const std::string& path);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // False at the end of the file.
  bool Next(CsvRow* row);

  const std::vector<std::string>& header() const { return header_; }
  // Physical lines read so far, and those of them that are blank.
  int64_t lines() const { return line_; }
  int64_t blank_lines() const { return blank_lines_; }
  // For progress.
  int64_t bytes_read() const { return bytes_read_; }
  int64_t bytes_all() const { return bytes_all_; }
  // Whether the file ended by an error of the disk.
  bool failed() const { return file_.bad(); }

 private:
  struct Line {
    int64_t number = 0;
    std::string text;
  };

  explicit CsvReader(const std::string& path);
  bool NextLine(Line* line);
  // Parses from pending_ and the file until a row is complete, or there is a problem.
  bool Parse(CsvRow* row);
  void Reset();
  // The first line of the row cannot be read; the others are read again.
  void GiveUp(const std::string& problem, CsvRow* row);

  static void OnField(void* text, size_t size, void* self);
  static void OnRow(int terminator, void* self);

  std::ifstream file_;
  csv_parser parser_;
  std::vector<std::string> header_;
  // Lines to read before those of the file: after a problem.
  std::deque<Line> pending_;
  // Of the row that is being parsed.
  std::vector<Line> row_lines_;
  size_t row_bytes_ = 0;
  std::vector<std::string> fields_;
  bool row_done_ = false;
  int64_t line_ = 0;
  int64_t blank_lines_ = 0;
  int64_t bytes_read_ = 0;
  int64_t bytes_all_ = 0;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_IMPORTER_CSV_READER_H_
