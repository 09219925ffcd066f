#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/retail/csv.h"
#include "tools/retail/invoices.h"
#include "tools/retail/money.h"
#include "tools/retail/network.h"
#include "tools/retail/small_data.h"

namespace quartermaster::retail {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DataTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "/retail_data_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Write(const std::string& name, const std::string& content) {
    std::ofstream(directory_ + "/" + name, std::ios::binary) << content;
    return directory_ + "/" + name;
  }
  std::string WriteGzip(const std::string& name, const std::string& content) {
    const std::string path = directory_ + "/" + name;
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
    gzclose(file);
    return path;
  }

  std::string directory_;
};

TEST_F(DataTest, CsvGivesColumnsByNameWithTheLineThatARowStartsAt) {
  const std::string path =
      Write("a.csv", "\xEF\xBB\xBFy,x\r\n\"1,\"\"one\"\"\",a\r\n\n\"two\nlines\",b\nonly one\n3,c");
  std::vector<std::string> seen;
  ASSERT_TRUE(ReadCsv(path, {"x", "y"}, [&](const CsvRow& row) {
                std::string text = std::to_string(row.line);
                for (const std::string& field : row.fields) text += "|" + field;
                seen.push_back(text);
              }).ok());
  EXPECT_THAT(seen, ElementsAre("2|a|1,\"one\"", "4|b|two\nlines", "6", "7|c|3"));
}

TEST_F(DataTest, CsvErrorsNameTheFile) {
  const auto ignore = [](const CsvRow&) {};
  EXPECT_EQ(ReadCsv(directory_ + "/none.csv", {"x"}, ignore).code(), absl::StatusCode::kNotFound);
  const absl::Status no_column = ReadCsv(Write("b.csv", "a,b\n1,2\n"), {"x"}, ignore);
  EXPECT_EQ(no_column.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(no_column.message()), HasSubstr("b.csv: no column 'x'"));
  const std::string path = WriteGzip("c.csv.gz", "x\n" + std::string(100000, '1') + "\n2\n");
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_EQ(ReadCsv(path, {"x"}, ignore).code(), absl::StatusCode::kDataLoss);
}

TEST(MoneyTest, ParsesDecimals) {
  const std::map<std::string, int64_t> cases = {{"2.55", 255}, {"0.1", 10},     {"3", 300},
                                                {"-3", -300},  {"1.005", 101},  {"0.001", 1},
                                                {"0.0", 0},    {"1.23999", 124}};
  for (const auto& [text, expected] : cases) {
    int64_t minor = -1;
    EXPECT_TRUE(ParseMinor(text, &minor)) << text;
    EXPECT_EQ(minor, expected) << text;
  }
  int64_t minor = 0;
  for (const char* text : {"", ".", "-", "1.2.3", "x", "1e3", "99999999999999999999"}) {
    EXPECT_FALSE(ParseMinor(text, &minor)) << text;
  }
}

TEST(RejectTest, SaysWhyARowMakesNothing) {
  EXPECT_EQ(RejectReason({"536365", "85123A", "6", "2.55", "17850"}), "");
  EXPECT_EQ(RejectReason({"C536379", "21111", "-1", "2.5", ""}), "");
  EXPECT_EQ(RejectReason({"536365", "DCGS0003", "1", "2.5", ""}), "");
  EXPECT_THAT(RejectReason({}), HasSubstr("columns"));
  EXPECT_THAT(RejectReason({"A563185", "21111", "1", "1", ""}), HasSubstr("invoice number"));
  EXPECT_THAT(RejectReason({"536365", "POST", "1", "18", ""}), HasSubstr("SKU"));
  EXPECT_THAT(RejectReason({"536365", "gift_0001_40", "1", "18", ""}), HasSubstr("SKU"));
  EXPECT_THAT(RejectReason({"536365", "85123A", "x", "2.55", ""}), HasSubstr("no quantity"));
  EXPECT_THAT(RejectReason({"536365", "85123A", "0", "2.55", ""}), HasSubstr("zero"));
  EXPECT_THAT(RejectReason({"536365", "85123A", "-5", "2.55", ""}), HasSubstr("negative"));
  EXPECT_THAT(RejectReason({"C536365", "85123A", "5", "2.55", ""}), HasSubstr("positive"));
  EXPECT_THAT(RejectReason({"536365", "85123A", "5", "0.0", ""}), HasSubstr("price of zero"));
  EXPECT_THAT(RejectReason({"536365", "85123A", "5", "-1", ""}), HasSubstr("no price"));
}

class InvoicesTest : public DataTest {
 protected:
  void WriteNetwork() {
    std::string stores = "store_number,type,city,state,zip,latitude,longitude\n";
    for (int i = 1; i <= 40; ++i) {
      stores +=
          std::to_string(i) + ",Store,Town,ST,12345," + std::to_string(30 + i * 0.2) + ",-90\n";
    }
    Write("us_stores.csv", stores + "1,Store,Again,ST,1,30,-90\n41,Store,Nowhere,ST,1,,\n");
    Write("us_cities.csv",
          "city,population,latitude,longitude\nA,1000,31,-90\nB,500,37,-91\nC,,31,-90\n");
  }
  void WriteInvoices(const std::string& rows) {
    WriteGzip("online_retail_2010-12_2011-05.csv.gz",
              "invoice,sku,quantity,invoiced_at,unit_price_gbp,customer_id,country\n" + rows);
  }
};

