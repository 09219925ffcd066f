#include "tools/qm/verify/stock_auditor.h"

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/qm/verify/test_log.h"

namespace quartermaster::qm {
namespace {

namespace stock_events = ::quartermaster::stock::events::v1;
using stock::v1::Adjustment;
using stock::v1::Reservation;
using ::testing::HasSubstr;

constexpr int64_t kLater = 2'000'000;

class StockAuditorTest : public ::testing::Test {
 protected:
  // SKU 1 at locations 1 and 2, ten units each; pool 1 is both.
  void SetUp() override {
    stock_events::SkuRegistered sku;
    sku.set_sku(1);
    sku.set_sku_id("A-1");
    log_.Add(stock_events::SKU_REGISTERED, sku);
    stock_events::PoolSet pool;
    pool.set_pool(1);
    pool.set_pool_id("web");
    for (const uint32_t location : {1u, 2u}) {
      stock_events::LocationRegistered registered;
      registered.set_location(location);
      registered.set_location_id("store-" + std::to_string(location));
      log_.Add(stock_events::LOCATION_REGISTERED, registered);
      pool.add_locations(location);
    }
    log_.Add(stock_events::POOL_SET, pool);
    Adjust(1, 10);
    Adjust(2, 10);
  }

  void Adjust(uint32_t location, int64_t delta, int condition = 0, const std::string& effect = "",
              int kind = Adjustment::COUNTED) {
    stock_events::StockAdjusted event;
    event.set_sku(1);
    event.set_location(location);
    event.set_kind(kind);
    event.set_delta(delta);
    event.set_condition(condition);
    event.set_effect_key(effect);
    log_.Add(stock_events::STOCK_ADJUSTED, event);
  }
  int64_t Reserve(const std::string& owner, uint32_t location, int64_t quantity,
                  int64_t replaces = 0, uint32_t pool = 0) {
    stock_events::StockReserved event;
    event.set_owner_id(owner);
    event.set_expire_unix_us(kLater);
    if (replaces != 0) event.add_replaces(replaces);
    auto* line = event.add_lines();
    line->set_sku(1);
    line->set_pool(pool);
    auto* placement = line->add_placements();
    placement->set_location(location);
    placement->set_quantity(quantity);
    return log_.Add(stock_events::STOCK_RESERVED, event);
  }
  void KeepBack(uint32_t sku, uint32_t location, std::optional<int64_t> units) {
    stock_events::StockPolicySet event;
    event.set_sku(sku);
    event.set_location(location);
    if (units) event.set_safety_stock(*units);
    log_.Add(stock_events::STOCK_POLICY_SET, event);
  }
  void SetChannel(uint32_t channel, const std::string& name, uint32_t pool, int demand) {
    stock_events::ChannelSet event;
    event.set_channel(channel);
    event.set_channel_id(name);
    event.set_pool(pool);
    event.set_demand(demand);
    log_.Add(stock_events::CHANNEL_SET, event);
  }
  // Of the first SKU.
  void Allot(uint32_t channel, const std::function<void(stock_events::AllotmentSet&)>& set,
             bool new_window = false) {
    stock_events::AllotmentSet event;
    event.set_channel(channel);
    event.set_sku(1);
    event.set_new_window(new_window || allotted_.insert(channel).second);
    set(event);
    log_.Add(stock_events::ALLOTMENT_SET, event);
  }
  // A second item, ten of it at each location, and a third, of which one is two of the first and
  // one of the second.
  void DefineKit(bool same_location = false) {
    for (const uint32_t sku : {2u, 3u}) {
      stock_events::SkuRegistered registered;
      registered.set_sku(sku);
      registered.set_sku_id(absl::StrCat("A-", sku));
      log_.Add(stock_events::SKU_REGISTERED, registered);
    }
    for (const uint32_t location : {1u, 2u}) {
      stock_events::StockAdjusted event;
      event.set_sku(2);
      event.set_location(location);
      event.set_kind(Adjustment::COUNTED);
      event.set_delta(10);
      log_.Add(stock_events::STOCK_ADJUSTED, event);
    }
    stock_events::KitDefined kit;
    kit.set_sku(3);
    kit.set_same_location(same_location);
    for (const uint32_t sku : {1u, 2u}) {
      auto* component = kit.add_components();
      component->set_sku(sku);
      component->set_count(3 - sku);
    }
    log_.Add(stock_events::KIT_DEFINED, kit);
  }
  // So many units of the kit's parts, from the pool; of a group, if it has a number.
  int64_t ReserveKit(int64_t of_first, uint32_t first_at, int64_t of_second, uint32_t second_at,
                     uint32_t group = 0) {
    stock_events::StockReserved event;
    event.set_owner_id("kit");
    event.set_expire_unix_us(kLater);
    for (const uint32_t sku : {1u, 2u}) {
      auto* line = event.add_lines();
      line->set_line_id("0");
      line->set_sku(sku);
      line->set_pool(1);
      line->set_kit(3);
      line->set_per_kit(3 - sku);
      line->set_group(group);
      line->set_eligible_class(1);
      auto* placement = line->add_placements();
      placement->set_location(sku == 1 ? first_at : second_at);
      placement->set_quantity(sku == 1 ? of_first : of_second);
    }
    return log_.Add(stock_events::STOCK_RESERVED, event);
  }
  void MoveGroup(int64_t reservation, int64_t of_first, uint32_t first_at, int64_t of_second,
                 uint32_t second_at) {
    stock_events::GroupMoved event;
    event.set_reservation(reservation);
    for (const uint32_t line : {0u, 1u}) {
      auto* moved = event.add_lines();
      moved->set_line(line);
      auto* placement = moved->add_placements();
      placement->set_location(line == 0 ? first_at : second_at);
      placement->set_quantity(line == 0 ? of_first : of_second);
    }
    log_.Add(stock_events::GROUP_MOVED, event);
  }
  // Of the channel, from the pool.
  int64_t ReserveFor(uint32_t channel, uint32_t pool, uint32_t location, int64_t quantity,
                     const std::string& customer = "") {
    stock_events::StockReserved event;
    event.set_owner_id(absl::StrCat("of channel ", channel, customer));
    event.set_customer_id(customer);
    event.set_expire_unix_us(kLater);
    auto* line = event.add_lines();
    line->set_sku(1);
    line->set_pool(pool);
    line->set_channel(channel);
    auto* placement = line->add_placements();
    placement->set_location(location);
    placement->set_quantity(quantity);
    return log_.Add(stock_events::STOCK_RESERVED, event);
  }
  void Confirm(int64_t reservation) {
    stock_events::ReservationConfirmed event;
    event.set_reservation(reservation);
    log_.Add(stock_events::RESERVATION_CONFIRMED, event);
  }
  void Expire(int64_t reservation) {
    stock_events::ReservationExpired event;
    event.set_reservation(reservation);
    log_.Add(stock_events::RESERVATION_EXPIRED, event);
  }
  void Release(int64_t reservation, uint32_t location, int64_t quantity, bool missing = false) {
    stock_events::ReservationReleased event;
    event.set_reservation(reservation);
    event.set_missing(missing);
    auto* part = event.add_parts();
    part->set_location(location);
    part->set_quantity(quantity);
    log_.Add(stock_events::RESERVATION_RELEASED, event);
  }
  // `in_count`: the number of a part that a count has; 0: of none.
  void Fulfil(int64_t reservation, uint32_t location, int64_t quantity, uint32_t in_count = 0) {
    stock_events::ReservationFulfilled event;
    event.set_reservation(reservation);
    auto* part = event.add_parts();
    part->set_location(location);
    part->set_quantity(quantity);
    if (in_count > 0) event.add_in_count(in_count);
    log_.Add(stock_events::RESERVATION_FULFILLED, event);
  }
  void Bind(int64_t reservation, uint32_t location, int64_t quantity) {
    stock_events::ReservationBound event;
    event.set_reservation(reservation);
    auto* placement = event.add_lines()->add_placements();
    placement->set_location(location);
    placement->set_quantity(quantity);
    log_.Add(stock_events::RESERVATION_BOUND, event);
  }

