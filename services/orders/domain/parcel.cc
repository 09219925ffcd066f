#include "services/orders/domain/parcel.h"

#include <algorithm>

namespace quartermaster::orders {

bool ComesBack(ParcelState told) {
  return told == ParcelState::kRefused || told == ParcelState::kReturnedToSender;
}

bool MayBe(const Parcel& parcel, const std::string& carrier, const std::string& tracking_number) {
  return (carrier.empty() || carrier == parcel.carrier) &&
         (tracking_number.empty() || tracking_number == parcel.tracking_number);
}

Instant ToldOf(const std::optional<Instant>& business_time, Instant now) {
  return std::min(business_time.value_or(now), now);
}

bool IsOld(const Parcel& parcel, const std::optional<Instant>& business_time, Instant now) {
  return business_time.has_value() && parcel.state != ParcelState::kShipped &&
         ToldOf(business_time, now) < parcel.state_at;
}

}  // namespace quartermaster::orders
