// qm export against a server that says what the test sets.
#include <cstdio>
#include <filesystem>
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
#include "tools/qm/exit_code.h"
#include "tools/qm/output/json.h"
#include "tools/qm/test_run.h"

namespace quartermaster::qm {
namespace {

namespace catalogv1 = ::quartermaster::catalog::v1;
namespace stockv1 = ::quartermaster::stock::v1;
using ::testing::HasSubstr;

struct Figures {
  std::string sku, location_id;
  int64_t on_hand = 0;
  int64_t damaged = 0, quarantine = 0, inspection = 0, suspect = 0;
};

class StockToExport final : public stockv1::StockService::Service {
 public:
  void Say(const std::vector<Figures>& figures, const std::string& position, bool current) {
    stockv1::WatchAvailabilityResponse& message = messages_.emplace_back();
    for (const Figures& f : figures) {
      stockv1::Availability& a = *message.add_availabilities();
      a.mutable_key()->set_sku(f.sku);
      a.mutable_key()->set_location_id(f.location_id);
      a.set_on_hand(f.on_hand);
      a.set_damaged(f.damaged);
      a.set_quarantine(f.quarantine);
      a.set_inspection(f.inspection);
      a.set_suspect(f.suspect);
    }
    message.set_position(position);
    message.set_current(current);
  }

 private:
  grpc::Status WatchAvailability(
      grpc::ServerContext*, const stockv1::WatchAvailabilityRequest* request,
      grpc::ServerWriter<stockv1::WatchAvailabilityResponse>* out) override {
    EXPECT_EQ(request->keys_size(), 0);
    for (const auto& message : messages_) out->Write(message);
    return {grpc::StatusCode::UNAVAILABLE, "gone"};
  }

  std::vector<stockv1::WatchAvailabilityResponse> messages_;
};

// Two items, one a page. The second has another version at each of the first `changes` readings.
class CatalogToExport final : public catalogv1::CatalogService::Service {
 public:
  int changes = 0;
  int readings = 0;

 private:
  grpc::Status ListItems(grpc::ServerContext*, const catalogv1::ListItemsRequest* request,
                         catalogv1::ListItemsResponse* response) override {
    catalogv1::Item& item = *response->add_items();
    item.set_status(catalogv1::Item::ACTIVE);
    if (request->page_token().empty()) {
      item.set_sku("A-1");
      item.set_title("Mug, \"blue\"");
      item.add_gtins("4006381333931");
      item.add_gtins("96385074");
      item.set_returnable(true);
      item.set_version("7");
      response->set_next_page_token("more");
      return grpc::Status::OK;
    }
    ++readings;
    item.set_sku("B-2");
    item.set_status(catalogv1::Item::DISCONTINUED);
    item.set_version(absl::StrCat(100 + std::min(readings, changes)));
    return grpc::Status::OK;
  }
};

class ExportTest : public testing::Test {
 protected:
  ExportTest() {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directory(directory_);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&stock_);
    builder.RegisterService(&catalog_);
    server_ = builder.BuildAndStart();
  }
  ~ExportTest() override { std::filesystem::remove_all(directory_); }

