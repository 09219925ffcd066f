#include "services/stock/app/availability_watch.h"

#include <algorithm>
#include <utility>

#include "services/stock/domain/backing.h"

namespace quartermaster::stock {
namespace {

constexpr size_t kRecentMax = 65'536;
constexpr size_t kRecentPoliciesMax = 1'024;
// SKUs and positions that one round of a rescan looks at, with the view locked: about a
// millisecond.
constexpr size_t kRescanVisitsMax = 10'000;

StockKey KeyOf(SkuIndex sku, LocationIndex location) {
  StockKey key;
  key.sku = sku;
  key.location = location;
  return key;
}

StockKey Unpack(uint64_t packed) { return KeyOf(SkuOfKey(packed), LocationOfKey(packed)); }

// Whether what watchers are told may be another figure now. A count logs what it found right, too;
// that creates the position, which has safety stock then, if it is new.
bool IsSeen(const Change& change, const SafetyStock& safety_stock) {
  const bool created = change.after == Balances{} && safety_stock.AppliesTo(change.sku);
  return change.delta != Balances{} || change.flexible || !change.in_transit.IsZero() ||
         IsUnusable(change.from) || IsUnusable(change.to) ||
         change.kind == ChangeKind::kConditionChanged || created;
}

}  // namespace

Watch::Watch(WatchHub* hub, std::vector<StockKey> keys, std::function<void()> wake)
    : hub_(hub), keys_(std::move(keys)), wake_(std::move(wake)) {}

Watch::~Watch() { hub_->Close(this); }

void Watch::WakeIfDue() {
  if (changed_.empty() && taking_.empty() && !rescan_.due) return;
  wake_due_ = true;
  behind_.store(true, std::memory_order_release);
}

void Watch::Note(SkuIndex sku, LocationIndex location) {
  if (keys_.empty()) {
    changed_.insert(PositionKey(sku, location));
  } else {
    const auto it = keys_of_sku_.find(sku);
    if (it == keys_of_sku_.end()) return;
    for (const uint32_t i : it->second) {
      const bool all =
          !keys_[i].at_location() || location == LocationIndex::kNone || location == kEverywhere;
      if (all || keys_[i].location == location) changed_.insert(i);
    }
  }
  WakeIfDue();
}

void Watch::NotePools(const Inventory& inventory) {
  // Units may move where they could not before, or the other way round.
  inventory.backings.VisitSkus([this](SkuIndex sku) { Note(sku, LocationIndex::kNone); });
  NoteAllotments(inventory);
  for (uint32_t i = 0; i < keys_.size(); ++i) {
    if (!keys_[i].at_location()) changed_.insert(i);
  }
  WakeIfDue();
}

void Watch::NoteAllotments(const Inventory& inventory) {
  inventory.allotments.VisitSkus([this](SkuIndex sku, const auto&) { Note(sku, kEverywhere); });
}

void Watch::NoteChannels(const Inventory& inventory) {
  // What is held for one may stand elsewhere now.
  NoteAllotments(inventory);
  for (uint32_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].for_channel) changed_.insert(i);
  }
  WakeIfDue();
}

void Watch::NoteAllKeys() {
  for (uint32_t i = 0; i < keys_.size(); ++i) changed_.insert(i);
  WakeIfDue();
}

void Watch::NotePolicy(const Inventory& inventory, const PolicyScope& scope, bool moves) {
  // One location's units may move to another: all keys of a SKU.
  if (scope.sku != SkuIndex::kNone) {
    if (!keys_.empty()) return Note(scope.sku, LocationIndex::kNone);
    if (const SkuPositions* positions = inventory.positions.Find(scope.sku)) {
      for (const SkuPositions::Entry& entry : *positions) {
        changed_.insert(PositionKey(scope.sku, entry.location));
      }
    }
  } else if (keys_.empty()) {
    NoteRescan(moves ? LocationIndex::kNone : scope.location);
  } else {
    for (uint32_t i = 0; i < keys_.size(); ++i) changed_.insert(i);
  }
  WakeIfDue();
}

void Watch::NoteRescan(LocationIndex location) {
  // Whatever is sent from here on has the policy already.
  if (!initial_done_ && next_sku_ == 1 && next_entry_ == 0) return;
  if (!std::exchange(rescan_.due, true)) {
    rescan_.everywhere = false;
    rescan_.locations.clear();
  }
  rescan_.everywhere = rescan_.everywhere || location == LocationIndex::kNone;
  if (!rescan_.everywhere) rescan_.locations.insert(location);
  // Once round from where it is.
  rescan_.end = rescan_.entry == 0 ? rescan_.sku : rescan_.sku + 1;
  rescan_.wrapped = false;
}

