// Counts: what a count has and has not, whenever either comes; parts, slices and crashes.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "services/base/testing/seed.h"
#include "services/stock/domain/count_reports.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

using Rows = std::vector<StageCount::Row>;

class CountTest : public testing::Test {
 protected:
  AdjustStock Sold(int64_t units, int64_t sequence = 0) {
    AdjustStock fact = Shop::Fact(AdjustmentKind::kSold, "A", "S1", -units);
    return sequence == 0 ? fact : Shop::Told(fact, "till", sequence);
  }
  int64_t OnHand(const std::string& sku = "A", const std::string& location = "S1") const {
    return shop_.BalancesOf(sku, location).on_hand.units();
  }
  StageCount Count(const std::string& id, int64_t quantity) {
    return shop_.CountOf(id, {{"A", "S1", Quantity(quantity), {}}});
  }
  CountStatus Status(const std::string& id) {
    return ReportCount(shop_.state(), shop_.state().counts.names().Find(id));
  }
  std::optional<RejectionKind> Refusal(const Command& command) {
    const Decision decision = shop_.Do(command);
    return decision.rejection ? std::optional(decision.rejection->kind) : std::nullopt;
  }
  const RecountRequest* Recount(const std::string& sku, const std::string& location) {
    const auto& recounts = shop_.state().counts.recounts;
    const auto it = recounts.find(PositionKey(shop_.Sku(sku), shop_.Location(location)));
    return it == recounts.end() ? nullptr : &it->second;
  }

  Shop shop_;
};

TEST_F(CountTest, OnHandIsWhatWasCountedAndWhatTheCountDoesNotHave) {
  shop_.Receive("A", "S1", 10);
  shop_.Do(Sold(1, 1));
  shop_.Do(Sold(1, 2));
  shop_.Do(Sold(1, 3));
  // Taken when the till stood at 2: the third sale comes off.
  StageCount count = Count("c", 6);
  count.watermarks = {{"till", 2}};
  ASSERT_FALSE(shop_.Do(count).rejection);
  EXPECT_EQ(OnHand(), 5);
  EXPECT_EQ(Status("c").state, CountState::kApplied);
  EXPECT_EQ(Status("c").differing, 1);
  EXPECT_EQ(Status("c").deficit, Quantity(2));
  // One that it has comes late: on record, and nothing else.
  AdjustStock late =
      Shop::Told(Shop::Fact(AdjustmentKind::kReceived, "A", "S1", 4), "till", 0, "x");
  late.adjustment.message.sequence = 2;
  const Decision decision = shop_.Do(late);
  EXPECT_TRUE(decision.in_count);
  EXPECT_EQ(OnHand(), 5);
  EXPECT_EQ(shop_.changes().back().kind, ChangeKind::kReceived);
  EXPECT_EQ(shop_.changes().back().delta, Balances{});
  EXPECT_EQ(shop_.changes().back().moved, Quantity(4));
  EXPECT_FALSE(shop_.Do(Sold(2, 4)).in_count);
  EXPECT_EQ(OnHand(), 3);
}

TEST_F(CountTest, WithoutAWatermarkTheTimeDecides) {
  shop_.Receive("A", "S1", 10);
  shop_.Wait(Seconds(60));
  const Instant taken = shop_.now();
  shop_.Wait(Seconds(60));
  shop_.Do(Sold(2));
  AdjustStock earlier = Sold(3);
  earlier.adjustment.business_time = taken - Seconds(1);
  StageCount count = Count("c", 7);
  count.taken = taken;
  count.watermarks = {{"till", 9}};
  shop_.Do(count);
  EXPECT_EQ(OnHand(), 5);
  EXPECT_TRUE(shop_.Do(earlier).in_count);
  EXPECT_EQ(OnHand(), 5);
  // Of another source than those with a watermark, and of no number.
  AdjustStock other = Shop::Told(Sold(1), "other", 1);
  EXPECT_FALSE(shop_.Do(other).in_count);
  EXPECT_FALSE(shop_.Do(Shop::Told(Sold(1), "till", 0, "unnumbered")).in_count);
  EXPECT_EQ(OnHand(), 3);
  // A shipment is held against the time too.
  const ReservationId order = shop_.Hold("order", {shop_.At("A", 1, "S1")});
  shop_.Do(ConfirmReservation{order, {}, "", {}});
  shop_.Do(FulfilReservation{order, {{"0", true, LocationIndex::kNone, Quantity(1)}}, {}});
  StageCount again = Count("d", 7);
  again.taken = taken + Seconds(1);
  shop_.Do(again);
  EXPECT_EQ(OnHand(), 2);
}

TEST_F(CountTest, ADoubtfulFactIsFlaggedAndARecountAskedFor) {
  shop_.Receive("A", "S1", 10);
  shop_.Wait(Seconds(600));
  StageCount count = Count("c", 10);
  count.doubt = Seconds(30);
  shop_.Do(count);
  EXPECT_EQ(Recount("A", "S1"), nullptr);
  shop_.Wait(Seconds(20));
  shop_.Do(Sold(1));
  ASSERT_NE(Recount("A", "S1"), nullptr);
  EXPECT_EQ(Recount("A", "S1")->cause, DiscrepancyCause::kDoubtfulFacts);
  EXPECT_EQ(OnHand(), 9);
  // Once.
  shop_.Do(Sold(1));
  EXPECT_EQ(shop_.last_events(), 1u);
  // A count among facts that it cannot tell from its own asks for another.
  StageCount second = Count("d", 8);
  second.doubt = Seconds(30);
  shop_.Do(second);
  EXPECT_EQ(Status("d").doubtful, 1);
  ASSERT_NE(Recount("A", "S1"), nullptr);
  shop_.Wait(Seconds(600));
  shop_.Do(Count("e", 8));
  EXPECT_EQ(Recount("A", "S1"), nullptr);
}

