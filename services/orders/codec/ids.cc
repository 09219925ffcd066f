#include "services/orders/codec/ids.h"

#include <openssl/sha.h>

#include <array>
#include <initializer_list>

#include "absl/strings/str_cat.h"

namespace quartermaster::orders {

namespace {

// Each part with its length before it, so that no two lists of parts have the same bytes.
std::array<uint8_t, SHA256_DIGEST_LENGTH> Hash(std::initializer_list<std::string_view> parts) {
  std::string bytes;
  for (const std::string_view part : parts) {
    absl::StrAppend(&bytes, part.size(), ":", absl::string_view(part.data(), part.size()), ";");
  }
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

// 128 bits in RFC 4648's base32, lower case, without padding.
std::string MakeId(std::string_view prefix, std::initializer_list<std::string_view> parts) {
  static constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  const auto digest = Hash(parts);
  std::string id(prefix);
  uint32_t buffer = 0;
  int bits = 0;
  for (size_t i = 0; i < 16; ++i) {
    buffer = buffer << 8 | digest[i];
    bits += 8;
    for (; bits >= 5; bits -= 5) id.push_back(kAlphabet[buffer >> (bits - 5) & 31]);
  }
  id.push_back(kAlphabet[buffer << (5 - bits) & 31]);
  return id;
}

}  // namespace

std::string OrderIdFor(std::string_view tenant, std::string_view request_id) {
  return MakeId("o-", {"order", tenant, request_id});
}

std::string SaleOrderIdFor(std::string_view tenant, std::string_view location_id,
                           std::string_view terminal_id, std::string_view business_day,
                           int64_t sequence) {
  return MakeId("s-",
                {"sale", tenant, location_id, terminal_id, business_day, std::to_string(sequence)});
}

std::string EditIdFor(std::string_view request_id) {
  return MakeId("", {"edit", request_id}).substr(0, 16);
}

std::string UnmatchedReturnIdFor(std::string_view tenant, std::string_view request_id) {
  return MakeId("u-", {"unmatched return", tenant, request_id});
}

}  // namespace quartermaster::orders
