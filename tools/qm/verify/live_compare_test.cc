// A server that lies about one number must be found out, by the number's name.
#include "tools/qm/verify/live_compare.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "quartermaster/stock/events/v1/events.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"

namespace quartermaster::qm {
namespace {

namespace stock_events = ::quartermaster::stock::events::v1;
namespace stockv1 = ::quartermaster::stock::v1;
using ::testing::HasSubstr;

class FakeLog final : public log::v1::LogReader::Service {
 public:
  template <typename Event>
  int64_t Add(int type, const Event& event) {
    log::v1::Record& record = records_.emplace_back();
    record.set_position(static_cast<int64_t>(records_.size()));
    record.set_time_unix_us(1'000'000);
    record.set_type(type);
    record.set_version(1);
    record.set_payload(event.SerializeAsString());
    return record.position();
  }
  int64_t head() const { return static_cast<int64_t>(records_.size()); }

 private:
  grpc::Status GetStatus(grpc::ServerContext*, const log::v1::GetStatusRequest*,
                         log::v1::GetStatusResponse* response) override {
    auto* partition = response->add_partitions();
    partition->set_partition("stock/0");
    partition->set_head(head());
    return grpc::Status::OK;
  }
  // Two records at a time, and one too many in front: as frames are.
  grpc::Status Read(grpc::ServerContext*, const log::v1::ReadRequest* request,
                    log::v1::ReadResponse* response) override {
    const int64_t from = std::max<int64_t>(1, request->from_position() - 1);
    for (int64_t p = from; p <= std::min(head(), from + 2); ++p) {
      *response->add_records() = records_[static_cast<size_t>(p) - 1];
    }
    response->set_head(head());
    return grpc::Status::OK;
  }

  std::vector<log::v1::Record> records_;
};

// Answers what the test sets.
class LiveStock final : public stockv1::StockService::Service {
 public:
  stockv1::WatchAvailabilityResponse watch;
  stockv1::ListReservationsResponse list;

 private:
  grpc::Status WatchAvailability(
      grpc::ServerContext*, const stockv1::WatchAvailabilityRequest*,
      grpc::ServerWriter<stockv1::WatchAvailabilityResponse>* writer) override {
    writer->Write(watch);
    return grpc::Status::OK;
  }
  grpc::Status ListReservations(grpc::ServerContext*, const stockv1::ListReservationsRequest*,
                                stockv1::ListReservationsResponse* response) override {
    *response = list;
    return grpc::Status::OK;
  }
};

class LiveCompareTest : public ::testing::Test {
 protected:
  // Ten units of A-1 at store-1, four of them held by a cart.
  void SetUp() override {
    stock_events::SkuRegistered sku;
    sku.set_sku(1);
    sku.set_sku_id("A-1");
    log_.Add(stock_events::SKU_REGISTERED, sku);
    stock_events::LocationRegistered location;
    location.set_location(1);
    location.set_location_id("store-1");
    log_.Add(stock_events::LOCATION_REGISTERED, location);
    stock_events::StockAdjusted received;
    received.set_sku(1);
    received.set_location(1);
    received.set_kind(stockv1::Adjustment::RECEIVED);
    received.set_delta(10);
    log_.Add(stock_events::STOCK_ADJUSTED, received);
    stock_events::StockReserved held;
    held.set_owner_id("cart");
    held.set_expire_unix_us(2'000'000);
    auto* line = held.add_lines();
    line->set_sku(1);
    auto* placement = line->add_placements();
    placement->set_location(1);
    placement->set_quantity(4);
    const int64_t id = log_.Add(stock_events::STOCK_RESERVED, held);

    auto* value = stock_.watch.add_availabilities();
    value->mutable_key()->set_sku("A-1");
    value->mutable_key()->set_location_id("store-1");
    value->set_available(6);
    value->set_on_hand(10);
    value->set_reserved(4);
    stock_.watch.set_position(std::to_string(log_.head()));
    stock_.watch.set_current(true);
    auto* reservation = stock_.list.add_reservations();
    reservation->set_reservation_id("r" + std::to_string(id));
    reservation->set_owner_id("cart");
    reservation->set_state(stockv1::Reservation::HELD);
    reservation->mutable_expire_time()->set_seconds(2);
    auto* live_line = reservation->add_lines();
    live_line->set_line_id("0");
    live_line->set_sku("A-1");
    live_line->set_quantity(4);
    live_line->set_open(4);
    auto* live_placement = live_line->add_placements();
    live_placement->set_location_id("store-1");
    live_placement->set_quantity(4);
    stock_.list.set_position(std::to_string(log_.head()));
  }

  void Compare() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&log_);
    builder.RegisterService(&stock_);
    const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    Settings settings;
    settings.address = "127.0.0.1:" + std::to_string(port);
    Context context(settings, *tools::AddressBook::Parse(settings.address));
    const auto source = NewServerSource(context);
    Audit audit(source.get(), &findings_);
    const absl::Status status = CompareStock(context, audit, &findings_, &compared_);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(audit.stock_position(), log_.head());
    server->Shutdown();
  }
  void ExpectOne(const std::string& key, const std::string& what) {
    Compare();
    ASSERT_EQ(findings_.differences(), 1);
    EXPECT_EQ(findings_.kept()[0].key, key);
    EXPECT_THAT(findings_.kept()[0].what, HasSubstr(what));
  }

  FakeLog log_;
  LiveStock stock_;
  Findings findings_;
  Compared compared_;
};

TEST_F(LiveCompareTest, AnHonestServerPasses) {
  Compare();
  EXPECT_EQ(findings_.differences(), 0);
  EXPECT_EQ(compared_.balances, 1);
  EXPECT_EQ(compared_.reservations, 1);
}

TEST_F(LiveCompareTest, FindsAWrongBalance) {
  stock_.watch.mutable_availabilities(0)->set_reserved(3);
  ExpectOne(
      "stock A-1 at store-1",
      "reserved 4, allocated 0, unusable 0, shortage 0, flexible 0, in transit 0; stock says");
}

TEST_F(LiveCompareTest, FindsAWrongAvailability) {
  stock_.watch.mutable_availabilities(0)->set_available(7);
  ExpectOne("stock A-1 at store-1", "stock says available 7");
}

TEST_F(LiveCompareTest, FindsAMissingBalance) {
  stock_.watch.clear_availabilities();
  ExpectOne("stock A-1 at store-1", "stock says available 0, on hand 0");
}

TEST_F(LiveCompareTest, FindsAnInventedBalance) {
  auto* value = stock_.watch.add_availabilities();
  value->mutable_key()->set_sku("GHOST");
  value->mutable_key()->set_location_id("store-1");
  ExpectOne("stock GHOST at store-1", "never registered");
}

TEST_F(LiveCompareTest, FindsAWrongReservation) {
  stock_.list.mutable_reservations(0)->set_state(stockv1::Reservation::CONFIRMED);
  ExpectOne("reservation r4", "the log says HELD");
}

TEST_F(LiveCompareTest, FindsAMissingReservation) {
  stock_.list.clear_reservations();
  ExpectOne("reservation r4", "is in the log and not in stock's list");
}

TEST_F(LiveCompareTest, FindsAnInventedReservation) {
  stock_.list.add_reservations()->set_reservation_id("r99");
  ExpectOne("reservation r99", "is in stock's list and not in the log");
}

}  // namespace
}  // namespace quartermaster::qm
