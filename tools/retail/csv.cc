#include "tools/retail/csv.h"

#include <csv.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"

namespace quartermaster::retail {
namespace {

struct GzClose {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

// Turns libcsv's callbacks into rows of the wanted columns.
class Rows {
 public:
  Rows(const std::vector<std::string>& columns, const std::function<void(const CsvRow&)>& on_row)
      : columns_(columns), on_row_(on_row) {
    csv_init(&parser_, CSV_APPEND_NULL);
  }
  ~Rows() { csv_free(&parser_); }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  void Feed(const char* data, size_t size) {
    csv_parse(&parser_, data, size, &Rows::OnField, &Rows::OnRow, this);
  }
  void Finish() { csv_fini(&parser_, &Rows::OnField, &Rows::OnRow, this); }

  // Whether the next byte starts a row: a row may span lines.
  bool between_rows() const { return parser_.pstate == kRowNotBegun; }
  void StartRow(int64_t line) { line_ = line; }

  // What is wrong with the header, once it has been read.
  const absl::Status& header_status() const { return header_status_; }
  bool has_header() const { return header_size_ > 0; }

 private:
  // The state that csv_init sets; libcsv keeps its name to itself.
  static constexpr int kRowNotBegun = 0;

  static void OnField(void* data, size_t size, void* self) {
    Rows* rows = static_cast<Rows*>(self);
    rows->raw_.emplace_back(static_cast<const char*>(data), size);
  }
  static void OnRow(int, void* self) {
    Rows* rows = static_cast<Rows*>(self);
    rows->EndRow();
    rows->raw_.clear();
  }

  void EndRow() {
    if (!has_header()) {
      ReadHeader();
      return;
    }
    CsvRow row;
    row.line = line_;
    if (raw_.size() == header_size_) {
      for (size_t index : wanted_) row.fields.push_back(std::move(raw_[index]));
    }
    if (header_status_.ok()) on_row_(row);
  }

  void ReadHeader() {
    header_size_ = raw_.size();
    // A byte order mark is no part of the first name.
    if (raw_[0].rfind("\xEF\xBB\xBF", 0) == 0) raw_[0].erase(0, 3);
    for (const std::string& column : columns_) {
      const auto found = std::find(raw_.begin(), raw_.end(), column);
      if (found == raw_.end()) {
        header_status_ = absl::InvalidArgumentError(absl::StrCat("no column '", column, "'"));
        return;
      }
      wanted_.push_back(found - raw_.begin());
    }
  }

  const std::vector<std::string>& columns_;
  const std::function<void(const CsvRow&)>& on_row_;
  csv_parser parser_;
  std::vector<std::string> raw_;
  std::vector<size_t> wanted_;
  size_t header_size_ = 0;
  int64_t line_ = 1;
  absl::Status header_status_;
};

// The rest of a physical line, its newline included; empty at the end of the file.
absl::Status ReadLine(gzFile file, std::string* line) {
  line->clear();
  std::array<char, 16384> buffer;
  while (line->empty() || line->back() != '\n') {
    if (gzgets(file, buffer.data(), buffer.size()) == nullptr) break;
    line->append(buffer.data());
  }
  int code = Z_OK;
  const char* message = gzerror(file, &code);
  if (code != Z_OK && code != Z_STREAM_END) return absl::DataLossError(message);
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadCsv(const std::string& path, const std::vector<std::string>& columns,
                     const std::function<void(const CsvRow&)>& on_row) {
  // zlib reads a file that is not gzip as it is.
  const std::unique_ptr<gzFile_s, GzClose> file(gzopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return absl::NotFoundError(absl::StrCat(path, ": ", std::strerror(errno)));
  }
  Rows rows(columns, on_row);
  std::string line;
  int64_t number = 0;
  while (true) {
    if (absl::Status status = ReadLine(file.get(), &line); !status.ok()) {
      return absl::Status(status.code(),
                          absl::StrCat(path, ": after line ", number, ": ", status.message()));
    }
    if (line.empty()) break;
    ++number;
    if (rows.between_rows()) rows.StartRow(number);
    rows.Feed(line.data(), line.size());
    if (!rows.header_status().ok()) break;
  }
  rows.Finish();
  if (!rows.header_status().ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", rows.header_status().message()));
  }
  if (!rows.has_header()) return absl::InvalidArgumentError(absl::StrCat(path, ": empty file"));
  return absl::OkStatus();
}

std::string CsvField(const std::string& value) {
  if (value.find_first_of(",\"\r\n") == std::string::npos) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace quartermaster::retail
