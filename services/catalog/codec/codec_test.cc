#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "services/catalog/codec/event_codec.h"
#include "services/catalog/codec/outcome_codec.h"

namespace quartermaster::catalog {
namespace {

Item FullItem() {
  Item item;
  item.sku = "BOLT-8";
  item.title = "Bolt M8";
  item.base_unit = "kg";
  item.quantity_scale = 3;
  item.gtins = {"4006381333931", "96385074"};
  item.weight_g = 1000;
  item.handling_class = "oversize";
  item.returnable = true;
  item.online = true;
  item.status = ItemStatus::kDiscontinued;
  return item;
}

Location FullLocation() {
  Location location;
  location.location_id = "RO-CLUJ-1";
  location.title = "Cluj";
  location.kind = LocationKind::kWarehouse;
  location.latitude = 46.77;
  location.longitude = -23.6;
  location.time_zone = "Europe/Bucharest";
  location.capabilities = {Capability::kShip, Capability::kTill};
  location.paused = true;
  return location;
}

Location LocationWithHours() {
  Location location = FullLocation();
  location.hours.weekly = {{1, 540, 720}, {1, 780, 1'080}, {6, 600, 1'560}};
  location.hours.special_days = {{"2026-12-24", {{0, 540, 840}}}, {"2026-12-25", {}}};
  return location;
}

std::vector<Event> AllEvents() {
  const Attribution attribution{"emp-7", "till-2", "IMPORT"};
  return {ItemPut{FullItem(), attribution}, LocationPut{FullLocation(), attribution},
          LocationPaused{"RO-CLUJ-1", true, attribution}, LocationPaused{"RO-CLUJ-1", false, {}},
          LocationPut{LocationWithHours(), {}}};
}

TEST(EventCodec, RoundTrips) {
  for (const Event& event : AllEvents()) {
    std::string payload = "left over";
    const RecordKind kind = EncodeEvent(event, payload);
    const absl::StatusOr<Event> decoded = DecodeEvent(kind.type, kind.version, payload);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_TRUE(*decoded == event) << "type " << kind.type;
  }
}

// The stored format: these bytes must stay readable for ever. If this test fails, the format has
// changed and old logs are lost; add a version instead.
TEST(EventCodec, ReadsTheBytesOfEachVersion) {
  const std::pair<RecordKind, const char*> golden[] = {
      {{2, 1},
       "0a06424f4c542d381207426f6c74204d381a026b6720032a0d343030363338313333333933312a08"
       "393633383530373430e8073a086f76657273697a654001480150025a170a05656d702d3712067469"
       "6c6c2d321a06494d504f5254"},
      {{3, 1},
       "0a09524f2d434c554a2d311204436c756a180221c3f5285c8f624740299a999999999937c0321045"
       "75726f70652f4275636861726573743a02010440014a170a05656d702d37120674696c6c2d321a06"
       "494d504f5254"},
      {{4, 1}, "0a09524f2d434c554a2d3110011a170a05656d702d37120674696c6c2d321a06494d504f5254"},
      {{4, 1}, "0a09524f2d434c554a2d31"},
      {{3, 2},
       "0a09524f2d434c554a2d311204436c756a180221c3f5285c8f624740299a999999999937c0321045"
       "75726f70652f4275636861726573743a020104400152080801109c0418d00552080801108c0618b8"
       "085208080610d80418980c5a140a0a323032362d31322d32341206109c0418c8065a0c0a0a323032"
       "362d31322d3235"},
  };
  const std::vector<Event> events = AllEvents();
  ASSERT_EQ(std::size(golden), events.size());
  for (size_t i = 0; i < events.size(); ++i) {
    const auto& [kind, bytes] = golden[i];
    std::string payload;
    EXPECT_EQ(EncodeEvent(events[i], payload), kind);
    EXPECT_EQ(absl::BytesToHexString(payload), bytes);
    const auto decoded = DecodeEvent(kind.type, kind.version, absl::HexStringToBytes(bytes));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_TRUE(*decoded == events[i]);
  }
}

TEST(EventCodec, NamesWhatItDoesNotKnow) {
  for (const auto& [type, version] :
       {std::pair{5u, 1u}, {1u, 1u}, {0u, 1u}, {2u, 2u}, {2u, 0u}, {3u, 3u}}) {
    const auto decoded = DecodeEvent(type, version, "");
    EXPECT_EQ(decoded.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_NE(decoded.status().message().find("record type " + std::to_string(type)),
              absl::string_view::npos);
  }
  EXPECT_EQ(DecodeEvent(2, 1, "\x0a\xff").status().code(), absl::StatusCode::kDataLoss);
}

TEST(OutcomeCodec, RoundTrips) {
  PutOutcome put;
  put.results = {{true, {}},
                 {false, {}},
                 {false, {{"sku", "x"}, {"gtins[0]", "y"}}},
                 {true, {}},
                 {false, {{"status", "z"}}}};
  Location location = LocationWithHours();
  location.version = 77;
  for (const Outcome& outcome :
       {Outcome(put), Outcome(PutOutcome{}), Outcome(PauseOutcome{Rejection::kNone, location}),
        Outcome(PauseOutcome{Rejection::kLocationNotFound, {}})}) {
    std::string bytes;
    EncodeOutcome(outcome, bytes);
    const absl::StatusOr<Outcome> decoded = DecodeOutcome(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_TRUE(*decoded == outcome);
  }
}

TEST(OutcomeCodec, RefusesOtherBytes) {
  for (const std::string bytes : {"", "\xff", "\x0a\x03\x0a\x01\x03"}) {
    EXPECT_EQ(DecodeOutcome(bytes).status().code(), absl::StatusCode::kDataLoss)
        << absl::BytesToHexString(bytes);
  }
}

}  // namespace
}  // namespace quartermaster::catalog
