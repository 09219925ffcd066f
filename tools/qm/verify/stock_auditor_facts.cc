// What facts and counts do to the books.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/qm/verify/stock_auditor.h"

namespace quartermaster::qm {

namespace stock_events = ::quartermaster::stock::events::v1;
using stock::v1::Adjustment;

namespace {

// The sign that the kind of a fact allows; 0: either.
int SignOf(int kind) {
  switch (kind) {
    case Adjustment::RECEIVED:
    case Adjustment::RETURNED:
    case Adjustment::TRANSFERRED_IN:
      return 1;
    case Adjustment::SOLD:
    case Adjustment::TRANSFERRED_OUT:
      return -1;
    default:
      return 0;
  }
}

}  // namespace

void StockAuditor::On(const stock_events::StockAdjusted& event) {
  const StockKey key{event.sku(), event.location()};
  CheckKey(event.sku(), event.location());
  const int sign = SignOf(event.kind());
  if (sign * event.delta() < 0) {
    Difference(books_.KeyName(key),
               absl::StrCat("a fact of kind ", event.kind(), " changed it by ", event.delta()));
  }
  HappensOnce(key, event.effect_key(), event.delta());
  ComesOnce(event.message());
  ++books_.adjustments;
  goods_[key] += event.delta();
  Balance& balance = books_.balances[key];
  // What its last count has is on record only.
  const int64_t delta = event.in_count() ? 0 : event.delta();
  int64_t time = books_.time_unix_us;
  if (event.business_unix_us() != 0) time = std::min(time, event.business_unix_us());
  // What was set holds from when it was set.
  if (event.absolute()) time = books_.time_unix_us + 1;
  books_.facts[key].push_back(
      {event.message().source(), event.message().sequence(), time, event.delta()});
  balance.on_hand += delta;
  balance.adjusted += delta;
  AddToCondition(key, event.condition(), event.delta());
}

void StockAuditor::On(const stock_events::ConditionChanged& event) {
  const StockKey key{event.sku(), event.location()};
  CheckKey(event.sku(), event.location());
  if (event.quantity() < 0 || event.from_sellable() < 0 || event.from() == event.to()) {
    Difference(books_.KeyName(key),
               absl::StrCat(event.quantity(), " and ", event.from_sellable(),
                            " units went from condition ", event.from(), " to ", event.to()));
  }
  HappensOnce(key, event.effect_key(), event.quantity() + event.from_sellable());
  ComesOnce(event.message());
  AddToCondition(key, event.from(), -event.quantity());
  AddToCondition(key, event.to(), event.quantity() + event.from_sellable());
}

void StockAuditor::HappensOnce(const StockKey& key, const std::string& effect_key, int64_t delta) {
  if (effect_key.empty()) return;
  const auto [first, once] =
      books_.effects.emplace(effect_key, BookedEffect{books_.position, key, delta});
  if (!once) {
    Difference(books_.KeyName(key),
               absl::StrCat("the effect ", effect_key, " happened twice, first at ",
                            first->second.position));
  }
}

void StockAuditor::AddToCondition(const StockKey& key, int condition, int64_t units) {
  if (condition == Adjustment::CONDITION_UNSPECIFIED || condition == Adjustment::SELLABLE) return;
  Balance& balance = books_.balances[key];
  balance.unusable += units;
  int64_t& own = balance.in_condition[condition];
  own += units;
  for (int other = Adjustment::SUSPECT; own < 0 && other >= Adjustment::DAMAGED; --other) {
    if (other == condition) continue;
    int64_t& has = balance.in_condition[other];
    const int64_t taken = std::min(-own, has);
    has -= taken;
    own += taken;
  }
  if (own < 0) {
    Difference(books_.KeyName(key), absl::StrCat("condition ", condition, " has ", own, " units"));
  }
}

void StockAuditor::On(const stock_events::SourceRegistered& event) {
  if (!books_.sources.Add(event.source(), event.source_id())) {
    Difference(absl::StrCat("source ", event.source_id()),
               absl::StrCat("registered as ", event.source(), ", but that is not the next new id"));
  }
}

void StockAuditor::On(const stock_events::SourceMessageSeen& event) { ComesOnce(event.message()); }

void StockAuditor::ComesOnce(const stock_events::MessageRef& message) {
  // Of a fact in two events, one has the message.
  if (message.source() == 0 || message.fingerprint() == 0) return;
  const std::string source = absl::StrCat("source ", books_.sources.Name(message.source()));
  if (!books_.sources.Knows(message.source())) {
    Difference(source, "tells a fact before it was registered");
  }
  const std::string id =
      message.message_id().empty() ? absl::StrCat("#", message.sequence()) : message.message_id();
  const auto [first, once] =
      books_.messages.emplace(absl::StrCat(message.source(), " ", id), books_.position);
  if (!once) {
    Difference(source, absl::StrCat("its message ", id, " came twice, first at ", first->second));
  }
}

void StockAuditor::On(const stock_events::CountStarted& event) {
  const bool next = event.count() == books_.counts.size() + 1;
  const bool added =
      books_.counts
          .emplace(event.count(),
                   BookedCount{.id = event.count_id(),
                               .parts = event.parts(),
                               .taken_unix_us = event.taken_unix_us(),
                               .basis = event.basis(),
                               .full_at = {event.full_at().begin(), event.full_at().end()}})
          .second;
  for (const auto& mark : event.watermarks()) {
    books_.counts[event.count()].watermarks[mark.source()] = mark.sequence();
  }
  if (!next || !added) {
    Difference(absl::StrCat("count ", event.count_id()),
               absl::StrCat("started as ", event.count(), ", but that is not the next new id"));
  }
}

void StockAuditor::On(const stock_events::CountPartStaged& event) {
  BookedCount& count = books_.counts[event.count()];
  const std::string name = absl::StrCat("count ", count.id);
  for (int i = 0; i < event.skus_size(); ++i) {
    CheckKey(event.skus(i), event.locations(i));
    auto& [counted, left_out] = count.rows[{event.skus(i), event.locations(i)}];
    counted += event.quantities(i);
    left_out += event.left_out().empty() ? 0 : event.left_out(i);
  }
  if (count.ended || event.part() < 1 || event.part() > count.parts) {
    Difference(name, absl::StrCat("part ", event.part(), " is not one that it waits for"));
  }
  if (!count.staged.insert(event.part()).second) {
    Difference(name, absl::StrCat("part ", event.part(), " came twice"));
  }
}

void StockAuditor::On(const stock_events::StockCounted& event) {
  BookedCount& count = books_.counts[event.count()];
  if (count.ended || static_cast<int>(count.staged.size()) != count.parts ||
      event.sku() <= count.through) {
    Difference(absl::StrCat("count ", count.id),
               absl::StrCat("switches ", books_.skus.Name(event.sku()), " out of turn"));
  }
  count.through = event.sku();
  for (const auto& line : event.lines()) {
    const StockKey key{event.sku(), line.location()};
    CheckKey(event.sku(), line.location());
    CheckVariance(count, key, line);
    Balance& balance = books_.balances[key];
    balance.on_hand += line.variance();
    balance.adjusted += line.variance();
    for (const auto& taken : line.taken()) {
      AddToCondition(key, taken.condition(), -taken.quantity());
    }
    AddToCondition(key, Adjustment::SUSPECT, -line.found());
    const Balance& after = books_.balances[key];
    if (after.unusable > std::max<int64_t>(after.on_hand, 0)) {
      Difference(books_.KeyName(key), absl::StrCat("counted ", after.on_hand, " on hand, of which ",
                                                   after.unusable, " unusable"));
    }
  }
}

void StockAuditor::CheckVariance(const BookedCount& count, const StockKey& key,
                                 const stock_events::StockCounted::Line& line) {
  const auto row = count.rows.find(key);
  if (row == count.rows.end() && !count.full_at.contains(key.second)) {
    Difference(books_.KeyName(key), absl::StrCat("set to the count ", count.id, ", which has no ",
                                                 "row of it and is not full there"));
    return;
  }
  const auto [counted, left_out] =
      row == count.rows.end() ? std::pair<int64_t, int64_t>() : row->second;
  if (counted != line.counted() || left_out != line.left_out()) {
    Difference(
        books_.KeyName(key),
        absl::StrCat("the rows of the count ", count.id, " say ", counted, " and ", left_out,
                     " left out, but it is set to ", line.counted(), " and ", line.left_out()));
  }
  // What was allocated at the time is not kept here.
  if (count.basis == stock::v1::ApplyCountRequest::NET_OF_OWN_ALLOCATIONS) return;
  int64_t there = line.counted() + line.left_out();
  for (const BookedFact& fact : books_.facts[key]) {
    if (!count.Has(fact)) there += fact.delta;
  }
  const int64_t booked = books_.balances[key].on_hand;
  if (booked + line.variance() != there) {
    Difference(books_.KeyName(key),
               absl::StrCat("the count ", count.id, " and what it does not have make ", there,
                            ", but it is set to ", booked + line.variance()));
  }
}

void StockAuditor::On(const stock_events::CountCompleted& event) {
  BookedCount& count = books_.counts[event.count()];
  if (count.ended || static_cast<int>(count.staged.size()) != count.parts) {
    Difference(absl::StrCat("count ", count.id), "completed, though not all of it had come");
  }
  count.ended = true;
  count.rows.clear();
}

void StockAuditor::On(const stock_events::CountAbandoned& event) {
  BookedCount& count = books_.counts[event.count()];
  if (count.ended || static_cast<int>(count.staged.size()) == count.parts) {
    Difference(absl::StrCat("count ", count.id), "given up, though all of it had come");
  }
  count.ended = true;
  count.rows.clear();
}

}  // namespace quartermaster::qm
