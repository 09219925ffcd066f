#include "tools/qm/rows/csv_reader.h"

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quartermaster::qm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CsvReaderTest : public ::testing::Test {
 protected:
  ~CsvReaderTest() override { std::remove(path_.c_str()); }

  absl::StatusOr<std::unique_ptr<CsvReader>> Open(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    return CsvReader::Open(path_);
  }
  // Every row as "first-last:field|field" or "first!problem".
  std::vector<std::string> Rows(const std::string& content) {
    auto reader = Open(content);
    EXPECT_TRUE(reader.ok()) << reader.status();
    std::vector<std::string> rows;
    FileRow row;
    int64_t row_lines = 0;
    while ((*reader)->Next(&row)) {
      row_lines += row.last_line - row.first_line + 1;
      std::string text = std::to_string(row.first_line) + "-" + std::to_string(row.last_line);
      if (!row.problem.empty()) text += "!" + row.problem;
      char mark = ':';
      for (const std::string& field : row.fields) {
        text += mark + field;
        mark = '|';
      }
      rows.push_back(text);
    }
    // Every line of the file is accounted for.
    EXPECT_EQ((*reader)->lines(), 1 + (*reader)->blank_lines() + row_lines);
    EXPECT_EQ((*reader)->bytes_read(), (*reader)->bytes_all());
    return rows;
  }

  const std::string path_ = ::testing::TempDir() + "csv_reader_test." +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name() +
                            ".csv";
};

TEST_F(CsvReaderTest, RowsAndLines) {
  EXPECT_THAT(Rows("a,b\n1,2\r\n\n \n\"x,\"\"y\nz\",3\n4,5"),
              ElementsAre("2-2:1|2", "5-6:x,\"y\nz|3", "7-7:4|5"));
}

TEST_F(CsvReaderTest, AByteOrderMarkIsNoPartOfTheHeader) {
  auto reader = Open("\xef\xbb\xbfsku,n\n");
  ASSERT_TRUE(reader.ok());
  EXPECT_THAT((*reader)->header(), ElementsAre("sku", "n"));
}

TEST_F(CsvReaderTest, BrokenQuotingCostsOneLine) {
  EXPECT_THAT(Rows("a\nx\"y\n1\n"),
              ElementsAre("2-2!a quote stands where none may stand:x\"y", "3-3:1"));
  EXPECT_THAT(Rows("a\n1\n\"never\n2\n\n3\n"),
              ElementsAre("2-2:1", "3-3!a quote is never closed:\"never", "4-4:2", "6-6:3"));
}

TEST_F(CsvReaderTest, ALineTooLongCostsItself) {
  const std::string field(CsvReader::kRowBytesMax, 'x');
  const auto rows = Rows("a\n\"" + field + "\n1\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[0], HasSubstr("!too long for a row"));
  EXPECT_EQ(rows[1], "3-3:1");
}

TEST_F(CsvReaderTest, ARequiredColumnMayHaveAnother) {
  const std::vector<Column> columns = {{.name = "sku", .required = true, .or_else = "gtin"}, {"n"}};
  for (const char* header : {"sku,n\n", "gtin\n", "gtin,sku\n"}) {
    std::ofstream(path_, std::ios::binary) << header;
    EXPECT_TRUE(OpenRows(path_, FileFormat::kCsv, columns).ok()) << header;
  }
  std::ofstream(path_, std::ios::binary) << "n\n";
  EXPECT_THAT(std::string(OpenRows(path_, FileFormat::kCsv, columns).status().message()),
              HasSubstr("no column 'sku' and no 'gtin'"));
}

TEST_F(CsvReaderTest, RefusesWhatIsNoCsvFile) {
  EXPECT_FALSE(CsvReader::Open("/nowhere/at/all.csv").ok());
  EXPECT_FALSE(CsvReader::Open(::testing::TempDir()).ok());
  EXPECT_FALSE(Open("").ok());
  EXPECT_FALSE(Open("\n\n").ok());
}

}  // namespace
}  // namespace quartermaster::qm
