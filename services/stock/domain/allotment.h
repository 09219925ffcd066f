// Allotments: how many units of a SKU a channel may have, and how many are its own before others
// may have them. See adr/0004-an-unused-quota-is-a-standing-hold.md.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_ALLOTMENT_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_ALLOTMENT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// What is set for a channel and a SKU. A limit that is unset is none.
struct AllotmentTerms {
  // So many units are the channel's: what it has not used of them is held for it.
  std::optional<Quantity> quota;
  // The most that it may use; and that one of its customers may.
  std::optional<Quantity> cap;
  std::optional<Quantity> customer_cap;
  // It may also use what is held for others.
  bool borrows = false;

  bool empty() const { return !quota && !cap && !customer_cap && !borrows; }
  friend bool operator==(const AllotmentTerms&, const AllotmentTerms&) = default;
};

struct Allotment {
  ChannelIndex channel = ChannelIndex::kNone;
  AllotmentTerms terms;
  // The open units of the channel's lines of the SKU, held or allocated; and those fulfilled since
  // the window began. Never negative.
  Quantity open;
  Quantity sold;
  Instant window_start;
  // The position of the event that set it.
  int64_t version = 0;

  Quantity used() const { return open + sold; }
  // What would be held for it if it used so many.
  Quantity UnusedAt(Quantity used) const {
    return terms.quota ? (*terms.quota - used).OrZero() : Quantity();
  }

  friend bool operator==(const Allotment&, const Allotment&) = default;
};

// Not thread-safe.
class Allotments {
 public:
  // By channel, each once.
  using OfSku = std::vector<Allotment>;

  bool empty() const { return of_sku_.empty(); }
  bool AppliesTo(SkuIndex sku) const {
    const auto i = static_cast<uint32_t>(sku);
    return i < has_some_.size() && has_some_[i];
  }
  // nullptr if the SKU has none.
  const OfSku* Find(SkuIndex sku) const { return AppliesTo(sku) ? &of_sku_.at(sku) : nullptr; }
  const Allotment* Find(SkuIndex sku, ChannelIndex channel) const {
    const OfSku* const all = Find(sku);
    if (all == nullptr) return nullptr;
    const auto it = std::lower_bound(all->begin(), all->end(), channel, IsBefore);
    return it != all->end() && it->channel == channel ? &*it : nullptr;
  }
  Allotment* Find(SkuIndex sku, ChannelIndex channel) {
    return const_cast<Allotment*>(std::as_const(*this).Find(sku, channel));
  }
  // Whether somebody has a quota of the SKU, so that some of it may be held for them.
  bool HasQuota(SkuIndex sku) const {
    const OfSku* const all = Find(sku);
    return all != nullptr && std::any_of(all->begin(), all->end(), [](const Allotment& one) {
             return one.terms.quota.has_value();
           });
  }
  void Set(SkuIndex sku, const Allotment& allotment) {
    const auto i = static_cast<uint32_t>(sku);
    if (i >= has_some_.size()) has_some_.resize(i + 1);
    has_some_[i] = true;
    OfSku& all = of_sku_[sku];
    const auto it = std::lower_bound(all.begin(), all.end(), allotment.channel, IsBefore);
    if (it != all.end() && it->channel == allotment.channel) {
      *it = allotment;
    } else {
      all.insert(it, allotment);
    }
  }
  void Remove(SkuIndex sku, ChannelIndex channel) {
    if (Find(sku, channel) == nullptr) return;
    OfSku& all = of_sku_.at(sku);
    std::erase_if(all, [&](const Allotment& one) { return one.channel == channel; });
    if (all.empty()) Clear(sku);
  }
  // Makes it that of the other for one SKU.
  void CopyFrom(const Allotments& other, SkuIndex sku) {
    if (const OfSku* const all = other.Find(sku)) {
      const auto i = static_cast<uint32_t>(sku);
      if (i >= has_some_.size()) has_some_.resize(i + 1);
      has_some_[i] = true;
      of_sku_[sku] = *all;
    } else if (AppliesTo(sku)) {
      Clear(sku);
    }
  }
  // Calls visit(sku, allotments) for each SKU that has some, in no order.
  template <typename Visit>
  void VisitSkus(const Visit& visit) const {
    for (const auto& [sku, all] : of_sku_) visit(sku, all);
  }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.of_sku_, self.has_some_);
  }

 private:
  static bool IsBefore(const Allotment& one, ChannelIndex channel) { return one.channel < channel; }
  void Clear(SkuIndex sku) {
    of_sku_.erase(sku);
    has_some_[static_cast<uint32_t>(sku)] = false;
  }

  absl::flat_hash_map<SkuIndex, OfSku> of_sku_;
  // By SkuIndex, a bit each: every hold asks.
  std::vector<bool> has_some_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_ALLOTMENT_H_
