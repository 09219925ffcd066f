#include "services/stock/domain/caps.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "services/stock/domain/sku_flow.h"

namespace quartermaster::stock {
namespace {

Quantity LeftOf(Quantity cap, Quantity used, Quantity given_back) {
  // Who has more than a cap that was lowered keeps it.
  return std::max(cap - (used - given_back), given_back);
}

}  // namespace

Quantity LeftOfCap(const Allotment& allotment, Quantity given_back) {
  if (!allotment.terms.cap) return kEverything;
  return LeftOf(*allotment.terms.cap, allotment.used(), given_back);
}

Rejection OverCap::Refusal() const {
  const bool channel = !by_channel.empty();
  const std::vector<ShortLine>& lines = channel ? by_channel : by_customer;
  return {.kind = channel ? RejectionKind::kCapExceeded : RejectionKind::kCustomerCapExceeded,
          .line = lines.front().line,
          .short_lines = lines};
}

OverCap ApplyCaps(const State& state, std::string_view customer,
                  const absl::InlinedVector<const Reservation*, 2>& replaced, HoldLines& lines) {
  OverCap over;
  struct Left {
    Quantity of_channel = kEverything;
    Quantity of_customer = kEverything;
  };
  absl::flat_hash_map<std::pair<SkuIndex, ChannelIndex>, Left> all;
  const auto left_of = [&](const HoldLine& line, const Allotment& allotment) -> Left& {
    const auto [it, is_new] = all.try_emplace({line.sku, line.channel});
    if (!is_new) return it->second;
    Quantity given_back;
    Quantity by_customer;
    for (const Reservation* r : replaced) {
      if (r->state != ReservationState::kHeld) continue;
      for (const ReservationLine& old : r->lines) {
        if (old.sku != line.sku || old.channel != line.channel) continue;
        given_back += old.promised();
        if (state.customers.Of(r->id) == customer) by_customer += old.promised();
      }
    }
    it->second.of_channel = LeftOfCap(allotment, given_back);
    if (!customer.empty() && allotment.terms.customer_cap) {
      it->second.of_customer =
          LeftOf(*allotment.terms.customer_cap,
                 state.customers.Used(line.sku, line.channel, customer), by_customer);
    }
    return it->second;
  };
  for (size_t i = 0; i < lines.size(); ++i) {
    HoldLine& line = lines[i];
    const Allotment* const allotment = state.allotments.Find(line.sku, line.channel);
    if (allotment == nullptr) continue;
    Left& left = left_of(line, *allotment);
    const int index = static_cast<int>(i);
    const Quantity asked = line.quantity;
    if (left.of_channel < asked) over.by_channel.push_back({index, asked, left.of_channel});
    if (left.of_customer < asked) over.by_customer.push_back({index, asked, left.of_customer});
    line.quantity = std::min({asked, left.of_channel, left.of_customer});
    left.of_channel -= line.quantity;
    left.of_customer -= line.quantity;
  }
  return over;
}

}  // namespace quartermaster::stock
