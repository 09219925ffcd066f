#include "tools/qm/log/record_filter.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "quartermaster/stock/events/v1/events.pb.h"
#include "tools/qm/log/event_registry.h"
#include "tools/qm/log/stock_names.h"

namespace quartermaster::qm {
namespace {

namespace stock_events = ::quartermaster::stock::events::v1;
using ::testing::HasSubstr;

Json Reserved(const StockNames& names) {
  stock_events::StockReserved event;
  event.set_owner_id("cart-1");
  auto* line = event.add_lines();
  line->set_sku(3);
  line->add_placements()->set_location(7);
  Json record =
      RecordToJson("stock/0", 17, 0, stock_events::STOCK_RESERVED, 1, event.SerializeAsString());
  names.AddTo(&record["event"]);
  return record;
}

StockNames SomeNames() {
  StockNames names;
  stock_events::SkuRegistered sku;
  sku.set_sku(3);
  sku.set_sku_id("A-1");
  names.Learn(stock_events::SKU_REGISTERED, sku.SerializeAsString());
  stock_events::LocationRegistered location;
  location.set_location(7);
  location.set_location_id("store-5");
  names.Learn(stock_events::LOCATION_REGISTERED, location.SerializeAsString());
  return names;
}

bool Wants(const std::vector<std::string>& filters, const Json& record) {
  const auto filter = RecordFilter::Parse(filters);
  EXPECT_TRUE(filter.ok()) << filter.status();
  return filter->Wants(record);
}

TEST(RecordFilterTest, ByTypeFieldAndAnyValue) {
  const Json record = Reserved(SomeNames());
  EXPECT_TRUE(Wants({}, record));
  EXPECT_TRUE(Wants({"type=StockReserved"}, record));
  EXPECT_TRUE(Wants({"type=StockReserved", "type=StockAdjusted"}, record));
  EXPECT_FALSE(Wants({"type=StockAdjusted"}, record));
  EXPECT_TRUE(Wants({"key=cart-1"}, record));
  EXPECT_TRUE(Wants({"key=A-1"}, record));
  EXPECT_TRUE(Wants({"sku_id=A-1", "location_id=store-5"}, record));
  EXPECT_FALSE(Wants({"sku_id=A-1", "location_id=store-6"}, record));
  EXPECT_FALSE(Wants({"owner_id=A-1"}, record));
  EXPECT_TRUE(Wants({"partition=stock/0"}, record));
  EXPECT_FALSE(RecordFilter::Parse({"partition=stock/0"})->WantsPartition("orders/0"));
  EXPECT_FALSE(RecordFilter::Parse({"type=StockReserved"})->LooksIntoEvents());
  EXPECT_TRUE(RecordFilter::Parse({"order_id=o-1"})->LooksIntoEvents());
}

TEST(RecordFilterTest, SaysWhatIsWrong) {
  for (const char* text : {"", "type", "=x", "type="}) {
    EXPECT_TRUE(absl::IsInvalidArgument(RecordFilter::Parse({text}).status())) << text;
  }
  EXPECT_THAT(std::string(RecordFilter::Parse({"type=Order"}).status().message()),
              HasSubstr("OrderPlaced"));
}

TEST(StockNamesTest, StandBesideTheNumbers) {
  const Json event = Reserved(SomeNames())["event"];
  EXPECT_EQ(event["lines"][0]["sku_id"], "A-1");
  EXPECT_EQ(event["lines"][0]["placements"][0]["location_id"], "store-5");
  EXPECT_FALSE(Reserved(StockNames())["event"]["lines"][0].contains("sku_id"));
  Json confirmed = {{"reservation", "17"}};
  StockNames().AddTo(&confirmed);
  EXPECT_EQ(confirmed["reservation_id"], "r17");
}

}  // namespace
}  // namespace quartermaster::qm