TEST_F(CountTest, AnAllocationIsDoubtedOnlyByACountThatIsNetOfIt) {
  shop_.Receive("A", "S1", 10);
  const ReservationId hold = shop_.Hold("order", {shop_.At("A", 4, "S1")}, Hours(5));
  shop_.Wait(Seconds(600));
  shop_.Do(ConfirmReservation{hold, {}, "", {}});
  StageCount count = Count("all", 10);
  count.doubt = Seconds(30);
  shop_.Do(count);
  EXPECT_EQ(Status("all").doubtful, 0);
  EXPECT_EQ(Recount("A", "S1"), nullptr);
  StageCount net = Count("net", 6);
  net.doubt = Seconds(30);
  net.basis = CountBasis::kNetOfAllocations;
  shop_.Do(net);
  EXPECT_EQ(Status("net").doubtful, 1);
  EXPECT_EQ(OnHand(), 10);
  // What was allocated and leaves is not in such a figure before or after.
  shop_.Wait(Seconds(600));
  shop_.Do(FulfilReservation{hold, {}, {}});
  net.count_id = "after";
  net.taken = shop_.now();
  shop_.Do(net);
  EXPECT_EQ(Status("after").doubtful, 0);
  EXPECT_EQ(OnHand(), 6);
}

TEST_F(CountTest, AllocationsAreRememberedApartForThoseCountsThatAsk) {
  shop_.Receive("A", "S1", 10);
  const size_t facts = shop_.state().recent_facts.size();
  const ReservationId hold = shop_.Hold("order", {shop_.At("A", 4, "S1")});
  shop_.Do(ConfirmReservation{hold, {}, "", {}});
  EXPECT_EQ(shop_.state().recent_facts.size(), facts);
  EXPECT_EQ(shop_.state().recent_allocations.size(), 1u);
  shop_.Do(FulfilReservation{hold, {}, {}});
  EXPECT_EQ(shop_.state().recent_facts.size(), facts + 1);
  EXPECT_EQ(shop_.state().recent_allocations.size(), 1u);
  // As if a million of them had come since.
  shop_.state().forgotten_allocations = shop_.now() + Seconds(1);
  StageCount net = Count("net", 6);
  net.basis = CountBasis::kNetOfAllocations;
  EXPECT_EQ(Refusal(net), RejectionKind::kCountTooOld);
  EXPECT_EQ(Refusal(Count("all", 6)), std::nullopt);
}

TEST_F(CountTest, DamagedUnitsThatTheCountHasTakeNoMoreThanIsThere) {
  shop_.Receive("A", "S1", 2);
  const ReservationId hold = shop_.Hold("cart", {shop_.At("A", 1, "S1")}, Hours(5));
  shop_.Wait(Seconds(10));
  StageCount count = Count("c", 2);
  count.watermarks = {{"till", 3}};
  shop_.Do(count);
  AdjustStock late = Shop::Told(Shop::Fact(AdjustmentKind::kReturned, "A", "S1", 5), "till", 3);
  late.adjustment.condition = Condition::kDamaged;
  EXPECT_TRUE(shop_.Do(late).in_count);
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), (Balances{Quantity(2), Quantity(1), {}, Quantity(2)}));
  EXPECT_EQ(shop_.Get(hold).state, ReservationState::kHeld);
  // All five are on record.
  int64_t recorded = 0;
  for (const Change& change : shop_.changes()) {
    if (change.kind == ChangeKind::kReturned) recorded += change.moved.units();
  }
  EXPECT_EQ(recorded, 5);
  EXPECT_TRUE(shop_.Do(late).duplicate);
}

TEST_F(CountTest, AnOlderCountChangesNothingWhereANewerHolds) {
  const Instant start = shop_.now();
  shop_.Receive("A", "S1", 10);
  shop_.Receive("B", "S1", 10);
  shop_.Wait(Seconds(100));
  shop_.Do(Count("new", 4));
  StageCount old = Count("old", 9);
  old.rows.push_back({"B", "S1", Quantity(7), {}});
  old.taken = start + Seconds(50);
  shop_.Do(old);
  EXPECT_EQ(OnHand(), 4);
  EXPECT_EQ(OnHand("B"), 7);
  EXPECT_EQ(Status("old").superseded, 1);
  EXPECT_EQ(Status("old").positions, 1);
}

TEST_F(CountTest, WhatHasNoRowStaysUnlessTheCountIsFull) {
  shop_.Receive("A", "S1", 3);
  shop_.Receive("B", "S1", 4);
  shop_.Receive("B", "S2", 5);
  shop_.Wait(Seconds(10));
  StageCount count = Count("part", 2);
  shop_.Do(count);
  EXPECT_EQ(OnHand("B"), 4);
  shop_.Wait(Seconds(10));
  StageCount full = Count("full", 2);
  full.full_at = {"S1"};
  full.watermarks = {{"till", 5}};
  shop_.Do(full);
  EXPECT_EQ(OnHand("B"), 0);
  EXPECT_EQ(OnHand("B", "S2"), 5);
  // What was nowhere when it was counted, and is told of later, it has too.
  AdjustStock late = Shop::Told(Shop::Fact(AdjustmentKind::kReceived, "C", "S1", 6), "till", 5);
  EXPECT_TRUE(shop_.Do(late).in_count);
  EXPECT_EQ(OnHand("C"), 0);
  EXPECT_FALSE(shop_.Do(Shop::Told(Shop::Fact(AdjustmentKind::kReceived, "C", "S1", 6), "till", 6))
                   .in_count);
  EXPECT_EQ(OnHand("C"), 6);
}

