// The ids that follow from what a caller sent, so that the same request makes the same order, also
// after a crash and long after its outcome was forgotten.
//
//   OrderIdFor("default", "web-4711")   "o-" and 26 characters of lower-case base32
//
// The first 128 bits of a SHA-256 over the length-prefixed parts: two requests never share an id.
// Changing any of these functions would turn retries into second orders; golden tests pin them.
#ifndef QUARTERMASTER_SERVICES_ORDERS_CODEC_IDS_H_
#define QUARTERMASTER_SERVICES_ORDERS_CODEC_IDS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace quartermaster::orders {

// "o-...": of PlaceOrder's request id.
std::string OrderIdFor(std::string_view tenant, std::string_view request_id);

// "s-...": of a till sale's natural key.
std::string SaleOrderIdFor(std::string_view tenant, std::string_view location_id,
                           std::string_view terminal_id, std::string_view business_day,
                           int64_t sequence);

// 16 characters: of EditOrder's request id, for the owner of what it holds.
std::string EditIdFor(std::string_view request_id);

// "u-...": of the ReceiveReturn that names neither a return nor an order.
std::string UnmatchedReturnIdFor(std::string_view tenant, std::string_view request_id);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_CODEC_IDS_H_
