// Table: aligned columns for people. Numbers stand right, everything else left.
//
//   Table table({"SKU", "ON HAND"});
//   table.Row({"A-1", "12"});
//   table.Write(std::cout, /*color=*/false);
#ifndef QUARTERMASTER_TOOLS_QM_OUTPUT_TABLE_H_
#define QUARTERMASTER_TOOLS_QM_OUTPUT_TABLE_H_

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace quartermaster::qm {

class Table {
 public:
  explicit Table(std::vector<std::string> header);

  // Missing cells are empty; more cells than the header has are a defect.
  void Row(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // The header is bold if `color`. Control characters in cells are shown as '?'.
  void Write(std::ostream& out, bool color) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

// The number of code points of a UTF-8 string.
size_t DisplayWidth(std::string_view text);

// "1234567" -> "1,234,567".
std::string WithSeparators(int64_t number);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_OUTPUT_TABLE_H_
