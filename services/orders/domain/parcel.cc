#include "services/orders/domain/parcel.h"

namespace quartermaster::orders {

bool ComesBack(ParcelState told) {
  return told == ParcelState::kRefused || told == ParcelState::kReturnedToSender;
}

bool HasName(const Parcel& parcel) {
  return !parcel.key.empty() || !parcel.tracking_number.empty();
}

bool MayBe(const Parcel& parcel, const std::string& carrier, const std::string& tracking_number) {
  return (carrier.empty() || carrier == parcel.carrier) &&
         (tracking_number.empty() || tracking_number == parcel.tracking_number);
}

bool IsOld(const Parcel& parcel, const std::optional<Instant>& told_of) {
  return told_of.has_value() && parcel.state != ParcelState::kShipped && *told_of < parcel.state_at;
}

}  // namespace quartermaster::orders