void Watch::TakeInitial(const StockSnapshot& snapshot, size_t entries_max, WatchRound& round) {
  Offer offer(snapshot.inventory);
  if (!keys_.empty()) {
    for (; next_entry_ < keys_.size() && round.entries.size() < entries_max; ++next_entry_) {
      const StockKey& key = keys_[next_entry_];
      round.entries.push_back({key, FindAvailability(snapshot.inventory, offer, key)});
    }
    initial_done_ = next_entry_ == keys_.size();
    return;
  }
  const Positions::Skus& skus = snapshot.inventory.positions.skus();
  while (next_sku_ < skus.size() && round.entries.size() < entries_max) {
    const SkuPositions& positions = skus[next_sku_];
    for (; next_entry_ < positions.size() && round.entries.size() < entries_max; ++next_entry_) {
      const SkuPositions::Entry& entry = *(positions.begin() + static_cast<ptrdiff_t>(next_entry_));
      const StockKey key = KeyOf(static_cast<SkuIndex>(next_sku_), entry.location);
      round.entries.push_back({key, FindOwnAvailability(snapshot.inventory, offer, key)});
    }
    if (next_entry_ < positions.size()) break;
    ++next_sku_;
    next_entry_ = 0;
  }
  initial_done_ = next_sku_ >= skus.size();
}

void Watch::TakeChanged(const StockSnapshot& snapshot, size_t entries_max, WatchRound& round) {
  Offer offer(snapshot.inventory);
  if (taking_.empty()) taking_.swap(changed_);
  // The set is searched for its first member once: what was erased before stays in the way.
  auto it = taking_.begin();
  while (it != taking_.end() && round.entries.size() < entries_max) {
    const StockKey key = keys_.empty() ? Unpack(*it) : keys_[*it];
    taking_.erase(it++);
    const bool everywhere = key.location == kEverywhere;
    if (!keys_.empty()) {
      round.entries.push_back({key, FindAvailability(snapshot.inventory, offer, key)});
      continue;
    }
    if (key.location != LocationIndex::kNone && !everywhere) {
      round.entries.push_back({key, FindOwnAvailability(snapshot.inventory, offer, key)});
      continue;
    }
    NoteAll(snapshot.inventory, key.sku, everywhere);
    it = taking_.begin();
  }
}

void Watch::NoteAll(const Inventory& inventory, SkuIndex sku, bool everywhere) {
  if (everywhere || inventory.safety_stock.AppliesTo(sku) || inventory.allotments.AppliesTo(sku)) {
    const SkuPositions* const positions = inventory.positions.Find(sku);
    if (positions == nullptr) return;
    for (const SkuPositions::Entry& entry : *positions)
      taking_.insert(PositionKey(sku, entry.location));
  } else if (const SkuBacking* backing = inventory.backings.Find(sku)) {
    for (const SkuBacking::Entry& entry : *backing)
      taking_.insert(PositionKey(sku, entry.location));
  }
}

void Watch::TakeRescan(const StockSnapshot& snapshot, size_t entries_max, WatchRound& round) {
  const Inventory& inventory = snapshot.inventory;
  const Positions::Skus& skus = inventory.positions.skus();
  Offer offer(inventory);
  size_t visits = 0;
  while (rescan_.due && round.entries.size() < entries_max && visits < kRescanVisitsMax) {
    if (rescan_.wrapped && rescan_.sku >= rescan_.end) {
      rescan_.due = false;
      break;
    }
    if (rescan_.sku >= skus.size()) {
      rescan_.sku = 1;
      rescan_.wrapped = true;
      continue;
    }
    const SkuPositions& positions = skus[rescan_.sku];
    const auto sku = static_cast<SkuIndex>(rescan_.sku);
    ++visits;
    for (; rescan_.entry < positions.size() && round.entries.size() < entries_max;
         ++rescan_.entry) {
      ++visits;
      const LocationIndex location =
          (positions.begin() + static_cast<ptrdiff_t>(rescan_.entry))->location;
      if (!rescan_.everywhere && !rescan_.locations.contains(location)) continue;
      const StockKey key = KeyOf(sku, location);
      round.entries.push_back({key, FindOwnAvailability(inventory, offer, key)});
    }
    if (rescan_.entry < positions.size()) break;
    ++rescan_.sku;
    rescan_.entry = 0;
  }
}

