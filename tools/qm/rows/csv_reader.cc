#include "tools/qm/importer/csv_reader.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"

namespace quartermaster::qm {
namespace {

constexpr char kByteOrderMark[] = "\xef\xbb\xbf";
constexpr unsigned char kOptions = CSV_STRICT | CSV_STRICT_FINI;

bool IsBlank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

std::string WithoutEnd(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CsvReader>> CsvReader::Open(const std::string& path) {
  std::unique_ptr<CsvReader> reader(new CsvReader(path));
  std::error_code error;
  if (!reader->file_ || !std::filesystem::is_regular_file(path, error)) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": not a readable file"));
  }
  reader->bytes_all_ = static_cast<int64_t>(std::filesystem::file_size(path, error));
  CsvRow header;
  if (!reader->Next(&header)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is empty: it has no header row"));
  }
  if (!header.problem.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ", line ", header.first_line, ": ", header.problem));
  }
  reader->header_ = std::move(header.fields);
  return reader;
}

CsvReader::CsvReader(const std::string& path) : file_(path, std::ios::binary) {
  QM_CHECK(csv_init(&parser_, kOptions) == 0);
}

CsvReader::~CsvReader() { csv_free(&parser_); }

void CsvReader::Reset() {
  csv_free(&parser_);
  QM_CHECK(csv_init(&parser_, kOptions) == 0);
  row_lines_.clear();
  row_bytes_ = 0;
  fields_.clear();
  row_done_ = false;
}

void CsvReader::OnField(void* text, size_t size, void* self) {
  auto* reader = static_cast<CsvReader*>(self);
  reader->fields_.emplace_back(static_cast<const char*>(text), size);
}

void CsvReader::OnRow(int /*terminator*/, void* self) {
  static_cast<CsvReader*>(self)->row_done_ = true;
}

bool CsvReader::NextLine(Line* line) {
  if (!pending_.empty()) {
    *line = std::move(pending_.front());
    pending_.pop_front();
    return true;
  }
  line->text.clear();
  // By hand instead of getline: a file without line breaks must not fill the memory.
  for (int c = file_.get(); c != std::ifstream::traits_type::eof(); c = file_.get()) {
    line->text.push_back(static_cast<char>(c));
    if (c == '\n' || line->text.size() > kRowBytesMax) break;
  }
  if (line->text.empty()) return false;
  bytes_read_ += static_cast<int64_t>(line->text.size());
  line->number = ++line_;
  if (line_ == 1 && line->text.starts_with(kByteOrderMark)) line->text.erase(0, 3);
  return true;
}

void CsvReader::GiveUp(const std::string& problem, CsvRow* row) {
  row->first_line = row->last_line = row_lines_.front().number;
  row->fields = {WithoutEnd(std::move(row_lines_.front().text))};
  row->problem = problem;
  for (size_t i = row_lines_.size(); i > 1; --i) {
    pending_.push_front(std::move(row_lines_[i - 1]));
  }
  Reset();
}

bool CsvReader::Parse(CsvRow* row) {
  Line line;
  while (NextLine(&line)) {
    if (row_lines_.empty() && IsBlank(line.text)) {
      ++blank_lines_;
      continue;
    }
    row_bytes_ += line.text.size();
    row_lines_.push_back(std::move(line));
    const std::string& text = row_lines_.back().text;
    if (row_bytes_ > kRowBytesMax) {
      GiveUp("too long for a row: is a quote never closed?", row);
      return true;
    }
    const size_t parsed = csv_parse(&parser_, text.data(), text.size(), OnField, OnRow, this);
    if (parsed != text.size()) {
      GiveUp("a quote stands where none may stand", row);
      return true;
    }
    if (row_done_) return true;
  }
  if (row_lines_.empty()) return false;
  // The last line has no line break.
  if (csv_fini(&parser_, OnField, OnRow, this) != 0) {
    GiveUp("a quote is never closed", row);
    return true;
  }
  row_done_ = true;
  return true;
}

bool CsvReader::Next(CsvRow* row) {
  *row = CsvRow{};
  if (!Parse(row)) return false;
  if (!row->problem.empty()) return true;
  row->first_line = row_lines_.front().number;
  row->last_line = row_lines_.back().number;
  row->fields = std::move(fields_);
  fields_.clear();
  row_lines_.clear();
  row_bytes_ = 0;
  row_done_ = false;
  return true;
}

}  // namespace quartermaster::qm
