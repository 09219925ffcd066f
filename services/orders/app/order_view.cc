#include "services/orders/app/order_view.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"

namespace quartermaster::orders {
namespace {

// An index key: what is indexed, and its value. The empty key is in every entry's set.
std::string Key(char kind, std::string_view value) {
  std::string key(1, kind);
  key.append(value);
  return key;
}
std::string Key(char kind, int value) { return absl::StrCat(std::string(1, kind), value); }
constexpr char kEverything[] = "";
constexpr char kOpen[] = "open";
constexpr char kPromised[] = "promised";

int64_t HourOf(Instant time) { return time.unix_us / Seconds(3'600).count; }

// The earliest promise that is not kept yet; kDistantFuture if there is none.
Instant PromiseOf(const Order& order) {
  Instant promise = kDistantFuture;
  if (std::all_of(order.groups.begin(), order.groups.end(),
                  [](const Group& group) { return group.promised_by == kDistantPast; })) {
    return promise;
  }
  for (const OrderLine& line : order.lines) {
    const Instant promised_by = order.groups[line.group].promised_by;
    if (promised_by == kDistantPast || !line.open().IsPositive()) continue;
    promise = std::min(promise, promised_by);
  }
  return promise;
}

// But for those of its lines, which never go.
std::vector<std::string> KeysOf(const Order& order) {
  std::vector<std::string> keys = {kEverything, Key('c', order.channel_id),
                                   Key('s', static_cast<int>(StateOf(order)))};
  if (!order.customer_ref.empty()) keys.push_back(Key('u', order.customer_ref));
  if (!order.external_id.empty()) keys.push_back(Key('x', order.external_id));
  for (const Task& task : order.tasks) keys.push_back(Key('l', task.location_id));
  if (PromiseOf(order) != kDistantFuture) keys.push_back(kPromised);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::vector<std::string> KeysOf(const OrderFilter& filter) {
  std::vector<std::string> keys = {kEverything};
  if (!filter.customer_ref.empty()) keys.push_back(Key('u', filter.customer_ref));
  if (!filter.channel_id.empty()) keys.push_back(Key('c', filter.channel_id));
  if (!filter.external_id.empty()) keys.push_back(Key('x', filter.external_id));
  if (filter.state) keys.push_back(Key('s', static_cast<int>(*filter.state)));
  if (!filter.location_id.empty()) keys.push_back(Key('l', filter.location_id));
  if (!filter.sku.empty()) keys.push_back(Key('k', filter.sku));
  if (filter.overdue_at) keys.push_back(kPromised);
  return keys;
}

bool Matches(const Order& order, const OrderFilter& filter) {
  return (filter.customer_ref.empty() || order.customer_ref == filter.customer_ref) &&
         (filter.channel_id.empty() || order.channel_id == filter.channel_id) &&
         (filter.external_id.empty() || order.external_id == filter.external_id) &&
         (!filter.state || StateOf(order) == *filter.state) &&
         order.created_at >= filter.created_from && order.created_at < filter.created_before &&
         (!filter.overdue_at || PromiseOf(order) < *filter.overdue_at) &&
         (filter.sku.empty() ||
          std::any_of(order.lines.begin(), order.lines.end(),
                      [&](const OrderLine& line) { return line.sku == filter.sku; })) &&
         (filter.location_id.empty() ||
          std::any_of(order.tasks.begin(), order.tasks.end(),
                      [&](const Task& task) { return task.location_id == filter.location_id; }));
}

std::vector<std::string> KeysOf(const std::string& order_id, const Task& task) {
  const int state = static_cast<int>(task.state);
  return {kEverything, Key('o', order_id), Key('l', task.location_id), Key('s', state),
          Key('b', absl::StrCat(state, "/", task.location_id))};
}

std::vector<std::string> KeysOf(const TaskFilter& filter) {
  std::vector<std::string> keys = {kEverything};
  if (!filter.order_id.empty()) keys.push_back(Key('o', filter.order_id));
  if (!filter.location_id.empty()) keys.push_back(Key('l', filter.location_id));
  if (filter.state) {
    const int state = static_cast<int>(*filter.state);
    keys.push_back(Key('s', state));
    if (!filter.location_id.empty()) {
      keys.push_back(Key('b', absl::StrCat(state, "/", filter.location_id)));
    }
  }
  return keys;
}

bool Matches(const TaskRef& ref, const TaskFilter& filter) {
  return (filter.order_id.empty() || ref.order->order_id == filter.order_id) &&
         (filter.location_id.empty() || ref.task().location_id == filter.location_id) &&
         (!filter.state || ref.task().state == *filter.state);
}

std::vector<std::string> KeysOf(const ExceptionItem& item) {
  std::vector<std::string> keys = {kEverything};
  if (!item.resolved) keys.push_back(kOpen);
  if (!item.order_id.empty()) keys.push_back(Key('o', item.order_id));
  return keys;
}

// Moves `position` from the sets of `before` to those of `after`.
void Reindex(absl::flat_hash_map<std::string, absl::btree_set<Position>>& index,
             const std::vector<std::string>& before, const std::vector<std::string>& after,
             Position position) {
  for (const std::string& key : before) {
    if (std::find(after.begin(), after.end(), key) != after.end()) continue;
    const auto it = index.find(key);
    it->second.erase(position);
    if (it->second.empty()) index.erase(it);
  }
  for (const std::string& key : after) {
    if (std::find(before.begin(), before.end(), key) == before.end()) index[key].insert(position);
  }
}

}  // namespace

void Changes::Clear() {
  orders.clear();
  returns.clear();
  exceptions.clear();
  policies.clear();
  history.clear();
}

void OrderView::Publish(const State& state, const Changes& changes, Position head) {
  WriterLock lock(&mutex_);
  for (const std::string& order_id : changes.orders) {
    if (const Order* order = orders::FindOrder(state, order_id)) PublishOrder(*order);
  }
  for (const std::string& return_id : changes.returns) {
    const auto it = state.unmatched_returns.find(return_id);
    if (it == state.unmatched_returns.end()) continue;
    unmatched_returns_[return_id] = it->second;
    PublishReturn(it->second);
  }
  for (const Position position : changes.exceptions) {
    const auto it = state.exceptions.find(position);
    if (it != state.exceptions.end()) PublishException(it->second);
  }
  for (const std::string& channel_id : changes.policies) {
    policies_[channel_id] = state.policies.at(channel_id);
  }
  for (const auto& [order_id, position] : changes.history) {
    history_[order_id].push_back(position);
  }
  head_ = head;
}

void OrderView::PublishOrder(const Order& order) {
  std::shared_ptr<const Order>& slot = orders_[order.order_id];
  std::vector<std::string> before;
  if (slot != nullptr) before = KeysOf(*slot);
  Reindex(order_index_, before, KeysOf(order), order.position);
  for (size_t i = slot == nullptr ? 0 : slot->lines.size(); i < order.lines.size(); ++i) {
    order_index_[Key('k', order.lines[i].sku)].insert(order.position);
  }
  if (order_at_.try_emplace(order.position, order.order_id).second) {
    Position& first =
        first_of_hour_.try_emplace(HourOf(order.created_at), order.position).first->second;
    first = std::min(first, order.position);
  }
  for (size_t i = 0; i < order.tasks.size(); ++i) {
    const Task& task = order.tasks[i];
    const bool known = slot != nullptr && i < slot->tasks.size();
    if (known && slot->tasks[i].state == task.state) continue;
    before.clear();
    if (known) before = KeysOf(order.order_id, slot->tasks[i]);
    Reindex(task_index_, before, KeysOf(order.order_id, task), task.position);
    task_at_.try_emplace(task.position, order.order_id, task.number);
  }
  for (const Return& item : order.returns) PublishReturn(item);
  for (const PaymentIntent& intent : order.payments.intents) {
    if (intent.state == PaymentIntentState::kOpen) {
      open_intents_.try_emplace(intent.position, order.order_id, intent.number);
    } else {
      open_intents_.erase(intent.position);
    }
  }
  slot = std::make_shared<const Order>(order);
}

void OrderView::PublishReturn(const Return& item) {
  if (ToInspect(item).IsPositive()) {
    to_inspect_.try_emplace(item.position, item.order_id, item.return_id);
  } else {
    to_inspect_.erase(item.position);
  }
}

void OrderView::PublishException(const ExceptionItem& item) {
  ExceptionItem& slot = exceptions_[item.position];
  std::vector<std::string> before;
  if (slot.position != 0) before = KeysOf(slot);
  Reindex(exception_index_, before, KeysOf(item), item.position);
  slot = item;
}

Position OrderView::head() const {
  ReaderLock lock(&mutex_);
  return head_;
}

std::shared_ptr<const Order> OrderView::Find(std::string_view order_id) const {
  const auto it = orders_.find(absl::string_view(order_id.data(), order_id.size()));
  return it == orders_.end() ? nullptr : it->second;
}

std::shared_ptr<const Order> OrderView::FindOrder(std::string_view order_id) const {
  ReaderLock lock(&mutex_);
  return Find(order_id);
}

std::optional<TaskRef> OrderView::FindTask(std::string_view task_id) const {
  const std::optional<PartOfOrder> part = ParseTaskId(task_id);
  if (!part) return std::nullopt;
  std::shared_ptr<const Order> order = FindOrder(part->order_id);
  if (order == nullptr || orders::FindTask(*order, part->number) == nullptr) return std::nullopt;
  return TaskRef{std::move(order), part->number};
}

std::optional<ParcelRef> OrderView::FindParcel(std::string_view parcel_id) const {
  const std::optional<PartOfOrder> part = ParseParcelId(parcel_id);
  if (!part) return std::nullopt;
  std::shared_ptr<const Order> order = FindOrder(part->order_id);
  if (order == nullptr || orders::FindParcel(*order, part->number) == nullptr) return std::nullopt;
  return ParcelRef{std::move(order), part->number};
}

std::optional<ReturnRef> OrderView::ReadReturn(std::string_view return_id) const {
  ReaderLock lock(&mutex_);
  const auto it = unmatched_returns_.find(absl::string_view(return_id.data(), return_id.size()));
  if (it != unmatched_returns_.end()) return ReturnRef{it->second, nullptr, head_};
  const std::optional<PartOfOrder> part = ParseReturnId(return_id);
  if (!part) return std::nullopt;
  std::shared_ptr<const Order> order = Find(part->order_id);
  if (order == nullptr) return std::nullopt;
  for (const Return& candidate : order->returns) {
    if (candidate.return_id == return_id) return ReturnRef{candidate, std::move(order), head_};
  }
  return std::nullopt;
}

std::optional<Return> OrderView::FindReturn(std::string_view return_id) const {
  std::optional<ReturnRef> ref = ReadReturn(return_id);
  if (!ref) return std::nullopt;
  return std::move(ref->item);
}

std::optional<ExceptionItem> OrderView::FindException(std::string_view exception_id) const {
  const std::optional<Position> position = ParseExceptionId(exception_id);
  if (!position) return std::nullopt;
  ReaderLock lock(&mutex_);
  const auto it = exceptions_.find(*position);
  if (it == exceptions_.end()) return std::nullopt;
  return it->second;
}

SetPolicy OrderView::FindPolicy(std::string_view channel_id) const {
  ReaderLock lock(&mutex_);
  return PolicyOf(policies_, channel_id);
}

size_t OrderView::open_intents() const {
  ReaderLock lock(&mutex_);
  return open_intents_.size();
}

size_t OrderView::open_exceptions() const {
  ReaderLock lock(&mutex_);
  const auto it = exception_index_.find(kOpen);
  return it == exception_index_.end() ? 0 : it->second.size();
}

size_t OrderView::expiring_pickups() const {
  ReaderLock lock(&mutex_);
  const auto it = task_index_.find(Key('s', static_cast<int>(TaskState::kExpiring)));
  return it == task_index_.end() ? 0 : it->second.size();
}

std::vector<Position> OrderView::HistoryOf(std::string_view order_id) const {
  ReaderLock lock(&mutex_);
  const auto it = history_.find(absl::string_view(order_id.data(), order_id.size()));
  return it == history_.end() ? std::vector<Position>() : it->second;
}

const OrderView::Positions* OrderView::Smallest(const Index& index,
                                                const std::vector<std::string>& keys) const {
  const Positions* smallest = nullptr;
  for (const std::string& key : keys) {
    const auto it = index.find(key);
    if (it == index.end()) return nullptr;
    if (smallest == nullptr || it->second.size() < smallest->size()) smallest = &it->second;
  }
  return smallest;
}

std::pair<Position, Position> OrderView::PlacedBetween(Instant from, Instant before) const {
  constexpr Position kEnd = std::numeric_limits<Position>::max();
  const auto first = first_of_hour_.lower_bound(HourOf(from));
  const auto end = first_of_hour_.upper_bound(HourOf(before));
  return {first == first_of_hour_.end() ? kEnd : first->second,
          end == first_of_hour_.end() ? kEnd : end->second};
}

Page<std::shared_ptr<const Order>> OrderView::ListOrders(const OrderFilter& filter,
                                                         OrderBy order_by, Position last,
                                                         size_t limit) const {
  ReaderLock lock(&mutex_);
  Page<std::shared_ptr<const Order>> page;
  page.position = head_;
  const Positions* positions = Smallest(order_index_, KeysOf(filter));
  if (positions == nullptr) return page;
  auto [from, before] = PlacedBetween(filter.created_from, filter.created_before);
  const bool newest_first = order_by == OrderBy::kNewestFirst;
  if (last > 0) newest_first ? before = std::min(before, last) : from = std::max(from, last + 1);
  if (from >= before) return page;
  const auto begin = positions->lower_bound(from);
  const auto end = positions->lower_bound(before);
  auto it = newest_first ? end : begin;
  for (size_t looked_at = 0; it != (newest_first ? begin : end); ++looked_at) {
    const Position position = newest_first ? *std::prev(it) : *it;
    const std::shared_ptr<const Order>& order = orders_.at(order_at_.at(position));
    const bool wanted = Matches(*order, filter);
    if (looked_at == scan_max_ || (wanted && page.items.size() == limit)) {
      page.more = true;
      break;
    }
    if (wanted) page.items.push_back(order);
    page.last = position;
    newest_first ? --it : ++it;
  }
  return page;
}

Page<TaskRef> OrderView::ListTasks(const TaskFilter& filter, Position after, size_t limit) const {
  ReaderLock lock(&mutex_);
  Page<TaskRef> page;
  page.position = head_;
  const Positions* positions = Smallest(task_index_, KeysOf(filter));
  if (positions == nullptr) return page;
  size_t looked_at = 0;
  for (auto it = positions->upper_bound(after); it != positions->end(); ++it, ++looked_at) {
    const auto& [order_id, number] = task_at_.at(*it);
    TaskRef ref{orders_.at(order_id), number};
    const bool wanted = Matches(ref, filter);
    if (looked_at == scan_max_ || (wanted && page.items.size() == limit)) {
      page.more = true;
      break;
    }
    if (wanted) page.items.push_back(std::move(ref));
    page.last = *it;
  }
  return page;
}

Page<ExceptionItem> OrderView::ListExceptions(const ExceptionFilter& filter, Position after,
                                              size_t limit) const {
  ReaderLock lock(&mutex_);
  Page<ExceptionItem> page;
  page.position = head_;
  std::vector<std::string> keys = {kEverything};
  if (!filter.include_resolved) keys.push_back(kOpen);
  if (!filter.order_id.empty()) keys.push_back(Key('o', filter.order_id));
  const Positions* positions = Smallest(exception_index_, keys);
  if (positions == nullptr) return page;
  size_t looked_at = 0;
  for (auto it = positions->upper_bound(after); it != positions->end(); ++it, ++looked_at) {
    const ExceptionItem& item = exceptions_.at(*it);
    const bool wanted = (filter.include_resolved || !item.resolved) &&
                        (filter.order_id.empty() || item.order_id == filter.order_id);
    if (looked_at == scan_max_ || (wanted && page.items.size() == limit)) {
      page.more = true;
      break;
    }
    if (wanted) page.items.push_back(item);
    page.last = *it;
  }
  return page;
}

Page<ReturnRef> OrderView::ListReturns(const ReturnFilter& filter, Position after,
                                       size_t limit) const {
  ReaderLock lock(&mutex_);
  Page<ReturnRef> page;
  page.position = head_;
  // Whether to go on behind it.
  const auto add = [&](const Return& item, const std::shared_ptr<const Order>& order) {
    const bool wanted = filter.location_id.empty() || item.location_id == filter.location_id;
    page.more = wanted && page.items.size() == limit;
    if (page.more) return false;
    if (wanted) page.items.push_back({item, order, page.position});
    page.last = item.position;
    return true;
  };
  if (!filter.order_id.empty()) {
    const std::shared_ptr<const Order> order = Find(filter.order_id);
    if (order == nullptr) return page;
    for (const Return& item : order->returns) {
      if (item.position > after && !add(item, order)) break;
    }
    return page;
  }
  size_t looked_at = 0;
  for (auto it = to_inspect_.upper_bound(after); it != to_inspect_.end(); ++it) {
    if (looked_at++ == scan_max_) {
      page.more = true;
      break;
    }
    const auto& [order_id, return_id] = it->second;
    const std::shared_ptr<const Order> order = order_id.empty() ? nullptr : Find(order_id);
    const Return& item =
        order == nullptr
            ? unmatched_returns_.at(return_id)
            : order->returns[static_cast<size_t>(ParseReturnId(return_id)->number) - 1];
    if (!add(item, order)) break;
  }
  return page;
}

Page<IntentRef> OrderView::ListIntents(const IntentFilter& filter, Position after,
                                       size_t limit) const {
  ReaderLock lock(&mutex_);
  Page<IntentRef> page;
  page.position = head_;
  // True if it is the first one that there is no room for.
  const auto add = [&](const std::shared_ptr<const Order>& order, const PaymentIntent& intent) {
    page.more = page.items.size() == limit;
    if (page.more) return true;
    page.items.push_back({order, intent.number});
    page.last = intent.position;
    return false;
  };
  if (!filter.order_id.empty()) {
    const std::shared_ptr<const Order> order = Find(filter.order_id);
    if (order == nullptr) return page;
    for (const PaymentIntent& intent : order->payments.intents) {
      const bool wanted = !filter.state || intent.state == *filter.state;
      if (intent.position > after && wanted && add(order, intent)) break;
    }
    return page;
  }
  for (auto it = open_intents_.upper_bound(after); it != open_intents_.end(); ++it) {
    const std::shared_ptr<const Order>& order = orders_.at(it->second.first);
    if (add(order, order->payments.intents[static_cast<size_t>(it->second.second) - 1])) break;
  }
  return page;
}

}  // namespace quartermaster::orders