TEST_F(CountTest, TheBasisSaysWhatTheFigureLeavesOut) {
  shop_.Receive("A", "S1", 10);
  shop_.Wait(Seconds(10));
  const ReservationId hold = shop_.Hold("order", {shop_.At("A", 4, "S1")});
  shop_.Do(ConfirmReservation{hold, {}, "", {}});
  shop_.Wait(Seconds(10));
  const Instant taken = shop_.now();
  shop_.Wait(Seconds(10));
  shop_.Do(FulfilReservation{hold, {{"0", true, LocationIndex::kNone, Quantity(1)}}, {}});
  const ReservationId later = shop_.Hold("other", {shop_.At("A", 2, "S1")});
  shop_.Do(ConfirmReservation{later, {}, "", {}});
  // Free in the source's eyes: 9 there, less 4 allocated then. One of those has left since.
  StageCount net = Count("net", 5);
  net.taken = taken;
  net.basis = CountBasis::kNetOfAllocations;
  shop_.Do(net);
  EXPECT_EQ(OnHand(), 8);
  StageCount shelves = Count("shelves", 6);
  shelves.basis = CountBasis::kLessPickedAndStaged;
  shelves.rows[0].left_out = Quantity(1);
  shop_.Wait(Seconds(10));
  shelves.taken = shop_.now();
  shop_.Do(shelves);
  EXPECT_EQ(OnHand(), 7);
}

TEST_F(CountTest, ACountBelowWhatIsPromisedMakesAShortageAndHoldsStay) {
  shop_.Receive("A", "S1", 10);
  const ReservationId hold = shop_.Hold("cart", {shop_.At("A", 8, "S1")}, Hours(5));
  shop_.Wait(Seconds(10));
  shop_.Do(Count("c", 5));
  EXPECT_EQ(shop_.BalancesOf("A", "S1").shortage(), Quantity(3));
  EXPECT_EQ(shop_.Get(hold).state, ReservationState::kHeld);
}

TEST_F(CountTest, SuspectUnitsAreGoneFirstAndFoundOnlyByASearch) {
  shop_.Receive("A", "S1", 10);
  const ReservationId hold = shop_.Hold("cart", {shop_.At("A", 4, "S1")});
  shop_.Do(ReleaseReservation{hold, {}, true, {}});
  AdjustStock damaged = Shop::Fact(AdjustmentKind::kReturned, "A", "S1", 3);
  damaged.adjustment.condition = Condition::kDamaged;
  shop_.Do(damaged);
  shop_.Wait(Seconds(10));
  shop_.Do(Count("figures", 12));
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), (Balances{Quantity(12), {}, {}, Quantity(6)}));
  const auto& difference = shop_.state().counts.differences.begin()->second;
  EXPECT_EQ(difference.cause, DiscrepancyCause::kMissingUnits);
  EXPECT_EQ(difference.since, kDistantPast);
  shop_.Wait(Seconds(10));
  StageCount search = Count("search", 11);
  search.clears_suspects = true;
  shop_.Do(search);
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), (Balances{Quantity(11), {}, {}, Quantity(3)}));
  // Fewer than the damaged ones are there: so many are damaged, no more.
  shop_.Wait(Seconds(10));
  shop_.Do(Count("few", 2));
  EXPECT_EQ(shop_.BalancesOf("A", "S1"), (Balances{Quantity(2), {}, {}, Quantity(2)}));
  // Counted and the same: nothing differs any more.
  shop_.Wait(Seconds(10));
  shop_.Do(Count("same", 2));
  EXPECT_TRUE(shop_.state().counts.differences.empty());
}

TEST_F(CountTest, NothingChangesBeforeTheLastPartHasCome) {
  shop_.Receive("A", "S1", 10);
  shop_.Wait(Seconds(10));
  StageCount part = Count("c", 3);
  part.parts = 3;
  part.part = 2;
  EXPECT_FALSE(shop_.Do(part).duplicate);
  EXPECT_TRUE(shop_.Do(part).duplicate);
  StageCount other = part;
  other.rows[0].quantity = Quantity(4);
  EXPECT_EQ(Refusal(other), RejectionKind::kCountReused);
  other = part;
  other.part = 1;
  other.clears_suspects = true;
  EXPECT_EQ(Refusal(other), RejectionKind::kCountReused);
  part.part = 3;
  part.rows = {{"B", "S1", Quantity(1), {}}};
  shop_.Do(part);
  EXPECT_EQ(OnHand(), 10);
  EXPECT_EQ(Status("c").missing_parts, std::vector<int>{1});
  // Rows of one position add up, from whatever part.
  part.part = 1;
  part.rows = {{"A", "S1", Quantity(4), {}}, {"A", "S1", Quantity(1), {}}};
  shop_.Do(part);
  EXPECT_EQ(OnHand(), 8);
  EXPECT_EQ(OnHand("B"), 1);
  EXPECT_TRUE(shop_.Do(part).duplicate);
}

TEST_F(CountTest, ACountWhosePartsStopComingIsGivenUp) {
  shop_.Receive("A", "S1", 10);
  StageCount part = Count("c", 3);
  part.parts = 2;
  shop_.Do(part);
  shop_.Wait(Hours(24));
  shop_.Settle();
  shop_.Do(RegisterSku{"Z"});
  EXPECT_EQ(Status("c").state, CountState::kAbandoned);
  EXPECT_EQ(shop_.state().counts.staged_rows(), 0);
  part.part = 2;
  EXPECT_EQ(Refusal(part), RejectionKind::kCountAbandoned);
  EXPECT_EQ(OnHand(), 10);
  for (int i = 0; i < 16; ++i) {
    part.count_id = absl::StrCat("open", i);
    EXPECT_EQ(Refusal(part), std::nullopt);
  }
  part.count_id = "one more";
  EXPECT_EQ(Refusal(part), RejectionKind::kTooManyCounts);
  // One that is complete waits for nothing.
  shop_.Wait(Seconds(10));
  EXPECT_EQ(Refusal(Count("whole", 4)), std::nullopt);
  EXPECT_EQ(OnHand(), 4);
}

