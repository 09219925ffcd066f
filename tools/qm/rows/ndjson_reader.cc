#include "tools/qm/rows/ndjson_reader.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "services/base/check.h"

namespace quartermaster::qm {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kNoColumn = static_cast<size_t>(-1);
// A value inside values of a key that nobody asked for. More is no row of ours.
constexpr int kDepthMax = 64;
constexpr size_t kColumnsMax = 64;

// Takes the fields out of an object while it is parsed, without a tree.
class FieldTaker : public nlohmann::json_sax<Json> {
 public:
  FieldTaker(const std::vector<Column>& columns, std::vector<std::string>& fields)
      : columns_(columns), fields_(fields) {}

  const std::string& problem() const { return problem_; }

  bool null() override { return Scalar(""); }
  bool boolean(bool value) override { return Scalar(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return Scalar(absl::StrCat(value)); }
  bool number_unsigned(number_unsigned_t value) override { return Scalar(absl::StrCat(value)); }
  // As it is written: whoever wants a whole number says what is wrong with it.
  bool number_float(number_float_t, const string_t& text) override { return Scalar(text); }
  bool string(string_t& value) override {
    if (!InList()) return Scalar(std::move(value));
    if (value.find(';') != std::string::npos) return Wrong("holds a ';' in one of its strings");
    std::string& field = fields_[column_];
    if (!field.empty()) field += ';';
    field += value;
    return true;
  }
  bool binary(binary_t&) override { return false; }

  bool start_object(size_t) override {
    if (depth_ == 1 && column_ != kNoColumn) return Wrong("is an object");
    if (InList()) return Wrong("holds what is not a string");
    return Deeper();
  }
  bool key(string_t& name) override {
    if (depth_ != 1) return true;
    column_ = kNoColumn;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].name != name) continue;
      column_ = i;
      if ((seen_ >> i & 1) != 0) return Wrong("stands there twice");
      seen_ |= uint64_t{1} << i;
      break;
    }
    return true;
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool start_array(size_t) override {
    if (depth_ == 0) return NoObject();
    if (InList()) return Wrong("holds what is not a string");
    if (depth_ == 1 && column_ != kNoColumn && !columns_[column_].list) return Wrong("is an array");
    return Deeper();
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool parse_error(size_t byte, const std::string& token,
                   const nlohmann::detail::exception& /*error*/) override {
    problem_ = absl::StrCat("is not JSON at byte ", byte, ", near '", token, "'");
    return false;
  }

 private:
  // In the array of a column.
  bool InList() const { return depth_ == 2 && column_ != kNoColumn; }
  bool Wrong(std::string_view what) {
    problem_ = absl::StrCat(columns_[column_].name, ": ", std::string(what));
    return false;
  }
  bool NoObject() {
    problem_ = "is not a JSON object";
    return false;
  }
  bool Deeper() {
    if (++depth_ <= kDepthMax) return true;
    problem_ = "is nested too deeply";
    return false;
  }
  bool Scalar(std::string text) {
    if (depth_ == 0) return NoObject();
    if (InList()) return Wrong("holds what is not a string");
    if (depth_ == 1 && column_ != kNoColumn) fields_[column_] = std::move(text);
    return true;
  }

  const std::vector<Column>& columns_;
  std::vector<std::string>& fields_;
  // A bit for each column.
  uint64_t seen_ = 0;
  std::string problem_;
  // Of the key at the top that is being read.
  size_t column_ = kNoColumn;
  int depth_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<NdjsonReader>> NdjsonReader::Open(const std::string& path,
                                                                 std::vector<Column> columns) {
  std::unique_ptr<NdjsonReader> reader(new NdjsonReader(path, std::move(columns)));
  if (!reader->lines_.opened()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": not a readable file"));
  }
  return reader;
}

NdjsonReader::NdjsonReader(const std::string& path, std::vector<Column> columns)
    : lines_(path), columns_(std::move(columns)) {
  QM_CHECK(columns_.size() <= kColumnsMax);
  for (const Column& column : columns_) header_.push_back(column.name);
}

bool NdjsonReader::Next(FileRow* row) {
  *row = FileRow{};
  while (lines_.Next(&row->text)) {
    const bool too_long = row->text.size() > kRowBytesMax;
    if (!too_long && IsBlankLine(row->text)) {
      ++blank_lines_;
      continue;
    }
    row->first_line = row->last_line = lines_.number();
    if (too_long) {
      row->problem = "too long for a row";
    } else {
      row->fields.resize(columns_.size());
      FieldTaker taker(columns_, row->fields);
      Json::sax_parse(row->text, &taker);
      row->problem = taker.problem();
    }
    row->text = WithoutLineEnd(std::move(row->text));
    if (!row->problem.empty()) row->fields = {row->text};
    return true;
  }
  return false;
}

std::string RejectedLine(int64_t line, const std::string& reason, const std::string& text) {
  Json rejected = {{"line", line}, {"reason", reason}};
  // Deeper values are left out: what is nested without end cannot be printed.
  const auto shallow = [](int depth, Json::parse_event_t, Json&) { return depth <= kDepthMax; };
  const Json object = Json::parse(text, shallow, /*allow_exceptions=*/false);
  if (object.is_object()) {
    for (const auto& [key, value] : object.items()) {
      if (key != "line" && key != "reason") rejected[key] = value;
    }
  } else {
    rejected["text"] = text;
  }
  return rejected.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace quartermaster::qm
