#include "services/routing/domain/plan.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "services/routing/domain/group_planner.h"
#include "services/routing/domain/score.h"
#include "services/routing/domain/string_map.h"
#include "services/routing/domain/supply.h"

namespace quartermaster::routing {
namespace {

// Bounds of the search for pickup locations that leave enough for the other groups.
constexpr size_t kPickupChoices = 16;
constexpr int kPickupTrialsMax = 256;

Capability Needed(Method method) {
  switch (method) {
    case Method::kShip:
      return Capability::kShip;
    case Method::kPickup:
      return Capability::kPickup;
    case Method::kCarryOut:
      break;
  }
  return Capability::kTill;
}

class Planner {
 public:
  Planner(const Network& network, const StockMirror& mirror, const PlanRequest& request)
      : network_(network), mirror_(mirror), request_(request), supply_(&network, &mirror) {}

  PlanOutcome Run() {
    if (const auto refusal = Prepare(); refusal.has_value()) return *refusal;
    LayFiguresOver();
    Attempt best = AttemptInOrder(RequestOrder(), tasks_);
    if (best.short_units > 0 && tasks_.size() > 1) {
      Consider(AttemptInOrder(LeastChoiceFirst(), tasks_), best);
      if (best.short_units > 0) SettlePickups(best);
    }
    return Conclude(std::move(best));
  }

 private:
  // What came of planning all groups in some order.
  struct Attempt {
    // By group, in the order of the request.
    std::vector<GroupServing> servings;
    int64_t short_units = 0;
  };

  SupplyItem Item(std::string_view sku) {
    const auto [entry, inserted] = items_.try_emplace(sku, 0);
    if (inserted) entry->second = supply_.Add(sku);
    return entry->second;
  }

  // Makes the tasks, or finds out why there can be none.
  std::optional<PlanRefusal> Prepare() {
    using Reason = PlanRefusal::Reason;
    for (const std::string& id : request_.excluded_location_ids) {
      if (const auto location = network_.Find(id); location.has_value()) {
        excluded_.Insert(*location);
      }
    }
    for (size_t g = 0; g < request_.groups.size(); ++g) {
      const PlanGroup& group = request_.groups[g];
      for (size_t l = 0; l < group.lines.size(); ++l) {
        const std::string& sku = group.lines[l].sku;
        if (!network_.HasItem(sku) && mirror_.Find(sku) == nullptr) {
          return PlanRefusal{
              .reason = Reason::kItemNotFound, .subject = sku, .group = g, .line = l};
        }
      }
      tasks_.push_back(TaskOf(group));
    }
    for (size_t g = 0; g < request_.groups.size(); ++g) {
      const std::string& id = request_.groups[g].location_id;
      if (IsNamed(request_.groups[g]) && !tasks_[g].named.has_value()) {
        return PlanRefusal{.reason = Reason::kLocationNotFound, .subject = id, .group = g};
      }
    }
    for (size_t g = 0; g < request_.groups.size(); ++g) {
      if (tasks_[g].named.has_value() && !tasks_[g].eligible.Contains(*tasks_[g].named)) {
        return PlanRefusal{.reason = Reason::kLocationNotEligible,
                           .subject = request_.groups[g].location_id,
                           .group = g};
      }
    }
    return std::nullopt;
  }

  static bool IsNamed(const PlanGroup& group) {
    return group.method == Method::kCarryOut ||
           (group.method == Method::kPickup && !group.location_id.empty());
  }

  GroupTask TaskOf(const PlanGroup& group) {
    GroupTask task;
    task.group = &group;
    absl::flat_hash_map<SupplyItem, size_t> demand_of;
    for (size_t l = 0; l < group.lines.size(); ++l) {
      const SupplyItem item = Item(group.lines[l].sku);
      const auto [entry, inserted] = demand_of.try_emplace(item, task.demands.size());
      if (inserted) task.demands.push_back({.item = item});
      Demand& demand = task.demands[entry->second];
      demand.quantity += group.lines[l].quantity.units();
      demand.lines.push_back(l);
    }
    if (IsNamed(group)) task.named = network_.Find(group.location_id);
    const LocationSet& capable = network_.Capable(Needed(group.method));
    task.not_capable = network_.registered() - capable;
    LocationSet open = capable;
    if (group.method != Method::kCarryOut) {
      task.paused = capable & network_.paused();
      open -= task.paused;
    }
    task.excluded = open & excluded_;
    task.eligible = open - task.excluded;
    return task;
  }

  void LayFiguresOver() {
    for (const StockFigure& figure : request_.news) {
      supply_.Believe(Item(figure.sku), figure.location_id, figure.quantity.units());
    }
    for (const StockFigure& credit : request_.credits) {
      supply_.Credit(Item(credit.sku), credit.location_id, credit.quantity.units());
    }
    for (const StockFigure& figure : request_.overrides) {
      supply_.Believe(Item(figure.sku), figure.location_id, figure.quantity.units());
    }
  }