TEST_F(InvoicesTest, EveryRowBecomesSomethingOrIsRejected) {
  WriteNetwork();
  WriteInvoices(
      "1,11111,5,t,1.5,7,X\n"    // An order of two lines of one SKU.
      "1,11111,2,t,1.5,7,X\n"    //
      "1,POST,1,t,18,7,X\n"      // Rejected.
      "2,11111,4,t,1.5,8,X\n"    // Another customer's.
      "C3,11111,-3,t,1.5,7,X\n"  // Matched, newest first: 2 of line 1, 1 of line 0.
      "C4,11111,-5,t,1.5,7,X\n"  // More than the 4 that are left: unmatched.
      "C5,11111,-1,t,1.5,,X\n"   // No customer: unmatched.
      "6,11111,-9,t,0.0,,X\n");  // Rejected, and with it the invoice.
  Plan plan;
  absl::StatusOr<World> world = ReadStoresAndCities(directory_, &plan);
  ASSERT_TRUE(world.ok()) << world.status();
  EXPECT_EQ(world->places.size(), 45u);
  EXPECT_EQ(world->cities.size(), 2u);
  EXPECT_EQ(plan.rejects.size(), 3u);
  ASSERT_TRUE(ReadInvoices(directory_, 1, 0, &*world, &plan).ok());
  ASSERT_EQ(plan.orders.size(), 2u);
  EXPECT_EQ(plan.orders[0].lines.size(), 2u);
  ASSERT_EQ(plan.returns.size(), 3u);
  const std::vector<ReturnPart>& parts = plan.returns[0].lines[0].parts;
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].line, 1);
  EXPECT_EQ(parts[0].quantity, 2);
  EXPECT_EQ(parts[1].quantity, 1);
  EXPECT_THAT(plan.returns[1].lines[0].parts, IsEmpty());
  EXPECT_THAT(plan.returns[2].lines[0].parts, IsEmpty());
  EXPECT_EQ(plan.input.lines, 8);
  EXPECT_EQ(plan.input.order_lines, 3);
  EXPECT_EQ(plan.input.return_lines, 3);
  EXPECT_EQ(plan.input.rejected_lines, 2);
  EXPECT_EQ(plan.input.invoices, 6);
  EXPECT_EQ(plan.input.rejected_invoices, 1);
  EXPECT_EQ(plan.rejects.back().line, 9);
}

TEST_F(InvoicesTest, ALimitLeavesOutRowsThatAreStillCounted) {
  WriteNetwork();
  WriteInvoices("1,11111,5,t,1.5,7,X\n2,11112,5,t,1.5,7,X\n3,11111,5,t,1.5,7,X\n");
  Plan plan;
  absl::StatusOr<World> world = ReadStoresAndCities(directory_, &plan);
  ASSERT_TRUE(world.ok());
  ASSERT_TRUE(ReadInvoices(directory_, 1, 2, &*world, &plan).ok());
  EXPECT_EQ(plan.orders.size(), 2u);
  EXPECT_EQ(plan.input.left_out_lines, 1);
}

TEST(SmallDataTest, TheRepositoryShipsWhatItSays) {
  const absl::StatusOr<World> world = ReadSmallWorld("tools/data");
  ASSERT_TRUE(world.ok()) << world.status();
  EXPECT_EQ(world->items.size(), 2000u);
  EXPECT_EQ(world->places.size(), 203u);
  for (const Item& item : world->items) {
    for (const std::string& gtin : item.gtins) {
      ASSERT_EQ(gtin.size(), 13u);
      int sum = 0;
      for (int i = 0; i < 13; ++i) sum += (gtin[i] - '0') * (i % 2 == 0 ? 1 : 3);
      EXPECT_EQ(sum % 10, 0) << gtin;
    }
  }
}

TEST(SmallDataTest, TheSameSeedDrawsTheSamePlan) {
  const absl::StatusOr<World> world = ReadSmallWorld("tools/data");
  ASSERT_TRUE(world.ok());
  const Network network(*world);
  const Plan one = DrawPlan(*world, network, 5, 1000);
  const Plan two = DrawPlan(*world, network, 5, 1000);
  ASSERT_EQ(one.orders.size(), 1000u);
  ASSERT_EQ(one.steps.size(), two.steps.size());
  for (size_t i = 0; i < one.orders.size(); ++i) {
    ASSERT_EQ(one.orders[i].city, two.orders[i].city);
    ASSERT_EQ(one.orders[i].lines.size(), two.orders[i].lines.size());
  }
  EXPECT_GT(one.returns.size(), 10u);
}

TEST(SupplyTest, CoversFourFifthsOfTheDemandOnTheBestSellers) {
  const absl::StatusOr<World> world = ReadSmallWorld("tools/data");
  ASSERT_TRUE(world.ok());
  const Network network(*world);
  const Plan plan = DrawPlan(*world, network, 5, 4000);
  std::map<ItemIndex, int64_t> demand;
  for (const PlannedOrder& order : plan.orders) {
    for (const PlannedLine& line : order.lines) demand[line.item] += line.quantity;
  }
  std::map<ItemIndex, int64_t> supply;
  for (const Supply& row : PlanSupply(*world, network, plan, 5)) {
    ASSERT_GT(row.quantity, 0);
    supply[row.item] += row.quantity;
  }
  int scarce = 0;
  for (const auto& [item, asked] : demand) {
    if (supply[item] >= asked) continue;
    ++scarce;
    EXPECT_LE(supply[item], asked * 4 / 5);
  }
  EXPECT_EQ(scarce, 200);
}

TEST(DistanceTest, KnownDistance) {
  // București to Warszawa, about 946 km.
  EXPECT_NEAR(DistanceKm({44.4323, 26.1063}, {52.2298, 21.0118}), 944, 6);
  EXPECT_EQ(DistanceKm({1, 2}, {1, 2}), 0);
}

}  // namespace
}  // namespace quartermaster::retail
