// LineReader: a file's lines, one after the other, in bounded memory.
//
//   LineReader lines(path);
//   std::string text;
//   while (lines.Next(&text)) ...      // lines.number() is its number, from 1
#ifndef QUARTERMASTER_TOOLS_QM_ROWS_LINE_READER_H_
#define QUARTERMASTER_TOOLS_QM_ROWS_LINE_READER_H_

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace quartermaster::qm {

// Not thread-safe.
class LineReader {
 public:
  // Of a longer line only its first bytes are kept, and one more, so that it is seen to be longer.
  static constexpr size_t kLineBytesMax = 64 << 10;

  explicit LineReader(const std::string& path);

  // Whether there is such a file and it can be read.
  bool opened() const { return opened_; }
  // With its line break, if it has one. A byte order mark in front of the first line is left out.
  // False at the end of the file.
  bool Next(std::string* line);

  int64_t number() const { return number_; }
  // For progress.
  int64_t bytes_read() const { return bytes_read_; }
  int64_t bytes_all() const { return bytes_all_; }
  // Whether the file ended by an error of the disk.
  bool failed() const { return file_.bad(); }

 private:
  bool Fill();

  std::ifstream file_;
  bool opened_ = false;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  int64_t number_ = 0;
  int64_t bytes_read_ = 0;
  int64_t bytes_all_ = 0;
};

// Nothing but blanks.
bool IsBlankLine(const std::string& text);
// Without its line break.
std::string WithoutLineEnd(std::string text);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_ROWS_LINE_READER_H_
