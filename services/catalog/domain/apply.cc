#include "services/catalog/domain/apply.h"

#include <memory>
#include <string>
#include <utility>

#include "services/base/check.h"
#include "services/catalog/domain/validate.h"

namespace quartermaster::catalog {
namespace {

template <typename Value>
void Put(absl::flat_hash_map<std::string, std::shared_ptr<const Value>>& values,
         const std::string& id, Value value, Position position) {
  std::shared_ptr<const Value>& slot = values[id];
  QM_CHECK(slot == nullptr || slot->version < position) << id << " at position " << position;
  value.version = position;
  slot = std::make_shared<const Value>(std::move(value));
}

}  // namespace

void Apply(State& state, const Event& event, Position position) {
  struct Visitor {
    State& state;
    Position position;
    void operator()(const ItemPut& e) const {
      QM_CHECK(CheckItem(e.item).empty() && Canonical(e.item) == e.item)
          << "item at position " << position;
      Put(state.items, e.item.sku, e.item, position);
    }
    void operator()(const LocationPut& e) const {
      QM_CHECK(CheckLocation(e.location, true).empty() && Canonical(e.location) == e.location)
          << "location at position " << position;
      Put(state.locations, e.location.location_id, e.location, position);
    }
    void operator()(const LocationPaused& e) const {
      const std::shared_ptr<const Location> known = state.FindLocation(e.location_id);
      QM_CHECK(known != nullptr) << "pause of an unknown location at position " << position;
      Location location = *known;
      location.paused = e.paused;
      Put(state.locations, e.location_id, std::move(location), position);
    }
  };
  std::visit(Visitor{state, position}, event);
}

}  // namespace quartermaster::catalog
