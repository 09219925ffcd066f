#include "services/stock/app/availability_watch.h"

#include <algorithm>
#include <utility>

#include "services/stock/domain/backing.h"

namespace quartermaster::stock {
namespace {

constexpr size_t kRecentMax = 65'536;
constexpr size_t kRecentPoliciesMax = 1'024;

uint64_t Pack(SkuIndex sku, LocationIndex location) {
  return static_cast<uint64_t>(sku) << 32 | static_cast<uint64_t>(location);
}

StockKey Unpack(uint64_t packed) {
  StockKey key;
  key.sku = static_cast<SkuIndex>(packed >> 32);
  key.location = static_cast<LocationIndex>(packed & 0xffffffff);
  return key;
}

}  // namespace

Watch::Watch(WatchHub* hub, std::vector<StockKey> keys, std::function<void()> wake)
    : hub_(hub), keys_(std::move(keys)), wake_(std::move(wake)) {
  for (uint32_t i = 0; i < keys_.size(); ++i) keys_of_sku_[keys_[i].sku].push_back(i);
}

Watch::~Watch() { hub_->Close(this); }

void Watch::Note(SkuIndex sku, LocationIndex location) {
  if (keys_.empty()) {
    changed_.insert(Pack(sku, location));
  } else {
    const auto it = keys_of_sku_.find(sku);
    if (it == keys_of_sku_.end()) return;
    for (const uint32_t i : it->second) {
      const bool all = keys_[i].from_pool || location == LocationIndex::kNone;
      if (all || keys_[i].location == location) changed_.insert(i);
    }
  }
  wake_due_ = wake_due_ || !changed_.empty();
}

void Watch::NotePools(const Inventory& inventory) {
  // Units may move where they could not before, or the other way round.
  inventory.backings.VisitSkus([this](SkuIndex sku) { Note(sku, LocationIndex::kNone); });
  for (uint32_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].from_pool) changed_.insert(i);
  }
  wake_due_ = wake_due_ || !changed_.empty();
}

void Watch::NotePolicy(const Inventory& inventory, const PolicyScope& scope) {
  if (!keys_.empty()) {
    // One location's units may move to another: all keys of a SKU.
    for (uint32_t i = 0; i < keys_.size(); ++i) {
      if (scope.sku == SkuIndex::kNone || scope.sku == keys_[i].sku) changed_.insert(i);
    }
  } else if (scope.sku == SkuIndex::kNone) {
    all_changed_ = true;
    changed_.clear();
  } else if (const SkuPositions* positions = inventory.positions.Find(scope.sku)) {
    for (const SkuPositions::Entry& entry : *positions) {
      changed_.insert(Pack(scope.sku, entry.location));
    }
  }
  wake_due_ = wake_due_ || all_changed_ || !changed_.empty();
}

void Watch::TakeInitial(const StockSnapshot& snapshot, size_t entries_max, WatchRound& round) {
  Draft draft(snapshot.inventory, Demand::kOnline);
  if (!keys_.empty()) {
    for (; next_entry_ < keys_.size() && round.entries.size() < entries_max; ++next_entry_) {
      const StockKey& key = keys_[next_entry_];
      round.entries.push_back({key, FindAvailability(snapshot.inventory, draft, key)});
    }
    initial_done_ = next_entry_ == keys_.size();
    return;
  }
  const Positions::Skus& skus = snapshot.inventory.positions.skus();
  while (next_sku_ < skus.size() && round.entries.size() < entries_max) {
    const SkuPositions& positions = skus[next_sku_];
    for (; next_entry_ < positions.size() && round.entries.size() < entries_max; ++next_entry_) {
      const SkuPositions::Entry& entry = *(positions.begin() + static_cast<ptrdiff_t>(next_entry_));
      StockKey key;
      key.sku = static_cast<SkuIndex>(next_sku_);
      key.location = entry.location;
      round.entries.push_back({key, FindAvailability(snapshot.inventory, draft, key)});
    }
    if (next_entry_ < positions.size()) break;
    ++next_sku_;
    next_entry_ = 0;
  }
  initial_done_ = next_sku_ >= skus.size();
}

void Watch::StartAnewIfDue() {
  MutexLock lock(&hub_->mutex_);
  if (!all_changed_) return;
  all_changed_ = false;
  initial_done_ = false;
  next_sku_ = 1;
  next_entry_ = 0;
}

