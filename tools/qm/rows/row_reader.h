// RowReader: a file of rows, CSV or NDJSON, row by row, with the lines that each row came from.
// Damage stays local: what cannot be read is a row with a problem, and reading goes on behind it.
//
//   QM_ASSIGN_OR_RETURN(auto reader, OpenRows(path, FormatOf(path), {{"sku"}, {"quantity"}}));
//   FileRow row;
//   while (reader->Next(&row)) ...
//   // reader->lines() == reader->header_lines() + blank lines + lines of rows
#ifndef QUARTERMASTER_TOOLS_QM_ROWS_ROW_READER_H_
#define QUARTERMASTER_TOOLS_QM_ROWS_ROW_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/qm/rows/file_format.h"

namespace quartermaster::qm {

struct Column {
  std::string name;
  // It must be there.
  bool required = false;
  // In NDJSON an array of strings, in CSV they are separated by ';'.
  bool list = false;
  // Another column that will do in its place.
  std::string or_else;
};

struct FileRow {
  // Physical lines, from 1. More than one if a quoted field of CSV holds a line break.
  int64_t first_line = 0;
  int64_t last_line = 0;
  // In the order of the reader's header.
  std::vector<std::string> fields;
  // Of NDJSON, the line as it stands in the file.
  std::string text;
  // Why it cannot be read; empty if it can. Then `fields` holds the one raw line.
  std::string problem;
};

// Not thread-safe.
class RowReader {
 public:
  // A row of more bytes than this has a problem.
  static constexpr size_t kRowBytesMax = 64 << 10;

  virtual ~RowReader() = default;

  // False at the end of the file.
  virtual bool Next(FileRow* row) = 0;

  virtual FileFormat format() const = 0;
  // The columns' names.
  virtual const std::vector<std::string>& header() const = 0;
  // Physical lines that the header takes; those read so far; and those of them that are blank.
  virtual int64_t header_lines() const = 0;
  virtual int64_t lines() const = 0;
  virtual int64_t blank_lines() const = 0;
  // For progress.
  virtual int64_t bytes_read() const = 0;
  virtual int64_t bytes_all() const = 0;
  // Whether the file ended by an error of the disk.
  virtual bool failed() const = 0;
};

// A CSV file's header is its own, in its order, with columns that nobody asked for; of an NDJSON
// file it is `columns`. Errors: kNotFound (cannot be read); of CSV also kInvalidArgument (no header
// row, a broken one, a required column is missing).
absl::StatusOr<std::unique_ptr<RowReader>> OpenRows(const std::string& path, FileFormat format,
                                                    const std::vector<Column>& columns);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_ROWS_ROW_READER_H_
