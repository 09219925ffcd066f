// qm import stock against a catalog and a stock that the test makes.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/mutex.h"
#include "tools/qm/exit_code.h"
#include "tools/qm/test_run.h"

namespace quartermaster::qm {
namespace {

namespace catalogv1 = ::quartermaster::catalog::v1;
namespace stockv1 = ::quartermaster::stock::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// An item a page.
class ItemsOfCatalog final : public catalogv1::CatalogService::Service {
 public:
  void Add(const std::string& sku, const std::vector<std::string>& gtins) {
    catalogv1::Item& item = items_.emplace_back();
    item.set_sku(sku);
    for (const std::string& gtin : gtins) item.add_gtins(gtin);
  }
  int pages = 0;
  bool gone = false;

 private:
  grpc::Status ListItems(grpc::ServerContext*, const catalogv1::ListItemsRequest* request,
                         catalogv1::ListItemsResponse* response) override {
    if (gone) return {grpc::StatusCode::UNAVAILABLE, "gone"};
    ++pages;
    const size_t at = request->page_token().empty() ? 0 : std::stoul(request->page_token());
    *response->add_items() = items_[at];
    if (at + 1 < items_.size()) response->set_next_page_token(std::to_string(at + 1));
    return grpc::Status::OK;
  }

  std::vector<catalogv1::Item> items_;
};

class StockToFill final : public stockv1::StockService::Service {
 public:
  std::vector<std::string> adjustments() {
    MutexLock lock(&mutex_);
    return adjustments_;
  }

 private:
  // Without what names the file.
  static std::string KeyOf(const stockv1::Adjustment& a) {
    const std::string& key = a.effect_key();
    return key.rfind("import/stock/", 0) == 0 ? "line " + key.substr(key.rfind('/') + 1) : key;
  }
  grpc::Status AdjustStock(grpc::ServerContext*, const stockv1::AdjustStockRequest* request,
                           stockv1::AdjustStockResponse* response) override {
    MutexLock lock(&mutex_);
    for (const stockv1::Adjustment& a : request->adjustments()) {
      adjustments_.push_back(absl::StrCat(a.sku(), "@", a.location_id(), " ", a.delta(), " ",
                                          stockv1::Adjustment::Kind_Name(a.kind()), " ",
                                          stockv1::Adjustment::Condition_Name(a.condition()), " ",
                                          KeyOf(a)));
      response->add_results();
    }
    return grpc::Status::OK;
  }

  Mutex mutex_;
  std::vector<std::string> adjustments_ ABSL_GUARDED_BY(mutex_);
};

class StockImportTest : public testing::Test {
 protected:
  StockImportTest() {
    catalog_.Add("A-1", {"4006381333931", "96385074"});
    catalog_.Add("B-2", {"036000291452"});
    catalog_.Add("C-3", {"6291041500213", "10614141000415"});
    catalog_.Add("D-4", {"6291041500213", "06291041500213"});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&stock_);
    builder.RegisterService(&catalog_);
    server_ = builder.BuildAndStart();
  }
  ~StockImportTest() override {
    std::remove(path_.c_str());
    std::remove(Rejects().c_str());
    std::remove((path_ + ".dry-run.rejects").c_str());
  }