TEST_F(CountTest, SlicesSwitchWholeSkusAndACrashGoesOnWhereItWas) {
  constexpr int kSkus = 50;
  StageCount count = shop_.CountOf("big", {});
  count.parts = 3;
  std::vector<Rows> rows(3);
  for (int i = 0; i < kSkus; ++i) {
    for (const char* location : {"S1", "S2"}) {
      shop_.Receive(absl::StrCat("K", i), location, 10);
      rows[static_cast<size_t>(i % 3)].push_back({absl::StrCat("K", i), location, Quantity(i), {}});
    }
  }
  shop_.Wait(Seconds(10));
  count.taken = shop_.now();
  shop_.set_slice(7);
  for (int part = 1; part <= 3; ++part) {
    count.part = part;
    count.rows = rows[static_cast<size_t>(part) - 1];
    shop_.Do(count);
  }
  int frames = 0;
  while (Status("big").state == CountState::kSwitching) {
    ASSERT_LT(++frames, 100);
    // A SKU has its count at both places, or the books of before at both.
    int switched = 0;
    for (int i = 0; i < kSkus; ++i) {
      const std::string sku = absl::StrCat("K", i);
      const bool done = OnHand(sku, "S1") == i;
      EXPECT_EQ(OnHand(sku, "S2"), OnHand(sku, "S1"));
      switched += done ? 1 : 0;
      if (!done) {
        EXPECT_EQ(OnHand(sku, "S1"), 10);
      }
    }
    EXPECT_LE(Status("big").positions, 2 * switched);
    if (frames % 3 == 0) shop_.Restart();
    shop_.Do(RegisterSku{"other"});
  }
  EXPECT_GE(frames, kSkus * 2 / 8);
  EXPECT_EQ(Status("big").positions, 2 * kSkus);
  for (int i = 0; i < kSkus; ++i) EXPECT_EQ(OnHand(absl::StrCat("K", i), "S2"), i);
}

TEST_F(CountTest, ASmallCountGoesBeforeALargeOneThatIsUnderWay) {
  constexpr int kSkus = 600;
  const Instant early = shop_.now();
  shop_.Wait(Seconds(10));
  StageCount large = shop_.CountOf("large", {});
  for (int i = 0; i < kSkus; ++i) {
    large.rows.push_back({absl::StrCat("K", i), "S1", Quantity(5), {}});
  }
  shop_.Wait(Seconds(10));
  shop_.set_slice(400);
  shop_.Do(large);
  ASSERT_EQ(Status("large").positions, 400);
  // One whose SKU has its turn behind it, and one before it.
  const Rows rows = {{"K0", "S1", Quantity(7), {}}, {"K599", "S1", Quantity(8), {}}};
  shop_.Do(shop_.CountOf("newer", rows));
  EXPECT_EQ(Status("newer").state, CountState::kApplied);
  EXPECT_EQ(Status("newer").positions, 2);
  StageCount older =
      shop_.CountOf("older", {{"K1", "S1", Quantity(9), {}}, {"K598", "S1", Quantity(9), {}}});
  older.taken = early;
  shop_.Do(older);
  EXPECT_EQ(Status("older").state, CountState::kApplied);
  EXPECT_EQ(Status("older").superseded, 1);
  EXPECT_EQ(OnHand("K598"), 9);
  EXPECT_EQ(Status("large").state, CountState::kSwitching);
  shop_.Restart();
  shop_.Do(RegisterSku{"other"});
  EXPECT_EQ(Status("large").state, CountState::kApplied);
  EXPECT_EQ(Status("large").positions, kSkus - 1);
  EXPECT_EQ(Status("large").superseded, 1);
  EXPECT_EQ(OnHand("K0"), 7);
  EXPECT_EQ(OnHand("K599"), 8);
  EXPECT_EQ(OnHand("K1"), 5);
  EXPECT_EQ(OnHand("K598"), 5);
}

// Logs of earlier releases have counts in the order in which they were complete.
TEST_F(CountTest, ALargeCountMayEndBeforeASmallOne) {
  StageCount large = shop_.CountOf("large", {});
  for (int i = 0; i < 600; ++i) large.rows.push_back({absl::StrCat("K", i), "S1", {}, {}});
  shop_.set_slice(1);
  shop_.Do(large);
  StageCount second = shop_.CountOf("small", {});
  for (int i = 0; i < 3; ++i) second.rows.push_back({absl::StrCat("K", i), "S1", {}, {}});
  shop_.Do(second);
  CountTable& counts = shop_.state().counts;
  ASSERT_EQ(counts.switching(), 2u);
  ASSERT_EQ(counts.next_to_switch(), CountIndex{2});
  shop_.Log(CountCompleted{CountIndex{1}});
  EXPECT_EQ(counts.switching(), 1u);
  EXPECT_EQ(counts.next_to_switch(), CountIndex{2});
}

TEST_F(CountTest, FactsThatAPositionRemembersAreAmongWhatASliceCosts) {
  for (int i = 0; i < 640; ++i) shop_.Do(Sold(1));
  for (const char* sku : {"B", "C"}) shop_.Receive(sku, "S1", 10);
  shop_.Wait(Seconds(10));
  shop_.set_slice(10);
  StageCount count = Count("c", 5);
  count.rows.push_back({"B", "S1", Quantity(4), {}});
  count.rows.push_back({"C", "S1", Quantity(4), {}});
  shop_.Do(count);
  EXPECT_EQ(OnHand(), 5);
  EXPECT_EQ(Status("c").positions, 1);
  shop_.Do(RegisterSku{"other"});
  EXPECT_EQ(Status("c").state, CountState::kApplied);
}

TEST_F(CountTest, PositionsThatAFullCountLooksAtAreAmongWhatASliceCosts) {
  for (int i = 0; i < 100; ++i) shop_.Receive("A", absl::StrCat("L", i), 10);
  shop_.Receive("B", "S1", 10);
  shop_.Wait(Seconds(10));
  shop_.set_slice(10);
  StageCount full = shop_.CountOf("full", {});
  full.full_at = {"S1", "L7"};
  shop_.Do(full);
  EXPECT_EQ(OnHand("A", "L7"), 0);
  EXPECT_EQ(OnHand("A", "L8"), 10);
  EXPECT_EQ(OnHand("B"), 10);
  EXPECT_EQ(Status("full").state, CountState::kSwitching);
  shop_.Do(RegisterSku{"other"});
  EXPECT_EQ(OnHand("B"), 0);
  EXPECT_EQ(Status("full").state, CountState::kApplied);
}

