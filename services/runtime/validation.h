// Checking requests before they are submitted: FieldChecker collects what is wrong with the fields
// of one request, each under its exact path; RequestFingerprint tells a retry from a reused id.
//
//   FieldChecker check;
//   check.Id("request_id", request.request_id());
//   check.Size("lines", request.lines_size(), 1, 2'000);
//   for (int i = 0; i < request.lines_size() && !check.full(); ++i) {
//     const FieldPath line("lines", i);
//     check.Id({line, "sku"}, request.lines(i).sku());
//     check.Range({line, "quantity"}, request.lines(i).quantity(), 1, 1'000'000'000);
//   }
//   check.Unique("lines", "line_id", request.lines_size(),
//                [&](int i) -> const std::string& { return request.lines(i).line_id(); });
//   if (!check.ok()) return ToGrpcStatus(check.error());
//
// A path is built into a string only when its field is wrong. Values that a caller sent as text are
// never repeated in a description: they could be personal data.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_VALIDATION_H_
#define QUARTERMASTER_SERVICES_RUNTIME_VALIDATION_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/base/fingerprint.h"
#include "services/base/time.h"
#include "services/runtime/rpc_error.h"

namespace google::protobuf {
class Duration;
class Message;
class Timestamp;
}  // namespace google::protobuf

namespace quartermaster::runtime {

inline constexpr size_t kIdBytesMax = 64;

// Where a field is. Holds pointers to the names and to its parent, which must outlive it.
class FieldPath {
 public:
  // "owner_id"
  constexpr FieldPath(const char* name) : name_(name) {}  // NOLINT: a field's name is a path
  // "lines[3]"
  constexpr FieldPath(const char* name, int index) : name_(name), index_(index) {}
  // "lines[3].quantity"
  constexpr FieldPath(const FieldPath& parent, const char* name) : parent_(&parent), name_(name) {}
  // "groups[0].lines[3]"
  constexpr FieldPath(const FieldPath& parent, const char* name, int index)
      : parent_(&parent), name_(name), index_(index) {}

  std::string ToString() const;

 private:
  const FieldPath* parent_ = nullptr;
  const char* name_;
  int index_ = -1;
};

enum class Presence { kRequired, kOptional };

// Each check adds at most one violation and returns true if it added none. Not thread-safe.
class FieldChecker {
 public:
  static constexpr int kViolationsMax = 20;

  bool ok() const { return violations_.empty(); }
  // Enough has been found; further violations are not recorded.
  bool full() const { return violations_.size() >= kViolationsMax; }
  // INVALID_FIELD with every violation found. Only when not ok().
  RpcError error() const;

  // An id: 1 to 64 bytes of valid UTF-8 without control characters.
  bool Id(const FieldPath& field, const std::string& value,
          Presence presence = Presence::kRequired) {
    return IsPlainId(value) || CheckText(field, value, kIdBytesMax, presence, false);
  }
  // Valid UTF-8 of at most `bytes_max`, without control characters other than tab and newline.
  bool Text(const FieldPath& field, const std::string& value, size_t bytes_max,
            Presence presence = Presence::kOptional) {
    return CheckText(field, value, bytes_max, presence, true);
  }
  // min <= value <= max.
  bool Range(const FieldPath& field, int64_t value, int64_t min, int64_t max) {
    return (value >= min && value <= max) || OutOfRange(field, value, min, max);
  }
  // A list's length.
  bool Size(const FieldPath& field, int64_t size, int64_t min, int64_t max) {
    return (size >= min && size <= max) || BadSize(field, size, min, max);
  }
  // A message or a oneof that must be set: Required("destination", request.has_destination()).
  bool Required(const FieldPath& field, bool present) {
    return present || Add(field, "is required");
  }
  // Any other rule: True("to", from != to, "must differ from from_location_id").
  bool True(const FieldPath& field, bool holds, const char* description) {
    return holds || Add(field, description);
  }
  // A known enum value: Enum("kind", request.kind(), LocationKind_IsValid). 0 (unspecified) passes
  // only if it is optional.
  bool Enum(const FieldPath& field, int value, bool (*is_valid)(int),
            Presence presence = Presence::kRequired) {
    return (is_valid(value) && (value != 0 || presence == Presence::kOptional)) ||
           BadEnum(field, value);
  }
  // Between min and max; a malformed one (nanos out of range or of the other sign) is refused too.
  bool Duration(const FieldPath& field, const google::protobuf::Duration& value, Micros min,
                Micros max);
  // A well-formed Timestamp of the years 1970 to 9999.
  bool Timestamp(const FieldPath& field, const google::protobuf::Timestamp& value);
  // Finite, latitude within 90 and longitude within 180 degrees.
  bool GeoPoint(const FieldPath& field, const common::v1::GeoPoint& value);
  // Three upper-case letters.
  bool CurrencyCode(const FieldPath& field, std::string_view value);
  // A currency code and an amount within +-10^15 minor units.
  bool Money(const FieldPath& field, const common::v1::Money& value);
  // ISO 3166-1 alpha-2: two upper-case letters.
  bool CountryCode(const FieldPath& field, std::string_view value,
                   Presence presence = Presence::kOptional);
  // Its three codes, each optional.
  bool Attribution(const FieldPath& field, const common::v1::Attribution& value);
  // No two entries of a list have the same key; empty keys are not compared. key(i) returns a
  // string that outlives the call. One violation for each repetition: "lines[3].line_id".
  template <typename Key>
  bool Unique(const FieldPath& list_parent, const char* list, const char* key_name, int size,
              Key&& key);
  template <typename Key>
  bool Unique(const char* list, const char* key_name, int size, Key&& key);

