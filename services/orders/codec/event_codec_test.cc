#include "services/orders/codec/event_codec.h"

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "google/protobuf/stubs/logging.h"
#include "quartermaster/orders/events/v1/events.pb.h"
#include "services/base/testing/seed.h"
#include "services/orders/codec/testing/golden.h"
#include "services/orders/domain/apply.h"
#include "services/orders/domain/invariants.h"
#include "services/orders/domain/testing/random_run.h"

namespace quartermaster::orders {
namespace {

namespace pb = quartermaster::orders::events::v1;

// One of each kind, with every field set.
std::vector<Event> Samples() {
  const Attribution by{.actor_id = "emp-7", .device_id = "scan-3", .reason_code = "TEST"};
  const Fingerprint content{.high = 0x0123456789abcdef, .low = 0xfedcba9876543210};
  Group group;
  group.group_id = "g1";
  group.method = Method::kPickup;
  group.destination = {.country_code = "RO",
                       .postal_area = "400",
                       .point = CoarsePoint{.latitude_tenths = 468, .longitude_tenths = -236}};
  group.location_id = "w1";
  PlacedLine line;
  line.line_id = "l1";
  line.group = 1;
  line.sku = "s1";
  line.quantity = Quantity(3);
  line.unit_price = Money{.currency_code = "RON", .amount_minor = -1999};
  return {
      OrderPlaced{"o-1", "web", "x-1", "c-1", content, {group}, {line}, by},
      OrderRouted{
          "o-1", 2, "r-1", Instant{1'790'000'000'000'001}, {{1, "w1", Quantity(3)}}, "plan"},
      RoutingFailed{"o-1", {{1, Quantity(2)}}},
      RerouteRequested{"o-1", by},
      StockConfirmed{"o-1", 2, "r-2"},
      StockConfirmFailed{"o-1", 2, "INSUFFICIENT_STOCK"},
      UnitsCarriedOut{"o-1", 2, {{1, Quantity(3)}}},
      TaskCreated{"o-1", 1, 2, 1, "w1", {{1, Quantity(3)}}},
      TaskAccepted{"o-1", 1, by},
      TaskRejected{"o-1", 1, true, by},
      TaskPicked{"o-1", 1, {{1, Quantity(2), Quantity(1)}}, true, by},
      TaskPacked{"o-1", 1, by},
      TaskShipped{"o-1", 1, "dhl", "JJD1", by},
      TaskShippedLate{"o-1", 1, {{1, Quantity(2), Quantity(1)}}, "dhl", "JJD1", by},
      PickupReady{"o-1", 1, std::string("\x00\xff", 2), by},
      PickupCodeFailed{"o-1", 1, Instant{1'790'000'000'000'001}, by},
      TaskHandedOver{"o-1", 1, {{1, Quantity(2), Quantity(1)}}, by},
      UnitsCancelled{
          "o-1", {{1, Quantity(2), Quantity(3)}}, {{2, 1, Quantity(4)}}, {{1, 1, Quantity(5)}}, by},
      StockSettled{"o-1", 3, "QUANTITY_EXCEEDS_OPEN"},
      ReturnRequested{"o-1", "o-1.r1", {{1, Quantity(2)}}, by},
      ReturnReceived{"o-1",
                     "o-1.r1",
                     "w2",
                     {{1, "s1", Quantity(2), Condition::kDamaged}},
                     {{"o-1.r2", 1, Quantity(1)}},
                     by},
      ReturnRestocked{"o-1", "o-1.r1", "INTERNAL_DEFECT"},
      SaleRecorded{"s-1", content, "w1", "t1", "2026-11-27", 7, "c-1", Instant{-1}, {line}, by},
      ExceptionRaised{ExceptionKind::kStockConflict, "o-1", "o-1.t1", "o-1.r1", "COUNT_AND_CORRECT",
                      "INTERNAL_DEFECT"},
      ExceptionResolved{4711, "o-1", by},
      CancelRequested{"o-1", {{1, 1, Quantity(5)}}, by},
      SubjectErased{"o-1", by},
      BackorderReleased{"o-1", {{1, Quantity(2)}}, by},
      ParcelReported{"o-1", 2, ParcelState::kLost, Instant{1'790'000'000'000'001}, by},
      FulfilmentPolicySet{"web",
                          {3,
                           {{"gone", UnitsEffect::kSuspect, OrderEffect::kAsk, true, "CALL"}},
                           5,
                           1,
                           4,
                           Hours(9)},
                          by},
      PickupReminded{"o-1", 1},
      PickupExpiring{"o-1", 1, Instant{1'790'000'000'000'001}},
      PickupExtended{"o-1", 1, Instant{1'790'000'000'000'002}, Instant{1'790'000'000'000'001}, by,
                     true},
      OrderHeld{"o-1", 2, HoldKind::kFraud, Instant{1'790'000'000'000'001}, true, by},
      HoldEnded{"o-1", 2, true, by},
      PaymentRecorded{"o-1", PaymentFactKind::kCaptured, "pi-1", "ev-2", "card", 1'999, "RON", 3,
                      "code", Instant{1'790'000'000'000'001}, by, true, true},
      PaymentIntended{"o-1", 3, PaymentIntentKind::kCapture, 1, 1'999},
      PaymentIntentWithdrawn{"o-1", 4},
      PickupProxySet{"o-1", 1, std::string("\0\xff", 2), by},
      OrderEdited{
          "o-1",
          {line},
          {{1, {.country_code = "RO", .postal_area = "400", .point = CoarsePoint{468, -236}}}},
          by},
      SubjectUpdated{"o-1", by},
      ReturnInspected{"o-1", "o-1.r1", {{1, Quantity(2), Condition::kDamaged, true}}, by},
      ReturnReclassified{"o-1", "o-1.r1", 3, "INTERNAL_DEFECT"},
  };
}

// What earlier versions of events cannot say, by version.
std::vector<Event> LaterSamples(uint32_t of_version) {
  const Fingerprint content{.high = 1, .low = 2};
  const Attribution by{.actor_id = "clerk-7"};
  Group group;
  group.group_id = "g1";
  group.promised_by = Instant{1'790'000'000'000'001};
  group.payment_term = PaymentTerm::kAtPickup;
  PlacedLine line;
  line.line_id = "l1";
  line.sku = "s1";
  line.quantity = Quantity(3);
  line.backorder = true;
  line.amounts = LineAmounts{5'997, 500, 499, 95, 594};
  const Amounts amounts{
      .currency_code = "RON",
      .prices_include_tax = true,
      .discounts = {{.code = "spring", .amount = 500}, {.amount = 1, .line_id = "l1"}},
      .charges = {{"shipping", 499, 95, "g1", false}, {.kind = "deposit", .refundable = true}},
      .total = 5'996};
  PlacedLine backorder = line;
  backorder.amounts.reset();
  Group promised;
  promised.promised_by = Instant{0};
  Group paid;
  paid.payment_term = PaymentTerm::kInvoice;
  const Instant then{1'790'000'000'000'001};
  if (of_version == 3) {
    return {UnitsCancelled{"o-1", {}, {}, {}, by, {{2, 1, Quantity(4)}}},
            UnitsCancelled{"o-1", {}, {}, {{1, 1, Quantity(5)}}, by, {}, true},
            ReturnReceived{
                "", "u-2", "w2", {{0, "s1", Quantity(2), Condition::kInspection, true}}, {}, by}};
  }
  return {
      TaskHandedOver{"o-1", 1, {{1, Quantity(2), Quantity(1)}}, by, true},
      ReturnReceived{
          "o-1", "o-1.r2", "w2", {{1, "s1", Quantity(2), Condition::kInspection}}, {}, by, "u-1"},
      OrderPlaced{"o-1", "web", "x-1", "c-1", content, {group}, {line}, by, amounts},
      OrderPlaced{"o-1", "web", "", "", content, {{}}, {backorder}, by},
      OrderPlaced{"o-1", "web", "", "", content, {promised}, {}, by},
      OrderPlaced{"o-1", "web", "", "", content, {paid}, {}, by},
      SaleRecorded{
          "s-1", content, "w1", "t1", "2026-11-27", 7, "c-1", Instant{-1}, {line}, by, amounts},
      UnitsCancelled{"o-1", {{1, Quantity(), Quantity(), Quantity(4)}}, {}, {}, by},
      TaskRejected{"o-1", 1, true, by, true, true},
      TaskRejected{"o-1", 1, false, by, true},
      TaskRejected{"o-1", 1, true, by, false, true},
      TaskPicked{
          "o-1",
          1,
          {{1, Quantity(2), Quantity(1), true, true, "DIRTY"}, {2, Quantity(1), Quantity(0)}},
          true,
          by,
          true},
      TaskPicked{"o-1", 1, {{1, Quantity(2), Quantity(1), true}}, true, by},
      TaskPicked{"o-1", 1, {{1, Quantity(2), Quantity(1), false, true}}, true, by},
      TaskPicked{"o-1", 1, {{1, Quantity(2), Quantity(1), false, false, "LOST"}}, true, by},
      TaskPicked{"o-1", 1, {{1, Quantity(2), Quantity(1)}}, true, by, true},
      TaskShipped{"o-1", 1, "dhl", "JJD1", by, {{1, Quantity(2)}}, "box-1", then},
      TaskShipped{"o-1", 1, "dhl", "JJD1", by, {}, "box-1"},
      TaskShippedLate{"o-1", 1, {{1, Quantity(2), Quantity(1)}}, "dhl", "JJD1", by, "box-1", then},
      TaskShippedLate{"o-1", 1, {{1, Quantity(2), Quantity(1), Quantity(3)}}, "dhl", "", by},
      PickupReady{"o-1", 1, "hmac", by, then + Hours(1), then},
      PickupReady{"o-1", 1, "hmac", by, then},
  };
}

TEST(EventCodec, EverySampleComesBack) {
  const std::vector<Event> samples = Samples();
  ASSERT_EQ(samples.size(), std::variant_size_v<Event>);
  for (size_t i = 0; i < samples.size(); ++i) {
    ASSERT_EQ(samples[i].index(), i);
    std::string payload = "left over";
    const auto [type, version] = EncodeEvent(samples[i], payload);
    const auto back = DecodeEvent(type, version, payload);
    ASSERT_TRUE(back.ok()) << NameOf(samples[i]) << " " << back.status();
    EXPECT_EQ(*back, samples[i]) << NameOf(samples[i]);
  }
}

// The record types and the bytes are format: they may only grow.
TEST(EventCodec, BytesAreTheGoldenOnes) {
  std::string golden;
  for (const Event& event : Samples()) {
    std::string payload;
    const auto [type, version] = EncodeEvent(event, payload);
    EXPECT_EQ(version, 1u) << NameOf(event);
    absl::StrAppend(&golden, "# ", std::string(NameOf(event)), " type ", type, " version ", version,
                    "\n", Hex(payload), "\n");
  }
  ExpectGolden(TestdataPath("events_v1.hex"), golden);
}

TEST(EventCodec, WhatEarlierVersionsCannotSayHasTheNext) {
  for (const uint32_t wanted : {2u, 3u}) {
    std::string golden;
    for (const Event& event : LaterSamples(wanted)) {
      std::string payload;
      const auto [type, version] = EncodeEvent(event, payload);
      EXPECT_EQ(version, wanted) << NameOf(event);
      const auto back = DecodeEvent(type, version, payload);
      ASSERT_TRUE(back.ok()) << NameOf(event) << " " << back.status();
      EXPECT_EQ(*back, event) << NameOf(event);
      EXPECT_FALSE(DecodeEvent(type, 4, payload).ok());
      absl::StrAppend(&golden, "# ", std::string(NameOf(event)), " type ", type, " version ",
                      version, "\n", Hex(payload), "\n");
    }
    ExpectGolden(TestdataPath(absl::StrCat("events_v", wanted, ".hex")), golden);
  }
}

TEST(EventCodec, JsonIsTheGoldenOne) {
  std::string golden;
  for (const Event& event : Samples()) {
    std::string payload;
    const auto [type, version] = EncodeEvent(event, payload);
    const auto json = EventJson(type, version, payload);
    ASSERT_TRUE(json.ok()) << json.status();
    absl::StrAppend(&golden, std::string(NameOf(event)), " ", *json, "\n");
  }
  ExpectGolden(TestdataPath("events_v1.jsonl"), golden);
}

TEST(EventCodec, NamesAreThoseOfTheRecordTypes) {
  for (const Event& event : Samples()) {
    std::string payload;
    std::string name =
        pb::RecordType_Name(static_cast<pb::RecordType>(EncodeEvent(event, payload).type));
    std::string camel;
    bool upper = true;
    for (const char c : name) {
      if (c != '_') camel.push_back(upper ? c : static_cast<char>(c - 'A' + 'a'));
      upper = c == '_';
    }
    EXPECT_EQ(camel, NameOf(event));
  }
}

TEST(EventCodec, WhatThisBinaryDoesNotKnowIsNamed) {
  const auto type = DecodeEvent(999, 1, "");
  EXPECT_EQ(type.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(type.status().message().find("999"), std::string::npos);
  EXPECT_FALSE(DecodeEvent(0, 1, "").ok());
  EXPECT_FALSE(DecodeEvent(1, 1, "").ok()) << "the sequencer's own type";
  const auto version = DecodeEvent(pb::TASK_PACKED, 2, "");
  EXPECT_EQ(version.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(version.status().message().find("TASK_PACKED"), std::string::npos);
  EXPECT_FALSE(EventJson(999, 1, "").ok());
}

TEST(EventCodec, DamagedBytesAreAnErrorOrAnotherEventButNeverACrash) {
  const uint64_t seed = TestSeed();
  std::mt19937_64 random(seed);
  const google::protobuf::LogSilencer silencer;
  for (const Event& event : Samples()) {
    std::string payload;
    const auto [type, version] = EncodeEvent(event, payload);
    for (int i = 0; i < 500; ++i) {
      std::string damaged = payload;
      damaged[random() % damaged.size()] = static_cast<char>(random());
      damaged.resize(random() % (damaged.size() + 1));
      const auto result = DecodeEvent(type, version, damaged);
      if (!result.ok()) {
        EXPECT_EQ(result.status().code(), absl::StatusCode::kDataLoss);
      }
      EventJson(type, version, damaged).IgnoreError();
    }
  }
}

TEST(EventCodec, AnExtensionWithoutAReminderComesBack) {
  const Event event = PickupExtended{"o-1", 1, Instant{7}};
  std::string payload;
  const auto [type, version] = EncodeEvent(event, payload);
  const auto back = DecodeEvent(type, version, payload);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(*back == event);
}

// Newer than the golden samples.
TEST(EventCodec, ARoutingFailureKeepsItsReason) {
  const Event event = RoutingFailed{"o-1", {{1, Quantity(2)}}, "LOCATION_NOT_FOUND"};
  std::string payload;
  const auto [type, version] = EncodeEvent(event, payload);
  const auto back = DecodeEvent(type, version, payload);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(*back == event);
}

TEST(EventCodec, ValuesOutOfRangeAreDamage) {
  pb::ExceptionRaised raised;
  for (const int kind : {-1, 0, 255, 256, 257}) {
    raised.set_kind(kind);
    EXPECT_EQ(DecodeEvent(pb::EXCEPTION_RAISED, 1, raised.SerializeAsString()).status().code(),
              absl::StatusCode::kDataLoss)
        << kind;
  }
  pb::OrderPlaced placed;
  placed.add_groups()->set_method(0);
  EXPECT_FALSE(DecodeEvent(pb::ORDER_PLACED, 1, placed.SerializeAsString()).ok());
  placed.mutable_groups(0)->set_method(1);
  EXPECT_TRUE(DecodeEvent(pb::ORDER_PLACED, 1, placed.SerializeAsString()).ok());
  placed.mutable_groups(0)->set_latitude_tenths(1);
  EXPECT_FALSE(DecodeEvent(pb::ORDER_PLACED, 1, placed.SerializeAsString()).ok());
  pb::ReturnReceived received;
  received.add_lines()->set_condition(4);
  EXPECT_FALSE(DecodeEvent(pb::RETURN_RECEIVED, 1, received.SerializeAsString()).ok());
}

// What a log holds is enough: the state that comes out of its bytes is the one that made them.
TEST(EventCodec, ReplayFromBytesIsTheSameState) {
  const uint64_t seed = TestSeed();
  RandomRun run(seed);
  run.Steps(3'000);
  State replayed;
  std::string payload;
  for (const World::Logged& logged : run.world().log()) {
    const auto [type, version] = EncodeEvent(logged.event, payload);
    const auto event = DecodeEvent(type, version, payload);
    ASSERT_TRUE(event.ok()) << event.status();
    ASSERT_EQ(*event, logged.event);
    Apply(replayed, *event, logged.position, logged.time);
  }
  EXPECT_EQ(replayed, run.world().state());
  EXPECT_TRUE(CheckState(replayed).empty());
}

}  // namespace
}  // namespace quartermaster::orders
