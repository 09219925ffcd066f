#include "services/runtime/validation.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>
#include <xxhash.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "quartermaster/common/v1/common.pb.h"
#include "services/base/check.h"

namespace quartermaster::runtime {
namespace {

constexpr int64_t kMoneyMinorMax = 1'000'000'000'000'000;
constexpr int32_t kNanosMax = 999'999'999;
// 9999-12-31T23:59:59Z
constexpr int64_t kTimestampSecondsMax = 253'402'300'799;
constexpr int64_t kDurationSecondsMax = 315'576'000'000;

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// The length of the well-formed UTF-8 sequence at `p`, 0 if there is none. Table 3-7 of the Unicode
// Standard.
size_t Utf8Length(const unsigned char* p, size_t left) {
  const auto tail = [&](size_t i) { return i < left && (p[i] & 0xC0) == 0x80; };
  if (p[0] < 0x80) return 1;
  if (p[0] >= 0xC2 && p[0] <= 0xDF) return tail(1) ? 2 : 0;
  if (p[0] >= 0xE0 && p[0] <= 0xEF) {
    if (!tail(1) || !tail(2)) return 0;
    if (p[0] == 0xE0 && p[1] < 0xA0) return 0;
    if (p[0] == 0xED && p[1] > 0x9F) return 0;
    return 3;
  }
  if (p[0] >= 0xF0 && p[0] <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (p[0] == 0xF0 && p[1] < 0x90) return 0;
    if (p[0] == 0xF4 && p[1] > 0x8F) return 0;
    return 4;
  }
  return 0;
}

// C0, DEL and C1, in text that is valid UTF-8.
bool HasControl(std::string_view text, bool allow_lines) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 && !(allow_lines && (c == '\t' || c == '\n'))) return true;
    if (c == 0x7F) return true;
    if (c == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

// Appends the deterministic serialization to a buffer of this thread's and returns it.
std::string_view SerializeForHash(const google::protobuf::Message& message) {
  thread_local std::string buffer;
  const size_t bytes = message.ByteSizeLong();
  buffer.resize(bytes);
  google::protobuf::io::ArrayOutputStream array(buffer.data(), static_cast<int>(bytes));
  google::protobuf::io::CodedOutputStream out(&array);
  out.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&out);
  out.Trim();
  return buffer;
}

Fingerprint HashOf(const google::protobuf::Message& message, std::string_view bytes) {
  const std::string& type = message.GetDescriptor()->full_name();
  const uint64_t seed = XXH3_64bits(type.data(), type.size());
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.high64, hash.low64};
}

}  // namespace

std::string FieldPath::ToString() const {
  std::string path = parent_ == nullptr ? "" : absl::StrCat(parent_->ToString(), ".");
  path += name_;
  if (index_ >= 0) absl::StrAppend(&path, "[", index_, "]");
  return path;
}

RpcError FieldChecker::error() const {
  QM_CHECK(!violations_.empty());
  const FieldViolation& first = violations_.front();
  std::string message = absl::StrCat(first.field, ": ", first.description);
  if (violations_.size() > 1) {
    absl::StrAppend(&message, " (and ", violations_.size() - 1, " more)");
  }
  RpcError error(common::v1::INVALID_FIELD, std::move(message));
  error.mutable_details().fields = violations_;
  return error;
}

bool FieldChecker::Add(const FieldPath& field, std::string description) {
  if (!full()) violations_.push_back({field.ToString(), std::move(description)});
  return false;
}

bool FieldChecker::CheckText(const FieldPath& field, std::string_view value, size_t bytes_max,
                             Presence presence, bool allow_lines) {
  if (value.empty()) return presence == Presence::kOptional || Add(field, "is required");
  if (value.size() > bytes_max) {
    return Add(field, absl::StrCat("must be at most ", bytes_max, " bytes, is ", value.size()));
  }
  if (!IsValidUtf8(value)) return Add(field, "must be valid UTF-8");
  if (HasControl(value, allow_lines)) return Add(field, "must not have control characters");
  return true;
}

bool FieldChecker::OutOfRange(const FieldPath& field, int64_t value, int64_t min, int64_t max) {
  return Add(field, absl::StrCat("must be ", min, " to ", max, ", is ", value));
}

bool FieldChecker::BadSize(const FieldPath& field, int64_t size, int64_t min, int64_t max) {
  return Add(field, absl::StrCat("must have ", min, " to ", max, " entries, has ", size));
}

bool FieldChecker::BadEnum(const FieldPath& field, int value) {
  if (value == 0) return Add(field, "is required");
  return Add(field, absl::StrCat("has no value with the number ", value));
}

bool FieldChecker::Repeats(const FieldPath* parent, const char* list, const char* key_name, int at,
                           int first) {
  const FieldPath here = parent ? FieldPath(*parent, list, at) : FieldPath(list, at);
  const FieldPath there = parent ? FieldPath(*parent, list, first) : FieldPath(list, first);
  return Add({here, key_name}, absl::StrCat("repeats that of ", there.ToString()));
}