  std::string Rejects() const { return path_ + ".rejects"; }
  std::string ReadRejects() const {
    std::ifstream file(Rejects());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Ran Import(const std::string& content, std::vector<std::string> more = {}) {
    std::ofstream(path_, std::ios::binary) << content;
    std::vector<std::string> words = {
        "import",    "stock", path_, "--address", absl::StrCat("127.0.0.1:", port_),
        "--timeout", "2s"};
    words.insert(words.end(), more.begin(), more.end());
    return RunQm(words);
  }

  const std::string path_ = testing::TempDir() + "stock_import_test." +
                            testing::UnitTest::GetInstance()->current_test_info()->name();
  ItemsOfCatalog catalog_;
  StockToFill stock_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(StockImportTest, AGtinNamesTheItem) {
  const Ran ran = Import(
      "gtin,location_id,quantity,sku\n"
      "4006381333931,s1,1,\n"
      "96385074,s1,2,A-1\n"
      // The same number with other zeros in front.
      "0036000291452,s1,3,\n"
      "00036000291452,s1,4,\n"
      // Two items have it.
      "6291041500213,s1,5,D-4\n"
      ",s1,6,no-gtin\n");
  EXPECT_EQ(ran.code, kOk) << ran.err << ReadRejects();
  EXPECT_THAT(stock_.adjustments(),
              ElementsAre("A-1@s1 1 RECEIVED CONDITION_UNSPECIFIED line 2",
                          "A-1@s1 2 RECEIVED CONDITION_UNSPECIFIED line 3",
                          "B-2@s1 3 RECEIVED CONDITION_UNSPECIFIED line 4",
                          "B-2@s1 4 RECEIVED CONDITION_UNSPECIFIED line 5",
                          "D-4@s1 5 RECEIVED CONDITION_UNSPECIFIED line 6",
                          "no-gtin@s1 6 RECEIVED CONDITION_UNSPECIFIED line 7"));
  // The catalog was read once.
  EXPECT_EQ(catalog_.pages, 4);
}

TEST_F(StockImportTest, AGtinThatNamesNoItemCostsItsLine) {
  const Ran ran = Import(
      "sku,gtin,location_id,quantity\n"
      ",4006381333932,s1,1\n"
      ",400638133393,s1,1\n"
      ",12345,s1,1\n"
      ",4006381x33931,s1,1\n"
      ",00000000,s1,1\n"
      "B-2,4006381333931,s1,1\n"
      ",6291041500213,s1,1\n"
      "A-1,6291041500213,s1,1\n"
      ",,s1,1\n"
      "A-1,4006381333931,s1,1\n");
  EXPECT_EQ(ran.code, kDifference);
  EXPECT_THAT(stock_.adjustments(), ElementsAre("A-1@s1 1 RECEIVED CONDITION_UNSPECIFIED line 11"));
  EXPECT_EQ(
      ReadRejects(),
      "line,reason,sku,gtin,location_id,quantity\n"
      "2,gtin: '4006381333932' has a wrong check digit: 1 would be right,,4006381333932,s1,1\n"
      "3,gtin: '400638133393' has a wrong check digit: 0 would be right,,400638133393,s1,1\n"
      "4,\"gtin: '12345' must have 8, 12, 13 or 14 digits\",,12345,s1,1\n"
      "5,gtin: '4006381x33931' must be decimal digits only,,4006381x33931,s1,1\n"
      "6,gtin: no item of the catalog has 00000000,,00000000,s1,1\n"
      "7,\"gtin: 4006381333931 is that of A-1, not of B-2\",B-2,4006381333931,s1,1\n"
      "8,\"gtin: 6291041500213 is that of several items, C-3, D-4: name the sku too\",,"
      "6291041500213,s1,1\n"
      "9,\"gtin: 6291041500213 is that of C-3, D-4, not of A-1\",A-1,6291041500213,s1,1\n"
      "10,sku: is empty,,,s1,1\n");
}

TEST_F(StockImportTest, WithoutTheCatalogNothingIsKnownOfAGtin) {
  catalog_.gone = true;
  const std::string content = "gtin,location_id,quantity\n4006381333931,s1,1\n4006381333932,s1,1\n";
  for (const bool dry_run : {false, true}) {
    const Ran ran = Import(
        content, dry_run ? std::vector<std::string>{"--dry-run"} : std::vector<std::string>{});
    EXPECT_EQ(ran.code, kUnreachable);
    EXPECT_THAT(ran.out, HasSubstr("unanswered 2"));
    EXPECT_THAT(ran.err, HasSubstr("Run the same command again"));
  }
  EXPECT_THAT(stock_.adjustments(), IsEmpty());
  // Who names SKUs does not need it.
  EXPECT_EQ(Import("sku,location_id,quantity\nA-1,s1,1\n").code, kOk);
  catalog_.gone = false;
  EXPECT_EQ(Import(content).code, kDifference);
}

TEST_F(StockImportTest, UnitsHaveACondition) {
  const Ran ran = Import(
      "{\"sku\":\"A-1\",\"location_id\":\"s1\",\"quantity\":1,\"condition\":\"damaged\"}\n"
      "{\"sku\":\"A-1\",\"location_id\":\"s1\",\"quantity\":-2,\"condition\":\"SUSPECT\"}\n"
      "{\"sku\":\"A-1\",\"location_id\":\"s1\",\"quantity\":\"3\",\"effect_key\":\"k\"}\n"
      "{\"sku\":\"A-1\",\"location_id\":\"s1\",\"quantity\":0,\"condition\":\"sellable\"}\n"
      "{\"sku\":\"A-1\",\"location_id\":\"s1\",\"quantity\":1,\"condition\":\"eaten\"}\n"
      "{\"gtin\":4006381333931,\"location_id\":\"s1\",\"quantity\":5,\"condition\":null}\n",
      {"--format", "ndjson"});
  EXPECT_EQ(ran.code, kDifference) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("applied 4 + unchanged 1 + rejected 1"));
  EXPECT_THAT(ran.out, HasSubstr(" rows/s"));
  EXPECT_THAT(stock_.adjustments(),
              ElementsAre("A-1@s1 1 RECEIVED DAMAGED line 1", "A-1@s1 -2 COUNTED SUSPECT line 2",
                          "A-1@s1 3 RECEIVED CONDITION_UNSPECIFIED k",
                          "A-1@s1 5 RECEIVED CONDITION_UNSPECIFIED line 6"));
  EXPECT_THAT(ReadRejects(),
              HasSubstr("{\"line\":5,\"reason\":\"condition: 'eaten' is no such value\","));
}

}  // namespace
}  // namespace quartermaster::qm