WatchRound Watch::TakeOnce(size_t max) {
  // With the view locked nothing is published: what is noted as changed and what is read agree.
  return hub_->view_->With([&](const StockSnapshot& snapshot) {
    WatchRound round;
    round.position = snapshot.head;
    if (!initial_done_) TakeInitial(snapshot, max, round);
    MutexLock lock(&hub_->mutex_);
    if (initial_done_) {
      // Neither holds the other up.
      const size_t left = max - round.entries.size();
      TakeChanged(snapshot, rescan_.due ? max - left / 2 : max, round);
      TakeRescan(snapshot, max, round);
    }
    round.caught_up = initial_done_ && changed_.empty() && taking_.empty();
    round.drained = round.caught_up && !rescan_.due;
    round.current = round.drained && !was_current_;
    if (round.drained) was_current_ = armed_ = true;
    if (round.caught_up) behind_.store(false, std::memory_order_release);
    wake_due_ = false;
    return round;
  });
}

WatchRound Watch::Take(int entries_max) {
  while (true) {
    WatchRound round = TakeOnce(static_cast<size_t>(entries_max));
    if (!round.entries.empty() || round.drained) return round;
  }
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
  const bool opened = view_->With([&](const StockSnapshot& snapshot) {
    MutexLock lock(&mutex_);
    if (watches_.size() >= kWatchesMax) return false;
    const KitTable& kits = snapshot.inventory.kits;
    for (uint32_t i = 0; i < watch->keys_.size(); ++i) Follow(*watch, kits, i);
    if (resume > 0 && resume >= recent_from_ && resume <= snapshot.head) {
      watch->initial_done_ = true;
      for (auto it = recent_.rbegin(); it != recent_.rend() && it->head > resume; ++it) {
        watch->Note(it->sku, it->location);
      }
      for (const RecentPolicy& policy : recent_policies_) {
        if (policy.head <= resume) continue;
        watch->NotePolicy(snapshot.inventory, policy.scope, policy.moves);
      }
      if (pools_changed_ > resume) watch->NotePools(snapshot.inventory);
      if (channels_changed_ > resume) watch->NoteChannels(snapshot.inventory);
      if (kits_changed_ > resume) watch->NoteAllKeys();
    }
    watches_.push_back(watch.get());
    if (watch->keys_.empty()) of_everything_.push_back(watch.get());
    return true;
  });
  return opened ? watch : nullptr;
}

void WatchHub::Close(Watch* watch) {
  MutexLock lock(&mutex_);
  while (in_wake_ == watch) due_.Wait(&mutex_);
  std::erase(watches_, watch);
  std::erase(of_everything_, watch);
  for (const auto& [sku, keys] : watch->keys_of_sku_) {
    const auto it = of_sku_.find(sku);
    std::erase(it->second, watch);
    if (it->second.empty()) of_sku_.erase(it);
  }
  waking_.erase({watch->wake_at_, watch});
}

void WatchHub::Follow(Watch& watch, const KitTable& kits, uint32_t key) {
  std::vector<SkuIndex> skus = {watch.keys_[key].sku};
  VisitParts(kits, skus.front(), [&skus](SkuIndex part, int64_t) { skus.push_back(part); });
  for (const SkuIndex sku : skus) {
    std::vector<uint32_t>& list = watch.keys_of_sku_[sku];
    if (list.empty()) of_sku_[sku].push_back(&watch);
    if (std::find(list.begin(), list.end(), key) == list.end()) list.push_back(key);
  }
}

void WatchHub::NoteKits(Watch& watch, const KitTable& kits, const std::vector<SkuIndex>& changed) {
  for (const SkuIndex kit : changed) {
    const auto it = watch.keys_of_sku_.find(kit);
    if (it == watch.keys_of_sku_.end()) continue;
    const std::vector<uint32_t> its = it->second;
    for (const uint32_t key : its) {
      watch.changed_.insert(key);
      if (watch.keys_[key].sku == kit) Follow(watch, kits, key);
    }
  }
  watch.WakeIfDue();
}

void WatchHub::Note(const Recent& change) {
  recent_.push_back(change);
  for (Watch* watch : of_everything_) watch->Note(change.sku, change.location);
  const auto it = of_sku_.find(change.sku);
  if (it == of_sku_.end()) return;
  for (Watch* watch : it->second) watch->Note(change.sku, change.location);
}

