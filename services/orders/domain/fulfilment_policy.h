// How the orders of a channel are fulfilled, as far as a retailer decides it: attempts, what reason
// codes mean, how long pickups are kept.
//
//   const FulfilmentPolicy& policy = PolicyOf(state.policies, order.channel_id).policy;
//   if (EffectOf(policy, "BROKEN").units == UnitsEffect::kSuspect) ...
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_FULFILMENT_POLICY_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_FULFILMENT_POLICY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/time.h"

namespace quartermaster::orders {

// What is believed of units that a location gives back or does not find. The values are those of
// orders.v1.ReasonEffect.Units.
enum class UnitsEffect : uint8_t {
  // Of a reject available, of a short pick suspect.
  kUsual = 0,
  kAvailable = 1,
  kSuspect = 2,
};

// What becomes of the order's want. The values are those of orders.v1.ReasonEffect.Order.
enum class OrderEffect : uint8_t {
  // Routed again; of a pickup, a person is asked.
  kUsual = 0,
  kReroute = 1,
  kAsk = 2,
};

struct ReasonEffect {
  std::string code;
  UnitsEffect units = UnitsEffect::kUsual;
  OrderEffect order = OrderEffect::kUsual;
  // It may be asked again for this order.
  bool keep_location = false;
  // Of the exception; empty: the usual one.
  std::string suggested_action;
  friend bool operator==(const ReasonEffect&, const ReasonEffect&) = default;
};

// The most that a policy may say.
inline constexpr int kPickupDaysMax = 90;

// The defaults are the built-in policy.
struct FulfilmentPolicy {
  // How often an order is routed before a person must look at it.
  int attempts_max = 5;
  std::vector<ReasonEffect> reasons;  // each code once
  // Open days, the one on which it became ready not counted; 1 to kPickupDaysMax.
  int pickup_days = 7;
  // Open days before the end.
  int reminder_days = 2;
  int extensions_max = 2;
  Micros give_up_after = Hours(72);
  friend bool operator==(const FulfilmentPolicy&, const FulfilmentPolicy&) = default;
};

// What follows from the code; the usual if the policy does not know it: then its own code is empty.
ReasonEffect EffectOf(const FulfilmentPolicy& policy, std::string_view code);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_FULFILMENT_POLICY_H_
