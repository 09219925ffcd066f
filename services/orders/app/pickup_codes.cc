#include "services/orders/app/pickup_codes.h"

#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace quartermaster::orders {
namespace {

// The version of the payload's form.
constexpr std::string_view kPayloadPrefix = "QM1:";

// One text for (purpose, a, b): the length in front keeps ("ab", "c") and ("a", "bc") apart.
std::string Input(std::string_view purpose, std::string_view a, std::string_view b) {
  std::string text(purpose);
  absl::StrAppend(&text, "/", a.size(), "/");
  text.append(a);
  text.append(b);
  return text;
}

}  // namespace

std::string QrPayload(std::string_view task_id, std::string_view code) {
  std::string payload(kPayloadPrefix);
  payload.append(task_id).append(":").append(code);
  return payload;
}

std::string_view ShownCode(std::string_view task_id, std::string_view shown) {
  const std::string prefix = QrPayload(task_id, "");
  return shown.substr(0, prefix.size()) == prefix ? shown.substr(prefix.size()) : shown;
}

std::string PickupCodes::Mint(std::string_view task_id, std::string_view request_id) const {
  const std::string tag = orders::Mac(key_, Input("code", task_id, request_id));
  uint64_t number = 0;
  std::memcpy(&number, tag.data(), sizeof(number));
  // 2^64 is so much larger than 10^6 that the remainder is uniform for every purpose.
  return absl::StrFormat("%06d", number % 1'000'000);
}

std::string PickupCodes::Mac(std::string_view task_id, std::string_view code) const {
  return orders::Mac(key_, Input("mac", task_id, code));
}

std::string PickupCodes::SubjectMac(std::string_view subject_bytes) const {
  return orders::Mac(key_, Input("subject", "", subject_bytes));
}

}  // namespace quartermaster::orders
