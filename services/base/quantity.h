// Quantity: a signed count of an item's base unit at its fixed scale. A type of its own, so that a
// quantity is never mistaken for an index, a price or a time.
#ifndef QUARTERMASTER_SERVICES_BASE_QUANTITY_H_
#define QUARTERMASTER_SERVICES_BASE_QUANTITY_H_

#include <algorithm>
#include <compare>
#include <cstdint>

namespace quartermaster {

class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(int64_t units) : units_(units) {}

  constexpr int64_t units() const { return units_; }
  constexpr bool IsZero() const { return units_ == 0; }
  constexpr bool IsPositive() const { return units_ > 0; }
  constexpr bool IsNegative() const { return units_ < 0; }

  constexpr Quantity& operator+=(Quantity other) {
    units_ += other.units_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    units_ -= other.units_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
  friend constexpr Quantity operator-(Quantity a) { return Quantity(-a.units_); }
  friend constexpr auto operator<=>(Quantity, Quantity) = default;

  // The part of it that is above zero.
  constexpr Quantity OrZero() const { return Quantity(std::max<int64_t>(units_, 0)); }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.units_);
  }

 private:
  int64_t units_ = 0;
};

// The most that a single line may ask or change; sums of 2,000 such lines are far below int64's
// range, so that quantities never overflow once a request has been validated.
inline constexpr Quantity kMaxLineQuantity{1'000'000'000};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_QUANTITY_H_