TEST_F(CountTest, AFullCountHoldsFromSkuToSku) {
  for (const char* sku : {"A", "B", "C"}) shop_.Receive(sku, "S1", 10);
  shop_.Wait(Seconds(10));
  shop_.set_slice(1);
  StageCount full = Count("full", 4);
  full.full_at = {"S1"};
  full.watermarks = {{"till", 5}};
  shop_.Do(full);
  EXPECT_EQ(OnHand(), 4);
  EXPECT_EQ(OnHand("C"), 10);
  const auto sold = [](const std::string& sku, int64_t sequence) {
    return Shop::Told(Shop::Fact(AdjustmentKind::kSold, sku, "S1", -1), "till", sequence);
  };
  // The count has both; C has its previous figures until it is switched.
  EXPECT_TRUE(shop_.Do(sold("A", 4)).in_count);
  EXPECT_FALSE(shop_.Do(sold("C", 5)).in_count);
  shop_.Do(RegisterSku{"other"});
  shop_.Do(RegisterSku{"another"});
  EXPECT_EQ(Status("full").state, CountState::kApplied);
  EXPECT_EQ(OnHand(), 4);
  EXPECT_EQ(OnHand("C"), 0);
  EXPECT_EQ(Status("full").deficit, Quantity(6 + 10 + 9));
}

TEST_F(CountTest, ASkuThatAFullCountHasPassedIsInItThoughItWasNowhere) {
  shop_.Receive("A", "S1", 10);
  shop_.Sku("B");
  shop_.Receive("C", "S1", 10);
  shop_.Receive("D", "S1", 10);
  shop_.Wait(Seconds(10));
  shop_.set_slice(2);
  StageCount full = Count("full", 4);
  full.full_at = {"S1"};
  full.watermarks = {{"till", 5}};
  shop_.Do(full);
  ASSERT_EQ(Status("full").state, CountState::kSwitching);
  ASSERT_EQ(OnHand("C"), 0);
  EXPECT_TRUE(shop_.Do(Shop::Told(Shop::Fact(AdjustmentKind::kReceived, "B", "S1", 6), "till", 5))
                  .in_count);
  shop_.Do(RegisterSku{"other"});
  EXPECT_EQ(Status("full").state, CountState::kApplied);
  EXPECT_EQ(OnHand("B"), 0);
}

