#include "services/runtime/validation.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "quartermaster/catalog/v1/catalog.pb.h"
#include "quartermaster/orders/v1/orders.pb.h"
#include "quartermaster/stock/v1/stock.pb.h"

namespace quartermaster::runtime {
namespace {

// The first violation as "path: description", or "" if there is none.
std::string First(const FieldChecker& check) {
  if (check.ok()) return "";
  const RpcError error = check.error();
  const FieldViolation& first = error.details().fields.front();
  return first.field + ": " + first.description;
}

TEST(FieldPathTest, SpellsNestedPaths) {
  const FieldPath group("groups", 2);
  const FieldPath line(group, "lines", 3);
  EXPECT_EQ(FieldPath("owner_id").ToString(), "owner_id");
  EXPECT_EQ(FieldPath(line, "quantity").ToString(), "groups[2].lines[3].quantity");
}

TEST(FieldCheckerTest, Ids) {
  const struct {
    std::string value;
    std::string problem;
  } kCases[] = {
      {"a", ""},
      {std::string(64, 'x'), ""},
      {"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8D\x8E", ""},
      {"", "sku: is required"},
      {std::string(65, 'x'), "sku: must be at most 64 bytes, is 65"},
      {std::string("a\0b", 3), "sku: must not have control characters"},
      {"a\nb", "sku: must not have control characters"},
      {"a\x7F", "sku: must not have control characters"},
      {"a\xC2\x85", "sku: must not have control characters"},
      {"\xC0\x80", "sku: must be valid UTF-8"},
      {"\xED\xA0\x80", "sku: must be valid UTF-8"},
      {"\xF4\x90\x80\x80", "sku: must be valid UTF-8"},
      {"\xE2\x82", "sku: must be valid UTF-8"},
      {"\xC2", "sku: must be valid UTF-8"},
      {"\xFF", "sku: must be valid UTF-8"},
  };
  for (const auto& c : kCases) {
    FieldChecker check;
    EXPECT_EQ(check.Id("sku", c.value), c.problem.empty());
    EXPECT_EQ(First(check), c.problem);
  }
  FieldChecker optional;
  EXPECT_TRUE(optional.Id("sku", "", Presence::kOptional));
}

TEST(FieldCheckerTest, TextMayHaveLines) {
  FieldChecker check;
  EXPECT_TRUE(check.Text("note", "two\nlines\tand a tab", 100));
  EXPECT_TRUE(check.Text("note", "", 100));
  EXPECT_FALSE(check.Text("note", "bell\a", 100));
  EXPECT_FALSE(check.Text("note", "", 100, Presence::kRequired));
  EXPECT_FALSE(check.Text("note", std::string(101, ' '), 100));
}

TEST(FieldCheckerTest, NumbersSizesAndEnums) {
  FieldChecker check;
  EXPECT_TRUE(check.Range("n", 1, 1, 3));
  EXPECT_TRUE(check.Range("n", 3, 1, 3));
  EXPECT_TRUE(check.Size("lines", 1, 1, 2'000));
  EXPECT_TRUE(check.Enum("kind", 1, common::v1::ErrorReason_IsValid));
  EXPECT_TRUE(check.Enum("kind", 0, common::v1::ErrorReason_IsValid, Presence::kOptional));
  EXPECT_TRUE(check.ok());
  EXPECT_FALSE(check.Range({FieldPath("lines", 3), "quantity"}, 0, 1, 3));
  EXPECT_FALSE(check.Range("n", std::numeric_limits<int64_t>::min(), 1, 3));
  EXPECT_FALSE(check.Size("lines", 2'001, 1, 2'000));
  EXPECT_FALSE(check.Enum("kind", 0, common::v1::ErrorReason_IsValid));
  EXPECT_FALSE(check.Enum("kind", 999, common::v1::ErrorReason_IsValid));
  EXPECT_FALSE(check.Required("destination", false));
  EXPECT_FALSE(check.True("to", false, "must differ"));
  const RpcError error = check.error();
  EXPECT_EQ(error.reason(), common::v1::INVALID_FIELD);
  EXPECT_EQ(error.message(), "lines[3].quantity: must be 1 to 3, is 0 (and 6 more)");
  EXPECT_EQ(error.details().fields[2].description, "must have 1 to 2000 entries, has 2001");
  EXPECT_EQ(error.details().fields[4].description, "has no value with the number 999");
}

TEST(FieldCheckerTest, DurationsAndTimestamps) {
  const auto duration = [](int64_t seconds, int32_t nanos) {
    google::protobuf::Duration d;
    d.set_seconds(seconds);
    d.set_nanos(nanos);
    return d;
  };
  FieldChecker good;
  EXPECT_TRUE(good.Duration("ttl", duration(1, 0), Seconds(1), Seconds(60)));
  EXPECT_TRUE(good.Duration("ttl", duration(60, 0), Seconds(1), Seconds(60)));
  const google::protobuf::Duration bad[] = {
      duration(0, 999'999'999),
      duration(60, 1'000),
      duration(1, -1),
      duration(-1, 1),
      duration(1, 1'000'000'000),
      duration(std::numeric_limits<int64_t>::min(), 0),
      duration(std::numeric_limits<int64_t>::max(), 0),
      duration(1, std::numeric_limits<int32_t>::min()),
  };
  for (const auto& d : bad) {
    FieldChecker check;
    EXPECT_FALSE(check.Duration("ttl", d, Seconds(1), Seconds(60))) << d.ShortDebugString();
  }
  google::protobuf::Timestamp time;
  EXPECT_TRUE(good.Timestamp("at", time));
  time.set_seconds(-1);
  EXPECT_FALSE(good.Timestamp("at", time));
  time.set_seconds(253'402'300'800);
  EXPECT_FALSE(good.Timestamp("at", time));
}

TEST(FieldCheckerTest, PointsMoneyAndCodes) {
  FieldChecker check;
  common::v1::GeoPoint point;
  point.set_latitude(90);
  point.set_longitude(-180);
  EXPECT_TRUE(check.GeoPoint("point", point));
  point.set_latitude(std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(check.GeoPoint("point", point));
  EXPECT_EQ(First(check), "point.latitude: must be -90 to 90 degrees");
  common::v1::Money money;
  money.set_currency_code("RON");
  EXPECT_TRUE(check.Money("price", money));
  money.set_currency_code("ron");
  EXPECT_FALSE(check.Money("price", money));
  EXPECT_TRUE(check.CountryCode("country", "PL"));
  EXPECT_TRUE(check.CountryCode("country", ""));
  EXPECT_FALSE(check.CountryCode("country", "POL"));
  common::v1::Attribution by;
  EXPECT_TRUE(check.Attribution("attribution", by));
  by.set_actor_id(std::string(65, 'a'));
  EXPECT_FALSE(check.Attribution("attribution", by));
}

TEST(FieldCheckerTest, RepeatedKeysInShortAndLongLists) {
  for (const int size : {2, 3, 12, 13, 200}) {
    std::vector<std::string> keys;
    for (int i = 0; i < size; ++i) keys.push_back(std::to_string(i));
    const auto key = [&](int i) -> const std::string& { return keys[i]; };
    FieldChecker distinct;
    EXPECT_TRUE(distinct.Unique("lines", "line_id", size, key));
    keys.back() = keys.front();
    FieldChecker repeated;
    EXPECT_FALSE(repeated.Unique("lines", "line_id", size, key));
    EXPECT_EQ(First(repeated),
              "lines[" + std::to_string(size - 1) + "].line_id: repeats that of lines[0]");
    keys.back() = keys.front() = "";
    FieldChecker empty;
    EXPECT_TRUE(empty.Unique("lines", "line_id", size, key));
  }
}

TEST(FieldCheckerTest, RecordsTwentyAtMost) {
  FieldChecker check;
  for (int i = 0; i < 100; ++i) check.Required({"lines", i}, false);
  EXPECT_TRUE(check.full());
  EXPECT_EQ(check.error().details().fields.size(), 20u);
}

stock::v1::ReserveRequest ReserveRequest(const std::string& id, int quantity) {
  stock::v1::ReserveRequest request;
  request.set_request_id(id);
  request.set_owner_id("cart-1");
  request.add_lines()->set_quantity(quantity);
  return request;
}

TEST(FingerprintTest, DependsOnContentAndTypeButNotOnTheRequestId) {
  const Fingerprint one = RequestFingerprint(ReserveRequest("a", 1));
  EXPECT_EQ(one, RequestFingerprint(ReserveRequest(std::string(200, 'b'), 1)));
  EXPECT_EQ(one, RequestFingerprint(ReserveRequest("", 1)));
  EXPECT_FALSE(one == RequestFingerprint(ReserveRequest("a", 2)));
  EXPECT_FALSE(FingerprintOf(ReserveRequest("a", 1)) == FingerprintOf(ReserveRequest("b", 1)));
  EXPECT_FALSE(RequestFingerprint(stock::v1::ReserveRequest()) ==
               RequestFingerprint(stock::v1::ConfirmReservationRequest()));
}

// Fingerprints are stored: another value for the same content would turn a retry across an upgrade
// into REQUEST_ID_REUSED.
TEST(FingerprintTest, IsStable) {
  google::protobuf::Duration message;
  message.set_seconds(42);
  const Fingerprint fingerprint = FingerprintOf(message);
  EXPECT_EQ(fingerprint.high, 5'521'935'703'581'066'972u);
  EXPECT_EQ(fingerprint.low, 15'619'986'203'051'939'485u);
}

TEST(FingerprintTest, RequestIdIsFieldOneEverywhere) {
  const google::protobuf::FileDescriptor* files[] = {
      stock::v1::ReserveRequest::descriptor()->file(),
      orders::v1::PlaceOrderRequest::descriptor()->file(),
      catalog::v1::PutItemsRequest::descriptor()->file(),
  };
  int seen = 0;
  for (const auto* file : files) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      const auto* field = file->message_type(i)->FindFieldByName("request_id");
      if (field == nullptr) continue;
      EXPECT_EQ(field->number(), 1) << field->full_name();
      ++seen;
    }
  }
  EXPECT_GT(seen, 20);
}

TEST(TimeConversionTest, BothWays) {
  EXPECT_EQ(InstantOf(std::chrono::system_clock::time_point::max()), kDistantFuture);
  EXPECT_EQ(InstantOf(std::chrono::system_clock::from_time_t(7)), Instant{7'000'000});
  for (const int64_t us :
       std::vector<int64_t>{-1'500'000, -1, 0, 1, 999'999, 1'700'000'000'123'456}) {
    EXPECT_EQ(InstantOf(TimestampOf(Instant{us})), Instant{us});
    EXPECT_EQ(MicrosOf(DurationOf(Micros{us})), Micros{us});
  }
}

}  // namespace
}  // namespace quartermaster::runtime
