#include "tools/qm/rows/file_format.h"

#include <string>

#include "gtest/gtest.h"

namespace quartermaster::qm {
namespace {

TEST(FileFormatTest, TheEndingDecides) {
  for (const char* path : {"a.ndjson", "a.jsonl", "a.NDJSON", "a.csv/b.jsonl", "a.ndjson.rejects",
                           "a.jsonl.dry-run.rejects", "a.ndjson.rejects.rejects"}) {
    EXPECT_EQ(FormatOf(path), FileFormat::kNdjson) << path;
  }
  for (const char* path : {"a.csv", "a", "", "ndjson", "a.ndjson/b", "a.ndjson.txt",
                           "a.csv.rejects", ".rejects", "a.json", "-"}) {
    EXPECT_EQ(FormatOf(path), FileFormat::kCsv) << path;
  }
  EXPECT_EQ(FormatOf("a.csv", "ndjson"), FileFormat::kNdjson);
  EXPECT_EQ(FormatOf("a.ndjson", "csv"), FileFormat::kCsv);
  EXPECT_EQ(FormatOf("a.ndjson", ""), FileFormat::kNdjson);
}

TEST(FileFormatTest, QuotesWhatAReaderWouldTakeApart) {
  std::string text;
  AppendCsvRow({"a", "", "b c", " d", "e ", "f,g", "h\"i", "j\nk"}, text);
  EXPECT_EQ(text, "a,,b c,\" d\",\"e \",\"f,g\",\"h\"\"i\",\"j\nk\"\n");
}

TEST(FileFormatTest, CellsInEitherForm) {
  const std::vector<std::string> columns = {"id", "n", "x", "on", "list"};
  const std::vector<Cell> cells = {"a\"b", -3, 46.77, true, Cell::array({"SHIP", "TILL"})};
  std::string csv, ndjson;
  AppendHeader(FileFormat::kCsv, columns, csv);
  AppendRow(FileFormat::kCsv, columns, cells, csv);
  EXPECT_EQ(csv, "id,n,x,on,list\n\"a\"\"b\",-3,46.77,true,SHIP;TILL\n");
  AppendHeader(FileFormat::kNdjson, columns, ndjson);
  AppendRow(FileFormat::kNdjson, columns, cells, ndjson);
  EXPECT_EQ(ndjson,
            "{\"id\":\"a\\\"b\",\"n\":-3,\"x\":46.77,\"on\":true,\"list\":[\"SHIP\",\"TILL\"]}\n");
}

}  // namespace
}  // namespace quartermaster::qm
