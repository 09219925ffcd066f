// Parcel: what left a location in one piece, and what its carrier says of it.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_PARCEL_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_PARCEL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/base/time.h"
#include "services/orders/domain/types.h"

namespace quartermaster::orders {

// The values are those of orders.v1.Parcel.State.
enum class ParcelState : uint8_t {
  kShipped = 1,
  kDelivered = 2,
  kRefused = 3,
  kLost = 4,
  kReturnedToSender = 5,
};

// What a carrier said of a parcel.
struct ParcelReport {
  ParcelState state = ParcelState::kShipped;
  std::optional<Instant> business_time;
  friend bool operator==(const ParcelReport&, const ParcelReport&) = default;
};

// Of a parcel. Whoever says more is not heard.
inline constexpr size_t kParcelReportsMax = 50;

struct Parcel {
  int number = 0;  // from 1; its index in Order::parcels is one less
  int task = 0;
  // The warehouse's name of it, unique within the task; may be empty.
  std::string key;
  std::string carrier;
  std::string tracking_number;
  ParcelState state = ParcelState::kShipped;
  std::vector<Units> lines;  // of the task
  // When it left, and when its state was reached: as told, or else when it was recorded.
  Instant shipped_at;
  Instant state_at;
  // It took all that its task had left; and it was told without lines, as all of it.
  bool took_the_rest = false;
  bool told_whole = false;
  // Of its lines, what the order has not as fulfilled: sent beside what it wanted.
  std::vector<Units> beside;
  // A return of it has been announced.
  bool coming_back = false;
  // In the order in which they came, each once.
  std::vector<ParcelReport> reports;
  friend bool operator==(const Parcel&, const Parcel&) = default;
};

// Whether a carrier that says so brings it back to a location.
bool ComesBack(ParcelState told);

// What a repetition does not say again is not another one.
bool MayBe(const Parcel& parcel, const std::string& carrier, const std::string& tracking_number);

// The time that was told, if one was; later than now counts as now.
Instant ToldOf(const std::optional<Instant>& business_time, Instant now);

// Told of a time before the parcel reached the state that it is in: news that came late.
bool IsOld(const Parcel& parcel, const std::optional<Instant>& business_time, Instant now);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_PARCEL_H_