void WatchHub::OnPublish(const Publication& publication) {
  MutexLock lock(&mutex_);
  if (publication.everything) {
    // What was replayed is not kept change by change.
    recent_from_ = publication.head;
    return;
  }
  const Inventory& inventory = publication.inventory;
  // Of the changes of one SKU that follow each other.
  bool seen = false;
  bool flexible = false;
  // Whether there is what may stand elsewhere under another policy: flexible units, now or before
  // this publication, or what is held for channels.
  bool moves = !inventory.backings.empty() || !inventory.allotments.empty();
  for (size_t i = 0; i < publication.changes.size(); ++i) {
    const Change& change = publication.changes[i];
    if (IsSeen(change, inventory.safety_stock)) {
      Note({publication.head, change.sku, change.location});
      seen = true;
      flexible = flexible || change.flexible;
    }
    moves = moves || change.flexible;
    const bool last =
        i + 1 == publication.changes.size() || publication.changes[i + 1].sku != change.sku;
    if (!last) continue;
    // What is free here lets units move that stand elsewhere.
    const bool backs =
        seen && !inventory.backings.empty() && inventory.backings.Find(change.sku) != nullptr;
    // So it does where units have gone that stood on safety stock, or might have had to leave it:
    // also if the policy, or the units, are gone by the time that somebody looks.
    const bool backed =
        flexible && (inventory.safety_stock.AppliesTo(change.sku) || !publication.policies.empty());
    // What is held for a channel stands anywhere, and may be less or more of it now.
    const bool allotted = seen && inventory.allotments.AppliesTo(change.sku);
    if (backs || backed || allotted) {
      const bool everywhere = backed || allotted;
      const LocationIndex where = everywhere ? Watch::kEverywhere : LocationIndex::kNone;
      Note({publication.head, change.sku, where});
    }
    seen = flexible = false;
  }
  for (const PolicyScope& scope : publication.policies) {
    recent_policies_.push_back({publication.head, scope, moves});
    for (Watch* watch : watches_) watch->NotePolicy(inventory, scope, moves);
  }
  for (const SkuIndex sku : publication.allotted) Note({publication.head, sku, Watch::kEverywhere});
  for (const SkuIndex kit : publication.kits) {
    kits_changed_ = publication.head;
    std::vector<SkuIndex> changed = inventory.kits.ParentsOf(kit);
    changed.push_back(kit);
    for (Watch* watch : watches_) NoteKits(*watch, inventory.kits, changed);
  }
  if (publication.pools_changed) {
    pools_changed_ = publication.head;
    for (Watch* watch : watches_) watch->NotePools(inventory);
  }
  if (publication.channels_changed) {
    channels_changed_ = publication.head;
    for (Watch* watch : watches_) watch->NoteChannels(inventory);
  }
  while (recent_.size() > kRecentMax) {
    recent_from_ = recent_.front().head;
    recent_.pop_front();
  }
  while (recent_policies_.size() > kRecentPoliciesMax) {
    recent_from_ = std::max(recent_from_, recent_policies_.front().head);
    recent_policies_.pop_front();
  }
  bool earlier = false;
  for (Watch* watch : watches_) {
    if (!watch->armed_ || !watch->wake_due_) continue;
    watch->armed_ = watch->wake_due_ = false;
    if (std::exchange(watch->waking_, true)) continue;
    watch->wake_at_ = watch->woken_at_ + kPace;
    const auto added = waking_.emplace(watch->wake_at_, watch).first;
    earlier = earlier || added == waking_.begin();
  }
  if (earlier) due_.NotifyAll();
}

void WatchHub::Run() {
  MutexLock lock(&mutex_);
  while (true) {
    if (stopping_) return;
    if (waking_.empty()) {
      due_.Wait(&mutex_);
      continue;
    }
    const auto [wake_at, watch] = *waking_.begin();
    const auto now = std::chrono::steady_clock::now();
    if (now < wake_at) {
      const auto left = std::chrono::duration_cast<std::chrono::microseconds>(wake_at - now);
      due_.WaitFor(&mutex_, Micros{left.count() + 1});
      continue;
    }
    waking_.erase(waking_.begin());
    watch->waking_ = false;
    watch->woken_at_ = now;
    in_wake_ = watch;
    mutex_.Unlock();
    watch->wake_();
    mutex_.Lock();
    in_wake_ = nullptr;
    due_.NotifyAll();
  }
}

}  // namespace quartermaster::stock
