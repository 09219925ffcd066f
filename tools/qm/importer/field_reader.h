// FieldReader: takes typed values out of a row's fields and remembers the first thing that is
// wrong.
//
//   FieldReader fields(row, columns);
//   entry.set_sku(fields.Id("sku"));
//   entry.set_weight_g(fields.Int32("weight_g", 0));
//   if (!fields.problem().empty()) outcome.Reject(fields.problem());
#ifndef QUARTERMASTER_TOOLS_QM_IMPORTER_FIELD_READER_H_
#define QUARTERMASTER_TOOLS_QM_IMPORTER_FIELD_READER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "tools/qm/importer/import_kind.h"

namespace quartermaster::qm {

class FieldReader {
 public:
  FieldReader(const ImportRow& row, const std::vector<Column>& columns)
      : row_(row), columns_(columns) {}

  // Empty if all went well so far: "quantity: '1.5' is not a whole number".
  const std::string& problem() const { return problem_; }

  bool Has(std::string_view column) const { return !Raw(column).empty(); }
  // 1 to 64 bytes of UTF-8.
  std::string Id(std::string_view column);
  // Valid UTF-8, may be empty.
  std::string Text(std::string_view column);
  // `otherwise` if the field is empty.
  int32_t Int32(std::string_view column, int32_t otherwise);
  bool Bool(std::string_view column, bool otherwise);
  // Degrees from -limit to limit. Required.
  double Degrees(std::string_view column, double limit);
  // A value's name, in any case, '-' or '_' between words; 0 if the field is empty.
  int Enum(std::string_view column, const google::protobuf::EnumDescriptor* type);
  int EnumOf(std::string_view column, const std::string& text,
             const google::protobuf::EnumDescriptor* type);
  // Separated by ';'.
  std::vector<std::string> List(std::string_view column);

  void Problem(std::string_view column, std::string_view what);

 private:
  const std::string& Raw(std::string_view column) const;

  const ImportRow& row_;
  const std::vector<Column>& columns_;
  std::string problem_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_IMPORTER_FIELD_READER_H_
