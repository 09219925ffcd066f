#include "services/orders/app/order_waiter.h"

#include <algorithm>
#include <utility>

namespace quartermaster::orders {

void OrderWaiter::Wait(std::vector<std::string> order_ids,
                       std::function<bool(const Order&)> reached, Instant until,
                       absl::AnyInvocable<void()> done) {
  Waiting waiting{.missing = {}, .reached = std::move(reached), .done = std::move(done)};
  for (std::string& order_id : order_ids) {
    if (!Reached(order_id, waiting)) waiting.missing.insert(std::move(order_id));
  }
  if (waiting.missing.empty()) return waiting.done();
  const uint64_t id = next_id_++;
  for (const std::string& order_id : waiting.missing) by_order_[order_id].push_back(id);
  waiting_.emplace(id, std::move(waiting));
  loop_->PostAt(until, [this, id] { Finish(id); });
}

void OrderWaiter::OnChanged(const std::vector<std::string>& order_ids) {
  std::vector<uint64_t> finished;
  for (const std::string& order_id : order_ids) {
    const auto it = by_order_.find(order_id);
    if (it == by_order_.end()) continue;
    for (const uint64_t id : std::vector<uint64_t>(it->second)) {
      Waiting& waiting = waiting_.at(id);
      if (!Reached(order_id, waiting)) continue;
      waiting.missing.erase(order_id);
      std::erase(it->second, id);
      if (waiting.missing.empty()) finished.push_back(id);
    }
    if (it->second.empty()) by_order_.erase(it);
  }
  for (const uint64_t id : finished) Finish(id);
}

bool OrderWaiter::Reached(const std::string& order_id, const Waiting& waiting) const {
  const std::shared_ptr<const Order> order = view_->FindOrder(order_id);
  return order == nullptr || waiting.reached(*order);
}

void OrderWaiter::Finish(uint64_t id) {
  auto node = waiting_.extract(id);
  if (node.empty()) return;
  for (const std::string& order_id : node.mapped().missing) {
    const auto it = by_order_.find(order_id);
    std::erase(it->second, id);
    if (it->second.empty()) by_order_.erase(it);
  }
  node.mapped().done();
}

}  // namespace quartermaster::orders
