#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "quartermaster/stock/v1/stock.pb.h"
#include "tools/qm/output/json.h"
#include "tools/qm/output/table.h"

namespace quartermaster::qm {
namespace {

TEST(TableTest, NumbersStandRight) {
  Table table({"SKU", "ON HAND", "PLACE"});
  table.Row({"Łódź", "5", "a"});
  table.Row({"B", "-1,200", ""});
  std::ostringstream out;
  table.Write(out, /*color=*/false);
  EXPECT_EQ(out.str(),
            "SKU   ON HAND  PLACE\n"
            "Łódź        5  a\n"
            "B      -1,200  \n");
}

TEST(TableTest, CellsCannotSteerTheTerminal) {
  Table table({"X"});
  table.Row({"\033[2Jhi"});
  std::ostringstream out;
  table.Write(out, /*color=*/false);
  EXPECT_EQ(out.str(), "X\n?[2Jhi\n");
}

TEST(TableTest, Separators) {
  EXPECT_EQ(WithSeparators(0), "0");
  EXPECT_EQ(WithSeparators(999), "999");
  EXPECT_EQ(WithSeparators(-1'000), "-1,000");
  EXPECT_EQ(WithSeparators(1'234'567), "1,234,567");
}

TEST(JsonTest, KeepsTheNamesOfTheProtoFiles) {
  stock::v1::ReserveLine line;
  line.set_line_id("0");
  EXPECT_EQ(Compact(MessageToJson(line)),
            R"({"line_id":"0","sku":"","quantity":0,"same_location_group":""})");
  EXPECT_EQ(Compact(MessageToJson(line, Defaults::kOmit)), R"({"line_id":"0"})");
}

}  // namespace
}  // namespace quartermaster::qm
