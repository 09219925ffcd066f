#include "tools/qm/rows/csv_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"

namespace quartermaster::qm {
namespace {

constexpr unsigned char kOptions = CSV_STRICT | CSV_STRICT_FINI;

}  // namespace

absl::StatusOr<std::unique_ptr<CsvReader>> CsvReader::Open(const std::string& path) {
  std::unique_ptr<CsvReader> reader(new CsvReader(path));
  if (!reader->lines_.opened()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": not a readable file"));
  }
  FileRow header;
  if (!reader->Next(&header)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is empty: it has no header row"));
  }
  if (!header.problem.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ", line ", header.first_line, ": ", header.problem));
  }
  reader->header_ = std::move(header.fields);
  reader->header_lines_ = header.last_line - header.first_line + 1;
  return reader;
}

CsvReader::CsvReader(const std::string& path) : lines_(path) {
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
  if (!lines_.Next(&line->text)) return false;
  line->number = lines_.number();
  return true;
}

void CsvReader::GiveUp(const std::string& problem, FileRow* row) {
  row->first_line = row->last_line = row_lines_.front().number;
  row->fields = {WithoutLineEnd(std::move(row_lines_.front().text))};
  row->problem = problem;
  for (size_t i = row_lines_.size(); i > 1; --i) {
    pending_.push_front(std::move(row_lines_[i - 1]));
  }
  Reset();
}

bool CsvReader::Parse(FileRow* row) {
  Line line;
  while (NextLine(&line)) {
    // Of a line that is too long, not all is there to see.
    const bool blank = line.text.size() <= kRowBytesMax && IsBlankLine(line.text);
    if (row_lines_.empty() && blank) {
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

bool CsvReader::Next(FileRow* row) {
  *row = FileRow{};
  if (!Parse(row)) return false;
  if (!row->problem.empty()) return true;
  row->first_line = row_lines_.front().number;
  row->last_line = row_lines_.back().number;
  row->fields = std::move(fields_);
  fields_.clear();
  fields_.reserve(header_.size());
  row_lines_.clear();
  row_bytes_ = 0;
  row_done_ = false;
  return true;
}

}  // namespace quartermaster::qm
