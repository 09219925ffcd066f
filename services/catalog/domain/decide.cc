#include "services/catalog/domain/decide.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/validate.h"

namespace quartermaster::catalog {
namespace {

// The newest versions as the entry at hand sees them: the state's, and above them what earlier
// entries of the same batch wrote.
template <typename Value>
class Newest {
 public:
  explicit Newest(const absl::flat_hash_map<std::string, std::shared_ptr<const Value>>& state)
      : state_(state) {}

  const Value* Find(const std::string& id) const {
    if (const auto written = written_.find(id); written != written_.end()) return &written->second;
    const auto known = state_.find(id);
    return known == state_.end() ? nullptr : known->second.get();
  }
  void Write(const std::string& id, const Value& value) { written_[id] = value; }

 private:
  const absl::flat_hash_map<std::string, std::shared_ptr<const Value>>& state_;
  absl::flat_hash_map<std::string, Value> written_;
};

template <typename Value>
bool SameContent(const Value& known, const Value& canonical) {
  Value copy = known;
  copy.version = 0;
  return copy == canonical;
}

void CheckUnitsKept(const Item& known, const Item& item, std::vector<Violation>& violations) {
  if (item.base_unit != known.base_unit) {
    violations.push_back(
        {"base_unit", absl::StrCat("cannot change once the item exists: it is ", known.base_unit)});
  }
  if (item.quantity_scale != known.quantity_scale) {
    violations.push_back(
        {"quantity_scale",
         absl::StrCat("cannot change once the item exists: it is ", known.quantity_scale)});
  }
}

Decision DecidePutItems(const State& state, const PutItems& command) {
  Decision decision;
  PutOutcome outcome;
  outcome.results.reserve(command.items.size());
  Newest<Item> newest(state.items);
  for (const Item& asked : command.items) {
    PutResult& result = outcome.results.emplace_back();
    Item item = Canonical(asked);
    result.violations = CheckItem(item);
    const Item* known = newest.Find(item.sku);
    if (known != nullptr) CheckUnitsKept(*known, item, result.violations);
    if (!result.violations.empty()) continue;
    if (known != nullptr && SameContent(*known, item)) continue;
    result.changed = true;
    newest.Write(item.sku, item);
    decision.events.push_back(ItemPut{std::move(item), command.attribution});
  }
  decision.outcome = std::move(outcome);
  return decision;
}

Decision DecidePutLocations(const State& state, const PutLocations& command) {
  Decision decision;
  PutOutcome outcome;
  outcome.results.reserve(command.entries.size());
  Newest<Location> newest(state.locations);
  for (const PutLocations::Entry& asked : command.entries) {
    PutResult& result = outcome.results.emplace_back();
    result.violations = CheckLocation(asked.location, asked.time_zone_known);
    if (!result.violations.empty()) continue;
    Location location = Canonical(asked.location);
    if (const Location* known = newest.Find(location.location_id); known != nullptr) {
      location.paused = known->paused;
      if (SameContent(*known, location)) continue;
    }
    result.changed = true;
    newest.Write(location.location_id, location);
    decision.events.push_back(LocationPut{std::move(location), command.attribution});
  }
  decision.outcome = std::move(outcome);
  return decision;
}

Decision DecidePauseLocation(const State& state, const PauseLocation& command) {
  Decision decision;
  PauseOutcome outcome;
  const std::shared_ptr<const Location> known = state.FindLocation(command.location_id);
  if (known == nullptr) {
    outcome.rejection = Rejection::kLocationNotFound;
  } else if (known->paused != command.paused) {
    decision.events.push_back(
        LocationPaused{command.location_id, command.paused, command.attribution});
  }
  decision.outcome = std::move(outcome);
  return decision;
}

}  // namespace

Decision Decide(const State& state, const Command& command) {
  struct Visitor {
    const State& state;
    Decision operator()(const PutItems& c) const { return DecidePutItems(state, c); }
    Decision operator()(const PutLocations& c) const { return DecidePutLocations(state, c); }
    Decision operator()(const PauseLocation& c) const { return DecidePauseLocation(state, c); }
  };
  return std::visit(Visitor{state}, command);
}

}  // namespace quartermaster::catalog
