// Reservations that ended long ago, and requests that were made hours ago, over a real gRPC server:
// they have left memory, and a client need not know.
#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "services/stock/rpc/archive_reads.h"
#include "services/stock/rpc/stock_requests.h"
#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

constexpr size_t kFew = 8;

class ArchiveTest : public StockServiceTest {
 protected:
  ArchiveTest() : StockServiceTest(Options()) { Receive("A", "S1", 1'000); }
  static StockEngineOptions Options() {
    StockEngineOptions options;
    options.sequencer.window_requests_max = kFew;
    options.kept = {.reservations = {.expired = kFew, .others = kFew}, .once_keys = kFew};
    return options;
  }

  template <typename Request>
  Request On(const std::string& reservation) {
    Request request;
    if constexpr (requires { request.request_id(); }) request.set_request_id(NewId());
    request.set_reservation_id(reservation);
    return request;
  }
  std::string Hold(const std::string& owner) {
    return StockServiceTest::Hold(owner, "A", 1, "S1").reservation_id();
  }
  std::string Fulfilled(const std::string& owner) {
    const std::string id = Hold(owner);
    Get(&Stub::FulfilReservation, On<v1::FulfilReservationRequest>(id));
    return id;
  }
  std::string Released(const std::string& owner) {
    const std::string id = Hold(owner);
    Get(&Stub::ReleaseReservation, On<v1::ReleaseReservationRequest>(id));
    return id;
  }
  // One that expires, and what ends all of those.
  std::string ShortHold(const std::string& owner) {
    v1::ReserveRequest request = HoldOf(owner, "A", 1, "S1");
    request.mutable_ttl()->set_seconds(1);
    return Get(&Stub::Reserve, request).reservation().reservation_id();
  }
  void Expire() {
    clock_.Advance(Seconds(2));
    Get(&Stub::ListReservations, v1::ListReservationsRequest());
  }
  // As many ends as push out whatever had ended before.
  void EndOthers() {
    for (size_t i = 0; i < kFew; ++i) Released("other");
    for (size_t i = 0; i < kFew; ++i) ShortHold(absl::StrCat("other-", i));
    Expire();
  }
  v1::ConfirmReservationRequest Rehold(const std::string& id, const std::string& owner) {
    auto request = On<v1::ConfirmReservationRequest>(id);
    *request.mutable_rehold_lines() = HoldOf(owner, "A", 1, "S1").lines();
    request.set_owner_id(owner);
    return request;
  }
  // The answers to every command on it; one, if they are all the same.
  std::set<std::string> RefusalsOn(const std::string& id) {
    auto update = On<v1::UpdateReservationRequest>(id);
    *update.mutable_lines() = HoldOf("owner", "A", 2, "S1").lines();
    auto extend = On<v1::ExtendReservationRequest>(id);
    extend.mutable_ttl()->set_seconds(60);
    auto bind = On<v1::BindReservationRequest>(id);
    v1::BindReservationRequest::Line& line = *bind.add_lines();
    line.set_line_id("0");
    line.add_placements()->set_location_id("S1");
    line.mutable_placements(0)->set_quantity(1);
    return {
        Call(&Stub::UpdateReservation, update),
        Call(&Stub::ExtendReservation, extend),
        Call(&Stub::ConfirmReservation, On<v1::ConfirmReservationRequest>(id)),
        Call(&Stub::BindReservation, bind),
        Call(&Stub::ReleaseReservation, On<v1::ReleaseReservationRequest>(id)),
        Call(&Stub::FulfilReservation, On<v1::FulfilReservationRequest>(id)),
    };
  }
  // All pages of a list.
  std::vector<v1::Reservation> List(v1::ListReservationsRequest request) {
    std::vector<v1::Reservation> all;
    do {
      const v1::ListReservationsResponse page = Get(&Stub::ListReservations, request);
      EXPECT_LE(page.reservations_size(), request.page_size() == 0 ? 100 : request.page_size());
      all.insert(all.end(), page.reservations().begin(), page.reservations().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }
  // What the writer itself decides.
  Result Decided(Command command) {
    std::promise<Result> result;
    engine_->Submit(std::move(command), [&](CallbackSubmission& done, engine::Fate fate, auto) {
      EXPECT_EQ(fate, engine::Fate::kDecided);
      result.set_value(done.result);
    });
    return result.get_future().get();
  }
  bool IsInMemory(const std::string& id) {
    return !Decided(stock::GetReservation{ReservationIdOf(id)}).rejection;
  }
  static std::vector<std::string> IdsOf(const std::vector<v1::Reservation>& reservations) {
    std::vector<std::string> ids;
    for (const v1::Reservation& r : reservations) ids.push_back(r.reservation_id());
    return ids;
  }
};

TEST_F(ArchiveTest, AReservationIsAsItWasWhenItEnded) {
  SetPool("web", {"S1"});
  v1::ReserveRequest request = HoldOf("pool", "A", 3, "");
  request.mutable_lines(0)->set_pool_id("web");
  request.mutable_lines(0)->set_line_id("blue");
  const std::string from_pool = Get(&Stub::Reserve, request).reservation().reservation_id();
  auto part = On<v1::FulfilReservationRequest>(from_pool);
  part.add_parts()->set_line_id("blue");
  part.mutable_parts(0)->set_quantity(2);
  Get(&Stub::FulfilReservation, part);
  Get(&Stub::ReleaseReservation, On<v1::ReleaseReservationRequest>(from_pool));
  const std::string replaced = Hold("cart");
  const std::string open = Hold("cart");
  Get(&Stub::ConfirmReservation, On<v1::ConfirmReservationRequest>(open));
  const std::string expired = ShortHold("late");
  const std::string held_again = ShortHold("later");
  Expire();
  const v1::Reservation again = Get(&Stub::ConfirmReservation, Rehold(held_again, "later"));
  std::vector<v1::Reservation> before;
  for (const std::string& id : {from_pool, replaced, expired, held_again, open}) {
    EXPECT_TRUE(IsInMemory(id));
    before.push_back(Get(&Stub::GetReservation, On<v1::GetReservationRequest>(id)));
  }
  EndOthers();
  for (v1::Reservation& was : before) {
    EXPECT_EQ(IsInMemory(was.reservation_id()), was.reservation_id() == open);
    const v1::Reservation is =
        Get(&Stub::GetReservation, On<v1::GetReservationRequest>(was.reservation_id()));
    EXPECT_GT(std::stoll(is.position()), std::stoll(was.position()));
    was.set_position(is.position());
    EXPECT_EQ(is.SerializeAsString(), was.SerializeAsString()) << is.ShortDebugString();
  }
  EXPECT_EQ(before[0].lines(0).fulfilled(), 2);
  EXPECT_EQ(before[1].replaced_by(), open);
  EXPECT_EQ(before[2].state(), v1::Reservation::EXPIRED);
  EXPECT_EQ(before[3].replaced_by(), again.reservation_id());
}

TEST_F(ArchiveTest, CommandsAreRefusedWithHowItEnded) {
  const std::string fulfilled = Fulfilled("a");
  const std::string released = Released("b");
  const std::string replaced = Hold("c");
  Hold("c");
  const std::string expired = ShortHold("late");
  const std::string held_again = ShortHold("later");
  Expire();
  Get(&Stub::ConfirmReservation, Rehold(held_again, "later"));
  const std::map<std::string, std::string> expected = {
      {fulfilled, "RESERVATION_FULFILLED"}, {released, "RESERVATION_RELEASED"},
      {replaced, "RESERVATION_REPLACED"},   {expired, "RESERVATION_EXPIRED"},
      {held_again, "RESERVATION_REPLACED"}, {"r1", "RESERVATION_NOT_FOUND"},
      {"r1000000", "RESERVATION_NOT_FOUND"}};
  const auto check = [&] {
    for (const auto& [id, reason] : expected) {
      EXPECT_EQ(RefusalsOn(id), std::set<std::string>{reason}) << id;
    }
  };
  check();
  EndOthers();
  for (const std::string& id : {fulfilled, released, replaced, expired, held_again}) {
    EXPECT_FALSE(IsInMemory(id));
  }
  check();
  // It expired too long ago to be held again.
  EXPECT_EQ(Call(&Stub::ConfirmReservation, Rehold(expired, "late")), "RESERVATION_EXPIRED");
  EXPECT_EQ(Call(&Stub::GetReservation, On<v1::GetReservationRequest>("r1")),
            "RESERVATION_NOT_FOUND");
}

TEST_F(ArchiveTest, ARepeatedRequestIsToldTheSame) {
  const std::string id = Hold("a");
  const auto fulfil = On<v1::FulfilReservationRequest>(id);
  const v1::Reservation done = Get(&Stub::FulfilReservation, fulfil);
  EndOthers();
  ASSERT_FALSE(IsInMemory(id));
  EXPECT_EQ(Get(&Stub::FulfilReservation, fulfil).SerializeAsString(), done.SerializeAsString());
  const auto release = On<v1::ReleaseReservationRequest>(id);
  EXPECT_EQ(Call(&Stub::ReleaseReservation, release), "RESERVATION_FULFILLED");
  EXPECT_EQ(Call(&Stub::ReleaseReservation, release), "RESERVATION_FULFILLED");
}

// The warehouse sends it again after a day, under another id.
TEST_F(ArchiveTest, ARepeatedMessageIsNoError) {
  const std::string id = Hold("a");
  auto fulfil = On<v1::FulfilReservationRequest>(id);
  fulfil.mutable_message()->set_source("wms");
  fulfil.mutable_message()->set_message_id("shipment-1");
  const v1::Reservation done = Get(&Stub::FulfilReservation, fulfil);
  EndOthers();
  ASSERT_FALSE(IsInMemory(id));
  fulfil.set_request_id(NewId());
  for (int i = 0; i < 2; ++i) {
    v1::Reservation again = Get(&Stub::FulfilReservation, fulfil);
    again.set_position(done.position());
    EXPECT_EQ(again.SerializeAsString(), done.SerializeAsString());
  }
  fulfil.set_request_id(NewId());
  fulfil.add_parts()->set_line_id("0");
  fulfil.mutable_parts(0)->set_quantity(1);
  EXPECT_EQ(Call(&Stub::FulfilReservation, fulfil), "MESSAGE_REUSED");
}

// What is answered, and to what is refused.
TEST_F(ArchiveTest, ARequestOfHoursAgoIsToldTheSame) {
  const auto hold = HoldOf("a", "A", 1, "S1");
  const v1::ReserveResponse held = Get(&Stub::Reserve, hold);
  const auto too_many = HoldOf("b", "A", 100'000, "S1");
  const std::string refused = Call(&Stub::Reserve, too_many);
  v1::AdjustStockRequest adjust;
  adjust.set_request_id(NewId());
  v1::Adjustment& adjustment = *adjust.add_adjustments();
  adjustment.set_sku("A");
  adjustment.set_location_id("S1");
  adjustment.set_kind(v1::Adjustment::RECEIVED);
  adjustment.set_delta(7);
  const v1::AdjustStockResponse adjusted = Get(&Stub::AdjustStock, adjust);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 200; ++i) Released("other");
    EXPECT_EQ(Get(&Stub::Reserve, hold).SerializeAsString(), held.SerializeAsString());
    EXPECT_EQ(Call(&Stub::Reserve, too_many), refused);
    EXPECT_EQ(Get(&Stub::AdjustStock, adjust).SerializeAsString(), adjusted.SerializeAsString());
    auto other = hold;
    other.set_owner_id("another");
    EXPECT_EQ(Call(&Stub::Reserve, other), "REQUEST_ID_REUSED");
  }
  EXPECT_EQ(Availability("A", "S1").on_hand(), 1'007);
}

TEST_F(ArchiveTest, ListsHaveWhatIsInMemoryAndWhatIsNot) {
  // Long-lived ones among those that end.
  std::map<std::string, v1::Reservation> all;
  std::vector<std::string> made;
  for (int i = 0; i < 60; ++i) {
    const std::string owner = absl::StrCat("owner-", i % 3);
    if (i % 10 == 0) {
      made.push_back(Hold(owner));
      Get(&Stub::ConfirmReservation, On<v1::ConfirmReservationRequest>(made.back()));
    } else if (i % 10 == 1) {
      made.push_back(ShortHold(absl::StrCat("late-", i)));
    } else {
      made.push_back(i % 2 == 0 ? Fulfilled(owner) : Released(owner));
    }
    if (i == 40) Expire();
  }
  const std::string held = Hold("owner-1");
  made.push_back(held);
  for (const std::string& id : made) {
    all[id] = Get(&Stub::GetReservation, On<v1::GetReservationRequest>(id));
  }
  EXPECT_FALSE(IsInMemory(made[2]));
  for (const std::string owner : {"", "owner-0", "owner-1", "late-1", "nobody"}) {
    for (int state = v1::Reservation::STATE_UNSPECIFIED; state <= v1::Reservation::REPLACED;
         ++state) {
      std::vector<std::string> expected;
      for (const std::string& id : made) {
        const bool wanted = (owner.empty() || all[id].owner_id() == owner) &&
                            (state == 0 || all[id].state() == state);
        if (wanted) expected.push_back(id);
      }
      for (const int page_size : {0, 1, 2, 7, 1'000}) {
        v1::ListReservationsRequest request;
        request.set_owner_id(owner);
        request.set_state(static_cast<v1::Reservation::State>(state));
        request.set_page_size(page_size);
        const std::vector<v1::Reservation> listed = List(request);
        EXPECT_EQ(IdsOf(listed), expected) << owner << " in state " << state;
        for (const v1::Reservation& r : listed) {
          EXPECT_EQ(r.state(), all[r.reservation_id()].state());
          EXPECT_EQ(r.lines(0).SerializeAsString(),
                    all[r.reservation_id()].lines(0).SerializeAsString());
        }
      }
    }
  }
}

TEST_F(ArchiveTest, APageGoesAsFarAsBothPartsGo) {
  auto store = storage::ServiceStore::Open(directory_ + "/other", 1);
  ASSERT_TRUE(store.ok()) << store.status();
  storage::ServiceStore::Batch writes;
  const auto released = [](int64_t id, const std::string& owner) {
    Reservation r;
    r.id = ReservationId{id};
    r.owner = owner;
    r.state = ReservationState::kReleased;
    return r;
  };
  for (const int64_t id : {2, 4, 6, 8}) ReservationArchive::Put(released(id, "archive"), writes);
  ASSERT_TRUE((*store)->Write(std::move(writes), "cursor", 1).ok());
  const ReservationArchive archive(store->get());
  struct Listing final : StockSubmission {
    void Done(engine::Fate, storage::Position) override {}
  };
  // What becomes of what memory has: its own ones are marked; behind ">" goes the next page on.
  const auto page = [&](int64_t after, int limit, const std::vector<int64_t>& in_memory,
                        int64_t more_after) {
    Listing call;
    call.deadline = kDistantFuture;
    ListReservations& query = call.command.emplace<ListReservations>();
    query.after = ReservationId{after};
    query.limit = limit;
    for (const int64_t id : in_memory) call.result.list.push_back(released(id, "memory"));
    call.result.more_after = ReservationId{more_after};
    EXPECT_TRUE(NeedsArchive(call));
    EXPECT_FALSE(ReadArchive(*engine_, archive, call).has_value());
    std::string text;
    for (const Reservation& r : call.result.list) {
      absl::StrAppend(&text, static_cast<int64_t>(r.id), r.owner == "memory" ? "m " : " ");
    }
    return absl::StrCat(text, "> ", static_cast<int64_t>(call.result.more_after));
  };
  EXPECT_EQ(page(0, 100, {}, 0), "2 4 6 8 > 0");
  EXPECT_EQ(page(0, 100, {1, 5, 9}, 0), "1m 2 4 5m 6 8 9m > 0");
  // Of those that both have, memory's.
  EXPECT_EQ(page(0, 100, {4, 5, 8}, 0), "2 4m 5m 6 8m > 0");
  // Memory was not looked through, or the archive has as many as a page has.
  EXPECT_EQ(page(0, 100, {1, 5}, 5), "1m 2 4 5m > 5");
  EXPECT_EQ(page(0, 100, {}, 5), "2 4 > 5");
  EXPECT_EQ(page(5, 100, {9}, 0), "6 8 9m > 0");
  EXPECT_EQ(page(0, 2, {5, 9}, 9), "2 4 > 4");
  EXPECT_EQ(page(4, 2, {5, 9}, 9), "5m 6 > 6");
  EXPECT_EQ(page(6, 2, {9}, 0), "8 9m > 0");
  EXPECT_EQ(page(6, 2, {7, 9}, 9), "7m 8 > 8");
  EXPECT_EQ(page(8, 2, {9}, 0), "9m > 0");
  EXPECT_EQ(page(9, 2, {}, 0), "> 0");
  // All that fits, and perhaps nothing more.
  EXPECT_EQ(page(4, 2, {}, 0), "6 8 > 8");
}

TEST_F(ArchiveTest, PagesHaveEachOnceWhileTheyLeaveMemory) {
  std::vector<std::string> made;
  for (int i = 0; i < 30; ++i) made.push_back(Hold(absl::StrCat("owner-", i)));
  v1::ListReservationsRequest request;
  request.set_page_size(4);
  std::vector<std::string> listed;
  size_t next = made.size();
  do {
    const v1::ListReservationsResponse page = Get(&Stub::ListReservations, request);
    for (const auto& r : page.reservations()) listed.push_back(r.reservation_id());
    request.set_page_token(page.next_page_token());
    // From the end, so that what is yet to be listed leaves first.
    for (int i = 0; i < 6 && next > 0; ++i) {
      Get(&Stub::ReleaseReservation, On<v1::ReleaseReservationRequest>(made[--next]));
    }
  } while (!request.page_token().empty());
  EXPECT_EQ(next, 0u);
  EXPECT_EQ(listed, made);
}

TEST_F(ArchiveTest, APageLooksAtSoManyAndGoesOn) {
  // Each takes the place of the one before it.
  ReserveStock reserve;
  reserve.owner = "many";
  reserve.ttl = Seconds(900);
  engine_->view().With([&](const StockSnapshot& s) {
    reserve.lines.push_back({.line_id = "",
                             .sku = s.inventory.skus.Find("A"),
                             .location = s.inventory.locations.Find("S1"),
                             .quantity = Quantity(1)});
  });
  constexpr int kMany = 20'100;
  for (int i = 0; i < kMany; ++i) {
    if (i % 500 == 0) {
      EXPECT_FALSE(Decided(reserve).rejection);
    } else {
      engine_->Submit(reserve);
    }
  }
  const std::string rare = Released("rare");
  EndOthers();
  ASSERT_FALSE(IsInMemory(rare));
  v1::ListReservationsRequest request;
  request.set_owner_id("rare");
  const v1::ListReservationsResponse first = Get(&Stub::ListReservations, request);
  EXPECT_EQ(first.reservations_size(), 0);
  EXPECT_NE(first.next_page_token(), "");
  EXPECT_EQ(IdsOf(List(request)), std::vector<std::string>{rare});
  request.Clear();
  request.set_page_size(1'000);
  request.set_owner_id("many");
  EXPECT_EQ(List(request).size(), static_cast<size_t>(kMany));
}

TEST_F(ArchiveTest, WhatTooManyWaitForIsRefused) {
  const std::string id = Fulfilled("a");
  const std::string open = Hold("open");
  for (size_t i = 0; i < kFew; ++i) Released("other");
  std::promise<void> begun, let_go;
  EXPECT_TRUE(engine_->ledger()->Query([&](const Ledger&) {
    begun.set_value();
    let_go.get_future().wait();
  }));
  begun.get_future().wait();
  for (size_t i = 1; i < Ledger::kQueriesMax; ++i) {
    EXPECT_TRUE(engine_->ledger()->Query([](const Ledger&) {}));
  }
  const auto get = On<v1::GetReservationRequest>(id);
  EXPECT_EQ(Call(&Stub::GetReservation, get), "OVERLOADED");
  EXPECT_EQ(Call(&Stub::ListReservations, v1::ListReservationsRequest()), "OVERLOADED");
  // What is in memory does not ask the archive.
  EXPECT_EQ(Call(&Stub::GetReservation, On<v1::GetReservationRequest>(open)), "OK");
  v1::ListReservationsRequest held;
  held.set_state(v1::Reservation::HELD);
  EXPECT_EQ(Get(&Stub::ListReservations, held).reservations_size(), 1);
  let_go.set_value();
  // Behind all the others.
  std::promise<void> all_read;
  while (!engine_->ledger()->Query([&](const Ledger&) { all_read.set_value(); })) {
    std::this_thread::yield();
  }
  all_read.get_future().wait();
  EXPECT_EQ(Get(&Stub::GetReservation, get).state(), v1::Reservation::FULFILLED);
}

}  // namespace
}  // namespace quartermaster::stock
