// What users of other systems complain about (DOMAIN, the table at its end), where many callers
// meet: by the numbers that the complaints have in their trackers. The others are in
// domain/complaints_test.cc.
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

constexpr int kThreads = 8;

class ComplaintServiceTest : public StockServiceTest {
 protected:
  // Runs `shop` on all threads at once, each with a connection of its own.
  void RunAtOnce(const std::function<void(Stub& stub, int thread)>& shop) {
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([this, &shop, t] { shop(*NewStub(), t); });
    }
    for (std::thread& thread : threads) thread.join();
  }
  static v1::ReserveRequest Ask(const std::string& id, int quantity, bool from_pool) {
    v1::ReserveRequest request;
    request.set_request_id(id);
    request.set_owner_id(id);
    v1::ReserveLine& line = *request.add_lines();
    line.set_sku("A");
    line.set_quantity(quantity);
    if (from_pool) {
      line.set_pool_id("web");
    } else {
      line.set_location_id("S1");
    }
    return request;
  }
  // How many units were accepted; everything else must have been refused for lack of stock.
  static int64_t Accepted(const std::string& answer, const v1::Reservation& reservation) {
    if (answer != "OK") {
      EXPECT_EQ(answer, "INSUFFICIENT_STOCK");
      return 0;
    }
    return reservation.lines(0).open();
  }
  static int64_t Accepted(const v1::ReserveResult& result) {
    return Accepted(Describe(result.error()), result.response().reservation());
  }
};

// 400 concurrent holds on 100 units: all 400 were accepted there, and the counter was at 37.
TEST_F(ComplaintServiceTest, Medusa16569FourHundredHoldsOnAHundredUnitsGetExactlyAHundred) {
  Receive("A", "S1", 100);
  constexpr int kEach = 50;
  std::atomic<int64_t> accepted{0};
  RunAtOnce([&](Stub& stub, int t) {
    for (int i = 0; i < kEach; ++i) {
      v1::ReserveResponse response;
      grpc::ClientContext context;
      SetDeadline(context);
      const auto request = Ask(absl::StrCat("race/", t, "/", i), 1, /*from_pool=*/false);
      const std::string answer = Describe(stub.Reserve(&context, request, &response));
      accepted += Accepted(answer, response.reservation());
    }
  });
  EXPECT_EQ(accepted, 100);
  const v1::Availability after = Availability("A", "S1");
  EXPECT_EQ(after.reserved(), 100);
  EXPECT_EQ(after.available(), 0);
  EXPECT_EQ(after.shortage(), 0);
}

// The last units are sold twice; orders of a promotion that come at once oversell. Here through
// every entry point at once, from a location and from the pool that it is in.
TEST_F(ComplaintServiceTest,
       MagentoInventory2722And3072AndVendure3508AndWooCommerce12467NoEntryPointOversells) {
  constexpr int kUnits = 300;
  Receive("A", "S1", kUnits / 2);
  Receive("A", "S2", kUnits / 2);
  SetPool("web", {"S1", "S2"});
  std::atomic<int64_t> accepted{0};
  RunAtOnce([&](Stub& stub, int t) {
    const auto id = [&](const char* what, int i) { return absl::StrCat(what, "/", t, "/", i); };
    const auto deadline = [](grpc::ClientContext& context) -> grpc::ClientContext* {
      SetDeadline(context);
      return &context;
    };
    for (int i = 0; i < 8; ++i) {
      const bool from_pool = i % 2 == 0;
      grpc::ClientContext one;
      v1::ReserveResponse held;
      const std::string answer =
          Describe(stub.Reserve(deadline(one), Ask(id("one", i), 1, from_pool), &held));
      int64_t mine = Accepted(answer, held.reservation());
      if (mine > 0) {
        // One becomes three, or stays one.
        v1::UpdateReservationRequest update;
        update.set_request_id(id("update", i));
        update.set_reservation_id(held.reservation().reservation_id());
        *update.add_lines() = Ask("", 3, !from_pool).lines(0);
        grpc::ClientContext more;
        v1::ReserveResponse updated;
        const std::string changed =
            Describe(stub.UpdateReservation(deadline(more), update, &updated));
        if (Accepted(changed, updated.reservation()) > 0) mine = 3;
      }
      accepted += mine;

      v1::BatchReserveRequest batch;
      for (int j = 0; j < 4; ++j) {
        *batch.add_requests() = Ask(id("batch", 4 * i + j), 2, j % 2 == 0);
      }
      grpc::ClientContext many;
      v1::BatchReserveResponse answers;
      ASSERT_EQ(Describe(stub.BatchReserve(deadline(many), batch, &answers)), "OK");
      for (const v1::ReserveResult& result : answers.results()) accepted += Accepted(result);

      grpc::ClientContext pipelined;
      const auto stream = stub.ReserveStream(deadline(pipelined));
      for (int j = 0; j < 4; ++j) {
        ASSERT_TRUE(stream->Write(Ask(id("stream", 4 * i + j), 1, j % 2 == 1)));
      }
      stream->WritesDone();
      v1::ReserveResult result;
      while (stream->Read(&result)) accepted += Accepted(result);
      ASSERT_EQ(Describe(stream->Finish()), "OK");
    }
  });
  EXPECT_EQ(accepted, kUnits);
  int64_t reserved = 0;
  for (const char* location : {"S1", "S2"}) {
    const v1::Availability after = Availability("A", location);
    EXPECT_EQ(after.on_hand(), kUnits / 2);
    EXPECT_EQ(after.available(), 0);
    EXPECT_EQ(after.shortage(), 0);
    reserved += after.reserved();
  }
  EXPECT_EQ(reserved, kUnits);
}

// A warehouse that sends its shipment twice releases the reservation twice.
TEST_F(ComplaintServiceTest, MagentoInventory2420ARequestThatIsRepeatedHasItsEffectOnce) {
  Receive("A", "S1", 5);
  const v1::Reservation hold = Hold("order", "A", 2, "S1");
  v1::FulfilReservationRequest ship;
  ship.set_request_id("shipment-1");
  ship.set_reservation_id(hold.reservation_id());
  std::atomic<int> answered{0};
  RunAtOnce([&](Stub& stub, int) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::Reservation after;
    if (Describe(stub.FulfilReservation(&context, ship, &after)) == "OK" &&
        after.lines(0).fulfilled() == 2) {
      ++answered;
    }
  });
  EXPECT_EQ(answered, kThreads);
  EXPECT_EQ(Availability("A", "S1").on_hand(), 3);
  EXPECT_EQ(Availability("A", "S1").reserved(), 0);
}

}  // namespace
}  // namespace quartermaster::stock
