#include "tools/qm/log/event_registry.h"

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "quartermaster/catalog/events/v1/events.pb.h"
#include "quartermaster/orders/events/v1/events.pb.h"
#include "quartermaster/stock/events/v1/events.pb.h"
#include "services/engine/request_outcome.h"

namespace quartermaster::qm {
namespace {

// A type without a message of its name would be lost silently.
TEST(EventRegistryTest, EveryTypeHasItsMessage) {
  const auto check = [](const char* partition, const google::protobuf::EnumDescriptor* types) {
    for (int i = 0; i < types->value_count(); ++i) {
      const int number = types->value(i)->number();
      if (number == 0) continue;
      const EventType* type = FindEventType(partition, number);
      ASSERT_NE(type, nullptr) << types->value(i)->full_name();
      EXPECT_EQ(type->message == nullptr, number == 1) << types->value(i)->full_name();
    }
  };
  check("catalog/0", catalog::events::v1::RecordType_descriptor());
  check("stock/0", stock::events::v1::RecordType_descriptor());
  check("orders/7", orders::events::v1::RecordType_descriptor());
  EXPECT_EQ(FindEventType("stock/0", 99), nullptr);
  EXPECT_EQ(FindEventType("unheard/0", 2), nullptr);
}

TEST(EventRegistryTest, DecodesEvents) {
  stock::events::v1::ReservationExpired event;
  event.set_reservation(7);
  EXPECT_EQ(Compact(RecordToJson("stock/0", 9, 1'000'000, stock::events::v1::RESERVATION_EXPIRED, 1,
                                 event.SerializeAsString())),
            R"({"partition":"stock/0","position":9,"time":"1970-01-01T00:00:01Z",)"
            R"("type":"ReservationExpired","event":{"reservation":"7"}})");
}

TEST(EventRegistryTest, SummarisesOutcomes) {
  std::string bytes;
  engine::AppendRequestOutcomePrefix("till-7/42", {1, 2}, bytes);
  bytes += "result";
  const Json json = RecordToJson("stock/0", 1, 0, 1, 1, bytes);
  EXPECT_EQ(json["outcome"]["request_id"], "till-7/42");
  EXPECT_EQ(json["outcome"]["bytes"], 6);
}

TEST(EventRegistryTest, SaysWhatItCannotDecode) {
  EXPECT_EQ(RecordToJson("stock/0", 1, 0, 99, 1, "xyz")["undecoded"]["reason"], "unknown type");
  EXPECT_EQ(RecordToJson("stock/0", 1, 0, 2, 2, "")["undecoded"]["reason"], "unknown version");
  EXPECT_TRUE(RecordToJson("stock/0", 1, 0, 5, 5, "").contains("event"));
  EXPECT_EQ(RecordToJson("stock/0", 1, 0, 5, 7, "")["undecoded"]["reason"], "unknown version");
  EXPECT_EQ(RecordToJson("stock/0", 1, 0, 2, 1, "\xff\xff")["undecoded"]["reason"],
            "does not parse");
}

// What orders may write is in its golden files: "# ReturnReceived type 21 version 3".
TEST(EventRegistryTest, KnowsEveryVersionThatOrdersWrites) {
  int seen = 0;
  for (int of = 1; of <= 3; ++of) {
    std::ifstream golden(absl::StrCat("services/orders/codec/testdata/events_v", of, ".hex"));
    ASSERT_TRUE(golden.good()) << of;
    for (std::string line; std::getline(golden, line);) {
      if (!line.starts_with("# ")) continue;
      std::istringstream words(line.substr(2));
      std::string name, word;
      int type = 0;
      int version = 0;
      words >> name >> word >> type >> word >> version;
      ASSERT_TRUE(words) << line;
      const EventType* const known = FindEventType("orders/0", type);
      ASSERT_NE(known, nullptr) << line;
      EXPECT_EQ(known->name, name);
      EXPECT_GE(known->version, version) << line;
      ++seen;
    }
  }
  EXPECT_GT(seen, 60);
}

}  // namespace
}  // namespace quartermaster::qm