  std::vector<size_t> RequestOrder() const {
    std::vector<size_t> order(tasks_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    return order;
  }

  // Named locations, then pickups, then parcels.
  std::vector<size_t> LeastChoiceFirst() const {
    const auto choice = [this](size_t g) {
      if (tasks_[g].named.has_value()) return 0;
      return tasks_[g].group->method == Method::kPickup ? 1 : 2;
    };
    std::vector<size_t> order = RequestOrder();
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return choice(a) < choice(b); });
    return order;
  }

  Attempt AttemptInOrder(const std::vector<size_t>& order, const std::vector<GroupTask>& tasks) {
    Attempt attempt;
    attempt.servings.resize(tasks.size());
    Supply supply = supply_;
    for (const size_t g : order) {
      attempt.servings[g] = ServeGroup(network_, tasks[g], request_.allow_partial, supply);
      attempt.short_units += attempt.servings[g].short_units;
    }
    return attempt;
  }

  static void Consider(Attempt attempt, Attempt& best) {
    if (attempt.short_units < best.short_units) best = std::move(attempt);
  }

  // Tries pickup locations, near ones first, until one choice for all pickups leaves enough for
  // the parcels.
  void SettlePickups(Attempt& best) {
    const std::vector<size_t> order = LeastChoiceFirst();
    std::vector<GroupTask> tasks = tasks_;
    Supply supply = supply_;
    size_t next = 0;
    for (; next < order.size() && tasks[order[next]].named.has_value(); ++next) {
      if (ServeGroup(network_, tasks[order[next]], false, supply).short_units > 0) return;
    }
    int trials_left = kPickupTrialsMax;
    if (Settle(order, next, supply, tasks, trials_left)) {
      Consider(AttemptInOrder(order, tasks), best);
    }
  }

  bool Settle(const std::vector<size_t>& order, size_t next, const Supply& supply,
              std::vector<GroupTask>& tasks, int& trials_left) const {
    if (next == order.size() || tasks[order[next]].group->method == Method::kShip) {
      --trials_left;
      return ParcelsFeasible(order, next, supply);
    }
    GroupTask& task = tasks[order[next]];
    Proximity proximity(&network_, task.group->destination);
    for (const RankedLocation& choice :
         proximity.NearestOf(PickupLocations(task, supply), kPickupChoices)) {
      if (trials_left <= 0) return false;
      task.settled = choice.location;
      Supply rest = supply;
      for (const Demand& demand : task.demands) {
        rest.Take(demand.item, choice.location, demand.quantity);
      }
      if (Settle(order, next + 1, rest, tasks, trials_left)) return true;
    }
    task.settled.reset();
    return false;
  }

  // Parcels may come from everywhere: they are feasible if each SKU's sum is.
  bool ParcelsFeasible(const std::vector<size_t>& order, size_t first, const Supply& supply) const {
    absl::flat_hash_map<SupplyItem, int64_t> wanted;
    for (size_t i = first; i < order.size(); ++i) {
      for (const Demand& demand : tasks_[order[i]].demands) wanted[demand.item] += demand.quantity;
    }
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& want) {
      int64_t missing = want.second;
      supply.ForEach(want.first, [&](LocationIndex location, int64_t available) {
        if (tasks_[order[first]].eligible.Contains(location)) missing -= available;
      });
      return missing <= 0;
    });
  }

  PlanOutcome Conclude(Attempt attempt) const {
    Plan plan;
    plan.strategy = kDefaultStrategy;
    for (size_t g = 0; g < attempt.servings.size(); ++g) {
      GroupServing& serving = attempt.servings[g];
      std::move(serving.assignments.begin(), serving.assignments.end(),
                std::back_inserter(plan.assignments));
      std::move(serving.short_lines.begin(), serving.short_lines.end(),
                std::back_inserter(plan.short_lines));
      plan.groups.push_back(
          {request_.groups[g].group_id, request_.groups[g].method, std::move(serving.explanation)});
    }
    if (!plan.short_lines.empty() && !request_.allow_partial) {
      return PlanRefusal{.reason = PlanRefusal::Reason::kNoPlan,
                         .short_lines = std::move(plan.short_lines)};
    }
    return plan;
  }

  const Network& network_;
  const StockMirror& mirror_;
  const PlanRequest& request_;
  Supply supply_;
  // By SKU; the names are the request's.
  absl::flat_hash_map<std::string_view, SupplyItem, StringKeyHash> items_;
  LocationSet excluded_;
  std::vector<GroupTask> tasks_;
};

}  // namespace

PlanOutcome MakePlan(const Network& network, const StockMirror& mirror,
                     const PlanRequest& request) {
  return Planner(network, mirror, request).Run();
}

}  // namespace quartermaster::routing