  const Balance& At(uint32_t location) { return auditor_.books().balances.at({1, location}); }
  const BookedReservation& Get(int64_t id) { return auditor_.books().reservations.at(id); }
  void ExpectClean() {
    auditor_.CheckConservation();
    for (const Finding& f : findings_.kept()) ADD_FAILURE() << f.key << ": " << f.what;
  }
  // The one finding so far.
  void ExpectFinding(const std::string& key, const std::string& what) {
    ASSERT_EQ(findings_.differences(), 1);
    EXPECT_EQ(findings_.kept()[0].key, key);
    EXPECT_THAT(findings_.kept()[0].what, HasSubstr(what));
  }

  Findings findings_;
  // Channels that have had an allotment.
  std::set<uint32_t> allotted_;
  StockAuditor auditor_{&findings_};
  TestLog<StockAuditor> log_{&auditor_};
};

TEST_F(StockAuditorTest, RebuildsTheLifeOfHolds) {
  const int64_t replaced = Reserve("cart", 1, 4);
  const int64_t hold = Reserve("cart", 1, 6, replaced);
  EXPECT_EQ(Get(replaced).state, Reservation::REPLACED);
  EXPECT_EQ(Get(replaced).replaced_by, hold);
  EXPECT_EQ(At(1).reserved, 6);
  Confirm(hold);
  EXPECT_EQ(At(1).reserved, 0);
  EXPECT_EQ(At(1).allocated, 6);
  Bind(hold, 2, 6);
  EXPECT_EQ(At(1).allocated, 0);
  EXPECT_EQ(At(2).allocated, 6);
  Fulfil(hold, 2, 3);
  EXPECT_EQ(At(2).on_hand, 7);
  EXPECT_EQ(At(2).allocated, 3);
  Release(hold, 2, 1, /*missing=*/true);
  EXPECT_EQ(At(2).unusable, 1);
  EXPECT_EQ(At(2).on_hand, 7);
  Release(hold, 2, 2);
  EXPECT_EQ(Get(hold).state, Reservation::FULFILLED);
  EXPECT_EQ(At(2).allocated, 0);
  log_.SetTime(kLater);
  Expire(Reserve("other", 1, 1));
  EXPECT_EQ(At(1).reserved, 0);
  ExpectClean();
}

TEST_F(StockAuditorTest, WhatExpiredIsHeldAgainOnce) {
  const int64_t expired = Reserve("cart", 1, 4);
  log_.SetTime(kLater);
  Expire(expired);
  const int64_t again = Reserve("order", 1, 4, expired);
  EXPECT_EQ(Get(expired).state, Reservation::EXPIRED);
  EXPECT_EQ(Get(expired).replaced_by, again);
  EXPECT_EQ(At(1).reserved, 4);
  EXPECT_EQ(findings_.differences(), 0);
  Reserve("another", 1, 4, expired);
  ExpectFinding(absl::StrCat("reservation r", expired), "held again as");
}

// Class 1 is pool 1: both locations.
class FlexibleAuditorTest : public StockAuditorTest {
 protected:
  static stock_events::Part PartAt(uint32_t location, int64_t quantity) {
    stock_events::Part part;
    part.set_location(location);
    part.set_quantity(quantity);
    return part;
  }
  int64_t ReserveFlexible(const std::string& owner, uint32_t location, int64_t quantity,
                          uint32_t eligible_class = 1, int64_t replaces = 0,
                          uint32_t replaced_at = 0, int64_t replaced_units = 0) {
    stock_events::StockReserved event;
    event.set_owner_id(owner);
    event.set_expire_unix_us(kLater);
    if (replaces != 0) event.add_replaces(replaces);
    if (replaced_at != 0) {
      auto* ended = event.add_ended();
      ended->set_reservation(replaces);
      *ended->mutable_part() = PartAt(replaced_at, replaced_units);
    }
    auto* line = event.add_lines();
    line->set_sku(1);
    line->set_pool(1);
    line->set_eligible_class(eligible_class);
    auto* placement = line->add_placements();
    placement->set_location(location);
    placement->set_quantity(quantity);
    return log_.Add(stock_events::STOCK_RESERVED, event);
  }
  void Move(uint32_t from, uint32_t to, int64_t quantity, bool allocated = false) {
    stock_events::BackingMoved event;
    event.set_sku(1);
    auto* move = event.add_moves();
    move->set_eligible_class(1);
    move->set_allocated(allocated);
    move->set_from(from);
    move->set_to(to);
    move->set_quantity(quantity);
    log_.Add(stock_events::BACKING_MOVED, event);
  }
};

TEST_F(FlexibleAuditorTest, RebuildsTheLifeOfFlexibleHolds) {
  const int64_t replaced = ReserveFlexible("cart", 1, 4);
  EXPECT_EQ(At(1).reserved, 4);
  Move(1, 2, 3);
  EXPECT_EQ(At(2).reserved, 3);
  const int64_t hold = ReserveFlexible("cart", 1, 5, 1, replaced, 2, 3);
  // It has one more somewhere.
  ASSERT_EQ(findings_.differences(), 1);
  EXPECT_THAT(findings_.kept()[0].what, HasSubstr("1 flexible units that nobody says where"));
  EXPECT_EQ(Get(hold).lines[0].flexible, 5);
}

TEST_F(FlexibleAuditorTest, RebuildsThemToTheEnd) {
  const int64_t replaced = ReserveFlexible("cart", 1, 4);
  const int64_t hold = ReserveFlexible("cart", 2, 6, 1, replaced, 1, 4);
  stock_events::ReservationConfirmed confirmed;
  confirmed.set_reservation(hold);
  *confirmed.add_parts() = PartAt(2, 6);
  log_.Add(stock_events::RESERVATION_CONFIRMED, confirmed);
  EXPECT_EQ(At(2).allocated, 6);
  Move(2, 1, 5, /*allocated=*/true);
  Fulfil(hold, 1, 2);
  EXPECT_EQ(At(1).on_hand, 8);
  stock_events::ReservationBound bound;
  bound.set_reservation(hold);
  auto* line = bound.add_lines();
  for (const auto& [location, quantity] : {std::pair(1u, 3), std::pair(2u, 1)}) {
    auto* from = line->add_from();
    from->set_location(location);
    from->set_quantity(quantity);
  }
  auto* placement = line->add_placements();
  placement->set_location(1);
  placement->set_quantity(4);
  log_.Add(stock_events::RESERVATION_BOUND, bound);
  EXPECT_EQ(At(1).allocated, 4);
  EXPECT_EQ(At(2).allocated, 0);
  EXPECT_TRUE(auditor_.books().backing.empty());
  const int64_t other = ReserveFlexible("other", 2, 1);
  log_.SetTime(kLater);
  stock_events::ReservationExpired expired;
  expired.set_reservation(other);
  *expired.add_parts() = PartAt(2, 1);
  log_.Add(stock_events::RESERVATION_EXPIRED, expired);
  EXPECT_EQ(At(2).reserved, 0);
  ExpectClean();
}

TEST_F(FlexibleAuditorTest, FindsAnotherClassThanItsPools) {
  const int64_t hold = ReserveFlexible("cart", 1, 1, /*eligible_class=*/2);
  ASSERT_EQ(findings_.differences(), 2);
  EXPECT_EQ(findings_.kept()[0].key, "reservation r" + std::to_string(hold));
  EXPECT_THAT(findings_.kept()[0].what, HasSubstr("its class 2 is not what pool web has"));
  EXPECT_THAT(findings_.kept()[1].what, HasSubstr("stand outside of it"));
}

TEST_F(FlexibleAuditorTest, FindsUnitsThatMoveButAreNotThere) {
  ReserveFlexible("cart", 1, 1);
  Move(1, 2, 2);
  ExpectFinding("stock A-1 at store-1", "2 units leave, and 1 stand there");
}

// Moves make room: they do not take it from others.
TEST_F(FlexibleAuditorTest, FindsAMoveThatOversells) {
  ReserveFlexible("cart", 1, 1);
  Reserve("full", 2, 10);
  Move(1, 2, 1);
  EXPECT_EQ(findings_.differences(), 0);
  // A fact may.
  Adjust(1, -1);
  ExpectFinding("stock A-1 at store-2", "oversold: 11 units promised, 10 usable");
}

TEST_F(FlexibleAuditorTest, FindsUnitsUncoveredWithoutNeed) {
  const int64_t hold = Reserve("cart", 1, 10);
  Adjust(1, -2, 0, "", Adjustment::SOLD);
  stock_events::UnitsUncovered event;
  event.set_sku(1);
  auto* units = event.add_units();
  units->set_reservation(hold);
  units->set_location(1);
  units->set_quantity(2);
  log_.Add(stock_events::UNITS_UNCOVERED, event);
  ExpectClean();
  units->set_quantity(3);
  log_.Add(stock_events::UNITS_UNCOVERED, event);
  ExpectFinding("stock A-1", "more units uncovered than short, by 1");
}

TEST_F(FlexibleAuditorTest, FollowsWhoIsUncovered) {
  const int64_t pinned = Reserve("cart", 1, 9);
  const int64_t flexible = ReserveFlexible("other", 1, 1);
  Adjust(1, -3, 0, "", Adjustment::SOLD);
  stock_events::UnitsUncovered event;
  event.set_sku(1);
  auto* units = event.add_units();
  units->set_reservation(pinned);
  units->set_location(1);
  units->set_quantity(2);
  units = event.add_units();
  units->set_reservation(flexible);
  units->set_quantity(1);
  log_.Add(stock_events::UNITS_UNCOVERED, event);
  const auto uncovered = [this](int64_t id) {
    return auditor_.books().reservations.at(id).lines[0].uncovered_units();
  };
  EXPECT_EQ(uncovered(pinned), 2);
  EXPECT_EQ(uncovered(flexible), 1);
  Adjust(1, 2);
  log_.Add(stock_events::UNITS_COVERED, event);
  EXPECT_EQ(uncovered(pinned), 0);
  EXPECT_EQ(uncovered(flexible), 0);
  ExpectClean();
  event.mutable_units()->RemoveLast();
  log_.Add(stock_events::UNITS_COVERED, event);
  ExpectFinding("reservation r" + std::to_string(pinned),
                "covers 2 units of line 0 of which 0 were uncovered");
}

TEST_F(FlexibleAuditorTest, FindsLinesThatStandNowhere) {
  const int64_t hold = ReserveFlexible("cart", 1, 2);
  Confirm(hold);
  auditor_.CheckConservation();
  ASSERT_EQ(findings_.differences(), 2);
  EXPECT_THAT(findings_.kept()[0].what, HasSubstr("units open than stand anywhere"));
}

TEST_F(StockAuditorTest, ConditionsMoveUnusable) {
  Adjust(1, 3, Adjustment::DAMAGED);
  EXPECT_EQ(At(1).on_hand, 13);
  EXPECT_EQ(At(1).unusable, 3);
  Adjust(1, -2, Adjustment::DAMAGED);
  EXPECT_EQ(At(1).on_hand, 11);
  EXPECT_EQ(At(1).unusable, 1);
  ExpectClean();
}

TEST_F(StockAuditorTest, AChangeOfConditionLeavesOnHand) {
  Adjust(1, 3, Adjustment::DAMAGED);
  stock_events::ConditionChanged changed;
  changed.set_sku(1);
  changed.set_location(1);
  changed.set_from(Adjustment::DAMAGED);
  changed.set_to(Adjustment::QUARANTINE);
  changed.set_quantity(2);
  changed.set_from_sellable(1);
  log_.Add(stock_events::CONDITION_CHANGED, changed);
  EXPECT_EQ(At(1).on_hand, 13);
  EXPECT_EQ(At(1).unusable, 4);
  EXPECT_EQ(At(1).in_condition.at(Adjustment::DAMAGED), 1);
  EXPECT_EQ(At(1).in_condition.at(Adjustment::QUARANTINE), 3);
  ExpectClean();
}

TEST_F(StockAuditorTest, FindsUnitsThatLeaveAConditionThatHasNone) {
  stock_events::ConditionChanged changed;
  changed.set_sku(1);
  changed.set_location(1);
  changed.set_from(Adjustment::DAMAGED);
  changed.set_to(Adjustment::SELLABLE);
  changed.set_quantity(1);
  log_.Add(stock_events::CONDITION_CHANGED, changed);
  ExpectFinding("stock A-1 at store-1", "condition 2 has -1 units");
}

class CountAuditorTest : public StockAuditorTest {
 protected:
  void SetUp() override {
    StockAuditorTest::SetUp();
    stock_events::SourceRegistered source;
    source.set_source(1);
    source.set_source_id("wms1");
    log_.Add(stock_events::SOURCE_REGISTERED, source);
  }
  void Tell(int64_t sequence, int64_t delta, bool in_count = false) {
    stock_events::StockAdjusted event;
    event.set_sku(1);
    event.set_location(1);
    event.set_kind(Adjustment::COUNTED);
    event.set_delta(delta);
    event.set_in_count(in_count);
    event.mutable_message()->set_source(1);
    event.mutable_message()->set_sequence(sequence);
    event.mutable_message()->set_fingerprint(7);
    log_.Add(stock_events::STOCK_ADJUSTED, event);
  }
  void Start(int parts) {
    stock_events::CountStarted event;
    event.set_count(1);
    event.set_count_id("night");
    event.set_parts(parts);
    event.set_taken_unix_us(kLater);
    auto* mark = event.add_watermarks();
    mark->set_source(1);
    mark->set_sequence(2);
    log_.Add(stock_events::COUNT_STARTED, event);
  }
  void Stage(int part, int64_t quantity = 8) {
    stock_events::CountPartStaged event;
    event.set_count(1);
    event.set_part(part);
    event.add_skus(1);
    event.add_locations(1);
    event.add_quantities(quantity);
    log_.Add(stock_events::COUNT_PART_STAGED, event);
  }
  void Switch(int64_t variance, int64_t taken = 0) {
    stock_events::StockCounted event;
    event.set_count(1);
    event.set_sku(1);
    auto* line = event.add_lines();
    line->set_location(1);
    line->set_counted(8);
    line->set_variance(variance);
    if (taken > 0) {
      line->add_taken()->set_condition(Adjustment::SUSPECT);
      line->mutable_taken(0)->set_quantity(taken);
    }
    log_.Add(stock_events::STOCK_COUNTED, event);
  }
  void Complete() {
    stock_events::CountCompleted event;
    event.set_count(1);
    log_.Add(stock_events::COUNT_COMPLETED, event);
  }
};

TEST_F(CountAuditorTest, ACountSetsOnHandAndWhatItHasIsOnRecordOnly) {
  Adjust(1, 2, Adjustment::SUSPECT);
  Tell(1, 1);
  Start(2);
  Stage(2, 3);
  Stage(1, 5);
  Switch(-5, 2);
  Complete();
  Tell(2, 3, /*in_count=*/true);
  EXPECT_EQ(At(1).on_hand, 8);
  EXPECT_EQ(At(1).unusable, 0);
  ExpectClean();
}

TEST_F(CountAuditorTest, WhatTheCountDoesNotHaveComesOnTop) {
  Tell(2, 1);
  Tell(3, -4);
  Start(1);
  Stage(1);
  Switch(-3);
  Complete();
  EXPECT_EQ(At(1).on_hand, 4);
  ExpectClean();
}

TEST_F(CountAuditorTest, FindsAVarianceThatLeavesOutWhatTheCountDoesNotHave) {
  Tell(2, 1);
  Tell(3, -4);
  Start(1);
  Stage(1);
  Switch(1);
  ExpectFinding("stock A-1 at store-1",
                "the count night and what it does not have make 4, but it is set to 8");
}

TEST_F(CountAuditorTest, FindsAPositionThatIsSetToAnotherCountThanItsRows) {
  Start(1);
  Stage(1, 7);
  Switch(-2);
  ExpectFinding("stock A-1 at store-1", "say 7 and 0 left out, but it is set to 8 and 0");
}

TEST_F(CountAuditorTest, FindsAMessageThatCameTwice) {
  Tell(1, 1);
  Tell(1, 1);
  ExpectFinding("source wms1", "its message #1 came twice");
}

TEST_F(CountAuditorTest, FindsACountThatIsSwitchedBeforeAllOfItCame) {
  Start(2);
  Stage(1);
  Switch(-2);
  ExpectFinding("count night", "out of turn");
}

TEST_F(CountAuditorTest, FindsAPartThatCameTwice) {
  Start(2);
  Stage(1);
  Stage(1);
  ExpectFinding("count night", "part 1 came twice");
}

TEST_F(CountAuditorTest, FindsMoreUnusableUnitsThanACountLeft) {
  Adjust(1, 9, Adjustment::DAMAGED);
  Start(1);
  Stage(1);
  Switch(-11);
  ExpectFinding("stock A-1 at store-1", "counted 8 on hand, of which 9 unusable");
}

TEST_F(StockAuditorTest, FactsMayOversell) {
  Reserve("cart", 1, 10);
  Adjust(1, -5, 0, "", Adjustment::SOLD);
  EXPECT_EQ(At(1).on_hand, 5);
  ExpectClean();
}

TEST_F(StockAuditorTest, FindsAnOversell) {
  Reserve("cart", 1, 6);
  Reserve("other", 1, 5);
  ExpectFinding("stock A-1 at store-1", "oversold: 11 units promised, 10 usable");
}

TEST_F(StockAuditorTest, FindsAnOversellByBinding) {
  Reserve("cart", 2, 10);
  Bind(Reserve("other", 1, 1), 2, 1);
  ExpectFinding("stock A-1 at store-2", "oversold");
}

TEST_F(StockAuditorTest, FindsPromisedSafetyStock) {
  const int64_t before = Reserve("before", 1, 6);
  KeepBack(0, 0, 9);
  KeepBack(1, 0, 5);
  KeepBack(0, 1, 7);
  ExpectClean();
  // Holds that stand keep what they have, and whoever replaces them; the rest is kept back.
  Reserve("before", 1, 6, before);
  Reserve("cart", 2, 5);
  ExpectClean();
  Reserve("other", 1, 1);
  ExpectFinding("stock A-1 at store-1", "1 units of its safety stock of 5 promised");
}

TEST_F(StockAuditorTest, FindsSafetyStockPromisedByBinding) {
  KeepBack(1, 2, 10);
  Bind(Reserve("cart", 1, 1), 2, 1);
  ExpectFinding("stock A-1 at store-2", "1 units of its safety stock of 10 promised");
}

TEST_F(StockAuditorTest, TillsMayHaveSafetyStockAndOthersMayNot) {
  KeepBack(1, 2, 10);
  SetChannel(1, "till", 1, stock::v1::TILL);
  ReserveFor(1, 1, 2, 4);
  ExpectClean();
  SetChannel(2, "web", 1, stock::v1::ONLINE);
  ReserveFor(2, 1, 2, 1);
  ExpectFinding("stock A-1 at store-2", "1 units of its safety stock of 10 promised");
}

TEST_F(StockAuditorTest, FindsWhatAQuotaHoldsTaken) {
  SetChannel(1, "web", 1, stock::v1::ONLINE);
  SetChannel(2, "market", 1, stock::v1::ONLINE);
  // 20 units: 10 at each store.
  Allot(1, [](auto& e) { e.set_quota(15); });
  ReserveFor(2, 1, 1, 5);
  ReserveFor(1, 1, 2, 10);
  ExpectClean();
  Reserve("cart", 1, 1);
  ExpectFinding("stock A-1", "1 units taken that are held for channels");
}

TEST_F(StockAuditorTest, WhoMayBorrowTakesWhatAQuotaHolds) {
  SetChannel(1, "web", 1, stock::v1::ONLINE);
  SetChannel(2, "market", 1, stock::v1::ONLINE);
  Allot(1, [](auto& e) { e.set_quota(15); });
  Allot(2, [](auto& e) { e.set_borrows(true); });
  ReserveFor(2, 1, 1, 9);
  ExpectClean();
}

TEST_F(StockAuditorTest, FindsMoreUsedThanACap) {
  SetChannel(1, "web", 1, stock::v1::ONLINE);
  Allot(1, [](auto& e) { e.set_cap(3); });
  Fulfil(ReserveFor(1, 1, 1, 2), 1, 2);
  ExpectClean();
  ReserveFor(1, 1, 2, 2);
  ExpectFinding("allotment of A-1 for web", "4 units are used, over its cap of 3");
}

TEST_F(StockAuditorTest, FindsMoreUsedByACustomerThanItsCap) {
  SetChannel(1, "web", 1, stock::v1::ONLINE);
  Allot(1, [](auto& e) { e.set_customer_cap(3); });
  Fulfil(ReserveFor(1, 1, 1, 2, "c-7"), 1, 2);
  ReserveFor(1, 1, 2, 3, "c-8");
  ExpectClean();
  Allot(
      1, [](auto& e) { e.set_customer_cap(3); }, /*new_window=*/true);
  Fulfil(ReserveFor(1, 1, 1, 3, "c-7"), 1, 3);
  ExpectClean();
  ReserveFor(1, 1, 2, 1, "c-7");
  ExpectFinding("allotment of A-1 for web", "4 units are used by a customer, who may have 3");
}

TEST_F(StockAuditorTest, FindsAnAllotmentOfNobody) {
  Allot(7, [](auto& e) { e.set_cap(1); });
  ExpectFinding("allotment of A-1 for #7", "set of an unknown channel");
}

TEST_F(StockAuditorTest, FindsAnAllotmentThatCannotBe) {
  SetChannel(1, "web", 1, stock::v1::ONLINE);
  Allot(1, [](auto& e) { e.set_cap(-1); });
  ExpectFinding("allotment of A-1 for web", "has a limit of -1");
}

TEST_F(StockAuditorTest, FindsAnUnknownChannel) {
  const int64_t hold = ReserveFor(3, 1, 2, 1);
  ExpectFinding("reservation r" + std::to_string(hold), "names the unknown channel 3");
}

TEST_F(StockAuditorTest, KitsAndGroupsThatAreWhatTheyMustBe) {
  DefineKit(/*same_location=*/true);
  const int64_t hold = ReserveKit(4, 1, 2, 1, 1);
  MoveGroup(hold, 4, 2, 2, 2);
  ExpectClean();
}

TEST_F(StockAuditorTest, FindsAHoldThatIsNotOfWholeKits) {
  DefineKit();
  const int64_t hold = ReserveKit(4, 1, 1, 2);
  ExpectFinding("reservation r" + std::to_string(hold),
                "is not so many of the kit A-3 as it was then");
}

TEST_F(StockAuditorTest, FindsAWholeKitThatMayBeTornApart) {
  DefineKit(/*same_location=*/true);
  const int64_t hold = ReserveKit(2, 1, 1, 1);
  ExpectFinding("reservation r" + std::to_string(hold), "line 0 may be torn apart");
}

TEST_F(StockAuditorTest, FindsAGroupThatIsTornApart) {
  DefineKit(/*same_location=*/true);
  const int64_t hold = ReserveKit(2, 1, 1, 2, 1);
  ExpectFinding("reservation r" + std::to_string(hold), "is torn apart from");
}

TEST_F(StockAuditorTest, FindsAGroupThatMovesApartOrOntoWhatIsNotThere) {
  DefineKit(/*same_location=*/true);
  const int64_t hold = ReserveKit(4, 1, 2, 1, 1);
  Reserve("cart", 2, 8);
  MoveGroup(hold, 4, 2, 2, 2);
  Adjust(1, 1);
  ExpectFinding("stock A-1 at store-2", "oversold");
}

TEST_F(StockAuditorTest, FindsAKitThatCannotBe) {
  DefineKit();
  stock_events::KitDefined kit;
  kit.set_sku(2);
  kit.add_components()->set_sku(3);
  kit.mutable_components(0)->set_count(1);
  log_.Add(stock_events::KIT_DEFINED, kit);
  ExpectFinding("kit A-2", "contains itself");
}

TEST_F(StockAuditorTest, FindsAChannelThatCannotBe) {
  SetChannel(1, "web", 7, stock::v1::ONLINE);
  ExpectFinding("channel web", "sells from the unknown pool 7");
}

TEST_F(StockAuditorTest, ARemovedSettingKeepsNothingBack) {
  KeepBack(1, 1, 10);
  KeepBack(1, 1, std::nullopt);
  Reserve("cart", 1, 10);
  ExpectClean();
}

TEST_F(StockAuditorTest, FindsASecondEnd) {
  const int64_t hold = Reserve("cart", 1, 2);
  Release(hold, 1, 2);
  Fulfil(hold, 1, 2);
  ExpectFinding("reservation r" + std::to_string(hold), "after its end as RELEASED");
}

TEST_F(StockAuditorTest, FindsAnEffectThatHappenedTwice) {
  Adjust(1, -1, 0, "till-1/7/0", Adjustment::SOLD);
  Adjust(1, -1, 0, "till-1/7/0", Adjustment::SOLD);
  ExpectFinding("stock A-1 at store-1", "the effect till-1/7/0 happened twice");
}

TEST_F(StockAuditorTest, FindsAConfirmAfterTheDeadline) {
  const int64_t hold = Reserve("cart", 1, 2);
  log_.SetTime(kLater);
  Confirm(hold);
  ExpectFinding("reservation r" + std::to_string(hold), "after its deadline");
}

TEST_F(StockAuditorTest, FindsAnEarlyExpiry) {
  const int64_t hold = Reserve("cart", 1, 2);
  log_.SetTime(kLater - 1);
  Expire(hold);
  ExpectFinding("reservation r" + std::to_string(hold), "before its deadline");
}

TEST_F(StockAuditorTest, FindsMoreTakenThanOpen) {
  const int64_t hold = Reserve("cart", 1, 2);
  Fulfil(hold, 1, 3);
  ExpectFinding("reservation r" + std::to_string(hold), "takes 3 units");
}

TEST_F(StockAuditorTest, FindsASecondHoldOfAnOwner) {
  Reserve("cart", 1, 1);
  const int64_t second = Reserve("cart", 1, 1);
  ExpectFinding("reservation r" + std::to_string(second), "has the open hold");
}

TEST_F(StockAuditorTest, FindsAHoldOutsideItsPool) {
  stock_events::PoolSet pool;
  pool.set_pool(1);
  pool.set_pool_id("web");
  pool.add_locations(2);
  log_.Add(stock_events::POOL_SET, pool);
  Reserve("good", 2, 1, 0, /*pool=*/1);
  EXPECT_EQ(findings_.differences(), 0);
  const int64_t bad = Reserve("bad", 1, 1, 0, /*pool=*/1);
  ExpectFinding("reservation r" + std::to_string(bad), "which pool web lacks");
}

TEST_F(StockAuditorTest, WhatACountHasOfAFulfilmentLeavesOnHandAsItIs) {
  const int64_t order = Reserve("order", 1, 4);
  const int64_t on_hand = At(1).on_hand;
  Fulfil(order, 1, 3, /*in_count=*/1);
  EXPECT_EQ(At(1).on_hand, on_hand);
  EXPECT_EQ(At(1).reserved, 1);
  ExpectClean();
  Fulfil(order, 1, 1, /*in_count=*/2);
  ExpectFinding("reservation r" + std::to_string(order),
                "a count has a part that it does not have");
}

TEST_F(StockAuditorTest, FindsAFactOfTheWrongSign) {
  Adjust(1, 1, 0, "", Adjustment::SOLD);
  ExpectFinding("stock A-1 at store-1", "changed it by 1");
}

// Four units that a reservation of its own has at store 1 go to store 2.
class TransferAuditorTest : public StockAuditorTest {
 protected:
  void SetUp() override {
    StockAuditorTest::SetUp();
    reservation_ = Reserve("transfer/t1", 1, 4);
    Confirm(reservation_);
  }
  void Request(bool of_order = false) {
    stock_events::TransferRequested event;
    event.set_transfer(1);
    event.set_transfer_id("t1");
    event.set_from(1);
    event.set_to(2);
    auto* line = event.add_lines();
    line->set_sku(1);
    line->set_quantity(4);
    line->set_reservation(reservation_);
    line->set_of_order(of_order);
    log_.Add(stock_events::TRANSFER_REQUESTED, event);
  }
  void Ship(int64_t quantity, int64_t allocated, int64_t presumed = 0,
            const std::string& effect = "", int64_t in_count = 0) {
    stock_events::TransferShipped event;
    event.set_transfer(1);
    auto* line = event.add_lines();
    line->set_sku(1);
    line->set_quantity(quantity);
    line->set_allocated(allocated);
    line->set_presumed(presumed);
    line->set_effect_key(effect);
    line->set_in_count(in_count);
    log_.Add(stock_events::TRANSFER_SHIPPED, event);
  }
  void ReceiveOf(int64_t quantity, int64_t of_order = 0, int condition = Adjustment::SELLABLE,
                 int64_t found = 0, bool last = false, int64_t in_count = 0) {
    stock_events::TransferReceived event;
    event.set_transfer(1);
    event.set_last(last);
    auto* line = event.add_lines();
    line->set_sku(1);
    line->set_quantity(quantity);
    line->set_of_order(of_order);
    line->set_condition(condition);
    line->set_found(found);
    line->set_in_count(in_count);
    log_.Add(stock_events::TRANSFER_RECEIVED, event);
  }
  void Close(int64_t lost, int64_t of_order = 0) {
    stock_events::TransferClosed event;
    event.set_transfer(1);
    if (lost > 0) {
      auto* line = event.add_lost();
      line->set_quantity(lost);
      line->set_of_order(of_order);
    }
    log_.Add(stock_events::TRANSFER_CLOSED, event);
  }
  int64_t InTransit() { return auditor_.books().in_transit.at({1, 2}); }