TEST_F(CountTest, AFullCountSaysHowFarItHasLookedThoughThereIsNothing) {
  shop_.Location("S1");
  StageCount names = shop_.CountOf("names", {});
  for (int i = 0; i < 6'000; ++i) names.rows.push_back({absl::StrCat("K", i), "S2", {}, {}});
  shop_.Do(names);
  shop_.Wait(Seconds(10));
  shop_.set_slice(500);
  StageCount full = shop_.CountOf("full", {});
  full.full_at = {"S1"};
  full.watermarks = {{"till", 5}};
  shop_.Do(full);
  ASSERT_EQ(Status("full").state, CountState::kSwitching);
  const auto received = [](const std::string& sku, int64_t sequence) {
    return Shop::Told(Shop::Fact(AdjustmentKind::kReceived, sku, "S1", 6), "till", sequence);
  };
  EXPECT_TRUE(shop_.Do(received("K10", 4)).in_count);
  shop_.Restart();
  shop_.Do(RegisterSku{"other"});
  EXPECT_EQ(Status("full").state, CountState::kApplied);
  EXPECT_TRUE(shop_.Do(received("K5500", 5)).in_count);
  EXPECT_EQ(OnHand("K10"), 0);
  EXPECT_EQ(OnHand("K5500"), 0);
}

TEST_F(CountTest, WhatAFullCountCameTooLateForItDoesNotHold) {
  for (const char* sku : {"A", "B"}) shop_.Receive(sku, "S1", 10);
  shop_.Wait(Seconds(10));
  shop_.set_slice(1);
  StageCount full = Count("full", 4);
  full.full_at = {"S1"};
  full.watermarks = {{"till", 5}};
  shop_.Do(Shop::Told(Shop::Fact(AdjustmentKind::kSold, "A", "S1", -1), "till", 3));
  shop_.Do(Shop::Told(Shop::Fact(AdjustmentKind::kSold, "A", "S1", -1), "till", 5));
  shop_.Do(full);
  ASSERT_EQ(OnHand(), 4);
  State& state = shop_.state();
  state.sources.At(SourceIndex::kNone).forgotten_time = shop_.now() + Seconds(1);
  while (Status("full").state != CountState::kApplied) shop_.Do(RegisterSku{"other"});
  EXPECT_EQ(Status("full").too_old, 1);
  EXPECT_EQ(OnHand("B"), 10);
  EXPECT_EQ(Recount("B", "S1")->cause, DiscrepancyCause::kCountTooOld);
  // What is missing stays missing, and counts for B.
  EXPECT_EQ(state.sources.suspects, 1);
  EXPECT_FALSE(
      shop_.Do(Shop::Told(Shop::Fact(AdjustmentKind::kSold, "B", "S1", -2), "till", 4)).in_count);
  EXPECT_EQ(OnHand("B"), 8);
}

TEST_F(CountTest, WhatSomebodySetSinceStays) {
  shop_.Receive("A", "S1", 10);
  shop_.Wait(Seconds(10));
  const Instant taken = shop_.now();
  shop_.Wait(Seconds(10));
  AdjustStock set = Shop::Fact(AdjustmentKind::kCounted, "A", "S1", 0);
  set.adjustment.compare_and_set = true;
  set.adjustment.expected = Quantity(10);
  set.adjustment.value = Quantity(7);
  shop_.Do(set);
  shop_.Do(Sold(1));
  // It found the same three missing.
  StageCount count = Count("c", 7);
  count.taken = taken;
  shop_.Do(count);
  EXPECT_EQ(OnHand(), 6);
  EXPECT_EQ(Status("c").superseded, 1);
  EXPECT_EQ(Status("c").positions, 0);
  shop_.Wait(Seconds(10));
  shop_.Do(Count("d", 5));
  EXPECT_EQ(OnHand(), 5);
}

TEST_F(CountTest, AFullCountOfOnePlaceClosesNoGapOfASourceThatTellsOfTwo) {
  const auto told = [](const std::string& location, int64_t sequence) {
    return Shop::Told(Shop::Fact(AdjustmentKind::kReceived, "A", location, 5), "wms", sequence);
  };
  shop_.Do(told("S1", 1));
  shop_.Do(told("S2", 3));
  EXPECT_EQ(shop_.state().sources.suspects, 1);
  shop_.Wait(Seconds(10));
  StageCount full = Count("one", 5);
  full.full_at = {"S1"};
  full.watermarks = {{"wms", 3}};
  shop_.Do(full);
  EXPECT_EQ(shop_.state().sources.suspects, 1);
  // The missing message was about S2.
  shop_.Do(told("S2", 2));
  EXPECT_EQ(OnHand("A", "S2"), 10);
  shop_.Do(told("S2", 5));
  full.count_id = "both";
  full.full_at = {"S1", "S2"};
  full.watermarks = {{"wms", 5}};
  shop_.Do(full);
  EXPECT_EQ(shop_.state().sources.suspects, 0);
}

TEST_F(CountTest, UnitsOfPaidPoolHoldsAreNobodysAllocationsUntilTheyAreBound) {
  shop_.Receive("A", "S1", 10);
  shop_.Pool("web", {"S1"});
  const ReservationId hold = shop_.Hold("order", {shop_.From("A", 3, "web")});
  shop_.Do(ConfirmReservation{hold, {}, "", {}});
  shop_.Wait(Seconds(10));
  // The warehouse does not know of the order yet.
  StageCount net = Count("net", 8);
  net.basis = CountBasis::kNetOfAllocations;
  shop_.Do(net);
  EXPECT_EQ(OnHand(), 8);
  shop_.Wait(Seconds(10));
  shop_.Do(BindReservation{hold, {{"0", {{shop_.Location("S1"), Quantity(3)}}}}, {}});
  shop_.Wait(Seconds(10));
  net = Count("after", 5);
  net.basis = CountBasis::kNetOfAllocations;
  shop_.Do(net);
  EXPECT_EQ(OnHand(), 8);
}

// What has left before a count, and is told behind it.
TEST_F(CountTest, AFulfilmentIsHeldAgainstTheCount) {
  shop_.Receive("A", "W", 10);
  const auto order = [&](const std::string& owner) {
    const ReservationId id = shop_.Hold(owner, {shop_.At("A", 2, "W")});
    shop_.Do(ConfirmReservation{id, {}, "", {}});
    return id;
  };
  const ReservationId by_number = order("a");
  const ReservationId by_time = order("b");
  const ReservationId later = order("c");
  const ReservationId undated = order("d");
  shop_.Wait(Seconds(10));
  StageCount count = shop_.CountOf("gross", {{"A", "W", Quantity(6), {}}});
  count.watermarks = {{"wms", 7}};
  shop_.Do(count);
  const auto on_hand = [&] { return shop_.BalancesOf("A", "W").on_hand.units(); };
  FulfilReservation fulfil{by_number, {}, {}};
  fulfil.message = {"wms", 7, ""};
  EXPECT_FALSE(shop_.Do(fulfil).rejection);
  EXPECT_EQ(on_hand(), 6);
  fulfil = {by_time, {}, {}};
  fulfil.business_time = shop_.now() - Seconds(3'600);
  shop_.Do(fulfil);
  EXPECT_EQ(on_hand(), 6);
  EXPECT_EQ(shop_.Get(by_time).state, ReservationState::kFulfilled);
  EXPECT_EQ(shop_.BalancesOf("A", "W").allocated.units(), 4);
  fulfil = {later, {}, {}};
  fulfil.message = {"wms", 8, ""};
  shop_.Do(fulfil);
  EXPECT_EQ(on_hand(), 4);
  // What nobody dates happens now.
  shop_.Do(FulfilReservation{undated, {}, {}});
  EXPECT_EQ(on_hand(), 2);
  // A count that comes behind it is held against what the messages say, too.
  StageCount behind = shop_.CountOf("behind", {{"A", "W", Quantity(4), {}}});
  behind.taken = shop_.now() + Seconds(1);
  behind.watermarks = {{"wms", 7}};
  shop_.Wait(Seconds(10));
  shop_.Do(behind);
  EXPECT_EQ(on_hand(), 2);
}

// It has not counted what is allocated, so that this is gone only when it is told.
TEST_F(CountTest, OfACountNetOfAllocationsAFulfilmentIsNews) {
  shop_.Receive("A", "W", 10);
  const ReservationId order = shop_.Hold("a", {shop_.At("A", 3, "W")});
  shop_.Do(ConfirmReservation{order, {}, "", {}});
  const ReservationId held = shop_.Hold("b", {shop_.At("A", 1, "W")});
  shop_.Wait(Seconds(10));
  StageCount net = shop_.CountOf("net", {{"A", "W", Quantity(6), {}}});
  net.basis = CountBasis::kNetOfAllocations;
  net.watermarks = {{"wms", 7}};
  shop_.Do(net);
  EXPECT_EQ(shop_.BalancesOf("A", "W").on_hand.units(), 9);
  FulfilReservation fulfil{order, {}, {}};
  fulfil.message = {"wms", 6, ""};
  shop_.Do(fulfil);
  EXPECT_EQ(shop_.BalancesOf("A", "W").on_hand.units(), 6);
  // A hold is not allocated: what it had was counted, or had left.
  fulfil = {held, {}, {}};
  fulfil.message = {"wms", 7, ""};
  shop_.Do(fulfil);
  EXPECT_EQ(shop_.BalancesOf("A", "W").on_hand.units(), 6);
}

TEST_F(CountTest, TooOldACountIsNotUsed) {
  // As if a million facts had come since.
  shop_.Receive("A", "S1", 10);
  const Instant early = shop_.now() - Seconds(1);
  State& state = shop_.state();
  state.sources.At(SourceIndex::kNone).forgotten_time = shop_.now();
  StageCount count = Count("old", 3);
  count.taken = early;
  EXPECT_EQ(Refusal(count), RejectionKind::kCountTooOld);
  EXPECT_EQ(shop_.last_events(), 0u);
  count.taken = shop_.now();
  EXPECT_EQ(Refusal(count), std::nullopt);
  // Forgotten while it is being switched.
  shop_.Wait(Seconds(10));
  StageCount slow = Count("slow", 4);
  slow.parts = 2;
  shop_.Do(slow);
  state.sources.At(SourceIndex::kNone).forgotten_time = shop_.now() + Seconds(1);
  slow.part = 2;
  slow.rows.clear();
  shop_.Do(slow);
  EXPECT_EQ(Status("slow").too_old, 1);
  EXPECT_EQ(OnHand(), 3);
  EXPECT_EQ(Recount("A", "S1")->cause, DiscrepancyCause::kCountTooOld);
}

TEST_F(CountTest, AGapRaisesTheAlarmAndNeverHoldsAnythingBack) {
  shop_.Receive("A", "S1", 10);
  shop_.Do(Sold(1, 5));
  EXPECT_EQ(OnHand(), 9);
  shop_.Do(Sold(1, 8));
  EXPECT_EQ(OnHand(), 8);
  const SourceIndex till = shop_.state().sources.names.Find("till");
  const auto report = [&] { return ReportSources(shop_.state(), {}).sources.at(0); };
  EXPECT_TRUE(report().suspect);
  EXPECT_EQ(report().suspect_since, shop_.now());
  EXPECT_EQ(report().gaps, (std::vector<SequenceGap>{{6, 7}}));
  EXPECT_EQ(shop_.state().sources.suspects, 1);
  EXPECT_EQ(std::get<SourceGapOpened>(shop_.log()[shop_.log().size() - 2].event),
            (SourceGapOpened{till, {6, 7}}));
  // Late, and even before the first: the gap closes when all have come.
  shop_.Do(Sold(1, 7));
  EXPECT_EQ(report().missing_messages, 1);
  shop_.Do(Sold(1, 6));
  EXPECT_FALSE(report().suspect);
  shop_.Do(Sold(1, 3));
  EXPECT_EQ(report().gaps, (std::vector<SequenceGap>{{4, 4}}));
  // A duplicate changes nothing; a changed one is refused.
  EXPECT_TRUE(shop_.Do(Sold(1, 7)).duplicate);
  EXPECT_EQ(Refusal(Sold(2, 7)), RejectionKind::kMessageReused);
  // A full count that has it closes what never came.
  StageCount full = Count("c", 5);
  full.full_at = {"S1"};
  full.watermarks = {{"till", 8}};
  shop_.Do(full);
  EXPECT_FALSE(report().suspect);
  EXPECT_EQ(shop_.state().counts.differences.size(), 0u);
}

TEST_F(CountTest, AnEffectThatTwoMessagesTellHappensOnceAndLeavesNoGap) {
  AdjustStock first = Sold(1, 1);
  first.adjustment.effect_key = "receipt/9";
  shop_.Do(first);
  AdjustStock again = Sold(1, 2);
  again.adjustment.effect_key = "receipt/9";
  EXPECT_TRUE(shop_.Do(again).duplicate);
  EXPECT_EQ(shop_.last_events(), 1u);
  shop_.Do(Sold(1, 3));
  EXPECT_EQ(shop_.state().sources.suspects, 0);
  EXPECT_EQ(OnHand(), -2);
  EXPECT_TRUE(shop_.Do(again).duplicate);
  EXPECT_EQ(shop_.last_events(), 0u);
  again.adjustment.delta = Quantity(-2);
  again.adjustment.message.sequence = 4;
  EXPECT_EQ(Refusal(again), RejectionKind::kEffectKeyReused);
}

TEST_F(CountTest, ASaleBelowZeroAsksForACountOnce) {
  shop_.Receive("A", "S1", 1);
  shop_.Do(Sold(1));
  EXPECT_EQ(Recount("A", "S1"), nullptr);
  shop_.Do(Sold(1));
  ASSERT_NE(Recount("A", "S1"), nullptr);
  EXPECT_EQ(Recount("A", "S1")->cause, DiscrepancyCause::kSoldBelowZero);
  shop_.Do(Sold(1));
  EXPECT_EQ(shop_.last_events(), 1u);
  shop_.Wait(Seconds(10));
  shop_.Do(Count("c", 0));
  EXPECT_EQ(Recount("A", "S1"), nullptr);
  const DifferenceReports reports = ReportDifferences(shop_.state(), {});
  ASSERT_EQ(reports.differences.size(), 1u);
  EXPECT_EQ(reports.differences[0].variance, Quantity(2));
  EXPECT_EQ(reports.differences[0].cause, DiscrepancyCause::kSoldBelowZero);
  EXPECT_EQ(reports.differences[0].count_id, "c");
}

TEST_F(CountTest, DifferencesAreListedPerSourceAndInPages) {
  for (const char* sku : {"A", "B", "C", "D"}) shop_.Receive(sku, "S1", 5);
  shop_.Wait(Seconds(10));
  StageCount first = Count("one", 5);
  shop_.Do(first);
  const Instant then = shop_.now();
  shop_.Wait(Seconds(10));
  StageCount mine = shop_.CountOf("mine", {{"A", "S1", Quantity(4), {}}, {"C", "S1", {}, {}}});
  shop_.Do(mine);
  StageCount theirs = shop_.CountOf("theirs", {{"B", "S1", Quantity(6), {}}});
  theirs.source = "other";
  shop_.Do(theirs);
  shop_.Do(Shop::Fact(AdjustmentKind::kSold, "D", "S1", -9));
  const auto list = [&](const std::string& source, uint64_t after, int limit) {
    return ReportDifferences(shop_.state(), {source, after, limit});
  };
  DifferenceReports page = list("", 0, 3);
  ASSERT_EQ(page.differences.size(), 3u);
  EXPECT_EQ(page.differences[0].sku, "A");
  EXPECT_EQ(page.differences[0].variance, Quantity(-1));
  EXPECT_EQ(page.differences[0].since, then);
  EXPECT_EQ(page.differences[0].found, shop_.now());
  EXPECT_EQ(page.differences[1].source, "other");
  page = list("", page.more_after, 3);
  ASSERT_EQ(page.differences.size(), 1u);
  EXPECT_EQ(page.more_after, 0u);
  EXPECT_TRUE(page.differences[0].recount);
  EXPECT_TRUE(page.differences[0].variance.IsZero());
  EXPECT_EQ(list("other", 0, 9).differences.size(), 1u);
  EXPECT_EQ(list("counter", 0, 9).differences.size(), 2u);
  EXPECT_EQ(Refusal(ListDifferences{"nobody", 0, 9}), RejectionKind::kSourceNotFound);
  EXPECT_EQ(Refusal(GetCount{"none"}), RejectionKind::kCountNotFound);
}

// Whatever the order in which a source's changes and counts come, and however often: on hand is the
// newest count and what it does not have.
TEST(CountPropertyTest, AnyOrderAndAnyRepetitionGiveTheSameOnHand) {
  const uint64_t first = TestSeed();
  for (uint64_t seed = first; seed < first + 300; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937_64 random(seed);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<uint64_t>(n)); };
    constexpr Instant kStart{Seconds(500).count};
    std::vector<Command> messages;
    int64_t newest = -1;
    int64_t on_hand = 0;
    std::vector<std::pair<int64_t, int64_t>> facts[2];
    std::map<std::string, int64_t> marks;
    const int n = 3 + below(12);
    for (int i = 0; i < n; ++i) {
      const int source = below(2);
      const int64_t sequence = static_cast<int64_t>(facts[source].size()) + 1;
      const int64_t delta = below(2) == 0 ? -1 - below(3) : 1 + below(5);
      facts[source].emplace_back(sequence, delta);
      messages.push_back(Shop::Told(Shop::Fact(AdjustmentKind::kCounted, "A", "S1", delta),
                                    absl::StrCat("s", source), sequence));
    }
    for (int c = 0; c < below(4); ++c) {
      StageCount count;
      count.count_id = absl::StrCat("c", c);
      count.source = "s0";
      count.taken = kStart + Seconds(below(100));
      int64_t after = 0;
      for (int s = 0; s < 2; ++s) {
        const int64_t mark = below(static_cast<int>(facts[s].size()) + 2);
        count.watermarks.push_back({absl::StrCat("s", s), mark});
        for (const auto& [sequence, delta] : facts[s]) after += sequence > mark ? delta : 0;
      }
      if (below(3) == 0) count.full_at = {"S1"};
      const int64_t quantity = below(20);
      if (count.full_at.empty() || below(2) == 0) {
        count.rows = {{"A", "S1", Quantity(quantity), {}}};
        after += quantity;
      }
      // Of equal times the greater id is the newer.
      if (count.taken.unix_us * 10 + c > newest) {
        newest = count.taken.unix_us * 10 + c;
        on_hand = after;
      }
      messages.push_back(count);
    }
    if (newest < 0) {
      for (const auto& of_source : facts) {
        for (const auto& [sequence, delta] : of_source) on_hand += delta;
      }
    }
    for (int permutation = 0; permutation < 4; ++permutation) {
      std::vector<Command> order = messages;
      for (int again = below(6); again > 0; --again) {
        order.push_back(messages[static_cast<size_t>(below(static_cast<int>(messages.size())))]);
      }
      std::shuffle(order.begin(), order.end(), random);
      Shop shop;
      shop.Sku("A");
      shop.Location("S1");
      for (const Command& command : order) {
        shop.Wait(Seconds(below(3)));
        ASSERT_FALSE(shop.Do(command).rejection);
      }
      ASSERT_EQ(shop.BalancesOf("A", "S1").on_hand.units(), on_hand);
    }
  }
}