bool FieldChecker::Duration(const FieldPath& field, const google::protobuf::Duration& value,
                            Micros min, Micros max) {
  // Not std::abs: it is undefined for the least int64.
  const bool in_range = value.seconds() >= -kDurationSecondsMax &&
                        value.seconds() <= kDurationSecondsMax && value.nanos() >= -kNanosMax &&
                        value.nanos() <= kNanosMax;
  const bool one_sign =
      !(value.seconds() > 0 && value.nanos() < 0) && !(value.seconds() < 0 && value.nanos() > 0);
  if (!in_range || !one_sign) return Add(field, "must be a well-formed duration");
  const Micros length = MicrosOf(value);
  if (length >= min && length <= max) return true;
  const auto seconds = [](Micros m) { return static_cast<double>(m.count) / 1e6; };
  return Add(field, absl::StrCat("must be ", seconds(min), " s to ", seconds(max), " s, is ",
                                 seconds(length), " s"));
}

bool FieldChecker::Timestamp(const FieldPath& field, const google::protobuf::Timestamp& value) {
  const bool well_formed = value.seconds() >= 0 && value.seconds() <= kTimestampSecondsMax &&
                           value.nanos() >= 0 && value.nanos() <= kNanosMax;
  return well_formed || Add(field, "must be a timestamp of the years 1970 to 9999");
}

bool FieldChecker::GeoPoint(const FieldPath& field, const common::v1::GeoPoint& value) {
  // Written so that NaN fails.
  const bool latitude = (value.latitude() >= -90 && value.latitude() <= 90) ||
                        Add({field, "latitude"}, "must be -90 to 90 degrees");
  const bool longitude = (value.longitude() >= -180 && value.longitude() <= 180) ||
                         Add({field, "longitude"}, "must be -180 to 180 degrees");
  return latitude && longitude;
}

bool FieldChecker::CurrencyCode(const FieldPath& field, std::string_view value) {
  return (value.size() == 3 && std::all_of(value.begin(), value.end(), IsUpper)) ||
         Add(field, "must be an ISO 4217 code: three upper-case letters");
}

bool FieldChecker::Money(const FieldPath& field, const common::v1::Money& value) {
  const bool currency = CurrencyCode({field, "currency_code"}, value.currency_code());
  const bool amount =
      Range({field, "amount_minor"}, value.amount_minor(), -kMoneyMinorMax, kMoneyMinorMax);
  return currency && amount;
}

bool FieldChecker::CountryCode(const FieldPath& field, std::string_view value, Presence presence) {
  if (value.empty() && presence == Presence::kOptional) return true;
  return (value.size() == 2 && std::all_of(value.begin(), value.end(), IsUpper)) ||
         Add(field, "must be an ISO 3166-1 code: two upper-case letters");
}

bool FieldChecker::Attribution(const FieldPath& field, const common::v1::Attribution& value) {
  const bool actor = Id({field, "actor_id"}, value.actor_id(), Presence::kOptional);
  const bool device = Id({field, "device_id"}, value.device_id(), Presence::kOptional);
  const bool reason = Id({field, "reason_code"}, value.reason_code(), Presence::kOptional);
  return actor && device && reason;
}

bool IsValidUtf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  size_t left = text.size();
  while (left > 0) {
    const size_t length = Utf8Length(p, left);
    if (length == 0) return false;
    p += length;
    left -= length;
  }
  return true;
}

Fingerprint FingerprintOf(const google::protobuf::Message& message) {
  return HashOf(message, SerializeForHash(message));
}

Fingerprint RequestFingerprint(const google::protobuf::Message& request) {
  constexpr char kRequestIdTag = (1 << 3) | 2;
  std::string_view bytes = SerializeForHash(request);
  // Fields are written in the order of their numbers: the id, if any, comes first.
  if (!bytes.empty() && bytes.front() == kRequestIdTag) {
    google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()) + 1,
                                              static_cast<int>(bytes.size()) - 1);
    uint32_t id_bytes = 0;
    QM_CHECK(in.ReadVarint32(&id_bytes));
    bytes.remove_prefix(1 + in.CurrentPosition() + id_bytes);
  }
  return HashOf(request, bytes);
}

Instant InstantOf(std::chrono::system_clock::time_point time) {
  if (time == std::chrono::system_clock::time_point::max()) return kDistantFuture;
  return {std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count()};
}

Micros MicrosOf(const google::protobuf::Duration& duration) {
  return {duration.seconds() * 1'000'000 + duration.nanos() / 1'000};
}

Instant InstantOf(const google::protobuf::Timestamp& timestamp) {
  return {timestamp.seconds() * 1'000'000 + timestamp.nanos() / 1'000};
}

google::protobuf::Duration DurationOf(Micros length) {
  google::protobuf::Duration duration;
  duration.set_seconds(length.count / 1'000'000);
  duration.set_nanos(static_cast<int32_t>(length.count % 1'000'000 * 1'000));
  return duration;
}

google::protobuf::Timestamp TimestampOf(Instant instant) {
  google::protobuf::Timestamp timestamp;
  int64_t seconds = instant.unix_us / 1'000'000;
  int64_t micros = instant.unix_us % 1'000'000;
  if (micros < 0) {
    --seconds;
    micros += 1'000'000;
  }
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(micros * 1'000));
  return timestamp;
}

}  // namespace quartermaster::runtime
