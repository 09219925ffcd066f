#include "tools/qm/importer/field_reader.h"

#include <cctype>
#include <cmath>
#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {

const std::string& FieldReader::Raw(std::string_view column) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].name == column) return row_.fields[i];
  }
  QM_CHECK(false) << "no column " << column;
  return row_.fields[0];
}

void FieldReader::Problem(std::string_view column, std::string_view what) {
  if (problem_.empty()) {
    problem_ = absl::StrCat(std::string(column), ": ", std::string(what));
  }
}

std::string FieldReader::Id(std::string_view column) {
  const std::string& text = Raw(column);
  if (const char* problem = IdProblem(text)) Problem(column, problem);
  return text;
}

std::string FieldReader::Text(std::string_view column) {
  const std::string& text = Raw(column);
  if (!IsValidUtf8(text)) Problem(column, "is not valid UTF-8");
  return text;
}

int32_t FieldReader::Int32(std::string_view column, int32_t otherwise) {
  const std::string& text = Raw(column);
  if (text.empty()) return otherwise;
  const std::optional<int64_t> value = ParseInteger(text);
  if (!value) {
    Problem(column, absl::StrCat("'", text, "' is not a whole number"));
    return otherwise;
  }
  if (*value < std::numeric_limits<int32_t>::min() ||
      *value > std::numeric_limits<int32_t>::max()) {
    Problem(column, absl::StrCat(text, " is out of range"));
    return otherwise;
  }
  return static_cast<int32_t>(*value);
}

bool FieldReader::Bool(std::string_view column, bool otherwise) {
  const std::string& text = Raw(column);
  if (text.empty()) return otherwise;
  const std::optional<bool> value = ParseBool(text);
  if (!value) Problem(column, absl::StrCat("'", text, "' is neither true nor false"));
  return value.value_or(otherwise);
}

double FieldReader::Degrees(std::string_view column, double limit) {
  const std::string& text = Raw(column);
  const std::optional<double> value = ParseNumber(text);
  if (!value || std::abs(*value) > limit) {
    Problem(column, absl::StrCat("'", text, "' is not between -", limit, " and ", limit));
    return 0;
  }
  return *value;
}

int FieldReader::EnumOf(std::string_view column, const std::string& text,
                        const google::protobuf::EnumDescriptor* type) {
  std::string name;
  for (const char c : text) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  const auto* value = type->FindValueByName(name);
  if (value == nullptr || value->number() == 0) {
    Problem(column, absl::StrCat("'", text, "' is no such value"));
    return 0;
  }
  return value->number();
}

int FieldReader::Enum(std::string_view column, const google::protobuf::EnumDescriptor* type) {
  const std::string& text = Raw(column);
  return text.empty() ? 0 : EnumOf(column, text, type);
}

std::vector<std::string> FieldReader::List(std::string_view column) {
  return SplitList(Text(column), ';');
}

}  // namespace quartermaster::qm
