#include "services/stock/domain/sources.h"

#include <algorithm>

namespace quartermaster::stock {

void Source::NoteSequence(int64_t sequence) {
  if (const auto gap = GapOpenedBy(sequence)) {
    missing_.emplace(gap->first, gap->last);
    missing_messages_ += gap->last - gap->first + 1;
  }
  first_ = first_ == 0 ? sequence : std::min(first_, sequence);
  last_ = std::max(last_, sequence);
  auto gap = missing_.upper_bound(sequence);
  if (gap == missing_.begin()) return;
  --gap;
  const auto [first, last] = *gap;
  if (sequence > last) return;
  missing_.erase(gap);
  --missing_messages_;
  if (first < sequence) missing_.emplace(first, sequence - 1);
  if (sequence < last) missing_.emplace(sequence + 1, last);
}

void Source::AcceptThrough(int64_t sequence) {
  while (!missing_.empty() && missing_.begin()->first <= sequence) {
    const auto [first, last] = *missing_.begin();
    missing_.erase(missing_.begin());
    missing_messages_ -= std::min(last, sequence) - first + 1;
    if (last > sequence) missing_.emplace(sequence + 1, last);
  }
  if (last_ > 0) last_ = std::max(last_, sequence);
}

}  // namespace quartermaster::stock