  // Records a violation; returns false.
  bool Add(const FieldPath& field, std::string description);

 private:
  // Printable ASCII of 1 to 64 bytes: the common case, checked without a call.
  static bool IsPlainId(const std::string& value);
  bool CheckText(const FieldPath& field, std::string_view value, size_t bytes_max,
                 Presence presence, bool allow_lines);
  bool OutOfRange(const FieldPath& field, int64_t value, int64_t min, int64_t max);
  bool BadSize(const FieldPath& field, int64_t size, int64_t min, int64_t max);
  bool BadEnum(const FieldPath& field, int value);
  bool Repeats(const FieldPath* parent, const char* list, const char* key_name, int at, int first);
  template <typename Key>
  bool UniqueKeys(const FieldPath* parent, const char* list, const char* key_name, int size,
                  Key&& key);

  std::vector<FieldViolation> violations_;
};

// True for valid UTF-8 (shortest forms only, no surrogates).
bool IsValidUtf8(std::string_view text);

// Of the deterministic serialization of the request and its type, without `request_id`, which must
// be field 1 of the message (a test holds the proto files to that). XXH3-128. Thread-safe.
Fingerprint RequestFingerprint(const google::protobuf::Message& request);
// Of the whole message and its type.
Fingerprint FingerprintOf(const google::protobuf::Message& message);

// A gRPC deadline (ServerContext::deadline()) as a moment; none is kDistantFuture.
Instant InstantOf(std::chrono::system_clock::time_point time);
// Microseconds, rounded toward zero; must have been checked by FieldChecker.
Micros MicrosOf(const google::protobuf::Duration& duration);
Instant InstantOf(const google::protobuf::Timestamp& timestamp);
google::protobuf::Duration DurationOf(Micros length);
google::protobuf::Timestamp TimestampOf(Instant instant);

// Implementation only below.

inline bool FieldChecker::IsPlainId(const std::string& value) {
  if (value.empty() || value.size() > kIdBytesMax) return false;
  unsigned outside = 0;
  for (const char c : value) outside |= static_cast<unsigned char>(c - 0x20) >= 0x5F;
  return outside == 0;
}

template <typename Key>
bool FieldChecker::Unique(const char* list, const char* key_name, int size, Key&& key) {
  return UniqueKeys(nullptr, list, key_name, size, key);
}

template <typename Key>
bool FieldChecker::Unique(const FieldPath& list_parent, const char* list, const char* key_name,
                          int size, Key&& key) {
  return UniqueKeys(&list_parent, list, key_name, size, key);
}

template <typename Key>
bool FieldChecker::UniqueKeys(const FieldPath* parent, const char* list, const char* key_name,
                              int size, Key&& key) {
  // Below this, comparing every pair is faster than a table.
  constexpr int kPairwiseMax = 12;
  bool unique = true;
  if (size <= kPairwiseMax) {
    for (int i = 1; i < size; ++i) {
      const std::string_view mine = key(i);
      if (mine.empty()) continue;
      for (int j = 0; j < i; ++j) {
        if (mine == std::string_view(key(j))) {
          unique = Repeats(parent, list, key_name, i, j);
          break;
        }
      }
    }
    return unique;
  }
  absl::flat_hash_map<std::string_view, int> first;
  first.reserve(size);
  for (int i = 0; i < size && !full(); ++i) {
    const std::string_view mine = key(i);
    if (mine.empty()) continue;
    const auto [entry, added] = first.try_emplace(mine, i);
    if (!added) unique = Repeats(parent, list, key_name, i, entry->second);
  }
  return unique;
}

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_VALIDATION_H_
