#include "services/catalog/domain/decide.h"

#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "services/catalog/domain/apply.h"
#include "services/catalog/domain/text.h"

namespace quartermaster::catalog {
namespace {

Item Bolt() {
  Item item;
  item.sku = "BOLT-8";
  item.title = "Bolt M8";
  item.gtins = {"4006381333931"};
  item.weight_g = 12;
  item.returnable = true;
  item.online = true;
  return item;
}

Location Cluj() {
  Location location;
  location.location_id = "RO-CLUJ-1";
  location.title = "Cluj, Eroilor";
  location.kind = LocationKind::kStore;
  location.latitude = 46.77;
  location.longitude = 23.6;
  location.time_zone = "Europe/Bucharest";
  location.capabilities = {Capability::kTill, Capability::kPickup, Capability::kTill};
  return location;
}

// Decides and applies, and describes both: "changed" | "same" | "field text; field text" per
// result.
class Catalog {
 public:
  std::string Do(const Command& command) {
    const Decision decision = Decide(state_, command);
    for (const Event& event : decision.events) Apply(state_, event, ++position_);
    if (const auto* pause = std::get_if<PauseOutcome>(&decision.outcome)) {
      return pause->rejection == Rejection::kNone ? absl::StrCat(decision.events.size(), " events")
                                                  : "no such location";
    }
    std::vector<std::string> parts;
    for (const PutResult& result : std::get<PutOutcome>(decision.outcome).results) {
      std::vector<std::string> violations;
      for (const Violation& violation : result.violations) {
        violations.push_back(absl::StrCat(violation.field, " ", violation.description));
      }
      parts.push_back(result.changed ? "changed" : "same");
      if (!violations.empty()) parts.back() = absl::StrJoin(violations, "; ");
    }
    return absl::StrJoin(parts, " | ");
  }
  std::string Put(const Item& item) { return Do(PutItems{{item}, {}}); }
  std::string Put(const Location& location, bool zone_known = true) {
    return Do(PutLocations{{{location, zone_known}}, {}});
  }
  const State& state() const { return state_; }
  Position position() const { return position_; }