TEST(RecentFactsTest, ForgetsTheOldestAndFindsThoseOfAPosition) {
  RecentFacts facts(3);
  const auto add = [&](uint64_t position, int64_t sequence) {
    return facts.Add({.position = position, .sequence = sequence});
  };
  const auto at = [&](uint64_t position) {
    std::vector<int64_t> found;
    facts.ForEachAt(position, [&](const RecentFact& f) { found.push_back(f.sequence); });
    return found;
  };
  EXPECT_FALSE(add(7, 1));
  EXPECT_FALSE(add(8, 2));
  EXPECT_FALSE(add(7, 3));
  EXPECT_EQ(at(7), (std::vector<int64_t>{3, 1}));
  EXPECT_EQ(add(7, 4)->sequence, 1);
  EXPECT_EQ(at(7), (std::vector<int64_t>{4, 3}));
  EXPECT_EQ(add(9, 5)->sequence, 2);
  EXPECT_TRUE(at(8).empty());
  EXPECT_EQ(add(8, 6)->sequence, 3);
  EXPECT_EQ(at(7), (std::vector<int64_t>{4}));
  EXPECT_EQ(facts.size(), 3u);
}

TEST(SourceTest, SplitsAndJoinsItsGaps) {
  Source source;
  for (const int64_t n : {10, 20, 15, 14, 2}) source.NoteSequence(n);
  EXPECT_EQ(source.missing(), (std::map<int64_t, int64_t>{{3, 9}, {11, 13}, {16, 19}}));
  EXPECT_EQ(source.missing_messages(), 14);
  source.AcceptThrough(12);
  EXPECT_EQ(source.missing(), (std::map<int64_t, int64_t>{{13, 13}, {16, 19}}));
  EXPECT_EQ(source.missing_messages(), 5);
  EXPECT_FALSE(source.IsLastMissing(13));
  EXPECT_TRUE(source.IsClosedBy(19));
  source.AcceptThrough(30);
  EXPECT_FALSE(source.suspect());
  EXPECT_EQ(source.GapOpenedBy(31), std::nullopt);
  EXPECT_EQ(source.GapOpenedBy(33), (SequenceGap{31, 32}));
}

}  // namespace
}  // namespace quartermaster::stock
