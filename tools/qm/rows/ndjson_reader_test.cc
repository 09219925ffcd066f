#include "tools/qm/rows/ndjson_reader.h"

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quartermaster::qm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class NdjsonReaderTest : public testing::Test {
 protected:
  ~NdjsonReaderTest() override { std::remove(path_.c_str()); }

  // Every row as "line:a|n|list" or "line!problem".
  std::vector<std::string> Rows(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    auto reader =
        OpenRows(path_, FileFormat::kNdjson, {{"a", true}, {"n"}, {.name = "list", .list = true}});
    EXPECT_TRUE(reader.ok()) << reader.status();
    EXPECT_THAT((*reader)->header(), ElementsAre("a", "n", "list"));
    std::vector<std::string> rows;
    FileRow row;
    while ((*reader)->Next(&row)) {
      EXPECT_EQ(row.first_line, row.last_line);
      rows.push_back(row.problem.empty()
                         ? absl::StrCat(row.first_line, ":", absl::StrJoin(row.fields, "|"))
                         : absl::StrCat(row.first_line, "!", row.problem));
    }
    // Every line of the file is accounted for.
    EXPECT_EQ((*reader)->lines(), (*reader)->blank_lines() + static_cast<int64_t>(rows.size()));
    EXPECT_EQ((*reader)->bytes_read(), (*reader)->bytes_all());
    return rows;
  }

  const std::string path_ = testing::TempDir() + "ndjson_reader_test." +
                            testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(NdjsonReaderTest, RowsAndLines) {
  EXPECT_THAT(Rows("\xef\xbb\xbf{\"a\":\"x\",\"n\":1,\"list\":[\"u\",\"v\"]}\r\n"
                   "\n  \t\r\n"
                   " { \"n\" : -2 , \"a\" : \"\\u017c\\n\\\"\" } \n"
                   "{}\n"
                   "{\"a\":\"last\"}"),
              ElementsAre("1:x|1|u;v", "4:\xc5\xbc\n\"|-2|", "5:||", "6:last||"));
  EXPECT_TRUE(Rows("").empty());
  EXPECT_TRUE(Rows("\n\xef\n").size() == 1);
}

TEST_F(NdjsonReaderTest, ValuesOfEachKind) {
  const struct {
    const char* line;
    const char* row;
  } cases[] = {
      {R"({"n":1.5})", "1:|1.5|"},
      {R"({"n":1e3})", "1:|1e3|"},
      {R"({"n":18446744073709551615})", "1:|18446744073709551615|"},
      {R"({"n":-9223372036854775808})", "1:|-9223372036854775808|"},
      {R"({"n":true})", "1:|true|"},
      {R"({"n":false})", "1:|false|"},
      {R"({"n":null})", "1:||"},
      {R"({"n":"12"})", "1:|12|"},
      {R"({"list":"u;v"})", "1:||u;v"},
      {R"({"list":[]})", "1:||"},
      {R"({"list":["u"]})", "1:||u"},
      // Keys that nobody asked for may hold anything.
      {R"({"z":{"a":"no","list":[1,{"n":2}]},"a":"x"})", "1:x||"},
      {R"({"a":"x","z":[["a"],null,1.5,true]})", "1:x||"},
      {R"({"A":"x"})", "1:||"},
  };
  for (const auto& one : cases) EXPECT_THAT(Rows(one.line), ElementsAre(one.row)) << one.line;
}

TEST_F(NdjsonReaderTest, ABrokenLineCostsItself) {
  const std::string deep(100, '[');
  const struct {
    std::string line;
    const char* problem;
  } cases[] = {
      {R"({"a":"x")", "is not JSON at byte "},
      {R"({"a":"x"},)", "is not JSON at byte 10, near"},
      {R"({"a":"x"}{"a":"y"})", "is not JSON at byte 10, near"},
      {R"({"a":x})", "is not JSON at byte 6, near '"},
      {R"({'a':"x"})", "is not JSON at byte 2, near '"},
      {R"({"a":"x",})", "is not JSON at byte 10, near '"},
      {R"({"n":01})", "is not JSON at byte "},
      {R"({"n":1e999})", "is not JSON at byte "},
      {"{\"a\":\"\xff\"}", "is not JSON at byte "},
      {"{\"a\":\"\t\"}", "is not JSON at byte "},
      {R"({"a":"\ud800"})", "is not JSON at byte "},
      {"sku,quantity", "is not JSON at byte 1, near 's'"},
      {"[1]", "is not a JSON object"},
      {"\"a\"", "is not a JSON object"},
      {"1", "is not a JSON object"},
      {"null", "is not a JSON object"},
      {R"({"a":["x"]})", "a: is an array"},
      {R"({"a":{"b":1}})", "a: is an object"},
      {R"({"list":[1]})", "list: holds what is not a string"},
      {R"({"list":["u",null]})", "list: holds what is not a string"},
      {R"({"list":[["u"]]})", "list: holds what is not a string"},
      {R"({"list":[{}]})", "list: holds what is not a string"},
      {R"({"list":["u;v"]})", "list: holds a ';' in one of its strings"},
      {R"({"a":"x","a":"x"})", "a: stands there twice"},
      {R"({"z":)" + deep + "}", "is nested too deeply"},
      {"{\"a\":\"" + std::string(RowReader::kRowBytesMax, 'x') + "\"}", "too long for a row"},
      {std::string(5 * RowReader::kRowBytesMax, ' ') + "x", "too long for a row"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.line.substr(0, 100));
    const auto rows = Rows(one.line + "\n{\"a\":\"next\"}\n");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_THAT(rows[0], StartsWith(absl::StrCat("1!", one.problem)));
    EXPECT_EQ(rows[1], "2:next||");
  }
}

TEST_F(NdjsonReaderTest, ARowOfTheMostBytesIsRead) {
  const std::string frame = "{\"a\":\"\"}\n";
  const std::string most(RowReader::kRowBytesMax - frame.size(), 'x');
  EXPECT_THAT(Rows("{\"a\":\"" + most + "\"}\n"), ElementsAre("1:" + most + "||"));
}

TEST_F(NdjsonReaderTest, RefusesWhatIsNoFile) {
  EXPECT_FALSE(OpenRows("/nowhere/at/all.ndjson", FileFormat::kNdjson, {}).ok());
  EXPECT_FALSE(OpenRows(testing::TempDir(), FileFormat::kNdjson, {}).ok());
}

TEST(RejectedLineTest, KeepsWhatStoodThere) {
  EXPECT_EQ(RejectedLine(7, "why \"so\"", R"({"a": 1, "z": {"b": [true]}})"),
            "{\"line\":7,\"reason\":\"why \\\"so\\\"\",\"a\":1,\"z\":{\"b\":[true]}}\n");
  // Of a reject file that is rejected again.
  EXPECT_EQ(RejectedLine(2, "new", R"({"line":7,"reason":"old","a":1})"),
            "{\"line\":2,\"reason\":\"new\",\"a\":1}\n");
  EXPECT_EQ(RejectedLine(3, "no", "{\"a\":\xff"),
            "{\"line\":3,\"reason\":\"no\",\"text\":\"{\\\"a\\\":\xef\xbf\xbd\"}\n");
  EXPECT_EQ(RejectedLine(4, "no", "[1]"), "{\"line\":4,\"reason\":\"no\",\"text\":\"[1]\"}\n");
  const std::string deep = "{\"a\":" + std::string(60'000, '[') + std::string(60'000, ']') + "}";
  EXPECT_THAT(RejectedLine(5, "deep", deep), HasSubstr("\"line\":5"));
}

}  // namespace
}  // namespace quartermaster::qm