 private:
  State state_;
  Position position_ = 0;
};

TEST(PutItems, FillsInDefaultsAndStampsTheVersion) {
  Catalog catalog;
  EXPECT_EQ(catalog.Put(Bolt()), "changed");
  const auto item = catalog.state().FindItem("BOLT-8");
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(item->base_unit, "each");
  EXPECT_EQ(item->handling_class, "standard");
  EXPECT_EQ(item->status, ItemStatus::kActive);
  EXPECT_EQ(item->version, 1);
}

TEST(PutItems, WritingUnchangedIsNoEvent) {
  Catalog catalog;
  catalog.Put(Bolt());
  Item again = Bolt();
  again.base_unit = "each";
  again.version = 99;
  EXPECT_EQ(catalog.Put(again), "same");
  EXPECT_EQ(catalog.position(), 1);
  again.title = "Bolt M8 x 20";
  EXPECT_EQ(catalog.Put(again), "changed");
  EXPECT_EQ(catalog.state().FindItem("BOLT-8")->version, 2);
}

TEST(PutItems, EachEntrySeesTheOnesBeforeIt) {
  Catalog catalog;
  Item other = Bolt();
  other.title = "Other";
  Item metres = Bolt();
  metres.base_unit = "m";
  EXPECT_EQ(catalog.Do(PutItems{{Bolt(), Bolt(), other, metres, Bolt()}, {}}),
            "changed | same | changed | base_unit cannot change once the item exists: it is each | "
            "changed");
}

TEST(PutItems, OneBadItemDoesNotStopTheRest) {
  Catalog catalog;
  Item bad = Bolt();
  bad.sku = "BAD";
  bad.gtins = {"4006381333931", "4006381333930", "4006381333931", "12"};
  Item last = Bolt();
  last.sku = "LAST";
  EXPECT_EQ(catalog.Do(PutItems{{Bolt(), bad, last}, {}}),
            "changed | gtins[1] has a wrong check digit: 1 would be right; gtins[2] is listed "
            "twice; gtins[3] must have 8, 12, 13 or 14 digits | changed");
  EXPECT_EQ(catalog.state().FindItem("BAD"), nullptr);
}

TEST(PutItems, ScaleNeverChanges) {
  Catalog catalog;
  Item item = Bolt();
  item.quantity_scale = 3;
  catalog.Put(item);
  item.quantity_scale = 0;
  EXPECT_EQ(catalog.Put(item), "quantity_scale cannot change once the item exists: it is 3");
}

TEST(PutItems, NamesTheFieldThatIsWrong) {
  struct Case {
    const char* problem;
    void (*spoil)(Item&);
  };
  const Case cases[] = {
      {"sku must not be empty", [](Item& i) { i.sku.clear(); }},
      {"sku must have at most 64 bytes, has 65", [](Item& i) { i.sku.assign(65, 'x'); }},
      {"sku must be valid UTF-8", [](Item& i) { i.sku = "caf\xe9"; }},
      {"sku must not contain control characters", [](Item& i) { i.sku = "a\nb"; }},
      {"title must have at most 128 bytes, has 129", [](Item& i) { i.title.assign(129, 'x'); }},
      {"base_unit must have at most 16 bytes, has 17",
       [](Item& i) { i.base_unit.assign(17, 'x'); }},
      {"quantity_scale must be 0 to 3", [](Item& i) { i.quantity_scale = 4; }},
      {"quantity_scale must be 0 to 3", [](Item& i) { i.quantity_scale = -1; }},
      {"gtins must have at most 32 entries", [](Item& i) { i.gtins.assign(33, "96385074"); }},
      {"weight_g must be 0 to 10000000", [](Item& i) { i.weight_g = -1; }},
      {"weight_g must be 0 to 10000000",
       [](Item& i) { i.weight_g = std::numeric_limits<int32_t>::max(); }},
      {"handling_class must have at most 32 bytes, has 33",
       [](Item& i) { i.handling_class.assign(33, 'x'); }},
      {"status is not a known status", [](Item& i) { i.status = static_cast<ItemStatus>(3); }},
      {"status is not a known status", [](Item& i) { i.status = static_cast<ItemStatus>(-1); }},
      {"sku must not be empty; weight_g must be 0 to 10000000",
       [](Item& i) { i.sku.clear(), i.weight_g = -5; }},
  };
  for (const Case& c : cases) {
    Catalog catalog;
    Item item = Bolt();
    c.spoil(item);
    EXPECT_EQ(catalog.Put(item), c.problem);
    EXPECT_EQ(catalog.position(), 0);
  }
}

TEST(PutLocations, CapabilitiesAreASet) {
  Catalog catalog;
  EXPECT_EQ(catalog.Put(Cluj()), "changed");
  EXPECT_EQ(catalog.state().FindLocation("RO-CLUJ-1")->capabilities,
            (std::vector{Capability::kPickup, Capability::kTill}));
  Location again = Cluj();
  again.capabilities = {Capability::kPickup, Capability::kTill};
  EXPECT_EQ(catalog.Put(again), "same");
}

TEST(PutLocations, NamesTheFieldThatIsWrong) {
  struct Case {
    const char* problem;
    void (*spoil)(Location&);
  };
  const Case cases[] = {
      {"location_id must not be empty", [](Location& l) { l.location_id.clear(); }},
      {"title must be valid UTF-8", [](Location& l) { l.title = "\xc0\x80"; }},
      {"kind must be STORE, WAREHOUSE or VENDOR",
       [](Location& l) { l.kind = LocationKind::kUnspecified; }},
      {"kind must be STORE, WAREHOUSE or VENDOR",
       [](Location& l) { l.kind = static_cast<LocationKind>(4); }},
      {"point.latitude must be -90 to 90", [](Location& l) { l.latitude = 90.001; }},
      {"point.latitude must be -90 to 90",
       [](Location& l) { l.latitude = std::numeric_limits<double>::quiet_NaN(); }},
      {"point is required",
       [](Location& l) { l.latitude = l.longitude = std::numeric_limits<double>::quiet_NaN(); }},
      {"point.longitude must be -180 to 180",
       [](Location& l) { l.longitude = -std::numeric_limits<double>::infinity(); }},
      {"capabilities[1] is not a known capability",
       [](Location& l) { l.capabilities[1] = Capability::kUnspecified; }},
      {"capabilities[2] is not a known capability",
       [](Location& l) { l.capabilities[2] = static_cast<Capability>(5); }},
  };
  for (const Case& c : cases) {
    Catalog catalog;
    Location location = Cluj();
    c.spoil(location);
    EXPECT_EQ(catalog.Put(location), c.problem);
    EXPECT_EQ(catalog.position(), 0);
  }
  EXPECT_EQ(Catalog().Put(Cluj(), /*zone_known=*/false), "time_zone is not an IANA time zone name");
}

TEST(PutLocations, OpeningHoursAreCheckedAndPutInOrder) {
  Catalog catalog;
  Location location = Cluj();
  location.hours.weekly = {{2, 540, 1'080}, {1, 540, 1'080}};
  EXPECT_EQ(catalog.Put(location), "changed");
  EXPECT_EQ(catalog.state().FindLocation("RO-CLUJ-1")->hours.weekly.front().weekday, 1);
  std::swap(location.hours.weekly[0], location.hours.weekly[1]);
  EXPECT_EQ(catalog.Put(location), "same");
  location.hours.weekly[1].close_minute = 540;
  location.capabilities = {static_cast<Capability>(9)};
  EXPECT_EQ(catalog.Put(location),
            "capabilities[0] is not a known capability; "
            "opening_hours[1].close_minute must be 541 to 2880");
}

TEST(PutLocations, DoesNotResumeAPausedLocation) {
  Catalog catalog;
  Location location = Cluj();
  location.paused = true;
  EXPECT_EQ(catalog.Put(location), "changed");
  EXPECT_TRUE(catalog.state().FindLocation("RO-CLUJ-1")->paused);
  location.paused = false;
  EXPECT_EQ(catalog.Put(location), "same");
  location.title = "Cluj";
  EXPECT_EQ(catalog.Put(location), "changed");
  EXPECT_TRUE(catalog.state().FindLocation("RO-CLUJ-1")->paused);
}

TEST(PauseLocation, IsAnEventOnlyIfItChangesAnything) {
  Catalog catalog;
  EXPECT_EQ(catalog.Do(PauseLocation{"RO-CLUJ-1", true, {}}), "no such location");
  catalog.Put(Cluj());
  EXPECT_EQ(catalog.Do(PauseLocation{"RO-CLUJ-1", true, {}}), "1 events");
  EXPECT_EQ(catalog.Do(PauseLocation{"RO-CLUJ-1", true, {}}), "0 events");
  EXPECT_EQ(catalog.Do(PauseLocation{"RO-CLUJ-1", false, {}}), "1 events");
  EXPECT_EQ(catalog.state().FindLocation("RO-CLUJ-1")->version, 3);
}

TEST(Text, CountsBytesAndRefusesWhatIsNotText) {
  EXPECT_EQ(TextProblem("", 0, 4), std::nullopt);
  EXPECT_EQ(TextProblem("\xc4\x83\xc4\x83", 1, 4), std::nullopt);
  EXPECT_NE(TextProblem("\xc4\x83\xc4\x83x", 1, 4), std::nullopt);
  EXPECT_EQ(TextProblem("\xf0\x9f\x94\xa9", 1, 4), std::nullopt);
  for (const std::string bytes :
       {"\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xc1\xbf"}) {
    EXPECT_EQ(TextProblem(bytes, 0, 99), "must be valid UTF-8");
  }
  for (const std::string& bytes : {std::string("\0", 1), std::string("\x7f"),
                                   std::string("\xc2\x85"), std::string("\x1b[m")}) {
    EXPECT_EQ(TextProblem(bytes, 0, 99), "must not contain control characters");
  }
}

// A hand-forged event cannot get in.
TEST(ApplyDeathTest, ChecksWhatNoDecideCouldHaveMade) {
  State state;
  EXPECT_DEATH(Apply(state, LocationPaused{"NOWHERE", true, {}}, 1), "unknown location");
  EXPECT_DEATH(Apply(state, ItemPut{}, 1), "item at position 1");
  // Not canonical: no base unit.
  EXPECT_DEATH(Apply(state, ItemPut{Bolt(), {}}, 1), "item at position 1");
  const Decision decision = Decide(state, PutItems{{Bolt()}, {}});
  Apply(state, decision.events[0], 7);
  EXPECT_DEATH(Apply(state, decision.events[0], 7), "BOLT-8 at position 7");
}

}  // namespace
}  // namespace quartermaster::catalog