WatchRound Watch::Take(int entries_max) {
  const auto max = static_cast<size_t>(entries_max);
  // With the view locked nothing is published: what is noted as changed and what is read agree.
  return hub_->view_->With([&](const StockSnapshot& snapshot) {
    WatchRound round;
    round.position = snapshot.head;
    Draft draft(snapshot.inventory, Demand::kOnline);
    StartAnewIfDue();
    if (!initial_done_) TakeInitial(snapshot, max, round);
    MutexLock lock(&hub_->mutex_);
    while (initial_done_ && !changed_.empty() && round.entries.size() < max) {
      const uint64_t packed = *changed_.begin();
      changed_.erase(changed_.begin());
      const StockKey key = keys_.empty() ? Unpack(packed) : keys_[packed];
      if (keys_.empty() && key.location == LocationIndex::kNone) {
        if (snapshot.inventory.safety_stock.AppliesTo(key.sku)) {
          NotePolicy(snapshot.inventory, {key.sku, LocationIndex::kNone});
          continue;
        }
        const SkuBacking* const backing = snapshot.inventory.backings.Find(key.sku);
        if (backing == nullptr) continue;
        for (const SkuBacking::Entry& entry : *backing) {
          changed_.insert(Pack(key.sku, entry.location));
        }
        continue;
      }
      round.entries.push_back({key, FindAvailability(snapshot.inventory, draft, key)});
    }
    round.drained = initial_done_ && changed_.empty();
    round.current = round.drained && !armed_;
    if (round.drained) armed_ = true;
    wake_due_ = false;
    return round;
  });
}

WatchHub::WatchHub(const StockView* view) : view_(view) {
  thread_ = std::thread([this] { Run(); });
}

WatchHub::~WatchHub() { Stop(); }

void WatchHub::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    due_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<Watch> WatchHub::Open(std::vector<StockKey> keys, storage::Position resume,
                                      std::function<void()> wake) {
  std::shared_ptr<Watch> watch(new Watch(this, std::move(keys), std::move(wake)));
  view_->With([&](const StockSnapshot& snapshot) {
    MutexLock lock(&mutex_);
    if (resume > 0 && resume >= recent_from_ && resume <= snapshot.head) {
      watch->initial_done_ = true;
      for (auto it = recent_.rbegin(); it != recent_.rend() && it->head > resume; ++it) {
        watch->Note(it->sku, it->location);
      }
      for (const auto& [position, scope] : recent_policies_) {
        if (position > resume) watch->NotePolicy(snapshot.inventory, scope);
      }
      if (pools_changed_ > resume) watch->NotePools(snapshot.inventory);
    }
    watches_.push_back(watch.get());
  });
  return watch;
}

void WatchHub::Close(Watch* watch) {
  MutexLock lock(&mutex_);
  while (in_wake_ == watch) due_.Wait(&mutex_);
  std::erase(watches_, watch);
  std::erase(waking_, watch);
}

void WatchHub::Note(const Recent& change) {
  recent_.push_back(change);
  for (Watch* watch : watches_) watch->Note(change.sku, change.location);
}

void WatchHub::OnPublish(const Publication& publication) {
  MutexLock lock(&mutex_);
  if (publication.everything) {
    // What was replayed is not kept change by change.
    recent_from_ = publication.head;
    return;
  }
  const Backings& backings = publication.inventory.backings;
  for (size_t i = 0; i < publication.changes.size(); ++i) {
    const Change& change = publication.changes[i];
    Note({publication.head, change.sku, change.location});
    // What is free here lets units move that stand elsewhere.
    const bool last =
        i + 1 == publication.changes.size() || publication.changes[i + 1].sku != change.sku;
    // So it does where units have gone that stood on safety stock, or might have had to leave it.
    const bool backs = !backings.empty() && backings.Find(change.sku) != nullptr;
    const bool backed = change.flexible && publication.inventory.safety_stock.AppliesTo(change.sku);
    if ((last && backs) || backed) {
      Note({publication.head, change.sku, LocationIndex::kNone});
    }
  }
  for (const PolicyScope& scope : publication.policies) {
    recent_policies_.emplace_back(publication.head, scope);
    for (Watch* watch : watches_) watch->NotePolicy(publication.inventory, scope);
  }
  if (publication.pools_changed) {
    pools_changed_ = publication.head;
    for (Watch* watch : watches_) watch->NotePools(publication.inventory);
  }
  while (recent_.size() > kRecentMax) {
    recent_from_ = recent_.front().head;
    recent_.pop_front();
  }
  while (recent_policies_.size() > kRecentPoliciesMax) {
    recent_from_ = std::max(recent_from_, recent_policies_.front().first);
    recent_policies_.pop_front();
  }
  bool any_due = false;
  for (Watch* watch : watches_) {
    if (!watch->armed_ || !watch->wake_due_) continue;
    watch->wake_due_ = false;
    if (std::find(waking_.begin(), waking_.end(), watch) == waking_.end()) {
      waking_.push_back(watch);
    }
    any_due = true;
  }
  if (any_due) due_.NotifyAll();
}

void WatchHub::Run() {
  MutexLock lock(&mutex_);
  while (true) {
    while (waking_.empty() && !stopping_) due_.Wait(&mutex_);
    if (stopping_) return;
    Watch* const watch = waking_.back();
    waking_.pop_back();
    in_wake_ = watch;
    mutex_.Unlock();
    watch->wake_();
    mutex_.Lock();
    in_wake_ = nullptr;
    due_.NotifyAll();
  }
}

}  // namespace quartermaster::stock