  Ran Export(const std::string& what, const std::string& path, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"export", what, path, "--address",
                                      absl::StrCat("127.0.0.1:", port_)};
    words.insert(words.end(), more.begin(), more.end());
    return RunQm(words);
  }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  std::string Content(const std::string& name) const {
    std::ifstream file(Path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  int64_t Files() const {
    return std::distance(std::filesystem::directory_iterator(directory_), {});
  }

  const std::string directory_ = testing::TempDir() + "export_test." +
                                 testing::UnitTest::GetInstance()->current_test_info()->name();
  StockToExport stock_;
  CatalogToExport catalog_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(ExportTest, StockIsTheLatestOfEachPositionByCondition) {
  stock_.Say({{"B-2", "s1", 5, 2, 0, 0, 1}, {"A-1", "s2", 10}}, "", false);
  stock_.Say({{"A-1", "s1", 1, 0, 0, 1, 0}}, "40", false);
  stock_.Say({{"A-1", "s2", 7},
              {"C-3", "s1", -3},
              {"D-4", "s1", 0, 3, 0, 0, 0},
              {"E-5", "s1", 0},
              {"F-6", "s1", 2'500'000'000},
              {"G-7", "s1", 4, 0, 4, 0, 0}},
             "42", true);
  const Ran ran = Export("stock", Path("stock.csv"), {"-o", "json"});
  ASSERT_EQ(ran.code, kOk) << ran.err;
  EXPECT_EQ(Content("stock.csv"),
            "sku,location_id,quantity,condition\n"
            "A-1,s1,1,inspection\n"
            "A-1,s2,7,sellable\n"
            "B-2,s1,2,sellable\n"
            "B-2,s1,2,damaged\n"
            "B-2,s1,1,suspect\n"
            "C-3,s1,-3,sellable\n"
            "D-4,s1,-3,sellable\n"
            "D-4,s1,3,damaged\n"
            "F-6,s1,1000000000,sellable\n"
            "F-6,s1,1000000000,sellable\n"
            "F-6,s1,500000000,sellable\n"
            "G-7,s1,4,quarantine\n");
  const Json summary = Json::parse(ran.out);
  EXPECT_EQ(summary["position"], "42");
  EXPECT_EQ(summary["rows"], 12);
  EXPECT_EQ(summary["read"], 8);
  EXPECT_EQ(Files(), 1);
}

TEST_F(ExportTest, StandardOutputHasDataOnly) {
  stock_.Say({{"A-1", "s1", 1}}, "9", true);
  const Ran ran = Export("stock", "-", {"--format", "ndjson"});
  ASSERT_EQ(ran.code, kOk) << ran.err;
  EXPECT_EQ(ran.out,
            "{\"sku\":\"A-1\",\"location_id\":\"s1\",\"quantity\":1,\"condition\":\"sellable\"}\n");
  EXPECT_THAT(ran.err, HasSubstr("rows 1 of 1 read, as of position 9"));
}

TEST_F(ExportTest, WithoutAWholeCutTheOldFileStays) {
  std::ofstream(Path("stock.csv")) << "old";
  stock_.Say({{"A-1", "s1", 1}}, "", false);
  EXPECT_EQ(Export("stock", Path("stock.csv")).code, kUnreachable);
  EXPECT_EQ(Content("stock.csv"), "old");
  EXPECT_EQ(Export("stock", "-").out, "");
  EXPECT_EQ(Files(), 1);
}

TEST_F(ExportTest, ItemsAreReadUntilNothingChangedMeanwhile) {
  catalog_.changes = 3;
  const Ran ran = Export("items", Path("items.csv"));
  ASSERT_EQ(ran.code, kOk) << ran.err;
  EXPECT_EQ(catalog_.readings, 4);
  EXPECT_THAT(ran.out, HasSubstr("rows 2 of 2 read, as of position 103"));
  EXPECT_EQ(Content("items.csv"),
            "sku,title,base_unit,quantity_scale,gtins,weight_g,handling_class,returnable,online,"
            "status\n"
            "A-1,\"Mug, \"\"blue\"\"\",,0,4006381333931;96385074,0,,true,false,ACTIVE\n"
            "B-2,,,0,,0,,false,false,DISCONTINUED\n");
  catalog_.changes = 1'000;
  EXPECT_EQ(Export("items", Path("items.csv")).code, kRefused);
  EXPECT_EQ(Files(), 1);
}

TEST_F(ExportTest, OnlyAFileIsReplaced) {
  EXPECT_EQ(Export("stock", "/dev/null").code, kLocalFile);
  EXPECT_EQ(Export("stock", directory_).code, kLocalFile);
  stock_.Say({{"A-1", "s1", 1}}, "9", true);
  EXPECT_EQ(Export("stock", Path("nowhere/stock.csv")).code, kLocalFile);
}

}  // namespace
}  // namespace quartermaster::qm
