// Counts, and what they see as allocated.
#include <algorithm>

#include "services/stock/domain/testing/model.h"

namespace quartermaster::stock {

void Model::NoteAllocations() {
  std::map<Where, int64_t> now;
  for (const auto& [id, r] : reservations_) {
    if (r.state != ReservationState::kConfirmed) continue;
    for (const Line& line : r.lines) {
      for (const Placement& p : line.placements) {
        now[{line.sku, p.location}] += p.quantity.units();
      }
    }
  }
  for (const auto& [where, units] : now) allocated_.try_emplace(where, 0);
  for (auto& [where, before] : allocated_) {
    const auto it = now.find(where);
    const int64_t units = it == now.end() ? 0 : it->second;
    if (units != before) history_[where].push_back({"", 0, shop_.now(), 0, units - before});
    before = units;
  }
}

std::string Model::TermsContent(const StageCount& c) {
  std::string text =
      absl::StrCat(c.source, "|", c.source_sequence, "|", c.taken.unix_us, "|", c.doubt.count, "|",
                   static_cast<int>(c.basis), "|", c.clears_suspects, "|", c.parts);
  for (const std::string& location : c.full_at) absl::StrAppend(&text, "|", location);
  for (const StageCount::Mark& mark : c.watermarks) {
    absl::StrAppend(&text, "|", mark.source, "#", mark.sequence);
  }
  return text;
}

std::string Model::RowsContent(const StageCount& c) {
  std::string text;
  for (const StageCount::Row& row : c.rows) {
    absl::StrAppend(&text, row.sku, "@", row.location, "=", row.quantity.units(), "+",
                    row.left_out.units(), " ");
  }
  return text;
}

std::optional<RejectionKind> Model::Refusal(const StageCount& c) {
  const auto it = counts_.find(c.count_id);
  if (it != counts_.end()) {
    if (it->second.content != TermsContent(c)) return RejectionKind::kCountReused;
    const auto part = it->second.parts.find(c.part);
    if (part != it->second.parts.end()) {
      if (part->second == RowsContent(c)) return std::nullopt;
      return RejectionKind::kCountReused;
    }
  }
  for (const StageCount::Row& row : c.rows) {
    if (kits_.count(shop_.state().skus.Find(row.sku)) > 0) return RejectionKind::kKitHasNoStock;
  }
  return std::nullopt;
}

void Model::Accept(const StageCount& c, const Decision& d) {
  const auto [it, is_new] = counts_.try_emplace(c.count_id);
  Counted& count = it->second;
  if (is_new) {
    count.terms = c;
    count.terms.taken = std::min(c.taken, shop_.now());
    count.content = TermsContent(c);
  }
  EXPECT_EQ(d.duplicate, count.parts.count(c.part) > 0);
  if (d.duplicate) return;
  count.parts[c.part] = RowsContent(c);
  count.rows.insert(count.rows.end(), c.rows.begin(), c.rows.end());
  if (static_cast<int>(count.parts.size()) < count.terms.parts) return;
  for (uint32_t s = 1; s <= shop_.state().skus.size(); ++s) {
    for (uint32_t l = 1; l <= shop_.state().locations.size(); ++l) {
      const Where where{SkuIndex{s}, LocationIndex{l}};
      if (Holding(where) == &count) SetToCount(where, count);
    }
  }
}

void Model::SetToCount(const Where& where, const Counted& count) {
  for (const Entry& entry : history_[where]) {
    if (entry.absolute && entry.time > count.terms.taken) {
      not_used_.insert({where, count.terms.count_id});
      return;
    }
  }
  int64_t there = 0;
  for (const StageCount::Row& row : count.rows) {
    if (Where(shop_.state().skus.Find(row.sku), shop_.state().locations.Find(row.location)) !=
        where) {
      continue;
    }
    there += row.quantity.units();
    if (count.terms.basis == CountBasis::kLessPickedAndStaged) there += row.left_out.units();
  }
  for (const Entry& entry : history_[where]) {
    if (!Has(count, entry)) {
      there += entry.on_hand;
    } else if (count.terms.basis == CountBasis::kNetOfAllocations) {
      there += entry.allocated;
    }
  }
  const bool known = shop_.state().positions.Find(where.first) != nullptr &&
                     shop_.state().positions.Find(where.first)->Find(where.second) != nullptr;
  if (!known) return;
  const int64_t gone = on_hand_[where] - there;
  on_hand_[where] = there;
  // Suspect units are gone first; of the others as many as there is room for.
  int64_t room = std::max<int64_t>(there, 0);
  for (const Condition c : {Condition::kDamaged, Condition::kQuarantine, Condition::kInspection}) {
    int64_t& has = in_condition_[{where, c}];
    has = std::min(has, room);
    room -= has;
  }
  int64_t& suspect = in_condition_[{where, Condition::kSuspect}];
  suspect = std::min(suspect - std::clamp<int64_t>(gone, 0, suspect), room);
  if (count.terms.clears_suspects) suspect = 0;
}

}  // namespace quartermaster::stock