  int64_t reservation_ = 0;
};

TEST_F(TransferAuditorTest, RebuildsTransfers) {
  Request();
  Ship(3, 3);
  EXPECT_EQ(At(1).on_hand, 7);
  EXPECT_EQ(At(1).allocated, 1);
  EXPECT_EQ(InTransit(), 3);
  ReceiveOf(1, 0, Adjustment::DAMAGED);
  EXPECT_EQ(At(2).on_hand, 11);
  EXPECT_EQ(At(2).unusable, 1);
  // Received before anybody said that it was shipped; then somebody does.
  ReceiveOf(2);
  Ship(1, 1, 1);
  ReceiveOf(1);
  Ship(0, 0, -1);
  EXPECT_EQ(Get(reservation_).state, Reservation::FULFILLED);
  EXPECT_EQ(InTransit(), 0);
  Close(0);
  ExpectClean();
}

TEST_F(TransferAuditorTest, WhatACountHasLeavesOnHandAsItIs) {
  Request();
  Ship(4, 4, 0, "", /*in_count=*/3);
  EXPECT_EQ(At(1).on_hand, 9);
  EXPECT_EQ(At(1).allocated, 0);
  ReceiveOf(4, 0, Adjustment::SELLABLE, 0, false, /*in_count=*/4);
  EXPECT_EQ(At(2).on_hand, 10);
  EXPECT_EQ(InTransit(), 0);
  ExpectClean();
  Ship(1, 0, 0, "", /*in_count=*/2);
  ExpectFinding("transfer t1", "ships 1 units, of which 0 allocated and 2 missing in a count");
}

TEST_F(TransferAuditorTest, AnOrdersUnitsTravelWithIt) {
  reservation_ = Reserve("order", 1, 4);
  Confirm(reservation_);
  Request(/*of_order=*/true);
  Ship(4, 4);
  EXPECT_EQ(Get(reservation_).lines[0].in_transit, 4);
  EXPECT_EQ(Get(reservation_).state, Reservation::CONFIRMED);
  ReceiveOf(2, 2);
  EXPECT_EQ(At(2).allocated, 2);
  ReceiveOf(1, 1, Adjustment::DAMAGED);
  Close(1, 1);
  EXPECT_EQ(Get(reservation_).lines[0].missing, 2);
  // The lost one turns up, and is nobody's.
  ReceiveOf(1, 0, Adjustment::SELLABLE, 1);
  EXPECT_EQ(At(2).on_hand, 14);
  EXPECT_EQ(At(2).allocated, 2);
  ExpectClean();
}

TEST_F(TransferAuditorTest, MoreThanIsUnderWayIsFound) {
  Request();
  Ship(2, 2);
  ReceiveOf(3);
  ExpectFinding("transfer t1", "of A-1 2 were shipped (0 presumed), 3 received, 0 lost");
}

TEST_F(TransferAuditorTest, ATransfersOwnUnitsAsAnOrdersAreFound) {
  Request(/*of_order=*/true);
  ExpectFinding("transfer t1", "has units of transfer/t1 as an order's");
}

TEST_F(TransferAuditorTest, AnAllocationThatIsNotThereIsFound) {
  Release(reservation_, 1, 1);
  Request();
  ExpectFinding("transfer t1", "allocates 4 units of");
}

TEST_F(TransferAuditorTest, UnitsThatComeBackToNoOrderAreFound) {
  Request();
  Ship(2, 2);
  ReceiveOf(2, 2);
  ExpectFinding("transfer t1", "gives back 2 units to");
}

TEST_F(TransferAuditorTest, AnOrdersUnitsThatComeForNobodyAreFound) {
  reservation_ = Reserve("order", 1, 4);
  Confirm(reservation_);
  Request(/*of_order=*/true);
  Ship(4, 4);
  ReceiveOf(3, 2);
  ExpectFinding("transfer t1", "gives back 2 units to");
}

TEST_F(TransferAuditorTest, UnitsUnderWayThatWillNotComeAreFound) {
  Request();
  Ship(2, 2);
  ReceiveOf(1, 0, Adjustment::SELLABLE, 0, /*last=*/true);
  auditor_.CheckConservation();
  ExpectFinding("transfer t1", "no more will come, and 1 units of A-1 are in transit");
}

TEST_F(TransferAuditorTest, ClosingWithUnitsUnderWayIsFound) {
  Request();
  Ship(2, 2);
  Close(1);
  ExpectFinding("transfer t1", "is closed, and 1 units are in transit");
}

TEST_F(TransferAuditorTest, AShipmentThatHappensTwiceIsFound) {
  Request();
  Ship(1, 1, 0, "asn-1");
  Ship(1, 1, 0, "asn-1");
  ExpectFinding("stock A-1 at store-1", "the effect asn-1 happened twice");
}

TEST_F(TransferAuditorTest, PresumedUnitsThatNobodyPresumedAreFound) {
  Request();
  Ship(0, 0, -1);
  ExpectFinding("transfer t1", "(-1 presumed)");
}

// Three units of SKU 1 are to come to store 1, due at 500.
class SupplyAuditorTest : public StockAuditorTest {
 protected:
  void SetUp() override {
    StockAuditorTest::SetUp();
    Expect(3, 500, 1);
  }
  void Expect(int64_t quantity, int64_t due, int64_t revision) {
    stock_events::SupplyExpected event;
    event.set_supply(1);
    event.set_supply_id("po");
    event.set_line_id("1");
    event.set_sku(1);
    event.set_location(1);
    event.set_quantity(quantity);
    event.set_due_unix_us(due);
    event.set_revision(revision);
    log_.Add(stock_events::SUPPLY_EXPECTED, event);
  }
  void Come(int64_t quantity) {
    stock_events::SupplyReceived event;
    event.set_supply(1);
    event.set_sku(1);
    event.set_location(1);
    event.set_quantity(quantity);
    log_.Add(stock_events::SUPPLY_RECEIVED, event);
  }
  // Of store 1: some are there, others are waited for.
  int64_t Wait(const std::string& owner, int64_t there, int64_t waiting, int64_t needed_by) {
    stock_events::StockReserved event;
    event.set_owner_id(owner);
    event.set_expire_unix_us(kLater);
    auto* line = event.add_lines();
    line->set_sku(1);
    line->set_waiting(waiting);
    line->set_needed_by_unix_us(needed_by);
    if (there > 0) {
      line->add_placements()->set_location(1);
      line->mutable_placements(0)->set_quantity(there);
    } else {
      line->set_location(1);
    }
    return log_.Add(stock_events::STOCK_RESERVED, event);
  }
  void Serve(int64_t reservation, int64_t quantity) {
    stock_events::WaitersServed event;
    event.set_sku(1);
    auto* units = event.add_units();
    units->set_reservation(reservation);
    units->set_location(1);
    units->set_quantity(quantity);
    log_.Add(stock_events::WAITERS_SERVED, event);
  }
};

TEST_F(SupplyAuditorTest, RebuildsWhoWaits) {
  const int64_t hold = Wait("cart", 10, 2, 600);
  EXPECT_EQ(Get(hold).lines[0].waiting, 2);
  Come(2);
  Serve(hold, 2);
  EXPECT_EQ(At(1).on_hand, 12);
  EXPECT_EQ(At(1).reserved, 12);
  const int64_t other = Wait("other", 0, 1, 500);
  log_.SetTime(kLater);
  Expire(other);
  EXPECT_EQ(Get(other).lines[0].released, 1);
  ExpectClean();
}

TEST_F(SupplyAuditorTest, GoodsOfAReceiptAreBookedOnce) {
  const int64_t on_hand = At(1).on_hand;
  stock_events::StockAdjusted goods;
  goods.set_sku(1);
  goods.set_location(1);
  goods.set_kind(1);
  goods.set_delta(2);
  goods.set_condition(1);
  log_.Add(stock_events::STOCK_ADJUSTED, goods);
  stock_events::SupplyReceived received;
  received.set_supply(1);
  received.set_sku(1);
  received.set_location(1);
  received.set_quantity(2);
  received.set_beside(true);
  log_.Add(stock_events::SUPPLY_RECEIVED, received);
  EXPECT_EQ(At(1).on_hand, on_hand + 2);
  ExpectClean();
  log_.Add(stock_events::SUPPLY_RECEIVED, received);
  ExpectFinding("supply po/1", "received 2 units of which 0 came");
}

TEST_F(SupplyAuditorTest, MorePromisedThanIsToComeIsFound) {
  Wait("cart", 0, 2, 600);
  const int64_t second = Wait("other", 0, 2, 700);
  ExpectFinding(absl::StrCat("reservation r", second), "1 more than are to come");
}

TEST_F(SupplyAuditorTest, PromisedBeforeItIsDueIsFound) {
  const int64_t hold = Wait("cart", 0, 1, 499);
  ExpectFinding(absl::StrCat("reservation r", hold), "1 more than are to come");
}

TEST_F(SupplyAuditorTest, WhoComesLaterAndIsServedFirstIsFound) {
  const int64_t first = Wait("cart", 10, 1, 500);
  const int64_t second = Wait("other", 0, 1, 600);
  Come(1);
  Serve(second, 1);
  ExpectFinding(absl::StrCat("reservation r", first), "whoever comes behind it was served");
}

TEST_F(SupplyAuditorTest, UnitsServedThatAreNotThereAreFound) {
  const int64_t hold = Wait("cart", 10, 1, 500);
  Serve(hold, 1);
  ExpectFinding("stock A-1 at store-1", "oversold");
}

TEST_F(SupplyAuditorTest, ARevisionThatIsNoneIsFound) {
  Expect(2, 500, 1);
  ExpectFinding("supply po/1", "revision 1 of 2 units comes after revision 1");
}

}  // namespace
}  // namespace quartermaster::qm
