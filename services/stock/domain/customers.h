// Customers: whose open reservations are, where they say so, and what each customer uses of what is
// capped by customer. A customer is an opaque reference of the caller's.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_CUSTOMERS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_CUSTOMERS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "services/base/check.h"
#include "services/base/quantity.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// Not thread-safe.
class Customers {
 public:
  // By customer: open and fulfilled units, none zero.
  using Units = absl::flat_hash_map<std::string, Quantity>;

  // Of an open reservation; empty if it names none.
  std::string_view Of(ReservationId reservation) const {
    const auto it = of_reservation_.find(reservation);
    return it == of_reservation_.end() ? std::string_view() : std::string_view(it->second);
  }
  void Name(ReservationId reservation, std::string_view customer) {
    if (!customer.empty()) of_reservation_.emplace(reservation, std::string(customer));
  }
  // The reservation has ended.
  void Forget(ReservationId reservation) {
    if (!of_reservation_.empty()) of_reservation_.erase(reservation);
  }

  // From here on what customers of the channel use of the SKU is counted, from nothing.
  void Begin(SkuIndex sku, ChannelIndex channel) { counted_[Key(sku, channel)].clear(); }
  void End(SkuIndex sku, ChannelIndex channel) { counted_.erase(Key(sku, channel)); }
  // nullptr if it is not counted.
  const Units* Counted(SkuIndex sku, ChannelIndex channel) const {
    const auto it = counted_.find(Key(sku, channel));
    return it == counted_.end() ? nullptr : &it->second;
  }
  Quantity Used(SkuIndex sku, ChannelIndex channel, std::string_view customer) const {
    const Units* const units = Counted(sku, channel);
    if (units == nullptr) return Quantity();
    const auto it = units->find(std::string(customer));
    return it == units->end() ? Quantity() : it->second;
  }
  // Nothing to do if it is not counted.
  void Add(SkuIndex sku, ChannelIndex channel, std::string_view customer, Quantity delta) {
    const auto it = counted_.find(Key(sku, channel));
    if (it == counted_.end() || delta.IsZero()) return;
    const auto of_customer = it->second.try_emplace(std::string(customer)).first;
    of_customer->second += delta;
    QM_CHECK(!of_customer->second.IsNegative()) << "a customer uses less than nothing";
    if (of_customer->second.IsZero()) it->second.erase(of_customer);
  }
  size_t named() const { return of_reservation_.size(); }
  // Calls visit(sku, channel, units) for whatever is counted, in no order.
  template <typename Visit>
  void VisitCounted(const Visit& visit) const {
    for (const auto& [key, units] : counted_) visit(key.first, key.second, units);
  }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.of_reservation_, self.counted_);
  }

 private:
  using SkuOfChannel = std::pair<SkuIndex, ChannelIndex>;
  static SkuOfChannel Key(SkuIndex sku, ChannelIndex channel) { return {sku, channel}; }

  absl::flat_hash_map<ReservationId, std::string> of_reservation_;
  absl::flat_hash_map<SkuOfChannel, Units> counted_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_CUSTOMERS_H_
